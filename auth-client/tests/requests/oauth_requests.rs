//! The exact requests to authorization servers, and the result of each response.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

mod lenient_responses;
mod query_requests;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    AuthorizationCode, ClientAuthentication, ClientCredentials, DeviceCode, DevicePrompt, Environment, Error,
    ErrorKind, Grant as _, Interaction, LoginAttemptParts, OAuthClient, Payload, Provider, RequestTemplate,
    TemplateGrant, Token, TokenAuthorizer, TokenExchange, TokenWireFormat,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use url::Url;

use crate::support::{self, Fake, HandClock, Seen, client};

const GOOD: &str = r#"{"access_token":"good","token_type":"Bearer","expires_in":3600}"#;

fn good() -> Fake {
    Fake::new(|_, _| (200, GOOD.to_owned()))
}

fn plain(fake: &Fake) -> OAuthClient {
    client(fake, &HandClock::default())
}

async fn only(fake: &Fake, client: OAuthClient) -> Seen {
    ClientCredentials::new(client)
        .with_scopes(["a", "b"])
        .with_param("audience", "x y")
        .obtain()
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    seen[0].clone()
}

fn form(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const COMMON: [(&str, &str); 3] =
    [("grant_type", "client_credentials"), ("scope", "a b"), ("audience", "x y")];

#[tokio::test]
async fn a_header_is_added_to_requests_to_the_endpoints() {
    let fake = good();
    let name = http::HeaderName::from_static("x-tenant");
    let with = |name, value: &'static str| {
        plain(&fake).with_endpoint_header(name, http::HeaderValue::from_static(value))
    };
    let seen = only(&fake, with(name, "blue").unwrap()).await;
    assert_eq!(seen.headers["x-tenant"], "blue");
    for name in [http::header::AUTHORIZATION, http::header::CONTENT_TYPE, http::header::ACCEPT] {
        assert_eq!(with(name, "x").unwrap_err().kind(), ErrorKind::Configuration);
    }
}

// RFC 6749 section 2.3.1, and servers that do not form-decode.
#[tokio::test]
async fn a_client_shows_who_it_is_in_one_place_only() {
    let secret = "s:%+ ü/=";
    let fake = good();
    let seen = only(&fake, plain(&fake).with_secret(secret)).await;
    let expected = BASE64_STANDARD.encode("me:s%3A%25%2B+%C3%BC%2F%3D");
    assert_eq!(seen.authorization.unwrap(), format!("Basic {expected}"));
    assert_eq!((seen.form, seen.pairs), (form(&COMMON), 3));

    let fake = good();
    let unencoded = plain(&fake).with_authentication(ClientAuthentication::BasicUnencoded(secret.into()));
    let seen = only(&fake, unencoded).await;
    assert_eq!(
        seen.authorization.unwrap(),
        format!("Basic {}", BASE64_STANDARD.encode(format!("me:{secret}")))
    );
    assert!(!seen.form.contains_key("client_secret"));

    let fake = good();
    let seen = only(&fake, plain(&fake).with_authentication(ClientAuthentication::Post(secret.into()))).await;
    assert_eq!(seen.authorization, None);
    let mut expected = form(&COMMON);
    expected.extend(form(&[("client_id", "me"), ("client_secret", secret)]));
    assert_eq!((seen.form, seen.pairs), (expected, 5));

    let fake = good();
    let seen = only(&fake, plain(&fake)).await;
    let mut expected = form(&COMMON);
    expected.extend(form(&[("client_id", "me")]));
    assert_eq!((seen.authorization, seen.form, seen.pairs), (None, expected, 4));
}

