//! Requests to the log-in pages that carry a credential of another kind, such as an API key: none gets 500.

use auth_login::{
    Logins, MemoryLoginIndex, Tokens,
    accounts::{Accounts as _, MemoryAccounts},
    profile::Profile,
};
use auth_runtime::{
    ApiKey, AuthLayer, Basic, EncryptedCookie, FirstOf, Identity, KeyRing, LocalPath, UserId, auth_required,
    clock::UnixTime,
    guarded::{self, get},
    identity::{ApiKeyRecord, MemoryApiKeys, Password},
    revocation::MemoryRevocation,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::StatusCode;

use super::{
    app_and_fake_provider::{NOON, Setup},
    browser_with_cookies::Browser,
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// An application whose log-ins have a cookie, and which accepts API keys and passwords, too. Returns a key
/// of bob.
fn application(setup: &Setup, has_index: bool) -> (guarded::App, String) {
    let store = MemoryApiKeys::new();
    let bob = Identity::new("bob").unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", bob, UnixTime::from_secs(NOON)).unwrap();
    store.add(record);
    let basic = Basic::new(|name: String, password: Password| async move {
        Ok(if password == Password::new("right")? { Some(Identity::new(name)?) } else { None })
    });
    let policy =
        FirstOf::new(ApiKey::new(store)).then(basic).then_log_in(EncryptedCookie::new(KeyRing::random()));
    let list = MemoryRevocation::new().with_clock(setup.clock.clone());
    let mut logins = Logins::new("https://app.example.com").unwrap().with_clock(setup.clock.clone());
    if has_index {
        let index = MemoryLoginIndex::new().with_clock(setup.clock.clone());
        logins = logins.with_back_channel_logout(index, list.clone());
    }
    let accounts = MemoryAccounts::new();
    let logins =
        logins.provider(setup.provider.login("fake").unwrap()).unwrap().with_linking(accounts.clone());
    let login = logins.on_login(move |profile: Profile, _: Tokens| {
        let accounts = accounts.clone();
        async move { accounts.find_or_create(profile.account()).await }
    });
    let auth = AuthLayer::new(policy).with_clock(setup.clock.clone()).with_revocation(list);
    let auth = auth.with_login_page(LocalPath::from_static("/login"));
    let app = guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth);
    (app, key.expose().to_owned())
}

#[tokio::test]
async fn no_credential_gets_500_from_the_log_in_pages() {
    let setup = Setup::new().await;
    for has_index in [false, true] {
        let (app, key) = application(&setup, has_index);
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        for (name, value) in [
            ("x-api-key", key.clone()),
            ("x-api-key", "wrong".to_owned()),
            ("authorization", basic("bob:right")),
            ("authorization", basic("bob:wrong")),
            ("authorization", "Basic !".to_owned()),
        ] {
            // Before a log-in, during it, and after it.
            let mut browser = Browser::new(&app);
            browser.set_header(name, value.clone());
            for path in
                ["/login", "/login/fake", "/login/fake?max_age=600", "/login/fake/link", "/login/fake/unlink"]
            {
                let status = browser.get(path).await.status;
                assert!(!status.is_server_error(), "{path} {name}: {status}");
                let status = browser.post(path, "").await.status;
                assert!(!status.is_server_error(), "{path} {name}: {status}");
            }
            let status = browser.post("/logout", "").await.status;
            assert!(!status.is_server_error(), "{name}: {status}");
            for path in ["/login/fake", "/login/fake?max_age=600"] {
                let started = browser.post(path, "").await;
                if started.status != StatusCode::SEE_OTHER {
                    assert!(!started.status.is_server_error(), "{path} {name}: {}", started.text);
                    continue;
                }
                let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
                let done = browser.come_back(&callback).await;
                assert!(!done.status.is_server_error(), "{path} {name}: {}", done.text);
            }
            let mut browser = Browser::new(&app);
            let started = browser.post("/login/fake", "").await;
            browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
            assert_eq!(browser.get("/me").await.status, StatusCode::OK);
            browser.set_header(name, value);
            for path in ["/login/fake/link", "/login/fake/unlink", "/login/fake?max_age=600", "/logout"] {
                let status = browser.post(path, "").await.status;
                assert!(!status.is_server_error(), "{path} {name}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn an_api_key_cannot_be_logged_out() {
    let setup = Setup::new().await;
    let (app, key) = application(&setup, true);
    let mut program = Browser::new(&app);
    program.set_header("x-api-key", key);
    assert_eq!(program.get("/me").await.text, "bob");
    assert_eq!(program.post("/logout", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(program.get("/me").await.text, "bob");
}

// The browser repeats the name and password, so that the new session would contradict them.
#[tokio::test]
async fn a_log_in_beside_a_password_of_another_user_does_not_begin() {
    let setup = Setup::new().await;
    let (app, _) = application(&setup, true);
    let mut browser = Browser::new(&app);
    browser.set_header("authorization", format!("Basic {}", BASE64_STANDARD.encode("bob:right")));
    let started = browser.post("/login/fake", "").await;
    let page = browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(browser.get("/me").await.text, "bob");
}
