//! Tokens that are bound to a key of the client: proofs in token requests and in requests to services (`DPoP`, RFC 9449).

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]
#![cfg(all(feature = "dpop", feature = "middleware", feature = "tower"))]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    AuthorizationCode, AuthorizationLayer, AuthorizedClient, Authorizer as _, ClientCredentials, DpopKey,
    Environment, ErrorKind, FileStore, MemoryStore, OAuthClient, Origin, Provider, RetryPolicy,
    TokenAuthorizer, Transport,
};
use axum::{Router, extract::Request, response::IntoResponse, routing::any};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, Method, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::{Layer as _, ServiceExt as _};
use url::Url;

use crate::openid::OpenId;

const TOKEN_URL: &str = "https://login.example.com/token";

/// The header and the claims of a proof.
fn read(proof: &http::HeaderValue) -> [Value; 2] {
    let mut parts = proof.to_str().unwrap().split('.');
    let mut part = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    [part(), part()]
}

fn claims(headers: &HeaderMap) -> Value {
    let [_, claims] = read(headers.get("dpop").unwrap());
    claims
}

fn answer(status: u16, nonce: Option<&str>, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    if let Some(nonce) = nonce {
        response = response.header("dpop-nonce", nonce);
    }
    response.body(body.to_string().into_bytes()).unwrap()
}

fn token(kind: &str) -> Value {
    json!({ "access_token": "at", "token_type": kind, "expires_in": 3600 })
}

type Seen = Arc<Mutex<Vec<HeaderMap>>>;

/// A client whose authorization server gives these answers, and the headers that it gets.
fn client(
    key: &DpopKey,
    answers: impl Fn(usize) -> Response<Vec<u8>> + Clone + Send + Sync + 'static,
) -> (OAuthClient, Seen) {
    let seen = Seen::default();
    let list = Arc::clone(&seen);
    let server = move |request: http::Request<Vec<u8>>| {
        let (list, answers) = (Arc::clone(&list), answers.clone());
        async move {
            let nth = {
                let mut list = list.lock().unwrap();
                list.push(request.headers().clone());
                list.len()
            };
            Ok(answers(nth))
        }
    };
    let environment = Environment::with_http_client(server);
    let client = OAuthClient::in_environment(Provider::new(TOKEN_URL).unwrap(), "billing", environment);
    (client.with_secret("s").with_dpop(key.clone()), seen)
}

fn authorizer(client: OAuthClient) -> TokenAuthorizer<ClientCredentials> {
    TokenAuthorizer::new(ClientCredentials::new(client))
}

#[test]
fn a_proof_says_what_it_is_for() {
    let key = DpopKey::generate().unwrap();
    let url = Url::parse("https://API.example.com:443/a/../items?page=2#x").unwrap();
    let proof = || key.proof(&Method::PATCH, &url, Some("at")).unwrap();
    let [header, claims] = read(&proof());
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    let members: Vec<&String> = header["jwk"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["crv", "kty", "x", "y"], "no private part");
    assert_eq!((&claims["htm"], &claims["htu"]), (&json!("PATCH"), &json!("https://api.example.com/items")));
    assert_eq!(claims["ath"], BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest("at")));
    assert!(claims["iat"].is_u64() && claims["nonce"].is_null());
    let [_, again] = read(&proof());
    assert_ne!(claims["jti"], again["jti"], "each proof is for one use");
    let [_, without] = read(&key.proof(&Method::POST, &url, None).unwrap());
    assert!(without["ath"].is_null());
    assert_eq!(format!("{key:?}"), format!("DpopKey({})", key.thumbprint()));
    assert_ne!(key.thumbprint(), DpopKey::generate().unwrap().thumbprint());
    for other in [&b""[..], b"canary", &[0x30; 138]] {
        let error = DpopKey::from_pkcs8(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn a_nonce_that_the_authorization_server_demands_is_sent_once_and_kept() {
    let key = DpopKey::generate().unwrap();
    let (client, seen) = client(&key, |nth| match nth {
        1 => answer(400, Some("n1"), &json!({ "error": "use_dpop_nonce" })),
        2 => answer(200, Some("n2"), &token("DPoP")),
        _ => answer(200, None, &token("dpop")),
    });
    let credentials = authorizer(client.clone()).authorize().await.unwrap();
    assert_eq!(credentials.headers()["authorization"], "DPoP at");
    authorizer(client).authorize().await.unwrap();
    let seen: Vec<Value> = seen.lock().unwrap().iter().map(claims).collect();
    let [first, second, third] = &seen[..] else { panic!("{seen:?}") };
    for proof in [first, second, third] {
        assert_eq!((&proof["htm"], &proof["htu"]), (&json!("POST"), &json!(TOKEN_URL)));
        assert!(proof["ath"].is_null());
    }
    assert_eq!(
        [&first["nonce"], &second["nonce"], &third["nonce"]],
        [&Value::Null, &json!("n1"), &json!("n2")]
    );
    assert!(first["jti"] != second["jti"] && second["jti"] != third["jti"]);
}

#[tokio::test]
async fn a_server_that_goes_on_demanding_nonces_is_asked_twice() {
    for nonces in [["n1", "n2"], ["n1", "n1"]] {
        let key = DpopKey::generate().unwrap();
        let (client, seen) = client(&key, move |nth| {
            let nonce = if nth == 1 { nonces[0] } else { nonces[1] };
            answer(400, Some(nonce), &json!({ "error": "use_dpop_nonce" }))
        });
        let error = authorizer(client).authorize().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert_eq!(seen.lock().unwrap().len(), 2);
    }
    // Without a nonce there is nothing to do better.
    let key = DpopKey::generate().unwrap();
    let (client, seen) = client(&key, |_| answer(400, None, &json!({ "error": "use_dpop_nonce" })));
    authorizer(client).authorize().await.unwrap_err();
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_an_error() {
    for body in [token("Bearer"), token("mac"), json!({ "access_token": "at" })] {
        let key = DpopKey::generate().unwrap();
        let (client, _) = client(&key, move |_| answer(200, None, &body));
        let error = authorizer(client).authorize().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains("not bound"), "{error}");
    }
}

/// A service that gives these answers, and records what it gets.
async fn service<R: IntoResponse>(
    answers: impl Fn(usize) -> R + Clone + Send + Sync + 'static,
) -> (String, Seen) {
    let seen = Seen::default();
    let list = Arc::clone(&seen);
    let handler = move |request: Request| {
        let (list, answers) = (Arc::clone(&list), answers.clone());
        async move {
            let nth = {
                let mut list = list.lock().unwrap();
                list.push(request.headers().clone());
                list.len()
            };
            answers(nth)
        }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(handler))).await });
    (address, seen)
}