// Each assertion is for one request, one minute and one server.
#[cfg(feature = "jwt")]
#[tokio::test]
async fn assertions_are_short_and_serve_once() {
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    // RFC 8410 section 10.3.
    let pem = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let key = auth_client::ClientKey::ed25519(pem).unwrap().with_key_id("k1");
    let block = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let text = str::from_utf8(pem).unwrap();
    for (wrong, words) in [
        (block("EC PRIVATE KEY", "AAAA"), "openssl pkcs8 -topk8 -nocrypt"),
        (block("ENCRYPTED PRIVATE KEY", "AAAA"), "openssl pkey -in"),
        (block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), "openssl pkey -in"),
        (block("OPENSSH PRIVATE KEY", "AAAA"), "ssh-keygen"),
        (block("CERTIFICATE", "AAAA"), "certificate"),
        (block("PUBLIC KEY", "AAAA"), "public key"),
        (block("PRIVATE KEY", "AAAA"), "damaged"),
        (text.replace('\n', "\\n"), "printf"),
        ("CANARY".to_owned(), "not PEM"),
    ] {
        for read in [
            auth_client::ClientKey::ed25519,
            auth_client::ClientKey::es256,
            auth_client::ClientKey::ps256,
            auth_client::ClientKey::rs256,
        ] {
            let error = read(wrong.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("CANARY"), "{error}: {words}");
        }
    }
    // `openssl pkcs12` writes attributes before the key.
    assert!(
        auth_client::ClientKey::ed25519(format!("Bag Attributes\n    localKeyID: 01\n{text}").as_bytes())
            .is_ok()
    );
    assert!(auth_client::ClientKey::es256(pem).is_err() && auth_client::ClientKey::rs256(b"CANARY").is_err());
    let mut ids = std::collections::HashSet::new();
    for (key, audience) in [
        (key.clone(), "https://login.example.com/token"),
        (key.clone(), "https://login.example.com/token"),
        (key.with_audience("https://login.example.com"), "https://login.example.com"),
    ] {
        let fake = good();
        let seen =
            only(&fake, plain(&fake).with_authentication(ClientAuthentication::PrivateKeyJwt(key))).await;
        assert_eq!(
            seen.form["client_assertion_type"],
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        assert!(seen.authorization.is_none() && !seen.form.contains_key("client_secret"));
        let parts: Vec<serde_json::Value> = seen.form["client_assertion"]
            .split('.')
            .take(2)
            .map(|part| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!((parts[0]["alg"].as_str(), parts[0]["kid"].as_str()), (Some("EdDSA"), Some("k1")));
        let claims = &parts[1];
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("me"), Some("me")));
        assert_eq!(claims["aud"], audience);
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
        assert_eq!(claims["iat"], 1_700_000_000);
        assert!(ids.insert(claims["jti"].as_str().unwrap().to_owned()), "a jti came twice");
        assert_eq!(claims["jti"].as_str().unwrap().len(), 43);
    }
}

// No secret is in any address, of any request of any grant.
#[tokio::test]
async fn no_secret_is_in_an_address() {
    let fake = Fake::new(|_, _| {
        (200, r#"{"access_token":"CANARY","refresh_token":"CANARY","active":true}"#.to_owned())
    });
    for authentication in [
        ClientAuthentication::Basic("CANARY".into()),
        ClientAuthentication::BasicUnencoded("CANARY".into()),
        ClientAuthentication::Post("CANARY".into()),
        ClientAuthentication::None,
    ] {
        let client = plain(&fake).with_authentication(authentication.clone());
        let authorizer = TokenAuthorizer::new(ClientCredentials::new(client.clone()));
        let token = authorizer.token().await.unwrap();
        client.refresh(token.refresh_token().unwrap()).await.unwrap();
        let introspected = client.introspect(token.access_token()).await;
        assert_eq!(introspected.is_ok(), !matches!(authentication, ClientAuthentication::None));
        TokenExchange::new(client, "CANARY").obtain().await.unwrap();
        authorizer.log_out().await.unwrap();
    }
    let seen = fake.seen();
    assert!(seen.len() >= 20);
    assert!(seen.iter().all(|seen| !seen.uri.contains("CANARY") && !seen.uri.contains('?')));
}

#[tokio::test]
async fn a_token_for_a_token() {
    let fake = good();
    let grant = TokenExchange::new(plain(&fake).with_secret("s"), "theirs")
        .with_subject_type("urn:ietf:params:oauth:token-type:jwt")
        .with_actor("mine", "urn:ietf:params:oauth:token-type:access_token")
        .with_audience("https://stock.example.com")
        .with_scopes(["read", "count"]);
    assert!(!format!("{grant:?}").contains("theirs") && !format!("{grant:?}").contains("mine"));
    grant.obtain().await.unwrap();
    let seen = &fake.seen()[0];
    let expected = form(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "theirs"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("actor_token", "mine"),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", "https://stock.example.com"),
        ("scope", "read count"),
    ]);
    assert_eq!(seen.form, expected);
    assert_eq!(seen.authorization.as_deref(), Some("Basic bWU6cw=="));
    let other = TokenExchange::new(plain(&fake), "another");
    assert_ne!(grant.store_key(), other.store_key());
}

