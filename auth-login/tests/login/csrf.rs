//! Attacks through the victim's browser: login CSRF, forged callbacks, mix-up, open redirects.

use auth_runtime::identity::cookie::SameSite;
use http::{Method, StatusCode};

use super::{
    app_and_fake_provider::{Setup, application, provider},
    browser_with_cookies::{Browser, Site},
};

#[tokio::test]
async fn login_csrf_a_callback_in_another_browser_is_rejected() {
    let setup = Setup::new().await;
    for (start, finish) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut browsers = [setup.browser(), setup.browser()];
        let address = setup.start(&mut browsers[start]).await;
        // Both browsers have an attempt of their own.
        setup.start(&mut browsers[1 - start]).await;
        let callback = setup.provider.sign_in(&address, "mallory").unwrap();
        let callback =
            if start == finish { setup.provider.sign_in(&address, "alice").unwrap() } else { callback };
        let answer = browsers[finish].come_back(&callback).await;
        let is_logged_in = browsers[finish].get("/me").await.status == StatusCode::OK;
        assert_eq!(is_logged_in, start == finish, "{start} {finish}");
        if start != finish {
            assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "attempt_missing"));
            assert_eq!(browsers[finish].attempts(), 1, "the browser's own attempt stays");
        }
    }
    assert_eq!(setup.provider.requests("/token"), 2);
}

#[tokio::test]
async fn login_csrf_a_callback_without_any_attempt_is_rejected() {
    let setup = Setup::new().await;
    for query in ["", "?code=x", "?code=x&state=y", "?error=access_denied", "?state=y", "?code=x&state="] {
        let answer =
            setup.browser().send(Method::GET, &format!("/login/fake/callback{query}"), Site::Cross, "").await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "attempt_missing"), "{query}");
    }
    assert_eq!(setup.provider.requests("/token"), 0);
}

#[tokio::test]
async fn login_csrf_another_site_does_not_start_a_login() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let page = browser.send(Method::POST, "/login/fake", Site::Cross, "next=/me").await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "cross_site"));
    assert_eq!((page.location(), browser.attempts()), ("", 0));
    // A link or a prefetch asks.
    let page = browser.send(Method::GET, "/login/fake?next=/me", Site::Cross, "").await;
    assert_eq!((page.status, browser.attempts()), (StatusCode::OK, 0));
    assert!(page.text.contains("Do you want to log in with"), "{}", page.text);
    assert_eq!(setup.provider.requests("/.well-known/openid-configuration"), 0);
}

#[tokio::test]
async fn logout_csrf_another_site_does_not_log_out() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    for method in [Method::POST, Method::GET] {
        let page = browser.send(method, "/logout", Site::Cross, "").await;
        assert!(page.text.contains("Do you want to log out?"), "{}", page.text);
        assert_eq!(browser.get("/me").await.text, "alice");
    }
}

#[tokio::test]
async fn a_provider_that_the_attacker_names_is_not_found() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    for id in ["other", "FAKE", "fake%2F..", "https%3A%2F%2Fevil.example", "..%2Ffake", "fake%00"] {
        for answer in [
            browser.get(&format!("/login/{id}")).await,
            browser.post(&format!("/login/{id}"), "").await,
            browser.get(&format!("/login/{id}/callback?code=a&state=b")).await,
        ] {
            assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "unknown_provider"), "{id}");
        }
    }
}

#[tokio::test]
async fn mix_up_a_code_of_one_provider_is_not_sent_to_another() {
    let clock = auth_runtime::testing::FrozenClock::at(super::app_and_fake_provider::NOON);
    let (honest, evil) = (provider(&clock).await, provider(&clock).await);
    let profiles = std::sync::Arc::default();
    let ways = [honest.login("honest").unwrap(), evil.login("evil").unwrap()];
    let app = application(ways, &clock, &profiles, SameSite::Lax);
    let mut browser = Browser::new(&app);
    // The attacker's provider sends the browser on to the honest one, whose response comes to the wrong
    // callback.
    let started = browser.post("/login/evil", "").await;
    let honest_start = browser.post("/login/honest", "").await;
    let callback = honest.sign_in(honest_start.location(), "alice").unwrap();
    let query = callback.address.split_once('?').unwrap().1;
    let state = started.location().split("state=").nth(1).unwrap().split('&').next().unwrap();
    let state_of_honest = query.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let with_state = query.replace(state_of_honest, state);
    let without_iss = with_state.split("&iss=").next().unwrap();
    let of_other = query.to_owned();
    for (query, code) in [
        (of_other.as_str(), "attempt_missing"),
        (with_state.as_str(), "issuer_mismatch"),
        (without_iss, "issuer_mismatch"),
    ] {
        let answer =
            browser.send(Method::GET, &format!("/login/evil/callback?{query}"), Site::Cross, "").await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code), "{query}");
    }
    assert_eq!((evil.requests("/token"), honest.requests("/token")), (0, 0));
    // The honest attempt is not used up.
    let done = browser.come_back(&callback).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
}

