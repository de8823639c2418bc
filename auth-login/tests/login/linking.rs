//! Account linking: only by the user who began it, in this browser, freshly authenticated; and unlinking.

use auth_login::{
    Login, Logins, Tokens,
    accounts::{Accounts as _, MemoryAccounts},
    descriptor::{Descriptor, ResponseMode},
    profile::{AccountKey, Profile},
    providers,
    testing::{Callback, FakeProvider, FakeUser},
};
use auth_runtime::{
    Auth, AuthError, AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, auth_required,
    guarded::{self, get, post},
    identity::cookie::SameSite,
    testing::FrozenClock,
};
use http::{Method, StatusCode};

use super::{
    app_and_fake_provider::NOON,
    browser_with_cookies::{Answer, Browser, Site},
};

const FORM_POST: Descriptor = providers::OPENID.with_response_mode(ResponseMode::FormPost);

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[auth_required]
async fn act_for(auth: Auth, body: String) -> Result<(), AuthError> {
    auth.impersonate(&body).await
}

/// An application with two providers, and the accounts behind it.
struct Setup {
    one: FakeProvider,
    two: FakeProvider,
    accounts: MemoryAccounts,
    clock: FrozenClock,
    app: guarded::App,
}

impl Setup {
    async fn new() -> Self {
        Self::with(SameSite::Lax, |login, _| login).await
    }

    async fn with(same_site: SameSite, change: impl FnOnce(Login, &FakeProvider) -> Login) -> Self {
        let clock = FrozenClock::at(NOON);
        let users = || ["alice", "bob", "mallory"].map(FakeUser::new);
        let one = FakeProvider::start(users()).await.unwrap().with_clock(clock.clone());
        let two = FakeProvider::start(users()).await.unwrap().with_clock(clock.clone());
        let accounts = MemoryAccounts::new();
        let second = change(two.login("two").unwrap(), &two);
        let logins = Logins::new("https://app.example.com")
            .unwrap()
            .with_clock(clock.clone())
            .provider(one.login("one").unwrap())
            .unwrap()
            .provider(second)
            .unwrap()
            .with_linking(accounts.clone());
        let app = application(logins, &accounts, &clock, same_site);
        Self { one, two, accounts, clock, app }
    }

    /// Starts at this address, and returns how the browser comes back as this user.
    async fn start(
        &self,
        browser: &mut Browser,
        provider: &FakeProvider,
        path: &str,
        user: &str,
    ) -> Callback {
        let started = browser.post(path, "next=/me").await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{path}: {}", started.text);
        provider.sign_in(started.location(), user).unwrap()
    }

    async fn log_in(&self, browser: &mut Browser, user: &str) -> UserId {
        let callback = self.start(browser, &self.one, "/login/one", user).await;
        browser.come_back(&callback).await;
        UserId::new(browser.get("/me").await.text).unwrap()
    }

    async fn link(&self, browser: &mut Browser, user: &str) -> Answer {
        let callback = self.start(browser, &self.two, "/login/two/link", user).await;
        browser.come_back(&callback).await
    }

    async fn subjects(&self, user: &UserId) -> Vec<String> {
        let identities = self.accounts.identities(user).await.unwrap();
        let mut subjects: Vec<_> = identities
            .iter()
            .map(|key| format!("{} {}", if key.issuer() == self.one.issuer() { 1 } else { 2 }, key.subject()))
            .collect();
        subjects.sort();
        subjects
    }

    async fn owner(&self, user: &str) -> Option<UserId> {
        self.accounts.find(&AccountKey::new(self.two.issuer(), user).unwrap()).await.unwrap()
    }
}

fn application(
    logins: Logins,
    accounts: &MemoryAccounts,
    clock: &FrozenClock,
    same_site: SameSite,
) -> guarded::App {
    let accounts = accounts.clone();
    let login = logins.on_login(move |profile: Profile, _: Tokens| {
        let accounts = accounts.clone();
        async move { accounts.find_or_create(profile.account()).await }
    });
    let policy = EncryptedCookie::new(KeyRing::random()).with_same_site(same_site).unwrap();
    let routes = guarded::Router::new().route("/me", get(me)).route("/act-for", post(act_for));
    let auth = AuthLayer::new(policy).with_clock(clock.clone());
    routes.merge(login.routes()).with_auth(auth.with_login_page(LocalPath::from_static("/login")))
}

