//! Sends requests with the client's authentication to endpoints of the authorization server.

use http::{HeaderMap, HeaderValue, Request, header};
use oauth2::{HttpRequest, HttpResponse};
use secrecy::ExposeSecret as _;
use url::Url;
use zeroize::Zeroizing;

use super::{ClientAuthentication, OAuthClient, classify_response};
use crate::{Error, Token, authorization_headers, dpop::DPOP};

impl OAuthClient {
    /// Sends a token request (RFC 6749 section 3.2) and parses the token.
    ///
    /// The media type of the response is ignored, because many servers send a wrong one. The body must be one
    /// JSON object.
    pub(super) async fn request_token(&self, values: &[(&str, &str)]) -> Result<Token, Error> {
        self.request_token_at(self.provider().token_url(), values).await
    }

    /// Sends a token request to this endpoint.
    pub(super) async fn request_token_at(&self, url: &Url, values: &[(&str, &str)]) -> Result<Token, Error> {
        let environment = self.environment();
        let mut answer = self.send(self.token_request(url, values)?).await?;
        // The server demands a nonce of its own in the proof, and has not looked at the rest (RFC 9449, section 8).
        if let Some(key) = environment.format.bound()
            && key.note_nonce(url, answer.headers())
            && classify_response::demands_nonce(&answer)
        {
            answer = self.send(self.token_request(url, values)?).await?;
            key.note_nonce(url, answer.headers());
        }
        classify_response::check(&answer, environment.clock.now())?;
        let token = Token::from_json(answer.body(), environment.clock.now(), &environment.format);
        token.map_err(|error| error.with_words(classify_response::numbered(answer.body())))
    }

    /// Returns a token request, with a proof if tokens have to be bound to a key.
    fn token_request(&self, url: &Url, values: &[(&str, &str)]) -> Result<HttpRequest, Error> {
        let mut request = self.form(url, values)?;
        if self.queries() {
            request = as_query(request)?;
        }
        if let Some(key) = self.environment().format.bound() {
            let proof = key.proof(request.method(), url, None)?;
            request.headers_mut().insert(DPOP, proof);
        }
        Ok(request)
    }

    /// Sends a request. A response that is not a success becomes an error with the server's details.
    pub(super) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let answer = self.send(request).await?;
        classify_response::check(&answer, self.environment().clock.now())?;
        Ok(answer)
    }

    /// Returns a form with the client's authentication. Each call signs a new assertion, which is for one use
    /// and expires after a minute (RFC 7523 section 3).
    pub(super) fn form(&self, url: &Url, values: &[(&str, &str)]) -> Result<HttpRequest, Error> {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(values);
        let mut request = Request::post(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (id_name, secret_name) = self.parameter_names();
        match self.authentication() {
            ClientAuthentication::Basic(secret) => {
                let secret = Zeroizing::new(encode(secret.expose_secret()));
                request = request.header(header::AUTHORIZATION, unencoded(&encode(self.id()), &secret)?);
            }
            ClientAuthentication::Post(secret) => {
                form.append_pair(id_name, self.id()).append_pair(secret_name, secret.expose_secret());
            }
            _ => {
                form.append_pair(id_name, self.id());
            }
        }
        form.extend_pairs(self.assertion()?);
        request.body(form.finish().into_bytes()).map_err(|error| {
            Error::configuration("an endpoint's address makes no request").with_source(error)
        })
    }

    /// Sends a request with the client's headers.
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

/// Moves a form into the query of a GET.
fn as_query(request: HttpRequest) -> Result<HttpRequest, Error> {
    // The causes are left out: they could show the address, which holds secrets.
    let broken = || Error::configuration("the token endpoint's address makes no request");
    let (mut parts, form) = request.into_parts();
    let form = Zeroizing::new(form);
    let mut url = Url::parse(&parts.uri.to_string()).map_err(|_| broken())?;
    url.query_pairs_mut().extend_pairs(url::form_urlencoded::parse(&form));
    parts.uri = url.as_str().parse().map_err(|_| broken())?;
    parts.method = http::Method::GET;
    parts.headers.remove(header::CONTENT_TYPE);
    Ok(Request::from_parts(parts, Vec::new()))
}

fn unencoded(id: &str, secret: &str) -> Result<HeaderValue, Error> {
    let text = Zeroizing::new(format!("{id}:{secret}"));
    authorization_headers::secret_value(&authorization_headers::basic(text.as_bytes()))
        .map_err(|_| Error::configuration("the client's secret fits into no header"))
}

fn mark_secrets(headers: &mut HeaderMap) {
    if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
        value.set_sensitive(true);
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    // The same client with and without the form-encoding of RFC 6749 section 2.3.1.
    #[test]
    fn an_unencoded_secret_is_sent_as_it_is() {
        let value = unencoded("a:b", "c%+ ü").unwrap();
        assert_eq!(value, format!("Basic {}", BASE64_STANDARD.encode("a:b:c%+ ü")));
    }
}