#[tokio::test]
async fn host_header_injection_does_not_change_the_redirect_address() {
    use tower::ServiceExt as _;

    let setup = Setup::new().await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-host", "evil.example"),
    ] {
        let request = http::Request::post("/login/fake").header(name, value);
        let request = request.body(axum::body::Body::from("next=/me")).unwrap();
        let answer = setup.app.clone().oneshot(request).await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(
            location.contains("redirect_uri=https%3A%2F%2Fapp.example.com%2Flogin%2Ffake%2Fcallback&"),
            "{name}: {location}"
        );
    }
}

#[tokio::test]
async fn open_redirect_targets_elsewhere_lead_home() {
    let setup = Setup::new().await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "/a/../../b",
        "/%2e%2e/b",
        "/a%0d%0aSet-Cookie:x=y",
        "",
        " /a",
        "/a b",
        // These would lead in circles.
        "/login",
        "/login?next=/a",
        "/login/fake",
        "/logout",
    ] {
        let mut browser = setup.browser();
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let started = browser.post("/login/fake", &body).await;
        assert!(!started.location().contains("evil"), "{}", started.location());
        let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
        assert_eq!(browser.come_back(&callback).await.location(), "/", "{next:?}");
        let page = browser.get(&format!("/login?{body}")).await;
        assert!(page.text.contains(r#"name="next" value="/""#) && !page.text.contains("evil"), "{next:?}");
    }
    let mut browser = setup.browser();
    let started = browser.post("/login/fake", "next=%2Fa%3Fb%3D1%26c%3D2").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    assert_eq!(browser.come_back(&callback).await.location(), "/a?b=1&c=2", "nothing is lost");
}

#[tokio::test]
async fn a_secret_in_the_redirect_target_does_not_leak_to_the_provider() {
    let setup = Setup::new().await;
    let started = setup.browser().post("/login/fake", "next=/reset?token=CANARY").await;
    assert!(!started.location().contains("CANARY"));
    assert!(!format!("{:?}", started.headers).contains("CANARY"));
}

#[tokio::test]
async fn parameter_smuggling_a_code_in_the_start_is_not_a_callback() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    for address in ["/login?code=evil&state=x", "/login/fake?code=evil&state=x"] {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    let started = browser.post("/login/fake?code=evil&state=x", "code=evil&state=x").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER);
    assert!(!started.location().contains("evil"));
    assert_eq!(setup.provider.requests("/token"), 0);
}

#[tokio::test]
async fn code_injection_is_rejected_by_pkce() {
    let setup = Setup::new().await;
    let (mut victim, mut attacker) = (setup.browser(), setup.browser());
    let victims = setup.start(&mut victim).await;
    let attackers = setup.start(&mut attacker).await;
    let stolen = setup.provider.sign_in(&victims, "alice").unwrap();
    let own = setup.provider.sign_in(&attackers, "bob").unwrap();
    let part = |address: &str, name: &str| {
        let rest = address.split(&format!("{name}=")).nth(1).unwrap().to_owned();
        rest.split('&').next().unwrap().to_owned()
    };
    let injected = own.address.replace(&part(&own.address, "code"), &part(&stolen.address, "code"));
    let page = attacker.send(Method::GET, &injected, Site::Cross, "").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
    assert_eq!(attacker.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_callback_by_head_does_not_use_the_attempt_up() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    let head = browser.send(Method::HEAD, &callback.address, Site::Same, "").await;
    assert_eq!(head.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn no_token_reaches_the_browser() {
    let setup = Setup::new().await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let secrets = std::sync::Arc::clone(&seen);
    setup.provider.tamper(move |step| {
        if let auth_login::testing::Step::Response { path: "/token", response } = step {
            let answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            let text = |name: &str| answer[name].as_str().unwrap().to_owned();
            secrets.lock().unwrap().extend([text("access_token"), text("id_token")]);
        }
    });
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let done = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    let shown = format!("{done:?} {browser:?}");
    let secrets = seen.lock().unwrap();
    assert_eq!(secrets.len(), 2);
    assert!(secrets.iter().all(|secret| !shown.contains(secret.as_str())));
}

#[tokio::test]
async fn a_link_chooses_only_targets_that_are_allowed() {
    use auth_login::{Logins, Tokens, profile::Profile};
    use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, guarded};

    let provider =
        provider(&auth_runtime::testing::FrozenClock::at(super::app_and_fake_provider::NOON)).await;
    let login = Logins::new("https://app.example.com")
        .unwrap()
        .with_targets([LocalPath::from_static("/read"), LocalPath::from_static("/me/")])
        .provider(provider.login("fake").unwrap())
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random()));
    let app = guarded::Router::new().merge(login.routes()).with_auth(auth);
    for (next, expected) in [
        ("/read", "/read"),
        ("/read/7?page=2", "/read/7?page=2"),
        ("/me", "/me"),
        ("/me/page", "/me/page"),
        ("/readers", "/"),
        ("/delete?id=7", "/"),
        ("/", "/"),
    ] {
        let page = Browser::new(&app).get(&format!("/login?next={next}")).await;
        assert!(page.text.contains(&format!(r#"name="next" value="{expected}""#)), "{next}: {}", page.text);
    }
}
