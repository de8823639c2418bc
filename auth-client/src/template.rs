//! Requests that are sent again and again with a few values changed.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use url::Url;

use crate::{Credentials, Error, origin};

/// Where a template's values go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Into the body, as `application/x-www-form-urlencoded`. The default.
    #[default]
    Form,
    /// Into the body, as one JSON object.
    Json,
    /// Into the address's query. Never for secrets: addresses are logged. Values given as secrets are refused.
    Query,
}

/// A request that is written once and sent many times.
///
/// A template never changes when it is used: what belongs to one call goes into a [`Call`], and is gone with it, however the
/// call ends.
///
/// ```
/// use auth_client::{Payload, RequestTemplate};
/// use http::Method;
///
/// let template = RequestTemplate::new(Method::GET, "https://api.example.com/items")?
///     .with_payload(Payload::Query)
///     .with_value("per_page", 50);
/// let request = template.call().with_value("page", 2).request()?;
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
    values: Vec<(String, Field)>,
}

#[derive(Clone)]
enum Field {
    Open(Value),
    Secret(SecretString),
}

impl RequestTemplate {
    /// Returns a template without headers and values.
    ///
    /// # Errors
    ///
    /// An address that is none, or neither `https` nor `http` on a loopback address.
    pub fn new(method: Method, url: &str) -> Result<Self, Error> {
        let url = Url::parse(url)
            .map_err(|error| Error::configuration("a template's address is none").with_source(error))?;
        origin::check_secure(&url)?;
        Ok(Self { method, url, headers: HeaderMap::new(), payload: Payload::default(), values: Vec::new() })
    }

    /// Says where the values go. The default is [`Payload::Form`].
    #[must_use]
    pub fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// Sets a header; one of the same name is replaced.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a value; one of the same name is replaced, in its place. In forms and queries, what is neither text nor number
    /// is written as JSON: `true`, `null`, `["a"]`.
    #[must_use]
    pub fn with_value(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.values, name, Field::Open(value.into()));
        self
    }

    /// Sets a value that must not be seen: it is left out of `Debug`, and refused in a query.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        set(&mut self.values, name, Field::Secret(value.into()));
        self
    }

    /// Starts a call with values and headers of its own.
    #[must_use]
    pub fn call(&self) -> Call<'_> {
        Call { template: self, headers: self.headers.clone(), values: self.values.clone() }
    }

    /// Returns the request as the template has it.
    ///
    /// # Errors
    ///
    /// As [`Call::request`].
    pub fn request(&self) -> Result<Request<Vec<u8>>, Error> {
        self.call().request()
    }
}

fn set(values: &mut Vec<(String, Field)>, name: &str, value: Field) {
    match values.iter_mut().find(|(old, _)| old == name) {
        Some((_, old)) => *old = value,
        None => values.push((name.to_owned(), value)),
    }
}

impl fmt::Debug for RequestTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTemplate")
            .field("method", &self.method)
            .field("url", &format_args!("{}{}", self.url.origin().ascii_serialization(), self.url.path()))
            .field("payload", &self.payload)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("values", &self.values.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}

/// One use of a [`RequestTemplate`].
#[derive(Clone)]
pub struct Call<'a> {
    template: &'a RequestTemplate,
    headers: HeaderMap,
    values: Vec<(String, Field)>,
}

impl Call<'_> {
    /// Sets a header for this call; the template's of the same name is replaced.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a value for this call; the template's of the same name is replaced.
    #[must_use]
    pub fn with_value(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.values, name, Field::Open(value.into()));
        self
    }

    /// Sets a secret value for this call; the template's of the same name is replaced.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        set(&mut self.values, name, Field::Secret(value.into()));
        self
    }

    /// Authorizes this call.
    #[must_use]
    pub fn with_credentials(mut self, credentials: &Credentials) -> Self {
        credentials.apply(&mut self.headers);
        self
    }

    /// Returns the request.
    ///
    /// # Errors
    ///
    /// A secret value that would go into the address.
    pub fn request(self) -> Result<Request<Vec<u8>>, Error> {
        let mut url = self.template.url.clone();
        let mut headers = self.headers;
        let mut body = Vec::new();
        if !self.values.is_empty() {
            match self.template.payload {
                Payload::Form => {
                    let mut form = url::form_urlencoded::Serializer::new(String::new());
                    for (name, value) in &self.values {
                        form.append_pair(name, &value.text());
                    }
                    body = form.finish().into_bytes();
                    media_type(&mut headers, "application/x-www-form-urlencoded");
                }
                Payload::Json => {
                    let object: Map<String, Value> =
                        self.values.into_iter().map(|(name, value)| (name, value.into_json())).collect();
                    body = Value::Object(object).to_string().into_bytes();
                    media_type(&mut headers, "application/json");
                }
                Payload::Query => {
                    if let Some((name, _)) =
                        self.values.iter().find(|(_, value)| matches!(value, Field::Secret(_)))
                    {
                        return Err(Error::configuration(format!(
                            "the secret value `{name}` must not go into an address; send it as a form or as JSON"
                        )));
                    }
                    let mut query = url.query_pairs_mut();
                    for (name, value) in &self.values {
                        query.append_pair(name, &value.text());
                    }
                }
            }
        }
        let mut request = Request::builder()
            .method(self.template.method.clone())
            .uri(url.as_str())
            .body(body)
            .map_err(|error| Error::configuration("a template makes no request").with_source(error))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("template", &self.template).finish_non_exhaustive()
    }
}

/// Says what the body is, unless the template says it itself.
fn media_type(headers: &mut HeaderMap, value: &'static str) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(value));
}

impl Field {
    fn text(&self) -> String {
        match self {
            Self::Open(Value::String(text)) => text.clone(),
            Self::Open(value) => value.to_string(),
            Self::Secret(secret) => secret.expose_secret().to_owned(),
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::Open(value) => value,
            Self::Secret(secret) => Value::from(secret.expose_secret()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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

    // C-D16: what belongs to one call is gone with it.
    #[test]
    fn a_call_leaves_the_template_alone() {
        let template = template(Payload::Form).with_value("a", 1);
        let call = template.call().with_value("a", 2).with_secret("code", "CANARY");
        assert!(!format!("{call:?} {template:?}").contains("CANARY"));
        assert_eq!(call.request().unwrap().body(), b"a=2&code=CANARY");
        assert_eq!(template.request().unwrap().body(), b"a=1");
    }

    // CL10
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
            .call()
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

    // CL1
    #[test]
    fn a_template_knows_only_safe_addresses() {
        assert!(RequestTemplate::new(Method::GET, "http://api.example.com").is_err());
        assert!(RequestTemplate::new(Method::GET, "nonsense").is_err());
        assert!(RequestTemplate::new(Method::GET, "http://127.0.0.1:1").is_ok());
    }
}
