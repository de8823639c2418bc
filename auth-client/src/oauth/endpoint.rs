//! One request to an endpoint of a provider, and whatever comes back.

use std::{future::Future, pin::Pin};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use oauth2::{AsyncHttpClient, ErrorResponse, HttpRequest, HttpResponse, RequestTokenError};
use secrecy::ExposeSecret as _;
use serde::de::IgnoredAny;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{ClientAuthentication, OAuthClient};
use crate::{Denial, Error, credentials, error::harmless, json};

/// Returns 256 random bits as 43 characters that fit into an address.
pub(crate) fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::configuration("the system gives no random numbers").with_source(error))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// What the future of a sent request is.
pub(super) type Sending<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'a>>;

/// Sends requests of the `oauth2` crate's; a type of its own, since futures of closures over references are not known to be
/// `Send`.
pub(super) struct Sender<'s>(pub(super) &'s OAuthClient);

impl<'c> AsyncHttpClient<'c> for Sender<'_> {
    type Error = Error;
    type Future = Sending<'c>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { whole(self.0.exchange(request).await?) })
    }
}

impl OAuthClient {
    /// Sends a request of the `oauth2` crate's. An answer that is no success is an error here, with the provider's words.
    pub(super) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let answer = self.send(request).await?;
        judge(&answer)?;
        Ok(answer)
    }

    /// Returns a form for an endpoint that the `oauth2` crate has no request for, or none for a loopback address, with the
    /// client's authentication.
    pub(super) fn form(&self, url: &Url, values: &[(&str, &str)]) -> Result<HttpRequest, Error> {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(values);
        let mut request = Request::post(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match self.authentication() {
            ClientAuthentication::Basic(secret) => {
                let secret = Zeroizing::new(encode(secret.expose_secret()));
                request = request.header(header::AUTHORIZATION, unencoded(&encode(self.id()), &secret)?);
            }
            ClientAuthentication::Post(secret) => {
                form.append_pair("client_id", self.id()).append_pair("client_secret", secret.expose_secret());
            }
            _ => {
                form.append_pair("client_id", self.id());
            }
        }
        form.extend_pairs(self.assertion()?);
        request.body(form.finish().into_bytes()).map_err(|error| {
            Error::configuration("an endpoint's address makes no request").with_source(error)
        })
    }

    /// Sends a request with the headers that the `oauth2` crate knows nothing of.
    pub(super) async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, Error> {
        let headers = request.headers_mut();
        for (name, value) in self.headers() {
            headers.insert(name.clone(), value.clone());
        }
        if let ClientAuthentication::BasicUnencoded(secret) = self.authentication() {
            headers.insert(header::AUTHORIZATION, unencoded(self.id(), secret.expose_secret())?);
        }
        mark_secrets(headers);
        self.environment().http.send(request).await
    }
}

fn unencoded(id: &str, secret: &str) -> Result<HeaderValue, Error> {
    let text = Zeroizing::new(format!("{id}:{secret}"));
    credentials::secret_value(&credentials::basic(text.as_bytes()))
        .map_err(|_| Error::configuration("the client's secret fits into no header"))
}

fn mark_secrets(headers: &mut HeaderMap) {
    if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
        value.set_sensitive(true);
    }
}

/// Sorts answers: success, the provider's no, a provider that is out of order, and what is none of these.
pub(super) fn judge(answer: &HttpResponse) -> Result<(), Error> {
    let status = answer.status();
    // Some providers say no with 200.
    if let Some(denial) = denial(answer.body()) {
        return Err(Error::denied(denial).with_status(status));
    }
    match status {
        StatusCode::OK => Ok(()),
        status if status.is_redirection() => {
            Err(Error::protocol(format!("the provider answers {status}; redirects are not followed"))
                .with_status(status))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Error::transport(format!("the provider answers {status}")).with_status(status))
        }
        status => Err(Error::protocol(format!("the provider answers {status}")).with_status(status)),
    }
}

/// Passes an answer on that is one object from its first byte to its last: the `oauth2` crate reads the first value that it
/// finds, and leaves what stands behind it.
pub(super) fn whole(answer: HttpResponse) -> Result<HttpResponse, Error> {
    match json::object::<IgnoredAny>(answer.body()) {
        Ok(_) => Ok(answer),
        Err(_) => Err(Error::protocol("the provider's answer is not one JSON object")),
    }
}

/// Reads an error's JSON (RFC 6749 section 5.2).
fn denial(body: &[u8]) -> Option<Denial> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |name| value.get(name).and_then(Value::as_str);
    Some(Denial::new(text("error")?, text("error_description"), text("error_uri")))
}

/// Keeps bodies out of errors: the `oauth2` crate's own carry them.
pub(super) fn from_library<R: ErrorResponse + 'static>(error: RequestTokenError<Error, R>) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(_) => Error::protocol("the provider refuses"),
        RequestTokenError::Parse(error, _) => {
            let place = harmless(&error.path().to_string());
            Error::protocol(format!("the provider's answer is not what the protocol asks for, at `{place}`"))
        }
        RequestTokenError::Other(_) => {
            Error::protocol("the provider's answer is empty, or of another media type than application/json")
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;
    use crate::ErrorKind;

    fn answer(status: u16, body: &str) -> HttpResponse {
        http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn answers_are_sorted() {
        let denied = r#"{"error":"invalid_grant","error_description":"gone"}"#;
        for (status, body, expected) in [
            (200, "{}", None),
            (201, "{}", Some(ErrorKind::Protocol)),
            (200, denied, Some(ErrorKind::Denied)),
            (400, denied, Some(ErrorKind::Denied)),
            (500, r#"{"error":"server_error"}"#, Some(ErrorKind::Transport)),
            (503, r#"{"error":"temporarily_unavailable"}"#, Some(ErrorKind::Transport)),
            (400, "<html>", Some(ErrorKind::Protocol)),
            (404, "", Some(ErrorKind::Protocol)),
            (302, "", Some(ErrorKind::Protocol)),
            (204, "", Some(ErrorKind::Protocol)),
            (429, "", Some(ErrorKind::Transport)),
            (502, "<html>", Some(ErrorKind::Transport)),
        ] {
            let error = judge(&answer(status, body)).err();
            assert_eq!(error.as_ref().map(Error::kind), expected, "{status} {body}");
            assert!(error.is_none_or(|error| error.status().unwrap().as_u16() == status));
        }
    }

    // CL3: the same client, with and without the form-encoding of RFC 6749 section 2.3.1.
    #[test]
    fn an_unencoded_secret_is_sent_as_it_is() {
        let value = unencoded("a:b", "c%+ ü").unwrap();
        assert_eq!(value, format!("Basic {}", BASE64_STANDARD.encode("a:b:c%+ ü")));
    }

    // CL15
    #[test]
    fn random_texts_have_256_bits_and_differ() {
        let texts: std::collections::HashSet<_> = (0..100).map(|_| random().unwrap()).collect();
        assert_eq!(texts.len(), 100);
        assert!(texts.iter().all(|text| text.len() == 43));
    }
}
