//! Requests a profile from a provider's API with signed requests (OAuth 1.0a).

use http::{Method, Request, header};
use serde_json::{Map, Value};
use url::Url;

use super::{OAuth1Client, OAuth1Error, OAuth1Token};
use crate::{
    descriptor::{CallValue, HttpMethod, ResolvedCall},
    profile::Profile,
};

impl OAuth1Client {
    /// Reads the profile of the user whose token this is, with the requests that the descriptor names.
    ///
    /// # Errors
    ///
    /// Fails if the provider cannot be reached or rejects a request that is not optional, or the profile has
    /// no subject.
    pub async fn profile(&self, token: &OAuth1Token) -> Result<Profile, OAuth1Error> {
        let mut document = Map::new();
        document.insert("token".to_owned(), Value::Object(token.extras().clone()));
        for call in self.provider.calls() {
            match self.call(call, token).await {
                Ok(value) => drop(document.insert(call.call.part.to_owned(), value)),
                Err(OAuth1Error::Status(_)) if call.call.is_optional => {}
                Err(error) => return Err(error),
            }
        }
        let mapping = &self.provider.descriptor().mapping;
        Ok(Profile::read(self.provider.issuer(), mapping, Value::Object(document))?)
    }

    /// Signs a request to the provider's API on behalf of the user: adds the `Authorization` header. A body
    /// that is a form, by its media type, is signed, too.
    ///
    /// # Errors
    ///
    /// Fails if the address is not that of the provider's API: no other origin gets a signature.
    pub fn authorize(&self, request: &mut Request<Vec<u8>>, token: &OAuth1Token) -> Result<(), OAuth1Error> {
        let foreign = OAuth1Error::Configuration("the address is not one of the provider's API");
        let url = Url::parse(&request.uri().to_string()).map_err(|_| foreign.clone())?;
        let is_api = self.provider.api().is_some_and(|api| api.origin() == url.origin());
        let is_call =
            |call: &ResolvedCall| Url::parse(&call.address).is_ok_and(|call| call.origin() == url.origin());
        if !is_api && !self.provider.calls().iter().any(is_call) {
            return Err(foreign);
        }
        let content_type = request.headers().get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        let is_form =
            content_type.is_some_and(|media| media.starts_with(b"application/x-www-form-urlencoded"));
        let form = if is_form { str::from_utf8(request.body()).unwrap_or_default() } else { "" };
        let value = self.header(request.method(), &url, Some(token), &[], form)?;
        request.headers_mut().insert(header::AUTHORIZATION, value);
        Ok(())
    }

    async fn call(&self, call: &ResolvedCall, token: &OAuth1Token) -> Result<Value, OAuth1Error> {
        let unusable = || OAuth1Error::Configuration("a request for the profile cannot be made");
        let mut url = Url::parse(&call.address).map_err(|_| unusable())?;
        for (name, value) in call.call.query {
            let CallValue::Text(value) = value else { return Err(unusable()) };
            url.query_pairs_mut().append_pair(name, value);
        }
        let method = match call.call.method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
        };
        let mut request =
            Request::builder().method(method).uri(url.as_str()).header(header::ACCEPT, "application/json");
        for (name, value) in call.call.headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Vec::new()).map_err(|_| unusable())?;
        self.authorize(&mut request, token)?;
        let body = self.send(request).await?;
        auth_client::json_value(&body)
            .map_err(|_| OAuth1Error::Response("the profile's response is not JSON"))
    }
}
