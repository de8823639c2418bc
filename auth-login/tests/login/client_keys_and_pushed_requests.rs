//! Clients that authenticate with a key, and authorization requests that are pushed.

use std::sync::{Arc, Mutex};

use auth_client::{HttpClient as _, Transport};
use auth_login::{
    Login, Logins,
    descriptor::{ClientMethod, Descriptor, JwtSecret, Nonce, Placeholder},
    providers,
    testing::Step,
};
use auth_runtime::{
    identity::cookie::SameSite,
    jwt::{Algorithm, SigningKey},
    testing::FrozenClock,
};
use http::{Request, StatusCode};
use url::{Url, form_urlencoded};

use super::{
    app_and_fake_provider::{NOON, Setup, application, provider},
    browser_with_cookies::Browser,
};

const PLACEHOLDERS: &[Placeholder] = &[Placeholder::base("issuer", "")];
const SIGNED: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}")
    .with_placeholders(PLACEHOLDERS)
    .with_client_method(ClientMethod::JwtSecret(JwtSecret::new("https://op.example", 600)))
    .validated();

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k")
}

#[tokio::test]
async fn a_signed_secret_takes_the_place_of_the_plain_one() {
    let clock = FrozenClock::at(NOON);
    let provider = provider(&clock).await;
    let (id, plain) = provider.client();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, transport) = (Arc::clone(&seen), Transport::new().unwrap());
    // The fake provider knows a plain secret: what was sent is noted and replaced.
    let http = move |request: Request<Vec<u8>>| {
        let (transport, log) = (transport.clone(), Arc::clone(&log));
        async move {
            let mut pairs: Vec<(String, String)> =
                form_urlencoded::parse(request.body()).into_owned().collect();
            for (_, secret) in pairs.iter_mut().filter(|(name, _)| name == "client_secret") {
                log.lock().unwrap().push(std::mem::replace(secret, plain.to_owned()));
            }
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            transport.send(request.map(|_| body.into_bytes())).await
        }
    };
    let resolved = SIGNED.resolve(&[("issuer", provider.issuer())]).unwrap();
    let login = Login::resolved(resolved, id, "").unwrap().with_signed_secret("TEAM", key()).unwrap();
    let login = login.with_http_client(http);
    let app = application([login], &clock, &Arc::default(), SameSite::Lax);
    for _ in 0..2 {
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        let done = browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        clock.advance(std::time::Duration::from_secs(1));
    }
    let seen = seen.lock().unwrap();
    assert!(seen.len() == 2 && seen[0] != seen[1], "each request has a secret of its own");
    assert!(seen.iter().all(|secret| secret.split('.').count() == 3));
}

#[tokio::test]
async fn a_missing_key_is_an_error_of_the_configuration() {
    let logins = || Logins::new("https://app.example.com").unwrap();
    let apple = Login::provider(providers::APPLE, "com.example.app", "").unwrap();
    let error = logins().provider(apple.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "provider `apple` authenticates clients by a key; call `Login::with_client_key` or \
         `Login::with_signed_secret`"
    );
    drop(logins().provider(apple.with_signed_secret("TEAM", key()).unwrap()).unwrap());
    let error = Login::provider(providers::GITHUB, "me", "secret").unwrap().with_signed_secret("TEAM", key());
    assert_eq!(
        error.unwrap_err().to_string(),
        "provider `github` takes a plain secret; remove `with_signed_secret`"
    );
    let error = Login::provider(providers::GITHUB, "me", "").unwrap_err();
    assert!(error.to_string().starts_with("provider `github`: the client's secret is empty;"), "{error}");
}

#[tokio::test]
async fn a_pushed_request_leaves_nothing_in_the_address_that_the_user_could_change() {
    let setup = Setup::with(Login::with_pushed_authorization).await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let names: Vec<String> =
        Url::parse(&address).unwrap().query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    assert_eq!(setup.provider.requests("/par"), 1);
    let done = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!(done.location(), "/me?page=2", "{}", done.text);
    assert_eq!(browser.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_provider_that_requires_pushed_requests_gets_them() {
    let setup = Setup::new().await;
    setup.provider.tamper(|step| {
        if let Step::Response { path: "/.well-known/openid-configuration", response } = step {
            let mut metadata: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            metadata["require_pushed_authorization_requests"] = true.into();
            *response.body_mut() = metadata.to_string().into_bytes();
        }
    });
    let address = setup.start(&mut setup.browser()).await;
    assert!(address.contains("request_uri=") && !address.contains("state="), "{address}");
}

#[tokio::test]
async fn a_rejected_pushed_request_is_a_page_and_never_repeated_in_the_address() {
    for (status, code) in [(400, "provider_error"), (503, "provider_unavailable"), (200, "provider_error")] {
        let setup = Setup::with(Login::with_pushed_authorization).await;
        setup.provider.tamper(move |step| {
            if let Step::Response { path: "/par", response } = step {
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                *response.body_mut() = b"{}".to_vec();
            }
        });
        let mut browser = setup.browser();
        let page = browser.post("/login/fake", "").await;
        assert_eq!((page.code(), page.location(), browser.attempts()), (code, "", 0), "{status}");
    }
}

/// Whether a provider repeats the nonce is a fact of its descriptor. A wrong one is rejected in any case.
#[tokio::test]
async fn a_nonce_may_be_absent_where_the_descriptor_says_so_and_is_never_wrong() {
    const SILENT: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}")
        .with_placeholders(PLACEHOLDERS)
        .with_nonce(Nonce::NotEchoed)
        .validated();
    for (nonce, expected) in [(None, StatusCode::SEE_OTHER), (Some("other"), StatusCode::BAD_GATEWAY)] {
        let clock = FrozenClock::at(NOON);
        let provider = provider(&clock).await;
        provider.tamper(move |step| {
            if let Step::Claims { claims, .. } = step {
                claims.remove("nonce");
                claims.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
            }
        });
        let (id, secret) = provider.client();
        let resolved = SILENT.resolve(&[("issuer", provider.issuer())]).unwrap();
        let login = Login::resolved(resolved, id, secret).unwrap();
        let app = application([login], &clock, &Arc::default(), SameSite::Lax);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        let done = browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
        assert_eq!(done.status, expected, "{nonce:?}: {}", done.text);
    }
}
