//! Builds one request from a template, with headers and values of its own: [`RequestBuilder`].

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use secrecy::SecretString;
use serde_json::Value;

use super::{Payload, RequestTemplate, RequestValues};
use crate::{Credentials, Error};

/// One use of a [`RequestTemplate`].
#[derive(Clone)]
pub struct RequestBuilder<'a> {
    template: &'a RequestTemplate,
    headers: HeaderMap,
    values: RequestValues,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn of(template: &'a RequestTemplate) -> Self {
        Self { template, headers: template.headers.clone(), values: template.values.clone() }
    }
}

impl RequestBuilder<'_> {
    /// Sets a header for this request; it replaces the template's header of that name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a value for this request; it replaces the template's value of that name.
    #[must_use]
    pub fn with_value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.set(name, value.into());
        self
    }

    /// Sets a secret value for this request; it replaces the template's value of that name.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.values.set_secret(name, value.into());
        self
    }

    /// Adds credentials to this request.
    #[must_use]
    pub fn with_credentials(mut self, credentials: &Credentials) -> Self {
        credentials.apply(&mut self.headers);
        self
    }

    /// Returns the request.
    ///
    /// # Errors
    ///
    /// Fails if a secret value would be part of the address.
    pub fn request(self) -> Result<Request<Vec<u8>>, Error> {
        let mut url = self.template.url.clone();
        let mut headers = self.headers;
        let mut body = Vec::new();
        if !self.values.is_empty() {
            match self.template.payload {
                Payload::Form => {
                    let mut form = url::form_urlencoded::Serializer::new(String::new());
                    form.extend_pairs(self.values.texts());
                    body = form.finish().into_bytes();
                    media_type(&mut headers, "application/x-www-form-urlencoded");
                }
                Payload::Json => {
                    body = self.values.into_object().to_string().into_bytes();
                    media_type(&mut headers, "application/json");
                }
                Payload::Query => {
                    if let Some(name) = self.values.first_secret() {
                        return Err(Error::configuration(format!(
                            "the secret value `{name}` must not go into an address; send it as a form or as JSON"
                        )));
                    }
                    url.query_pairs_mut().extend_pairs(self.values.texts());
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

impl fmt::Debug for RequestBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder").field("template", &self.template).finish_non_exhaustive()
    }
}

/// Sets `Content-Type`, unless the template does.
fn media_type(headers: &mut HeaderMap, value: &'static str) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(value));
}