#[tokio::test]
async fn an_authorization_request_is_pushed_with_the_clients_authentication() {
    let provider = |http: &Fake| {
        let metadata = r#"{"issuer":"https://a.example","token_endpoint":"https://a.example/t",
            "pushed_authorization_request_endpoint":"https://a.example/par"}"#;
        let http = http.clone();
        async move {
            let answer = move |_| async move { Ok(http::Response::new(metadata.as_bytes().to_vec())) };
            let provider = Provider::discover_openid("https://a.example", "https://a.example", &answer);
            let environment = Environment::with_http_client(http);
            OAuthClient::in_environment(provider.await.unwrap(), "me", environment).with_secret("s")
        }
    };
    let fake = Fake::new(|_, _| (201, r#"{"request_uri":"urn:example:1","expires_in":60}"#.to_owned()));
    let client = provider(&fake).await;
    assert_eq!(client.push_authorization(&[("state", "x y")]).await.unwrap(), "urn:example:1");
    let seen = &fake.seen()[0];
    // RFC 9126 section 2.1: `client_id` is a parameter of the request, also beside its authentication.
    assert_eq!(seen.form, form(&[("client_id", "me"), ("state", "x y")]));
    assert_eq!(seen.authorization.as_deref(), Some("Basic bWU6cw=="));
    for method in [
        ClientAuthentication::BasicUnencoded("s".into()),
        ClientAuthentication::Post("s".into()),
        ClientAuthentication::None,
    ] {
        let client = client.clone().with_authentication(method);
        client.push_authorization(&[]).await.unwrap();
        assert_eq!(fake.seen().last().unwrap().form["client_id"], "me");
    }
    for (status, body, kind) in [
        (400, r#"{"error":"invalid_request"}"#, ErrorKind::Denied),
        (503, "", ErrorKind::Transport),
        (201, "{}", ErrorKind::Protocol),
        (201, r#"{"request_uri":""}"#, ErrorKind::Protocol),
        (201, r#"{"request_uri":7}"#, ErrorKind::Protocol),
        (201, "<html>", ErrorKind::Protocol),
    ] {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let error = provider(&fake).await.push_authorization(&[]).await.unwrap_err();
        assert_eq!((error.kind(), fake.count()), (kind, 1), "{status} {body}");
    }
    let error = plain(&good()).push_authorization(&[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_code_is_redeemed_once_under_the_names_that_the_provider_uses() {
    let fake = good();
    let client = plain(&fake)
        .with_parameter_names("client_key", "client_word")
        .with_authentication(ClientAuthentication::Post("s".into()));
    let redirect_uri = "https://app.example.com/callback";
    let verifier = "v".into();
    client.redeem_code(&"c".into(), redirect_uri, Some(&verifier), &[("device_id", "d")]).await.unwrap();
    let expected = form(&[
        ("grant_type", "authorization_code"),
        ("code", "c"),
        ("redirect_uri", redirect_uri),
        ("code_verifier", "v"),
        ("device_id", "d"),
        ("client_key", "me"),
        ("client_word", "s"),
    ]);
    assert_eq!(fake.seen()[0].form, expected);
    let fake = Fake::new(|_, _| (503, String::new()));
    let error = plain(&fake).redeem_code(&"c".into(), redirect_uri, None, &[]).await.unwrap_err();
    assert_eq!((error.kind(), fake.count()), (ErrorKind::Transport, 1));
}

// For services without a standard.
#[tokio::test]
async fn a_template_gets_tokens_too() {
    let fake = Fake::new(|_, nth| {
        (200, format!(r#"{{"session":"s{nth}","refresh_token":"r{nth}","expires_in":"60"}}"#))
    });
    let environment =
        Environment::with_http_client(fake.clone()).with_clock(HandClock::default()).with_format(
            TokenWireFormat::default().with_token_key("session").with_default_prefix("Session").unwrap(),
        );
    let template =
        |address| RequestTemplate::new(http::Method::POST, address).unwrap().with_payload(Payload::Form);
    let grant = TemplateGrant::new(
        template("https://api.example.com/in").with_secret("password", "CANARY"),
        environment,
    )
    .with_refresh(template("https://api.example.com/again"));
    let authorizer = TokenAuthorizer::new(grant);
    let credentials = (&authorizer).await.unwrap();
    assert_eq!(credentials.headers()["authorization"], "Session s1");
    auth_client::Authorizer::reject(&authorizer, &credentials).await;
    assert_eq!((&authorizer).await.unwrap().headers()["authorization"], "Session s2");
    let seen = fake.seen();
    assert_eq!((seen[0].form["password"].as_str(), seen[1].form["refresh_token"].as_str()), ("CANARY", "r1"));
    assert!(!format!("{authorizer:?}").contains("CANARY"));
}

// RFC 7662 is parsed strictly.
#[tokio::test]
async fn introspection_is_strict() {
    for (status, body, expected) in [
        (200, r#"{"active":true,"scope":"a b","aud":"x","exp":1700000000,"client_id":"me"}"#, Ok(true)),
        (200, r#"{"active":true,"aud":["x","y"],"iss":"https://login.example.com"}"#, Ok(true)),
        (200, r#"{"active":false}"#, Ok(false)),
        (200, r#"{"active":"true"}"#, Err(ErrorKind::Protocol)),
        (200, r#"{"active":1}"#, Err(ErrorKind::Protocol)),
        (200, r#"{"active":null}"#, Err(ErrorKind::Protocol)),
        (200, r#"{"active":true,"active":false}"#, Err(ErrorKind::Protocol)),
        (200, r"{}", Err(ErrorKind::Protocol)),
        (200, r"[true]", Err(ErrorKind::Protocol)),
        (200, r"[true,null,null,null,null,null,null]", Err(ErrorKind::Protocol)),
        (200, r#"{"active":true,"iss":"https://evil.example"}"#, Err(ErrorKind::Protocol)),
        (200, r#"{"active":true,"exp":"later"}"#, Err(ErrorKind::Protocol)),
        (401, r#"{"error":"invalid_client"}"#, Err(ErrorKind::Denied)),
        (503, "", Err(ErrorKind::Transport)),
    ] {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let environment = Environment::with_http_client(fake.clone());
        let provider = support::provider().with_issuer("https://login.example.com");
        let client = OAuthClient::in_environment(provider, "me", environment).with_secret("s");
        let answer = client.introspect(&"t".into()).await;
        assert_eq!(answer.map(|facts| facts.active).map_err(|error| error.kind()), expected, "{body}");
        assert_eq!(fake.seen()[0].form["token"], "t");
    }
    let unauthenticated = plain(&good()).introspect(&"t".into()).await.unwrap_err();
    assert_eq!(unauthenticated.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn revocation_forgives_what_providers_may_do() {
    for (status, body, expected) in [
        (200, "", Ok(true)),
        (400, r#"{"error":"unsupported_token_type"}"#, Ok(true)),
        (401, r#"{"error":"invalid_client"}"#, Err(ErrorKind::Denied)),
        (503, "", Err(ErrorKind::Transport)),
    ] {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let token = token(r#"{"access_token":"a"}"#);
        let answer = plain(&fake).revoke(&token).await;
        assert_eq!(answer.map_err(|error| error.kind()), expected, "{status}");
        assert_eq!(
            fake.seen()[0].form,
            form(&[("token", "a"), ("token_type_hint", "access_token"), ("client_id", "me")])
        );
    }
    let none = Provider::new("https://login.example.com/token").unwrap();
    let client = OAuthClient::new(none, "me").unwrap();
    assert!(!client.revoke(&token(r#"{"access_token":"a"}"#)).await.unwrap());
}

fn token(json: &str) -> Token {
    Token::from_json(json.as_bytes(), std::time::SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap()
}

/// Records what the user is shown, and when.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Interaction for Notes {
    fn open(&self, _: &Url, _: Duration) {}

    fn enter_code(&self, prompt: &DevicePrompt, left: Duration) {
        self.0.lock().unwrap().push(format!(
            "{} at {}, {} s",
            prompt.code(),
            prompt.address(),
            left.as_secs()
        ));
    }

    fn waiting(&self, left: Duration) {
        self.0.lock().unwrap().push(format!("{} s", left.as_secs()));
    }
}

/// A device log-in with a list of poll responses; returns the result, the prompts, and the times of the
/// polls.
async fn device(
    start: &'static str,
    polls: &'static [(u16, &'static str)],
) -> (Result<Token, Error>, Vec<String>, Vec<u64>) {
    let begin = tokio::time::Instant::now();
    let times: Arc<Mutex<Vec<u64>>> = Arc::default();
    let list = Arc::clone(&times);
    let fake = Fake::new(move |seen, nth| {
        if seen.uri.ends_with("/device") {
            return (200, start.to_owned());
        }
        list.lock().unwrap().push(begin.elapsed().as_secs());
        assert_eq!(seen.form["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
        assert_eq!(seen.form["device_code"], "d");
        let (status, body) = polls[(nth - 2).min(polls.len() - 1)];
        (status, body.to_owned())
    });
    let notes = Notes::default();
    let answer = DeviceCode::new(plain(&fake)).with_interaction(notes.clone()).obtain().await;
    let (told, times) = (notes.0.lock().unwrap().clone(), times.lock().unwrap().clone());
    (answer, told, times)
}

const START: &str = r#"{"device_code":"d","user_code":"AB-12","verification_uri":"https://a.example/d","expires_in":120,"interval":10}"#;
const PENDING: (u16, &str) = (400, r#"{"error":"authorization_pending"}"#);
const SLOW_DOWN: (u16, &str) = (400, r#"{"error":"slow_down"}"#);

// RFC 8628 section 3.5, with a test clock.
#[tokio::test(start_paused = true)]
async fn a_device_asks_at_the_providers_pace() {
    let (answer, told, times) = device(START, &[PENDING, PENDING, SLOW_DOWN, PENDING, (200, GOOD)]).await;
    answer.unwrap();
    assert_eq!(times, [0, 10, 20, 35, 50]);
    assert_eq!(told, ["AB-12 at https://a.example/d, 120 s", "120 s", "110 s", "100 s", "85 s"]);

    // Temporary network errors and outages are retried.
    let (answer, _, times) = device(START, &[(0, ""), (503, ""), (200, GOOD)]).await;
    answer.unwrap();
    assert_eq!(times.len(), 3);
    assert!(times[1] >= 10);
}

#[tokio::test(start_paused = true)]
async fn a_device_stops_when_there_is_nothing_to_wait_for() {
    let (answer, _, times) = device(START, &[PENDING]).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(times.len() > 2 && times.iter().all(|second| *second <= 120), "{times:?}");
    for (poll, kind) in [
        ((400, r#"{"error":"access_denied"}"#), ErrorKind::Denied),
        ((400, r#"{"error":"expired_token"}"#), ErrorKind::TimedOut),
        ((400, r#"{"error":"invalid_grant"}"#), ErrorKind::Denied),
        ((200, r#"{"error":"access_denied"}"#), ErrorKind::Denied),
        ((200, "<html>"), ErrorKind::Protocol),
        ((200, r#"{"access_token":5}"#), ErrorKind::Protocol),
        ((302, ""), ErrorKind::Protocol),
        ((404, ""), ErrorKind::Protocol),
    ] {
        let polls: &'static [(u16, &str)] = Box::leak(Box::new([poll]));
        let (answer, _, times) = device(START, polls).await;
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), times.len()), (kind, 1), "{poll:?}: {error}");
    }
}

// Addresses and codes of a malicious server.
#[tokio::test(start_paused = true)]
async fn a_hostile_prompt_is_not_shown() {
    for address in [
        "http://a.example/d",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ssh://a.example",
        "http://localhost/",
        "http://10.0.0.1/",
    ] {
        for name in ["verification_uri", "verification_uri_complete"] {
            let mut json: serde_json::Value = serde_json::from_str(START).unwrap();
            json[name] = address.into();
            let start: &'static str = Box::leak(json.to_string().into_boxed_str());
            let (answer, told, times) = device(start, &[(200, GOOD)]).await;
            assert_eq!(answer.unwrap_err().kind(), ErrorKind::Protocol, "{address}");
            assert!(told.is_empty() && times.is_empty(), "{address}");
        }
    }
    let tricky: &'static str = Box::leak(START.replace("AB-12", r"AB\u001b[2J\n\u202e12").into_boxed_str());
    let (_, told, _) = device(tricky, &[(200, GOOD)]).await;
    assert!(!told[0].contains(['\u{1b}', '\n', '\u{202e}']), "{told:?}");
    let (answer, _, _) = device(r#"{"user_code":"x"}"#, &[(200, GOOD)]).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Protocol);
}

// Every response becomes a token or a typed error, never a panic, and is never shown.
#[tokio::test]
async fn answers_of_all_kinds() {
    for (status, body, kind) in [
        (200, "", ErrorKind::Protocol),
        (200, "CANARY", ErrorKind::Protocol),
        (200, r#"{"access_token":"CANARY","expires_in":-5}"#, ErrorKind::Protocol),
        (200, r#"{"access_token":"CANARY","access_token":"CANARY"}"#, ErrorKind::Protocol),
        (200, r#"{"access_token":"CANARY","token_type":"mac"}"#, ErrorKind::Protocol),
        (200, r#"{"access_token":"CANARY CANARY"}"#, ErrorKind::Protocol),
        (200, r#"{"error":"invalid_grant","access_token":"CANARY"}"#, ErrorKind::Denied),
        (200, r#"{"error":5,"refresh_token":"CANARY"}"#, ErrorKind::Protocol),
        (201, GOOD, ErrorKind::Protocol),
        (302, GOOD, ErrorKind::Protocol),
        (400, r#"{"error":"invalid_scope"}"#, ErrorKind::Denied),
        (400, "CANARY", ErrorKind::Protocol),
        (401, GOOD, ErrorKind::Protocol),
        (500, GOOD, ErrorKind::Transport),
        (429, "", ErrorKind::Transport),
        (0, "", ErrorKind::Transport),
    ] {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let error = ClientCredentials::new(plain(&fake)).obtain().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        let source = std::error::Error::source(&error).map(|source| format!("{source} {source:?}"));
        assert!(!format!("{error} {error:?} {source:?}").contains("CANARY"), "{status} {body}");
    }
}

// For stateless web servers: a stored and resumed attempt is the same, and `Debug` shows no part of it.
#[tokio::test]
async fn an_attempt_can_be_put_away() {
    use secrecy::ExposeSecret as _;
    let fake = good();
    let grant = AuthorizationCode::new(plain(&fake));
    let redirect: Url = "https://app.example.com/callback".parse().unwrap();
    let parts = grant.begin(&redirect).unwrap().into_parts();
    let (state, verifier) =
        (parts.state.expose_secret().to_owned(), parts.verifier.as_ref().unwrap().expose_secret().to_owned());
    let shown = format!("{parts:?}");
    assert!(!shown.contains(&verifier) && !shown.contains(&state));
    let kept = LoginAttemptParts::new(redirect, state.clone(), Some(verifier.clone().into()), None).unwrap();
    let attempt = grant.resume(kept).unwrap();
    let other = grant.begin("https://app.example.com/callback").unwrap();
    let address = format!("https://app.example.com/callback?state={state}&code=c");
    other.finish(&address).await.unwrap_err();
    assert_eq!(fake.count(), 0);
    attempt.finish(&address).await.unwrap();
    let seen = &fake.seen()[0].form;
    assert_eq!(seen["code_verifier"], verifier);
    assert_eq!(seen["redirect_uri"], "https://app.example.com/callback");
}

// RFC 7636 appendix B: the challenge is the SHA-256 of the verifier, without padding.
#[tokio::test]
async fn the_challenge_belongs_to_the_verifier() {
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use secrecy::ExposeSecret as _;
    use sha2::{Digest as _, Sha256};
    let challenge_of = |verifier: &str| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let parts = AuthorizationCode::new(plain(&good()))
        .begin("https://app.example.com/callback")
        .unwrap()
        .into_parts();
    let sent = parts.url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
    let verifier = parts.verifier.unwrap();
    assert_eq!(sent, challenge_of(verifier.expose_secret()));
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    assert!(
        (43..=128).contains(&verifier.expose_secret().len())
            && verifier.expose_secret().bytes().all(is_unreserved)
    );
}

// The source contains no way to bypass these checks.
#[test]
fn the_source_has_no_way_around_safety() {
    fn visit(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for word in [
                "danger_accept",
                "tls_danger",
                "exchange_password",
                "use_implicit_flow",
                "new_random_plain",
                "UNSPECIFIED",
                "0.0.0.0:",
            ] {
                if text.contains(word) {
                    found.push(format!("{word} in {}", path.display()));
                }
            }
        }
    }
    let mut found = Vec::new();
    visit(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "{found:?}");
}
