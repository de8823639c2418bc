//! The application under test.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_login::{
    Login, LoginDecision, Logins, Tokens,
    profile::Profile,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, auth_required,
    guarded::{self, get},
    identity::cookie::SameSite,
    testing::FrozenClock,
};

use super::browser_with_cookies::Browser;

pub const NOON: u64 = 1_700_000_000;
/// The secret of the fake provider's client.
pub const SECRET: &str = "test secret: 50% & more, of 32 bytes and over";

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// An application with one fake provider, at a time that stands still.
pub struct Setup {
    pub provider: FakeProvider,
    pub clock: FrozenClock,
    pub app: guarded::App,
    /// Who logged in, in order, as the application was told.
    pub profiles: Arc<Mutex<Vec<Profile>>>,
}

impl Setup {
    pub async fn new() -> Self {
        Self::with(|login| login).await
    }

    pub async fn with(change: impl FnOnce(Login) -> Login) -> Self {
        Self::with_session(change, SameSite::Lax).await
    }

    pub async fn with_session(change: impl FnOnce(Login) -> Login, same_site: SameSite) -> Self {
        let clock = FrozenClock::at(NOON);
        let provider = provider(&clock).await;
        let login = change(provider.login("fake").unwrap());
        let profiles = Arc::new(Mutex::new(Vec::new()));
        let app = application([login], &clock, &profiles, same_site);
        Self { provider, clock, app, profiles }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.app)
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Starts a log-in, and returns where the browser is sent.
    pub async fn start(&self, browser: &mut Browser) -> String {
        let answer = browser.post("/login/fake", "next=/me?page=2").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.location().to_owned()
    }
}

pub async fn provider(clock: &FrozenClock) -> FakeProvider {
    let users = [
        FakeUser::new("alice").with_name("Alice Example").with_email("alice@example.com", true),
        FakeUser::new("bob").with_email("bob@example.com", false),
        FakeUser::new("mallory"),
    ];
    let provider = FakeProvider::start(users).await.unwrap().with_clock(clock.clone());
    assert_eq!(provider.client().1, SECRET);
    provider
}

/// An application that accepts everyone but mallory.
pub fn application(
    ways: impl IntoIterator<Item = Login>,
    clock: &FrozenClock,
    profiles: &Arc<Mutex<Vec<Profile>>>,
    same_site: SameSite,
) -> guarded::App {
    let profiles = Arc::clone(profiles);
    let mut logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    for login in ways {
        logins = logins.provider(login).unwrap();
    }
    let login = logins.on_login(move |profile: Profile, tokens: Tokens| {
        profiles.lock().unwrap().push(profile.clone());
        async move {
            assert!(!format!("{tokens:?}").contains("eyJ"));
            match profile.account().subject() {
                "mallory" => Ok(LoginDecision::reject()),
                "error" => Err("the database is down"),
                subject => Ok(LoginDecision::accept(subject)),
            }
        }
    });
    let policy = EncryptedCookie::new(KeyRing::random()).with_same_site(same_site).unwrap();
    guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(
        AuthLayer::new(policy).with_clock(clock.clone()).with_login_page(LocalPath::from_static("/login")),
    )
}
