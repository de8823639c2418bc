//! The example does what its first lines say, and its access table has no findings.

use std::time::Duration;

use auth_login::testing::{FakeProvider, FakeUser};
use auth_runtime::{
    EncryptedCookie, KeyRing,
    clock::{Clock as _, SystemClock},
};
use http::{Method, StatusCode};

use super::browser_with_cookies::{Browser, Site};

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/login_with_accounts.rs"]
mod login_with_accounts;

#[tokio::test]
async fn login_with_accounts_does_what_it_says() {
    let since = SystemClock.now().minus(Duration::from_hours(1));
    let users =
        [FakeUser::new("1001").with_name("Alice Example"), FakeUser::new("1002"), FakeUser::new("1003")];
    let users = users.map(|user| user.with_session_since(since));
    let provider = FakeProvider::start(users).await.unwrap();
    let way = provider.login("fake").unwrap();
    let sessions = EncryptedCookie::new(KeyRing::random());
    let base = "https://app.example.com";
    let (app, redirect_uris) =
        login_with_accounts::app(base, vec![way], login_with_accounts::Accounts::default(), sessions)
            .unwrap();
    assert_eq!(redirect_uris, ["https://app.example.com/login/fake/callback"]);
    let mut seen = Vec::new();
    for subject in ["1001", "1002", "1001"] {
        let mut browser = Browser::new(&app);
        let to_login = browser.navigate("/me").await;
        assert_eq!((to_login.status, to_login.location()), (StatusCode::SEE_OTHER, "/login?next=%2Fme"));
        let page = browser.navigate(to_login.location()).await;
        assert!(page.text.contains(r#"name="next" value="/me""#), "{}", page.text);
        let started = browser.post("/login/fake", "next=/me").await;
        let done = browser.come_back(&provider.sign_in(started.location(), subject).unwrap()).await;
        assert_eq!(done.location(), "/me", "{}", done.text);
        seen.push(browser.navigate("/me").await.text);
    }
    assert!(seen[0].contains("<p>You are Alice Example.</p>"), "{}", seen[0]);
    assert!(seen[1].contains("<p>You are 1002.</p>"), "{}", seen[1]);
    assert_eq!(seen[2], seen[0]);

    // A page that asks for a recent log-in.
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/fake", "next=/me").await;
    browser.come_back(&provider.sign_in(started.location(), "1001").unwrap()).await;
    let sent = browser.navigate("/payments").await;
    assert_eq!(sent.location(), "/login?next=%2Fpayments&max_age=600");
    let started = browser.post("/login/fake?max_age=600", "next=/payments").await;
    let done = browser.come_back(&provider.sign_in(started.location(), "1001").unwrap()).await;
    assert_eq!(done.location(), "/payments", "{}", done.text);
    assert_eq!(browser.navigate("/payments").await.text, "Alice Example can pay here.\n");
    // A link button. The account of the second user has logged in before, and is not moved.
    assert!(seen[0].contains(r#"<form method="post" action="/login/fake/link">"#), "{}", seen[0]);
    let started = browser.post("/login/fake/link", "next=/me").await;
    let page = browser.come_back(&provider.sign_in(started.location(), "1002").unwrap()).await;
    assert_eq!(page.code(), "identity_in_use");
    let started = browser.post("/login/fake/link", "next=/me").await;
    let done = browser.come_back(&provider.sign_in(started.location(), "1003").unwrap()).await;
    assert_eq!(done.location(), "/me", "{}", done.text);
    let page = browser.navigate("/me").await.text;
    assert!(page.contains("<li>1001 of ") && page.contains("<li>1003 of "), "{page}");

    let access = app.access();
    let findings: Vec<String> =
        access.findings("2026-11-30".parse().unwrap()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let wrong = access.verify(app.clone()).await.err().unwrap_or_default();
    assert!(wrong.is_empty(), "{:#?}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
    let anonymous = Browser::new(&app).send(Method::GET, "/me", Site::Same, "").await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "not a navigation");
}
