//! Limits on how many log-ins a user may have: they do not keep the user from a log-in in place of another
//! one.

use std::time::Duration;

use auth_login::{
    Login, LoginIndex as _, Logins, MemoryLoginIndex, Tokens, descriptor::ResponseMode, profile::Profile,
    providers,
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, SessionIdentity, UserId, guarded,
    identity::{cookie::SameSite, session::Excess},
};
use http::StatusCode;

use super::{
    browser_with_cookies::Browser,
    logout_setup::{Setup, application, everything_of, log_in},
};

/// An application in which a user has at most two log-ins.
fn limited(setup: &Setup, index: &MemoryLoginIndex, login: Login, auth: Auth) -> guarded::App {
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(setup.clock.clone());
    let (logins, auth) = match auth {
        Auth::Store(policy) => {
            let sessions = policy.sessions();
            (logins.with_back_channel_logout_of_sessions(index.clone(), sessions), AuthLayer::new(policy))
        }
        Auth::Cookie(policy) => {
            let list = setup.revocation.clone();
            let auth = AuthLayer::new(policy).with_revocation(list.clone());
            (logins.with_back_channel_logout(index.clone(), list), auth)
        }
    };
    let login = logins
        .provider(login)
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    application(&login, auth.with_clock(setup.clock.clone()))
}

enum Auth {
    Store(SessionIdentity),
    Cookie(EncryptedCookie),
}

fn cookie(same_site: SameSite) -> Auth {
    Auth::Cookie(EncryptedCookie::new(KeyRing::random()).with_same_site(same_site).unwrap())
}

fn form_post(setup: &Setup) -> Login {
    let (id, secret) = setup.provider.client();
    let descriptor = providers::OPENID.with_response_mode(ResponseMode::FormPost);
    let resolved = descriptor.resolve(&[("issuer", setup.provider.issuer())]).unwrap();
    Login::resolved(resolved, id, secret).unwrap().with_id("fake").unwrap()
}

async fn sign_in(setup: &Setup, browser: &mut Browser, path: &str) -> (StatusCode, String) {
    let started = browser.post(path, "").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    let page = browser.come_back(&callback).await;
    (page.status, page.code().to_owned())
}

#[tokio::test]
async fn a_user_at_the_limit_can_step_up() {
    for case in ["cookie", "store", "strict cookie", "form"] {
        let setup = Setup::new().await;
        let index = MemoryLoginIndex::new().with_clock(setup.clock.clone()).with_capacity_per_user(2);
        let login = match case {
            "form" => form_post(&setup),
            _ => setup.provider.login("fake").unwrap(),
        };
        let auth = match case {
            "store" => Auth::Store(SessionIdentity::memory()),
            "strict cookie" => cookie(SameSite::Strict),
            _ => cookie(SameSite::Lax),
        };
        let app = limited(&setup, &index, login, auth);
        let (mut browser, mut other) = (Browser::new(&app), Browser::new(&app));
        for browser in [&mut browser, &mut other] {
            sign_in(&setup, browser, "/login/fake").await;
            assert_eq!(browser.get("/me").await.text, "alice", "{case}");
        }
        for round in 0..5 {
            let mut old = browser.at(&app);
            setup.clock.advance(Duration::from_secs(1));
            let (_, code) = sign_in(&setup, &mut browser, "/login/fake?max_age=600").await;
            assert_eq!(code, "", "{case} {round}");
            assert_eq!(browser.get("/me").await.text, "alice", "{case} {round}");
            assert_eq!(old.get("/me").await.status, StatusCode::UNAUTHORIZED, "{case} {round}: replaced");
            let recorded = index.find(&everything_of(&setup.provider, "alice")).await.unwrap();
            assert_eq!(recorded.len(), 2, "{case} {round}");
        }
        assert_eq!(other.get("/me").await.text, "alice", "{case}");
        // A log-in in a third browser takes the place of none.
        let (status, code) = sign_in(&setup, &mut Browser::new(&app), "/login/fake").await;
        assert_eq!((status, code.as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_logins"), "{case}");
        let (_, code) = sign_in(&setup, &mut Browser::new(&app), "/login/fake?max_age=600").await;
        assert_eq!(code, "too_many_logins", "{case}: nor does a step-up of an anonymous client");
    }
}

// A step-up that ends as another user, or not at all, ends no session.
#[tokio::test]
async fn a_step_up_that_fails_replaces_nothing() {
    let setup = Setup::new().await;
    let index = MemoryLoginIndex::new().with_clock(setup.clock.clone());
    let app = limited(&setup, &index, setup.provider.login("fake").unwrap(), cookie(SameSite::Strict));
    let mut browser = Browser::new(&app);
    sign_in(&setup, &mut browser, "/login/fake").await;
    let started = browser.post("/login/fake?max_age=600", "").await;
    let page = browser.come_back(&setup.provider.sign_in(started.location(), "bob").unwrap()).await;
    assert_eq!(page.code(), "other_user");
    let started = browser.post("/login/fake?max_age=600", "").await;
    let page = browser.come_back(&setup.provider.deny(started.location()).unwrap()).await;
    assert_eq!(page.code(), "access_denied");
    assert_eq!(browser.get("/me").await.text, "alice");
    assert_eq!(index.find(&everything_of(&setup.provider, "alice")).await.unwrap().len(), 1);
    assert!(index.find(&everything_of(&setup.provider, "bob")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_limit_on_sessions_has_the_same_code() {
    let setup = Setup::new().await;
    let index = MemoryLoginIndex::new().with_clock(setup.clock.clone());
    let policy = SessionIdentity::memory().with_max_sessions(1, Excess::Refuse);
    let app = limited(&setup, &index, setup.provider.login("fake").unwrap(), Auth::Store(policy));
    let mut first = log_in(&setup.provider, &app, "alice", "one").await;
    let (status, code) = sign_in(&setup, &mut Browser::new(&app), "/login/fake").await;
    assert_eq!((status, code.as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_logins"));
    assert_eq!(index.find(&everything_of(&setup.provider, "alice")).await.unwrap().len(), 1);
    let (_, code) = sign_in(&setup, &mut first, "/login/fake").await;
    assert_eq!(code, "");
    assert_eq!(first.get("/me").await.text, "alice");
}
