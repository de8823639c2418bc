//! Builds requests to a provider's API that bring parts of the profile, as pure functions of the descriptor
//! and the token.

use auth_client::Token;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderValue, Method, Request, header};
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;
use url::{Url, form_urlencoded};

use crate::descriptor::{Body, CallValue, HttpMethod, ResolvedCall, ResolvedProvider, TokenPlace};

/// What the values of parameters are taken from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) provider: &'a ResolvedProvider,
    pub(super) client_id: &'a str,
    pub(super) secret: Option<&'a SecretString>,
    pub(super) token: &'a Token,
}

/// Returns whether requests of this form can be made.
pub(crate) const fn is_supported(place: TokenPlace) -> bool {
    !matches!(place, TokenPlace::OAuth1)
}

impl Source<'_> {
    /// Returns the request of a call; `None` if the provider's token response lacks a value that the call
    /// needs.
    pub(super) fn request(&self, call: &ResolvedCall) -> Option<Request<Vec<u8>>> {
        let access_token = self.token.access_token().expose_secret();
        let address = call.address.replace("{access_token}", &encoded(access_token));
        let mut url = Url::parse(&address).ok()?;
        let ResolvedCall { call, .. } = call;
        for (name, value) in call.query {
            url.query_pairs_mut().append_pair(name, &self.value(value)?);
        }
        if let TokenPlace::Query(name) = call.token {
            url.query_pairs_mut().append_pair(name, access_token);
        }
        if call.token == TokenPlace::Odnoklassniki {
            let sig = odnoklassniki(&url, access_token, self.secret?.expose_secret());
            url.query_pairs_mut().append_pair("sig", &sig).append_pair("access_token", access_token);
        }
        let method = match call.method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
        };
        let mut request =
            Request::builder().method(method).uri(url.as_str()).header(header::ACCEPT, "application/json");
        if let TokenPlace::Header(scheme) = call.token {
            let mut value = HeaderValue::from_str(&format!("{scheme} {access_token}")).ok()?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let (content_type, body) = self.body(&call.body, call.token)?;
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let mut request = request.body(body).ok()?;
        for (name, value) in call.headers {
            // It replaces the default.
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        Some(request)
    }

    fn body(&self, body: &Body, place: TokenPlace) -> Option<(Option<&'static str>, Vec<u8>)> {
        if let Body::Json(text) = body {
            return Some((Some("application/json"), text.as_bytes().to_vec()));
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        let mut is_form = false;
        if let Body::Form(values) = body {
            is_form = true;
            for (name, value) in *values {
                form.append_pair(name, &self.value(value)?);
            }
        }
        if let TokenPlace::Form(name) = place {
            is_form = true;
            form.append_pair(name, self.token.access_token().expose_secret());
        }
        let content_type = is_form.then_some("application/x-www-form-urlencoded");
        Some((content_type, form.finish().into_bytes()))
    }

    fn value(&self, value: &CallValue) -> Option<String> {
        match value {
            CallValue::Text(text) => Some((*text).to_owned()),
            CallValue::ClientId => Some(self.client_id.to_owned()),
            CallValue::Placeholder(name) => self.provider.placeholder(name).map(str::to_owned),
            CallValue::TokenMember(name) => match self.token.extra(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
            CallValue::AppSecretProof => {
                proof(self.secret?.expose_secret(), self.token.access_token().expose_secret())
            }
        }
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Returns Odnoklassniki's signature: MD5 of the sorted parameters and of the MD5 of token and secret.
fn odnoklassniki(url: &Url, token: &str, secret: &str) -> String {
    let mut pairs: Vec<String> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort_unstable();
    let key = hex(&Md5::digest(format!("{token}{secret}")));
    hex(&Md5::digest(format!("{}{key}", pairs.concat())))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Returns Facebook's proof that the caller has the client's secret.
fn proof(secret: &str, token: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(token.as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use auth_client::TokenWireFormat;

    use super::*;
    use crate::descriptor::{Call, Descriptor};

    fn requests(calls: &'static [Call]) -> Vec<Option<Request<Vec<u8>>>> {
        let descriptor = Descriptor::oauth2("a", "A", "https://a.example/a", "https://a.example/t")
            .with_issuer(crate::descriptor::Issuer::Namespace("a"))
            .with_scopes(&["user"])
            .with_mapping(crate::profile::Mapping::new(crate::profile::Subject::Member("/user/id")))
            .with_calls(calls);
        let provider = descriptor.resolve(&[]).unwrap();
        let json = br#"{"access_token": "to/ken", "user_id": 7}"#;
        let token = Token::from_json(json, SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap();
        let secret = SecretString::from("secret");
        let source = Source { provider: &provider, client_id: "me", secret: Some(&secret), token: &token };
        provider.calls().iter().map(|call| source.request(call)).collect()
    }

    #[test]
    fn the_token_is_put_where_the_provider_wants_it() {
        const CALLS: &[Call] = &[
            Call::get("user", "https://a.example/me"),
            Call::get("user", "https://a.example/me").with_token(TokenPlace::Header("OAuth")),
            Call::get("user", "https://a.example/me?v=1").with_token(TokenPlace::Query("oauth_token")),
            Call::post("user", "https://a.example/me", Body::Form(&[("client", CallValue::ClientId)]))
                .with_token(TokenPlace::Form("access_token")),
            Call::get("user", "https://a.example/tokens/{access_token}").with_token(TokenPlace::Path),
            Call::post("user", "https://a.example/gql", Body::Json("{}")),
        ];
        let shown: Vec<String> = requests(CALLS)
            .into_iter()
            .map(|request| {
                let request = request.unwrap();
                let header = request.headers().get(header::AUTHORIZATION);
                let header = header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
                let body = String::from_utf8(request.body().clone()).unwrap();
                format!("{} {} {header} {body}", request.method(), request.uri())
            })
            .collect();
        assert_eq!(
            shown,
            [
                "GET https://a.example/me Bearer to/ken ",
                "GET https://a.example/me OAuth to/ken ",
                "GET https://a.example/me?v=1&oauth_token=to%2Fken  ",
                "POST https://a.example/me  client=me&access_token=to%2Fken",
                "GET https://a.example/tokens/to%2Fken  ",
                "POST https://a.example/gql Bearer to/ken {}",
            ]
        );
    }

    #[test]
    fn a_call_without_its_value_is_not_made() {
        const CALLS: &[Call] = &[
            Call::get("user", "https://a.example/me")
                .with_query(&[("id", CallValue::TokenMember("user_id"))]),
            Call::get("user", "https://a.example/me").with_query(&[("id", CallValue::TokenMember("other"))]),
        ];
        let made: Vec<bool> = requests(CALLS).iter().map(Option::is_some).collect();
        assert_eq!(made, [true, false]);
    }

    /// The expected value is that of the algorithm of python-social-auth.
    #[test]
    fn odnoklassnikis_signature_is_that_of_other_libraries() {
        let provider = crate::providers::ODNOKLASSNIKI;
        let provider = provider.resolve(&[("application_key", "CBAFJIICABABABABA")]).unwrap();
        let token = Token::from_json(
            br#"{"access_token": "token"}"#,
            SystemTime::UNIX_EPOCH,
            &TokenWireFormat::default(),
        );
        let (token, secret) = (token.unwrap(), SecretString::from("secret"));
        let source = Source { provider: &provider, client_id: "me", secret: Some(&secret), token: &token };
        let request = source.request(&provider.calls()[0]).unwrap();
        let query = "application_key=CBAFJIICABABABABA&format=json&method=users.getCurrentUser\
                     &sig=f8083829989e5d5da490c367a5719be9&access_token=token";
        assert_eq!(request.uri(), format!("https://api.ok.ru/fb.do?{query}").as_str());
        assert!(!request.headers().contains_key(header::AUTHORIZATION));
        // Without the client's secret, there is no signature.
        assert!(Source { secret: None, ..source }.request(&provider.calls()[0]).is_none());
    }

    #[test]
    fn the_app_secret_proof_is_that_of_the_published_vector() {
        assert_eq!(
            proof("secret", "token").unwrap(),
            "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
        );
    }
}