fn demand(nonce: &'static str) -> axum::response::Response {
    let challenge = "Bearer realm=\"x\", DPoP realm=\"x\", error=\"use_dpop_nonce\", algs=\"ES256\"";
    (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge), ("dpop-nonce", nonce)]).into_response()
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().with_first_wait(Duration::from_millis(2))
}

#[tokio::test]
async fn requests_to_a_service_have_a_proof_each_and_its_nonce() {
    let key = DpopKey::generate().unwrap();
    let (oauth, asked) = client(&key, |_| answer(200, Some("of the server"), &token("DPoP")));
    let (address, seen) = service(|nth| match nth {
        1 => demand("n1"),
        3 => (StatusCode::OK, [("dpop-nonce", "n2")]).into_response(),
        _ => StatusCode::OK.into_response(),
    })
    .await;
    let origin = Origin::parse(&address).unwrap();
    let http = AuthorizedClient::new(authorizer(oauth), [origin]).with_retry(quick());
    let http = http.build(reqwest::Client::builder()).unwrap();
    for _ in 0..3 {
        let response = http.post(format!("{address}/items?page=1")).body("x").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    let seen: Vec<Value> = seen.lock().unwrap().iter().map(claims).collect();
    let nonces: Vec<&Value> = seen.iter().map(|proof| &proof["nonce"]).collect();
    assert_eq!(nonces, [&Value::Null, &json!("n1"), &json!("n1"), &json!("n2")]);
    for proof in &seen {
        assert_eq!((&proof["htm"], &proof["htu"]), (&json!("POST"), &json!(format!("{address}/items"))));
        assert_eq!(proof["ath"], BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest("at")));
    }
    let ids: std::collections::HashSet<String> = seen.iter().map(|proof| proof["jti"].to_string()).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(asked.lock().unwrap().len(), 1, "a demand for a nonce does not reject the token");
}

#[tokio::test]
async fn a_service_that_goes_on_demanding_nonces_is_asked_twice() {
    let key = DpopKey::generate().unwrap();
    let (oauth, _) = client(&key, |_| answer(200, None, &token("DPoP")));
    let (address, seen) = service(|nth| demand(if nth == 1 { "n1" } else { "n2" })).await;
    let http =
        AuthorizedClient::new(authorizer(oauth), [Origin::parse(&address).unwrap()]).with_retry(quick());
    let http = http.build(reqwest::Client::builder()).unwrap();
    let response = http.get(&address).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    // The second demand is like any other 401: the token may be at fault, and is replaced once.
    assert!(seen.lock().unwrap().len() <= 3, "{}", seen.lock().unwrap().len());
}

