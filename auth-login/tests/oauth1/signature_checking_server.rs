//! A provider with OAuth 1.0a: an HTTP client that checks each request as section 3.2 of RFC 5849 demands.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use auth_client::HttpClient;
use auth_login::oauth1::{OAuth1Credentials, SignatureMethod, base_string, sign};
use http::{Request, Response};
use url::Url;

/// What the server saw, and how it deviates.
#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) seen: Arc<Mutex<Vec<Request<Vec<u8>>>>>,
    pub(crate) nonces: Arc<Mutex<HashSet<String>>>,
    pub(crate) is_unconfirmed: bool,
    pub(crate) status: Option<u16>,
}

impl Server {
    pub(crate) fn client(&self) -> impl HttpClient + 'static {
        let server = self.clone();
        move |request: Request<Vec<u8>>| {
            let response = server.answer(&request);
            async move { Ok(response) }
        }
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.seen.lock().unwrap().push(request.clone());
        if let Some(status) = self.status {
            return Response::builder().status(status).body(Vec::new()).unwrap();
        }
        let path = request.uri().path();
        let (token_secret, body) = match path {
            "/request" if self.is_unconfirmed => {
                ("", "oauth_token=temporary&oauth_token_secret=temporary-secret")
            }
            "/request" => (
                "",
                "oauth_token=temporary&oauth_token_secret=temporary-secret&oauth_callback_confirmed=true",
            ),
            "/token" => {
                ("temporary-secret", "oauth_token=token&oauth_token_secret=token-secret&user_nsid=7%40N")
            }
            "/api/me" => ("token-secret", r#"{"id": 7, "name": "Ann Bell"}"#),
            _ => return Response::builder().status(404).body(Vec::new()).unwrap(),
        };
        if !self.is_signed(request, token_secret) {
            return Response::builder()
                .status(401)
                .body(b"oauth_problem=signature_invalid".to_vec())
                .unwrap();
        }
        Response::new(body.as_bytes().to_vec())
    }

    fn is_signed(&self, request: &Request<Vec<u8>>, token_secret: &str) -> bool {
        let Some(header) = request.headers().get("authorization").and_then(|value| value.to_str().ok())
        else {
            return false;
        };
        let pairs = parameters(header);
        let get = |name: &str| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let method = match get("oauth_signature_method") {
            Some("HMAC-SHA1") => SignatureMethod::HmacSha1,
            Some("HMAC-SHA256") => SignatureMethod::HmacSha256,
            Some("PLAINTEXT") => SignatureMethod::Plaintext,
            _ => return false,
        };
        let signed: Vec<(&str, &str)> = pairs
            .iter()
            .filter(|(name, _)| name != "oauth_signature" && name != "realm")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let url: Url = request.uri().to_string().parse().unwrap();
        let is_form = request
            .headers()
            .get("content-type")
            .is_some_and(|media| media == "application/x-www-form-urlencoded");
        let form = if is_form { std::str::from_utf8(request.body()).unwrap() } else { "" };
        let base = base_string(request.method().as_str(), &url, &signed, form);
        let expected = sign(method, &base, &OAuth1Credentials::new("consumer secret&", token_secret));
        let is_new = self.nonces.lock().unwrap().insert(get("oauth_nonce").unwrap().to_owned());
        is_new && get("oauth_timestamp") == Some("1700000000") && get("oauth_signature") == Some(&expected)
    }
}

/// Reads `OAuth name="value", …`.
pub(crate) fn parameters(header: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = header.strip_prefix("OAuth ").unwrap().split(", ");
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (decode(name), decode(value.strip_prefix('"').unwrap().strip_suffix('"').unwrap()))
        })
        .collect()
}
