//! Log-outs at the provider (OpenID Connect RP-Initiated Logout 1.0).

use auth_login::{
    Login, LoginIndex as _,
    descriptor::{Descriptor, Logout, Placeholder},
    testing::Step,
};
use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::{
    browser_with_cookies::{Browser, Site},
    logout_setup::{Setup, everything_of, instance},
};

#[tokio::test]
async fn a_logout_here_goes_on_at_the_provider() {
    let setup = Setup::with(Login::with_logout_at_provider).await;
    let mut browser = setup.log_in("alice", "one").await;
    let out = browser.post("/logout", "").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let url = Url::parse(out.location()).unwrap();
    assert_eq!(url.path(), "/end-session");
    let value = |name: &str| {
        let found = url.query_pairs().find(|(other, _)| other == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    assert_eq!(value("client_id"), "test-client");
    assert_eq!(value("post_logout_redirect_uri"), "https://app.example.com/logout/done");
    assert_eq!(value("id_token_hint").split('.').count(), 3);
    assert_eq!(value("state").len(), 43);
    // Local first and always.
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let back = browser.send(Method::GET, "/logout/done?state=x", Site::Cross, "").await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_is_down_does_not_stop_the_logout() {
    let setup = Setup::with(Login::with_logout_at_provider).await;
    let mut browser = setup.log_in("alice", "one").await;
    // This instance does not know the provider's metadata.
    setup.provider.tamper(|step| {
        if let Step::Response { response, .. } = step {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
    });
    let login = setup.provider.login("fake").unwrap().with_logout_at_provider();
    let other = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
    let mut there = browser.at(&other);
    let out = there.post("/logout", "").await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

// Cognito's log-out has a form of its own, which no metadata describe; some providers have none.
#[tokio::test]
async fn a_logout_goes_on_in_the_form_that_the_provider_has_and_nowhere_without_one() {
    const PLACEHOLDERS: &[Placeholder] = &[Placeholder::base("issuer", "")];
    const PLAIN: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}").with_placeholders(PLACEHOLDERS);
    let own = Logout::Address {
        address: "https://id.example/out?v=1",
        client_id: "client",
        return_to: "logout_uri",
    };
    let address = "https://id.example/out?v=1&client=test-client\
                   &logout_uri=https%3A%2F%2Fapp.example.com%2Flogout%2Fdone";
    for (logout, is_wanted, expected) in [(own, true, address), (own, false, "/"), (Logout::None, true, "/")]
    {
        let setup = Setup::new().await;
        let (id, secret) = setup.provider.client();
        let resolved = PLAIN.with_logout(logout).resolve(&[("issuer", setup.provider.issuer())]).unwrap();
        let login = Login::resolved(resolved, id, secret).unwrap();
        let login = if is_wanted { login.with_logout_at_provider() } else { login };
        let app = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
        assert_eq!(browser.post("/logout", "").await.location(), expected, "{logout:?}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "local first and always");
    }
}

/// Logs in with an `id_token` that has a claim of this many bytes.
async fn log_in_with_long_token(setup: &Setup, length: usize) -> Browser {
    setup.provider.tamper(move |step| {
        if let Step::Claims { claims, .. } = step {
            claims.insert("groups".to_owned(), json!("x".repeat(length)));
        }
    });
    let mut browser = Browser::new(&setup.app);
    let started = browser.post("/login/fake", "").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER);
    browser
}

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let rest = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?.1;
    rest.split('"').next()
}

// Servers reject addresses of many kilobytes; without the hint, providers ask the user, or do not come back.
#[tokio::test]
async fn a_hint_that_is_too_long_for_an_address_is_sent_by_a_form() {
    let setup = Setup::with(Login::with_logout_at_provider).await;
    let mut browser = log_in_with_long_token(&setup, 5_000).await;
    let page = browser.post("/logout", "").await;
    assert_eq!(page.status, StatusCode::OK);
    let endpoint = format!("{}/end-session", setup.provider.issuer());
    assert!(page.text.contains(&format!("<form method=\"post\" action=\"{endpoint}\">")), "{}", page.text);
    assert_eq!(field(&page.text, "client_id"), Some("test-client"));
    let back = "https://app.example.com/logout/done";
    assert_eq!(field(&page.text, "post_logout_redirect_uri"), Some(back));
    let hint = field(&page.text, "id_token_hint").unwrap();
    assert!(hint.split('.').count() == 3 && hint.len() > 5_000, "{hint}");
    assert!(page.text.contains("<a class=\"button\" href=\"/\">"), "{}", page.text);
    // It works without scripts, is not kept, and does not go out by `Referer`.
    assert!(
        !page.text.contains("<script")
            && page.header("content-security-policy").contains("default-src 'none'")
    );
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    // Local first and always.
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
}

// It holds names and addresses of the user.
#[tokio::test]
async fn an_id_token_is_kept_only_where_it_is_needed() {
    for (change, is_kept) in
        [(Login::with_logout_at_provider as fn(Login) -> Login, true), (|login| login, false)]
    {
        let setup = Setup::with(change).await;
        setup.log_in("alice", "one").await;
        let found = setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap();
        assert_eq!(found.iter().map(|login| login.id_token.is_some()).collect::<Vec<_>>(), [is_kept]);
    }
}