#[tokio::test]
async fn a_linked_identity_is_another_way_in() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    let user = setup.log_in(&mut browser, "alice").await;
    let page = browser.get("/login/two/link?next=/me").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(r#"<form method="post" action="/login/two/link">"#), "{}", page.text);
    assert!(page.text.contains(r#"name="next" value="/me""#), "{}", page.text);
    let done = setup.link(&mut browser, "mallory").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(setup.subjects(&user).await, ["1 alice", "2 mallory"]);
    assert_eq!(browser.get("/me").await.text, user.as_str());
    // Linking it again changes nothing.
    assert_eq!(setup.link(&mut browser, "mallory").await.status, StatusCode::SEE_OTHER);
    let mut other = Browser::new(&setup.app);
    let callback = setup.start(&mut other, &setup.two, "/login/two", "mallory").await;
    other.come_back(&callback).await;
    assert_eq!(other.get("/me").await.text, user.as_str());
}

#[tokio::test]
async fn without_accounts_there_are_no_such_routes() {
    let setup = Setup::new().await;
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(setup.clock.clone());
    let logins = logins.provider(setup.one.login("one").unwrap()).unwrap();
    let app = application(logins, &setup.accounts, &setup.clock, SameSite::Lax);
    let mut browser = Browser::new(&app);
    setup.log_in(&mut browser, "alice").await;
    for path in ["/login/one/link", "/login/one/unlink"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.post(path, "").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn anonymous_requests_and_other_sites_link_nothing() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    for action in ["link", "unlink"] {
        let path = format!("/login/two/{action}");
        assert_eq!(browser.get(&path).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(browser.post(&path, "").await.status, StatusCode::UNAUTHORIZED);
    }
    let user = setup.log_in(&mut browser, "alice").await;
    for action in ["link", "unlink"] {
        let path = format!("/login/two/{action}");
        let answer = browser.send(Method::POST, &path, Site::Cross, "next=/me").await;
        assert!([401, 403].contains(&answer.status.as_u16()), "{}", answer.status);
        assert_eq!((answer.location(), browser.attempts()), ("", 0));
        // A link or a prefetch asks.
        let page = browser.send(Method::GET, &path, Site::Cross, "").await;
        assert!(page.text.contains("<form method=\"post\""), "{}", page.text);
        let unknown = browser.post(&format!("/login/three/{action}"), "").await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "unknown_provider"));
    }
    assert_eq!(setup.subjects(&user).await, ["1 alice"]);
    assert_eq!(setup.two.requests("/token"), 0);
}

/// Linking CSRF: the victim would get the attacker's identity as a way into the victim's account.
#[tokio::test]
async fn a_callback_of_the_attacker_does_nothing_in_the_browser_of_the_victim() {
    let setup = Setup::new().await;
    let (mut attacker, mut victim) = (Browser::new(&setup.app), Browser::new(&setup.app));
    let mallory = setup.log_in(&mut attacker, "mallory").await;
    let alice = setup.log_in(&mut victim, "alice").await;
    let callback = setup.start(&mut attacker, &setup.two, "/login/two/link", "mallory").await;
    let answer = victim.come_back(&callback).await;
    // As a reloaded callback, it leads a signed-in user home.
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.text);
    // Also if a sibling domain has planted the cookie of the attempt.
    victim.plant_attempts(&attacker);
    let page = victim.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(setup.subjects(&alice).await, ["1 alice"]);
    assert_eq!(setup.subjects(&mallory).await, ["1 mallory"]);
    assert_eq!(setup.owner("mallory").await, None);
    assert_eq!(victim.get("/me").await.text, alice.as_str());
}

#[tokio::test]
async fn an_attempt_of_one_user_is_not_finished_as_another() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    let callback = setup.start(&mut browser, &setup.two, "/login/two/link", "alice").await;
    browser.post("/logout", "").await;
    let bob = setup.log_in(&mut browser, "bob").await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(
        (setup.subjects(&alice).await, setup.subjects(&bob).await),
        (vec!["1 alice".into()], vec!["1 bob".into()])
    );
    assert_eq!(setup.owner("alice").await, None, "no account is made of it");
    // After a log-out it is not a log-in, either.
    let callback = setup.start(&mut browser, &setup.two, "/login/two/link", "bob").await;
    browser.post("/logout", "").await;
    let page = browser.send(Method::GET, &callback.address, Site::Same, "").await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(setup.owner("bob").await, None);
    // The page offers no log-in in the place of the link.
    assert!(!page.text.contains("<form") && page.text.contains(r#"href="/me""#), "{}", page.text);
}

#[tokio::test]
async fn an_identity_of_another_user_is_never_moved() {
    let setup = Setup::new().await;
    let mut other = Browser::new(&setup.app);
    let callback = setup.start(&mut other, &setup.two, "/login/two", "bob").await;
    other.come_back(&callback).await;
    let owner = setup.owner("bob").await.unwrap();
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    let page = setup.link(&mut browser, "bob").await;
    assert_eq!((page.status, page.code()), (StatusCode::CONFLICT, "identity_in_use"));
    assert!(!page.text.contains("<form"), "{}", page.text);
    assert_eq!(setup.owner("bob").await.unwrap(), owner);
    assert_eq!(setup.subjects(&alice).await, ["1 alice"]);
    assert_eq!(browser.get("/me").await.text, alice.as_str());
}

#[tokio::test]
async fn an_old_log_in_is_sent_through_a_step_up_first() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    setup.clock.advance(std::time::Duration::from_secs(601));
    let expected = "/login?next=%2Flogin%2Ftwo%2Flink%3Fnext%3D%252Fme&max_age=600";
    for sent in
        [browser.post("/login/two/link", "next=/me").await, browser.get("/login/two/link?next=/me").await]
    {
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, expected));
        assert_eq!(browser.attempts(), 0);
    }
    let page = browser.navigate(expected).await;
    assert!(page.text.contains(r#"name="next" value="/login/two/link?next=%2Fme""#), "{}", page.text);
    let started = browser.post("/login/one?max_age=600", "next=/login/two/link?next=%252Fme").await;
    let callback = setup.one.sign_in(started.location(), "alice").unwrap();
    let done = browser.come_back(&callback).await;
    assert_eq!(done.location(), "/login/two/link?next=%2Fme", "{}", done.text);
    let page = browser.get(done.location()).await;
    assert!(page.text.contains(r#"name="next" value="/me""#), "{}", page.text);
    assert_eq!(setup.link(&mut browser, "alice").await.location(), "/me");
    assert_eq!(setup.subjects(&alice).await, ["1 alice", "2 alice"]);
    // No other page of the log-in is a redirect target.
    for next in ["/login/two", "/login/three/link", "/login/two/link/x", "/login/two/callback", "/login"] {
        let page = browser.get(&format!("/login?next={next}")).await;
        assert!(page.text.contains(r#"name="next" value="/""#), "{next}: {}", page.text);
    }
}

#[tokio::test]
async fn an_impersonated_user_links_nothing() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    let callback = setup.start(&mut browser, &setup.two, "/login/two/link", "alice").await;
    let mut other = Browser::new(&setup.app);
    let bob = setup.log_in(&mut other, "bob").await;
    browser.post("/act-for", bob.as_str()).await;
    assert_eq!(browser.get("/me").await.text, bob.as_str());
    for path in ["/login/two/link", "/login/one/unlink"] {
        for page in [browser.get(path).await, browser.post(path, "").await] {
            assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "impersonated"), "{path}");
        }
    }
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "impersonated"));
    assert_eq!((setup.subjects(&alice).await.len(), setup.subjects(&bob).await.len()), (1, 1));
}

