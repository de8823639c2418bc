//! Describes reusable HTTP requests with placeholders for values: [`RequestTemplate`].

mod request_builder;
mod request_values;

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub use request_builder::RequestBuilder;
use request_values::RequestValues;

use crate::{Error, origin};

/// Where the values of a template are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// In the body as `application/x-www-form-urlencoded`. The default.
    #[default]
    Form,
    /// In the body as one JSON object.
    Json,
    /// In the query. Never for secrets, because addresses are logged: secret values are rejected.
    Query,
}

/// A request that is written once and sent many times.
///
/// Using a template never changes it. The values of one request belong to a [`RequestBuilder`].
///
/// ```
/// use auth_client::{Payload, RequestTemplate};
/// use http::Method;
///
/// let template = RequestTemplate::new(Method::GET, "https://api.example.com/items")?
///     .with_payload(Payload::Query)
///     .with_value("per_page", 50);
/// let request = template.builder().with_value("page", 2).request()?;
/// assert_eq!(request.uri(), "https://api.example.com/items?per_page=50&page=2");
/// assert_eq!(template.request()?.uri(), "https://api.example.com/items?per_page=50");
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone)]
pub struct RequestTemplate {
    method: Method,
    url: Url,
    headers: HeaderMap,
    payload: Payload,
    values: RequestValues,
}

impl RequestTemplate {
    /// Creates a template without headers and values.
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid, or neither `https` nor `http` on a loopback address.
    pub fn new(method: Method, url: &str) -> Result<Self, Error> {
        let url = Url::parse(url)
            .map_err(|error| Error::configuration("a template's address is none").with_source(error))?;
        origin::check_secure(&url)?;
        Ok(Self {
            method,
            url,
            headers: HeaderMap::new(),
            payload: Payload::default(),
            values: RequestValues::default(),
        })
    }

    /// Sets where the values are sent. The default is [`Payload::Form`].
    #[must_use]
    pub fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// Sets a header; it replaces one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a value; it replaces one of the same name, in its position. In forms and queries, values other
    /// than texts and numbers are JSON: `true`, `null`, `["a"]`.
    #[must_use]
    pub fn with_value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.set(name, value.into());
        self
    }

    /// Sets a secret value: `Debug` omits it, and it is rejected in a query.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.values.set_secret(name, value.into());
        self
    }

    /// Starts one request, with values and headers of its own.
    #[must_use]
    pub fn builder(&self) -> RequestBuilder<'_> {
        RequestBuilder::of(self)
    }

    /// Returns the request without further values.
    ///
    /// # Errors
    ///
    /// Fails as [`RequestBuilder::request`] does.
    pub fn request(&self) -> Result<Request<Vec<u8>>, Error> {
        self.builder().request()
    }
}

impl fmt::Debug for RequestTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTemplate")
            .field("method", &self.method)
            .field("url", &format_args!("{}{}", self.url.origin().ascii_serialization(), self.url.path()))
            .field("payload", &self.payload)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("values", &self.values.names())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use http::header;
    use serde_json::json;

    use super::*;
    use crate::Credentials;

    fn template(payload: Payload) -> RequestTemplate {
        RequestTemplate::new(Method::POST, "https://api.example.com/t?fixed=1").unwrap().with_payload(payload)
    }

    #[test]
    fn values_are_written_as_the_payload_wants_them() {
        let filled = |payload| {
            template(payload)
                .with_value("text", "a b&c")
                .with_value("yes", true)
                .with_value("none", Value::Null)
                .with_value("number", 1.5)
                .with_value("list", json!(["x", 1]))
                .request()
                .unwrap()
        };
        let form = filled(Payload::Form);
        assert_eq!(form.body(), b"text=a+b%26c&yes=true&none=null&number=1.5&list=%5B%22x%22%2C1%5D");
        assert_eq!(form.headers()["content-type"], "application/x-www-form-urlencoded");
        let json = filled(Payload::Json);
        let value: Value = serde_json::from_slice(json.body()).unwrap();
        assert_eq!(
            value,
            json!({"text": "a b&c", "yes": true, "none": null, "number": 1.5, "list": ["x", 1]})
        );
        assert_eq!(json.headers()["content-type"], "application/json");
        let query = filled(Payload::Query);
        assert!(query.body().is_empty() && !query.headers().contains_key("content-type"));
        assert!(query.uri().query().unwrap().starts_with("fixed=1&text=a+b%26c&yes=true&none=null"));
    }

    // RequestValues of one call do not stay in the template.
    #[test]
    fn a_call_leaves_the_template_alone() {
        let template = template(Payload::Form).with_value("a", 1);
        let call = template.builder().with_value("a", 2).with_secret("code", "CANARY");
        assert!(!format!("{call:?} {template:?}").contains("CANARY"));
        assert_eq!(call.request().unwrap().body(), b"a=2&code=CANARY");
        assert_eq!(template.request().unwrap().body(), b"a=1");
    }

    #[test]
    fn no_secret_goes_into_an_address() {
        let error = template(Payload::Query).with_secret("client_secret", "CANARY").request().unwrap_err();
        assert!(error.to_string().contains("`client_secret` must not go into an address"));
        assert!(!format!("{error:?}").contains("CANARY"));
    }

    #[test]
    fn headers_of_a_call_replace_those_of_the_template() {
        let name = HeaderName::from_static("x-org");
        let template = template(Payload::Json)
            .with_header(name.clone(), HeaderValue::from_static("1"))
            .with_header(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.x+json"))
            .with_value("a", 1);
        let request = template
            .builder()
            .with_header(name.clone(), HeaderValue::from_static("2"))
            .with_credentials(&Credentials::bearer("t").unwrap())
            .request()
            .unwrap();
        assert_eq!(request.headers()["x-org"], "2");
        assert_eq!(request.headers()["content-type"], "application/vnd.x+json");
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(template.request().unwrap().headers()["x-org"], "1");
        assert!(!template.request().unwrap().headers().contains_key("authorization"));
    }

    #[test]
    fn a_template_knows_only_safe_addresses() {
        assert!(RequestTemplate::new(Method::GET, "http://api.example.com").is_err());
        assert!(RequestTemplate::new(Method::GET, "nonsense").is_err());
        assert!(RequestTemplate::new(Method::GET, "http://127.0.0.1:1").is_ok());
    }
}
