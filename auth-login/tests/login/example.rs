//! The example does what its first lines say, and its access table has no findings.

use auth_login::testing::{FakeProvider, FakeUser};
use auth_runtime::{EncryptedCookie, KeyRing};
use http::{Method, StatusCode};

use super::browser::{Browser, Site};

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/login_with_accounts.rs"]
mod login_with_accounts;

#[tokio::test]
async fn login_with_accounts_does_what_it_says() {
    let users = [FakeUser::new("1001").with_name("Alice Example"), FakeUser::new("1002")];
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
    assert_eq!(seen[0], "You are user-1 (Alice Example). Log out at /logout.\n");
    assert_eq!((seen[1].as_str(), &seen[2]), ("You are user-2 (1002). Log out at /logout.\n", &seen[0]));

    let access = app.access();
    let findings: Vec<String> =
        access.findings("2026-11-30".parse().unwrap()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let wrong = access.verify(app.clone()).await.err().unwrap_or_default();
    assert!(wrong.is_empty(), "{:#?}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
    let anonymous = Browser::new(&app).send(Method::GET, "/me", Site::Same, "").await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "not a navigation");
}