#[tokio::test]
async fn the_last_way_in_is_not_unlinked() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    let unlink = |provider: &str| format!("/login/{provider}/unlink");
    let page = browser.post(&unlink("one"), "next=/me").await;
    assert_eq!((page.status, page.code()), (StatusCode::CONFLICT, "last_identity"));
    let page = browser.post(&unlink("two"), "next=/me").await;
    assert_eq!((page.status, page.code()), (StatusCode::CONFLICT, "not_linked"));
    setup.link(&mut browser, "alice").await;
    setup.link(&mut browser, "bob").await;
    // Which of the two is not guessed.
    let page = browser.post(&unlink("two"), "next=/me").await;
    assert_eq!(page.code(), "not_linked");
    let page = browser.get(&format!("{}?next=/me&subject=bob", unlink("two"))).await;
    assert!(page.text.contains(r#"name="subject" value="bob""#), "{}", page.text);
    let done = browser.post(&unlink("two"), "next=/me&subject=bob").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(setup.subjects(&alice).await, ["1 alice", "2 alice"]);
    let issuer = setup.two.issuer();
    let done = browser.post(&unlink("two"), &format!("next=/me&subject=alice&issuer={issuer}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(setup.subjects(&alice).await, ["1 alice"]);
    assert_eq!(setup.owner("alice").await, None);
    // Of another user.
    let mut other = Browser::new(&setup.app);
    setup.log_in(&mut other, "bob").await;
    let page = other.post(&unlink("one"), "subject=alice").await;
    assert_eq!((page.status, page.code()), (StatusCode::CONFLICT, "not_linked"));
    // By an old log-in.
    setup.clock.advance(std::time::Duration::from_secs(601));
    let sent = browser.post(&unlink("one"), "next=/me&subject=alice").await;
    let expected = "/login?next=%2Flogin%2Fone%2Funlink%3Fnext%3D%252Fme%26subject%3Dalice&max_age=600";
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, expected));
}

/// The browser leaves the cookie of the session out of the callback; the page sends the callback again.
async fn resumes(setup: &Setup, fields: &[&str]) {
    let mut browser = Browser::new(&setup.app);
    let alice = setup.log_in(&mut browser, "alice").await;
    let callback = setup.start(&mut browser, &setup.two, "/login/two/link", "alice").await;
    let page = browser.come_back(&callback).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(setup.two.requests("/token"), 0, "the code is not sent yet");
    assert_eq!(browser.attempts(), 1);
    for field in fields {
        assert!(page.text.contains(field), "{field} in {}", page.text);
    }
    let done = match &callback.form {
        None => browser.send(Method::GET, &callback.address, Site::Same, "").await,
        Some(form) => browser.send(Method::POST, &callback.address, Site::Same, form).await,
    };
    assert_eq!(setup.subjects(&alice).await, ["1 alice", "2 alice"], "{}", done.text);
    assert_eq!(setup.two.requests("/token"), 1);
    // There is no loop without a session.
    let callback = setup.start(&mut browser, &setup.two, "/login/two/link", "bob").await;
    browser.come_back(&callback).await;
    browser.post("/logout", "").await;
    let page = match &callback.form {
        None => browser.send(Method::GET, &callback.address, Site::Same, "").await,
        Some(form) => browser.send(Method::POST, &callback.address, Site::Same, form).await,
    };
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
}

#[tokio::test]
async fn a_strict_session_links_after_one_click() {
    let setup = Setup::with(SameSite::Strict, |login, _| login).await;
    resumes(
        &setup,
        &[r#"<form method="get" action="/login/two/callback">"#, r#"name="code""#, r#"name="state""#],
    )
    .await;
}

#[tokio::test]
async fn a_form_of_the_provider_links_after_one_click() {
    let setup = Setup::with(SameSite::Lax, |_, provider| {
        let (id, secret) = provider.client();
        let resolved = FORM_POST.resolve(&[("issuer", provider.issuer())]).unwrap();
        Login::resolved(resolved, id, secret).unwrap().with_id("two").unwrap()
    })
    .await;
    resumes(
        &setup,
        &[r#"<form method="post" action="/login/two/callback">"#, r#"name="code""#, r#"name="state""#],
    )
    .await;
}