#[tokio::test]
async fn no_proof_goes_to_another_origin() {
    let key = DpopKey::generate().unwrap();
    let (oauth, _) = client(&key, |_| answer(200, None, &token("DPoP")));
    let (address, seen) = service(|_| StatusCode::OK).await;
    let origin = Origin::parse("http://127.0.0.1:1").unwrap();
    let http = AuthorizedClient::new(authorizer(oauth), [origin]).build(reqwest::Client::builder()).unwrap();
    http.get(&address).send().await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(
        seen.iter().all(|headers| !headers.contains_key("dpop") && !headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn services_of_tower_have_proofs_too() {
    let key = DpopKey::generate().unwrap();
    let (oauth, _) = client(&key, |_| answer(200, None, &token("DPoP")));
    let layer =
        AuthorizationLayer::new(authorizer(oauth), [Origin::parse("https://api.example.com").unwrap()]);
    let seen = Seen::default();
    let list = Arc::clone(&seen);
    let inner = tower::service_fn(move |request: http::Request<String>| {
        let list = Arc::clone(&list);
        async move {
            let nth = {
                let mut list = list.lock().unwrap();
                list.push(request.headers().clone());
                list.len()
            };
            let response = Response::builder();
            let response = if nth == 1 {
                let response = response.status(401).header("dpop-nonce", "n1");
                response.header("www-authenticate", "DPoP error=\"use_dpop_nonce\"")
            } else {
                response
            };
            Ok::<_, Infallible>(response.body(()).unwrap())
        }
    });
    let request = http::Request::put("https://api.example.com/items/7").body(String::new()).unwrap();
    let response = layer.layer(inner).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let seen: Vec<Value> = seen.lock().unwrap().iter().map(claims).collect();
    assert_eq!(seen.iter().map(|proof| proof["nonce"].as_str()).collect::<Vec<_>>(), [None, Some("n1")]);
    assert_eq!(seen[1]["htm"], "PUT");
}

#[tokio::test]
async fn a_key_in_a_store_is_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let open = || FileStore::new(&path);
    let first = DpopKey::in_store(&open(), "billing").await.unwrap().thumbprint();
    assert_eq!(DpopKey::in_store(&open(), "billing").await.unwrap().thumbprint(), first);
    let memory = MemoryStore::new();
    let one = DpopKey::in_store(&memory, "billing").await.unwrap().thumbprint();
    assert_eq!(DpopKey::in_store(&memory, "billing").await.unwrap().thumbprint(), one);
    assert_ne!(DpopKey::in_store(&memory, "orders").await.unwrap().thumbprint(), one);
    assert_ne!(one, first);
}

#[tokio::test]
async fn an_independent_server_binds_the_token_to_the_key() {
    let Some(openid) = OpenId::start_with(&[("DPOP", "1")]) else { return };
    let provider = Provider::discover(&openid.issuer, &Transport::new().unwrap()).await.unwrap();
    let key = DpopKey::generate().unwrap();
    let client = OAuthClient::new(provider, "a:b%c+d").unwrap().with_secret("s:e%c+r/e=t&!");
    let authorizer = authorizer(client.clone().with_dpop(key.clone()));
    // The server demands a nonce.
    let token = authorizer.token().await.unwrap();
    assert_eq!(token.token_type(), "DPoP");
    let found = client.introspect(&SecretString::from(token.access_token().expose_secret())).await.unwrap();
    assert!(found.active);
    assert_eq!(found.confirmation.unwrap()["jkt"], key.thumbprint());
}

/// The code is bound to the key from the authorization request on (RFC 9449, section 10).
#[tokio::test]
async fn authorization_requests_name_the_key() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&bodies);
    let server = move |request: http::Request<Vec<u8>>| {
        let metadata = json!({
            "issuer": "https://login.example.com",
            "authorization_endpoint": "https://login.example.com/authorize",
            "token_endpoint": TOKEN_URL,
            "pushed_authorization_request_endpoint": "https://login.example.com/par",
        });
        let pushed = json!({ "request_uri": "urn:pushed", "expires_in": 60 });
        let (status, body) = if request.method() == Method::GET { (200, metadata) } else { (201, pushed) };
        if status == 201 {
            list.lock().unwrap().push(String::from_utf8(request.body().clone()).unwrap());
        }
        async move { Ok(answer(status, None, &body)) }
    };
    let provider = Provider::discover("https://login.example.com", &server).await.unwrap();
    let plain = OAuthClient::in_environment(provider, "app", Environment::with_http_client(server));
    let key = DpopKey::generate().unwrap();
    let bound = plain.clone().with_dpop(key.clone());
    let named = |url: &Url| -> Vec<String> {
        let pairs = url.query_pairs().filter(|(name, _)| name == "dpop_jkt");
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    let begin = |client: &OAuthClient| {
        AuthorizationCode::new(client.clone()).begin("https://app.example.com/callback").unwrap()
    };
    assert_eq!(named(begin(&bound).url()), [key.thumbprint()]);
    assert!(named(begin(&plain).url()).is_empty());

    let jkt = key.thumbprint();
    for (client, parameters) in [
        (&bound, vec![("scope", "photos")]),
        (&bound, vec![("scope", "photos"), ("dpop_jkt", jkt.as_str())]),
        (&plain, vec![("scope", "photos")]),
    ] {
        assert_eq!(client.push_authorization(&parameters).await.unwrap(), "urn:pushed");
    }
    let bodies = bodies.lock().unwrap();
    let counts: Vec<usize> =
        bodies.iter().map(|body| body.matches(&format!("dpop_jkt={jkt}")).count()).collect();
    assert_eq!(counts, [1, 1, 0], "{bodies:?}");
}
