//! Log-ins that succeed, and those that end calmly.

use auth_login::profile::EmailVerification;
use auth_runtime::identity::cookie::SameSite;
use http::{Method, StatusCode};

use super::{
    app_and_fake_provider::{Setup, application, provider},
    browser_with_cookies::{Browser, Site},
};

#[tokio::test]
async fn a_user_logs_in_from_a_guarded_page_and_comes_back_to_it() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let answer = browser.send(Method::GET, "/me?page=2", Site::Same, "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "not a navigation");

    let page = browser.get("/login?next=/me%3Fpage%3D2").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(r#"<form method="post" action="/login/fake">"#), "{}", page.text);
    assert!(page.text.contains(r#"name="next" value="/me?page=2""#), "{}", page.text);

    let address = setup.start(&mut browser).await;
    assert!(address.starts_with(&format!("{}/authorize?", setup.provider.issuer())));
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    let done = browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me?page=2"), "{}", done.text);
    assert_eq!(browser.get("/me").await.text, "alice");
    assert_eq!(browser.attempts(), 0);
    assert_eq!(setup.provider.requests("/token"), 1);

    let profiles = setup.profiles.lock().unwrap();
    let profile = &profiles[0];
    assert_eq!(profile.account().issuer(), setup.provider.issuer());
    assert_eq!(profile.account().subject(), "alice");
    assert_eq!(profile.display_name(), "Alice Example");
    let email = profile.email.as_ref().unwrap();
    assert_eq!((email.address(), email.verification()), ("alice@example.com", EmailVerification::Verified));
}

#[tokio::test]
async fn neither_code_nor_state_stays_in_caches_or_goes_on_in_referer() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let started = browser.post("/login/fake", "").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    let done = browser.come_back(&callback).await;
    assert_eq!(done.location(), "/");
    let denied = setup.provider.deny(browser.post("/login/fake", "").await.location()).unwrap();
    let denied = browser.come_back(&denied).await;
    for answer in [&started, &done, &denied] {
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn session_fixation_the_session_has_a_new_id_after_each_login() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let mut sessions = Vec::new();
    for user in ["alice", "alice", "bob"] {
        let address = setup.start(&mut browser).await;
        browser.come_back(&setup.provider.sign_in(&address, user).unwrap()).await;
        assert_eq!(browser.get("/me").await.text, user);
        sessions.push(browser.value_of("__Host-session").unwrap().to_owned());
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 3);
}

#[tokio::test]
async fn two_tabs_log_in_independently() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let first = setup.start(&mut browser).await;
    let second = browser.post("/login/fake", "next=/other").await.location().to_owned();
    assert_eq!(browser.attempts(), 2);
    let done = browser.come_back(&setup.provider.sign_in(&first, "alice").unwrap()).await;
    assert_eq!(done.location(), "/me?page=2");
    let done = browser.come_back(&setup.provider.sign_in(&second, "bob").unwrap()).await;
    assert_eq!((done.location(), browser.attempts()), ("/other", 0));
    assert_eq!(browser.get("/me").await.text, "bob");
}

// A page and not a redirect, so that the target is not the end of a chain that the provider began: Chromium's
// back/forward cache would show it again after a log-out.
#[tokio::test]
async fn a_browser_is_led_on_by_a_page_and_another_client_by_a_redirect() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    for (target, is_again) in [("/me?page=2", false), ("/", true)] {
        let page = browser.navigate(&callback.address).await;
        assert_eq!((page.status, page.location()), (StatusCode::OK, ""), "{is_again}");
        let refresh = format!(r#"http-equiv="refresh" content="0;url={target}""#);
        assert!(page.text.contains(&refresh), "{}", page.text);
        let again = browser.come_back(&callback).await;
        assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/"));
        assert_eq!(browser.get("/me").await.text, "alice");
    }
    assert_eq!(setup.provider.requests("/token"), 1);
}

#[tokio::test]
async fn a_strict_session_works_after_the_callback() {
    let setup = Setup::with_session(|login| login, SameSite::Strict).await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let page = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!((page.status, page.location()), (StatusCode::OK, ""));
    assert!(page.text.contains(r#"<meta http-equiv="refresh" content="0;url=/me?page=2">"#), "{}", page.text);
    // A redirect would still be of the provider's site.
    assert_eq!(browser.send(Method::GET, "/me", Site::Cross, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_denied_login_is_a_calm_page_and_no_redirect_loop() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let page = browser.come_back(&setup.provider.deny(&address).unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "access_denied"));
    assert!(page.text.contains(r#"value="/me?page=2""#), "the redirect target is kept: {}", page.text);
    assert_eq!((page.location(), setup.provider.requests("/token"), browser.attempts()), ("", 0, 0));
    assert!(setup.profiles.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_account_that_the_application_rejects_gets_a_page_with_another_account() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let page = browser.come_back(&setup.provider.sign_in(&address, "mallory").unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "account_rejected"));
    assert!(page.text.contains(r#"name="prompt" value="select_account""#), "{}", page.text);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let again = browser.post("/login/fake", "prompt=select_account").await;
    assert!(again.location().contains("&prompt=select_account"));
    // What a form may choose is listed.
    let other = browser.post("/login/fake", "prompt=none&login_hint=a%40b&acr_values=x").await;
    assert!(!other.location().contains("prompt") && !other.location().contains("acr_values"));
    assert!(other.location().contains("&login_hint=a%40b"));
}

#[tokio::test]
async fn an_expired_attempt_keeps_its_redirect_target() {
    let setup = Setup::new().await;
    for (seconds, status, code) in
        [(599, StatusCode::SEE_OTHER, ""), (600, StatusCode::BAD_REQUEST, "attempt_expired")]
    {
        let mut browser = setup.browser();
        let address = setup.start(&mut browser).await;
        let callback = setup.provider.sign_in(&address, "alice").unwrap();
        setup.advance(seconds);
        let page = browser.come_back(&callback).await;
        assert_eq!((page.status, page.code()), (status, code), "{seconds} s");
        if code == "attempt_expired" {
            assert!(page.text.contains(r#"value="/me?page=2""#), "{}", page.text);
        }
    }
    assert_eq!(setup.provider.requests("/token"), 1);
}

#[tokio::test]
async fn a_reloaded_callback_leads_home_and_logs_in_once() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    assert_eq!(browser.come_back(&callback).await.location(), "/me?page=2");
    // The attempt's cookie is gone, and the user is logged in.
    let again = browser.come_back(&callback).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(setup.provider.requests("/token"), 1);
    browser.post("/logout", "").await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_REQUEST, "attempt_missing"));
    assert!(page.text.contains(r#"action="/login/fake""#), "{}", page.text);
}

#[tokio::test]
async fn of_a_hundred_parallel_callbacks_one_logs_in() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        tasks.spawn(async move {
            let answer = browser.come_back(&callback).await;
            (answer.status.as_u16(), answer.code().to_owned())
        });
    }
    let mut answers = tasks.join_all().await;
    answers.sort();
    let used = (400, "attempt_used".to_owned());
    assert_eq!(answers.iter().filter(|answer| **answer == (303, String::new())).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == used).count(), 99);
    assert_eq!((setup.provider.requests("/token"), setup.profiles.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_form_post_callback_brings_its_cookie_along() {
    use auth_login::{
        Login,
        descriptor::{Descriptor, Placeholder, ResponseMode},
    };

    const FORM_POST: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}")
        .with_placeholders(&[Placeholder::base("issuer", "")])
        .with_response_mode(ResponseMode::FormPost)
        .validated();
    let clock = auth_runtime::testing::FrozenClock::at(super::app_and_fake_provider::NOON);
    let provider = provider(&clock).await;
    let (id, secret) = provider.client();
    let login = Login::resolved(FORM_POST.resolve(&[("issuer", provider.issuer())]).unwrap(), id, secret);
    let profiles = std::sync::Arc::default();
    let app = application([login.unwrap()], &clock, &profiles, SameSite::Lax);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/fake", "next=/me").await;
    let callback = provider.sign_in(started.location(), "alice").unwrap();
    assert!(callback.form.is_some() && !callback.address.contains('?'));
    let done = browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(browser.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_prefetched_logout_link_only_asks() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    let page = browser.get("/logout").await;
    assert!(page.text.contains(r#"<form method="post" action="/logout">"#));
    assert_eq!(browser.get("/me").await.text, "alice");
    let out = browser.post("/logout", "").await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.value_of("__Host-session"), None);
}

#[tokio::test]
async fn a_thousand_parallel_logins_do_not_cross_users() {
    let setup = Setup::new().await;
    let setup = std::sync::Arc::new(setup);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..1000 {
        let setup = std::sync::Arc::clone(&setup);
        tasks.spawn(async move {
            let user = if number % 2 == 0 { "alice" } else { "bob" };
            let mut browser = setup.browser();
            let address = setup.start(&mut browser).await;
            let callback = setup.provider.sign_in(&address, user).unwrap();
            let done = browser.come_back(&callback).await;
            assert_eq!(done.location(), "/me?page=2", "{}", done.text);
            assert_eq!(browser.get("/me").await.text, user);
        });
    }
    tasks.join_all().await;
    assert_eq!(setup.provider.requests("/token"), 1000);
    assert_eq!(setup.provider.requests("/.well-known/openid-configuration"), 1);
    assert_eq!(setup.provider.requests("/jwks"), 1);
}

#[tokio::test]
async fn a_signed_in_request_does_not_call_the_provider() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    let count = || ["/token", "/userinfo", "/jwks"].map(|path| setup.provider.requests(path));
    let before = count();
    for _ in 0..10 {
        assert_eq!(browser.get("/me").await.text, "alice");
    }
    assert_eq!((before, count()), ([1, 1, 1], before));
}

/// Of a provider with one issuer per tenant, the `iss` of a token is that of its own tenant, and the tenant
/// is one of those that the application accepts.
#[tokio::test]
async fn a_user_of_another_tenant_does_not_log_in() {
    use auth_login::{
        Login,
        descriptor::{Descriptor, Issuer, Placeholder},
        testing::Step,
    };

    const TENANTS: Descriptor = Descriptor::openid("fake", "Fake", "{base}")
        .with_placeholders(&[Placeholder::base("base", "")])
        .with_issuer(Issuer::PerTenant {
            metadata: "{base}",
            pattern: "https://tenants.example/{tenantid}/v2.0",
            marker: "{tenantid}",
            claim: "tid",
        })
        .validated();
    let clock = auth_runtime::testing::FrozenClock::at(super::app_and_fake_provider::NOON);
    let provider = provider(&clock).await;
    for (iss, tid, expected) in [
        ("https://tenants.example/one/v2.0", Some("one"), ""),
        ("https://tenants.example/two/v2.0", Some("two"), "identity_invalid"),
        ("https://tenants.example/one/v2.0", Some("two"), "identity_invalid"),
        ("https://tenants.example/two/v2.0", Some("one"), "identity_invalid"),
        ("https://tenants.example/one/v2.0", None, "identity_invalid"),
        ("https://tenants.example/{tenantid}/v2.0", Some("{tenantid}"), "identity_invalid"),
    ] {
        provider.tamper(move |step| match step {
            Step::Response { path: "/.well-known/openid-configuration", response } => {
                let mut metadata: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
                metadata["issuer"] = "https://tenants.example/{tenantid}/v2.0".into();
                *response.body_mut() = metadata.to_string().into_bytes();
            }
            Step::Claims { claims, .. } => {
                claims.insert("iss".to_owned(), iss.into());
                if let Some(tid) = tid {
                    claims.insert("tid".to_owned(), tid.into());
                }
            }
            _ => {}
        });
        let (id, secret) = provider.client();
        let resolved = TENANTS.resolve(&[("base", provider.issuer())]).unwrap().with_tenants(["one"]);
        let login = Login::resolved(resolved, id, secret).unwrap();
        let profiles = std::sync::Arc::default();
        let app = application([login], &clock, &profiles, SameSite::Lax);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        let callback = provider.sign_in(started.location(), "alice").unwrap();
        let done = browser.come_back(&callback).await;
        assert_eq!(done.code(), expected, "{iss} {tid:?}: {}", done.text);
        if expected.is_empty() {
            assert_eq!(profiles.lock().unwrap()[0].account().issuer(), iss);
        }
    }
}
