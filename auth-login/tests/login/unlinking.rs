//! Unlinking an identity ends the sessions that began with it, and no others.

use std::{
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use auth_login::{
    Login, LoginIndex, Logins, MemoryLoginIndex, Tokens,
    accounts::{Accounts as _, MemoryAccounts},
    descriptor::{Descriptor, Placeholder},
    profile::{Mapping, Profile, Subject},
    testing::{FakeProvider, FakeUser, Step as FakeStep},
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, SessionIdentity, UserId, auth_required,
    guarded::{self, get},
    revocation::MemoryRevocation,
    testing::FrozenClock,
};
use http::StatusCode;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    app_and_fake_provider::NOON,
    browser_with_cookies::{Answer, Browser},
    intercepted_index::{InterceptedIndex, Step},
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// Tells that a log-in has arrived, and until when it waits.
type Gate = (oneshot::Sender<()>, oneshot::Receiver<()>);

/// What the instances of an application share.
struct Shared {
    one: FakeProvider,
    two: FakeProvider,
    accounts: MemoryAccounts,
    index: MemoryLoginIndex,
    clock: FrozenClock,
    keys: KeyRing,
    /// Sessions in a store, or encrypted cookies with a list
    store: Option<SessionIdentity>,
    list: MemoryRevocation,
    /// Where the next log-in waits after the application has found its user
    gate: Arc<Mutex<Option<Gate>>>,
}

impl Shared {
    async fn new(is_in_store: bool) -> Self {
        let clock = FrozenClock::at(NOON);
        let users = || ["alice", "bob"].map(FakeUser::new);
        Self {
            one: FakeProvider::start(users()).await.unwrap().with_clock(clock.clone()),
            two: FakeProvider::start(users()).await.unwrap().with_clock(clock.clone()),
            accounts: MemoryAccounts::new(),
            index: MemoryLoginIndex::new().with_clock(clock.clone()),
            keys: KeyRing::random(),
            store: is_in_store.then(SessionIdentity::memory),
            list: MemoryRevocation::new().with_clock(clock.clone()),
            gate: Arc::default(),
            clock,
        }
    }

    fn instance(&self) -> guarded::App {
        self.instance_with(self.index.clone(), self.two.login("two").unwrap())
    }

    fn instance_with(&self, index: impl LoginIndex, second: Login) -> guarded::App {
        let logins = Logins::new("https://app.example.com").unwrap().with_clock(self.clock.clone());
        let logins = logins.with_keys(self.keys.clone()).with_linking(self.accounts.clone());
        let (logins, auth) = match &self.store {
            Some(policy) => (
                logins.with_back_channel_logout_of_sessions(index, policy.sessions()),
                AuthLayer::new(policy.clone()),
            ),
            None => (
                logins.with_back_channel_logout(index, self.list.clone()),
                AuthLayer::new(EncryptedCookie::new(self.keys.clone())).with_revocation(self.list.clone()),
            ),
        };
        let logins = logins.provider(self.one.login("one").unwrap()).unwrap().provider(second).unwrap();
        let (accounts, gate) = (self.accounts.clone(), Arc::clone(&self.gate));
        let login = logins.on_login(move |profile: Profile, _: Tokens| {
            let (accounts, gate) = (accounts.clone(), gate.lock().unwrap().take());
            async move {
                let user = accounts.find_or_create(profile.account()).await;
                if let Some((arrived, open)) = gate {
                    arrived.send(()).unwrap();
                    open.await.unwrap();
                }
                user
            }
        });
        let routes = guarded::Router::new().route("/me", get(me)).merge(login.routes());
        routes.with_auth(auth.with_clock(self.clock.clone()))
    }

    /// Logs alice in with one of the providers.
    async fn log_in(&self, app: &guarded::App, provider: &str) -> Browser {
        let mut browser = Browser::new(app);
        let answer = self.finish(&mut browser, &format!("/login/{provider}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }

    async fn finish(&self, browser: &mut Browser, path: &str) -> Answer {
        let started = browser.post(path, "").await;
        let provider = if path.contains("/one") { &self.one } else { &self.two };
        let callback = provider.sign_in(started.location(), "alice").unwrap();
        browser.come_back(&callback).await
    }

    /// Logs alice in with the first provider, and links the second.
    async fn linked(&self, app: &guarded::App) -> Browser {
        let mut browser = self.log_in(app, "one").await;
        let answer = self.finish(&mut browser, "/login/two/link").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }
}

/// The status of the page of a signed-in user at each instance.
async fn at_each(browser: &Browser, apps: &[guarded::App; 2]) -> [StatusCode; 2] {
    let [mut one, mut two] = apps.each_ref().map(|app| browser.at(app));
    [one.get("/me").await.status, two.get("/me").await.status]
}

const IN: [StatusCode; 2] = [StatusCode::OK; 2];
const OUT: [StatusCode; 2] = [StatusCode::UNAUTHORIZED; 2];

#[tokio::test]
async fn unlinking_ends_the_sessions_of_the_identity_on_every_instance_and_no_others() {
    for is_in_store in [false, true] {
        let shared = Shared::new(is_in_store).await;
        let apps = [shared.instance(), shared.instance()];
        let mut first = shared.linked(&apps[0]).await;
        let user = first.get("/me").await.text;
        let mut others = [shared.log_in(&apps[0], "two").await, shared.log_in(&apps[1], "two").await];
        for other in &mut others {
            assert_eq!(other.get("/me").await.text, user);
        }
        // The same subject at the other provider is another identity.
        let same_name = shared.log_in(&apps[1], "one").await;
        let done = first.post("/login/two/unlink", "next=/me").await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
        for other in &others {
            assert_eq!(at_each(other, &apps).await, OUT, "{is_in_store}");
        }
        assert_eq!(
            (at_each(&first, &apps).await, at_each(&same_name, &apps).await),
            (IN, IN),
            "{is_in_store}"
        );
        // The identity is a way into another account now.
        let mut stranger = shared.log_in(&apps[1], "two").await;
        assert_ne!(stranger.get("/me").await.text, user);
    }
}

#[tokio::test]
async fn unlinking_the_identity_of_this_very_session_logs_it_out() {
    for is_in_store in [false, true] {
        let shared = Shared::new(is_in_store).await;
        let apps = [shared.instance(), shared.instance()];
        let first = shared.linked(&apps[0]).await;
        let mut second = shared.log_in(&apps[1], "two").await;
        let copy = second.at(&apps[0]);
        let done = second.post("/login/two/unlink", "next=/me").await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
        assert_eq!(second.value_of("__Host-session"), None, "the browser has no cookie any more");
        assert_eq!(at_each(&copy, &apps).await, OUT, "{is_in_store}");
        assert_eq!(at_each(&first, &apps).await, IN, "{is_in_store}");
    }
}

#[tokio::test]
async fn a_login_under_way_with_an_identity_that_is_unlinked_does_not_begin() {
    for is_in_store in [false, true] {
        let shared = Shared::new(is_in_store).await;
        let app = shared.instance();
        let mut first = shared.linked(&app).await;
        let (arrived, has_arrived) = oneshot::channel();
        let (open, is_open) = oneshot::channel();
        *shared.gate.lock().unwrap() = Some((arrived, is_open));
        let mut second = Browser::new(&app);
        let started = second.post("/login/two", "").await;
        let callback = shared.two.sign_in(started.location(), "alice").unwrap();
        let login = tokio::spawn(async move {
            let page = second.come_back(&callback).await;
            (second, page.status, page.code().to_owned())
        });
        has_arrived.await.unwrap();
        let done = first.post("/login/two/unlink", "").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        open.send(()).unwrap();
        let (mut second, status, code) = login.await.unwrap();
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"));
        assert_eq!(second.get("/me").await.status, StatusCode::UNAUTHORIZED, "{is_in_store}");
    }
}

#[tokio::test]
async fn an_identity_stays_linked_while_its_sessions_cannot_be_ended() {
    let shared = Shared::new(false).await;
    let is_down = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&is_down);
    let index = InterceptedIndex::new(shared.index.clone(), move |step| {
        let fails = step == Step::Remove && fails.load(Ordering::SeqCst);
        ready(if fails { Err("down".into()) } else { Ok(()) })
    });
    let app = shared.instance_with(index, shared.two.login("two").unwrap());
    let mut first = shared.linked(&app).await;
    let user = UserId::new(first.get("/me").await.text).unwrap();
    let mut second = shared.log_in(&app, "two").await;
    is_down.store(true, Ordering::SeqCst);
    let page = first.post("/login/two/unlink", "").await;
    assert_eq!((page.status, page.code()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
    assert_eq!(shared.accounts.identities(&user).await.unwrap().len(), 2);
    is_down.store(false, Ordering::SeqCst);
    assert_eq!(first.post("/login/two/unlink", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(shared.accounts.identities(&user).await.unwrap().len(), 1);
    assert_eq!(second.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(first.get("/me").await.text, user.as_str());
}

#[tokio::test]
async fn the_last_identity_stays_and_so_do_its_sessions() {
    let shared = Shared::new(true).await;
    let apps = [shared.instance(), shared.instance()];
    let mut browser = shared.log_in(&apps[0], "one").await;
    let page = browser.post("/login/one/unlink", "").await;
    assert_eq!((page.status, page.code()), (StatusCode::CONFLICT, "last_identity"));
    assert_eq!(at_each(&browser, &apps).await, IN);
}

// The index knows the subject of the account and that of the `id_token`.
#[tokio::test]
async fn unlinking_ends_sessions_whose_accounts_have_another_subject() {
    const DESCRIPTOR: Descriptor = Descriptor::openid("two", "Two", "{issuer}")
        .with_placeholders(&[Placeholder::base("issuer", "")])
        .with_mapping(Mapping::OPENID.with_subject(Subject::Member("/id_token/oid")))
        .validated();
    let shared = Shared::new(true).await;
    shared.two.tamper(|step| {
        if let FakeStep::Claims { claims, .. } = step {
            let object = format!("object of {}", claims["sub"].as_str().unwrap());
            claims.insert("oid".to_owned(), json!(object));
        }
    });
    let (id, secret) = shared.two.client();
    let resolved = DESCRIPTOR.resolve(&[("issuer", shared.two.issuer())]).unwrap();
    let second = Login::resolved(resolved, id, secret).unwrap();
    let app = shared.instance_with(shared.index.clone(), second);
    let mut first = shared.linked(&app).await;
    let user = UserId::new(first.get("/me").await.text).unwrap();
    let identities = shared.accounts.identities(&user).await.unwrap();
    assert!(identities.iter().any(|identity| identity.subject() == "object of alice"), "{identities:?}");
    let mut second = shared.log_in(&app, "two").await;
    assert_eq!(second.get("/me").await.text, user.as_str());
    assert_eq!(first.post("/login/two/unlink", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(second.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(first.get("/me").await.text, user.as_str());
}
