//! Tokens for the provider's API: rotation of refresh tokens, and what a stolen one brings.

use std::{sync::Arc, time::Duration};

use auth_client::{ErrorKind, MemoryStore, StoreKey, TokenStore as _};
use auth_login::{
    Login, LoginDecision, Logins, Tokens,
    profile::{AccountKey, Profile},
    tokens::ProviderTokens,
};
use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, guarded, testing::FrozenClock};
use http::StatusCode;
use tokio::{sync::Mutex, task::JoinSet};

use super::{super::browser_with_cookies::Browser, Peer, agent::Agent, sent::Sent};

with_each_peer! {
    a_rotated_token_is_refreshed_once_for_all_tasks_and_instances,
    a_stolen_refresh_token_ends_the_grant,
    forgotten_tokens_are_revoked_at_the_provider,
}

/// A user who is logged in, and the user's tokens.
struct Setup<P> {
    peer: P,
    clock: FrozenClock,
    sent: Sent,
    store: MemoryStore,
    login: Login,
    account: AccountKey,
}

impl<P: Peer> Setup<P> {
    async fn new() -> Option<Self> {
        let peer = P::start("").await?;
        let (clock, sent, store) = (super::now(), Sent::default(), MemoryStore::new());
        let login = peer.login(&P::DESCRIPTOR, "web").with_http_client(sent.client());
        let account = Arc::new(Mutex::new(None));
        let (found, kept) = (Arc::clone(&account), instance(&peer, &login, &store, &clock));
        let routes = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
        let routes =
            routes.provider(login.clone()).unwrap().on_login(move |profile: Profile, tokens: Tokens| {
                let (found, kept) = (Arc::clone(&found), kept.clone());
                async move {
                    let account = profile.account().clone();
                    kept.save(&account, tokens.as_token().unwrap()).await?;
                    found.lock().await.replace(account);
                    Ok::<_, auth_client::Error>(LoginDecision::accept("alice"))
                }
            });
        let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_clock(clock.clone());
        let app = guarded::Router::new().merge(routes.routes()).with_auth(auth);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/peer", "").await;
        let callback = peer.sign_in(&mut Agent::new(), started.location(), "alice").await;
        let done = browser.come_back(&callback).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let account = account.lock().await.take().unwrap();
        Some(Self { peer, clock, sent, store, login, account })
    }

    /// Returns the tokens as another instance with this store has them.
    fn instance(&self, store: &MemoryStore) -> ProviderTokens<MemoryStore> {
        instance(&self.peer, &self.login, store, &self.clock)
    }
}

fn instance<P: Peer>(
    peer: &P,
    login: &Login,
    store: &MemoryStore,
    clock: &FrozenClock,
) -> ProviderTokens<MemoryStore> {
    let tokens = ProviderTokens::new(login, store.clone()).unwrap().with_clock(clock.clone()).unwrap();
    tokens.with_api(peer.issuer()).unwrap()
}

impl<P: Peer> Setup<P> {
    /// Calls the provider's API with a token that has expired, and so is refreshed before.
    async fn call(&self, tokens: &ProviderTokens<MemoryStore>) -> Result<StatusCode, ErrorKind> {
        let client = tokens.client(&self.account).unwrap();
        client.get(P::USERINFO).await.map(|response| response.status()).map_err(|error| error.kind())
    }

    /// Returns a copy of the tokens, in a store of its own.
    async fn steal(&self) -> ProviderTokens<MemoryStore> {
        let key = StoreKey::of(&["auth-login", self.peer.issuer(), "web", self.account.subject()]);
        let (token, store) = (self.store.load(&key).await.unwrap().unwrap(), MemoryStore::new());
        store.save(&key, &token).await.unwrap();
        self.instance(&store)
    }

    fn expire(&self) {
        self.clock.advance(Duration::from_hours(1));
    }
}

async fn a_rotated_token_is_refreshed_once_for_all_tasks_and_instances<P: Peer>() {
    let Some(setup) = Setup::<P>::new().await else { return };
    let setup = Arc::new(setup);
    let instances = [setup.instance(&setup.store), setup.instance(&setup.store)];
    // The log-in sent a request for tokens, too.
    for requests in 2..=4 {
        setup.expire();
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let (setup, tokens) = (Arc::clone(&setup), instances[number % 2].clone());
            tasks.spawn(async move { setup.call(&tokens).await });
        }
        for answer in tasks.join_all().await {
            assert_eq!(answer, Ok(StatusCode::OK));
        }
        assert_eq!(setup.sent.count("/token"), requests);
    }
}

/// RFC 9700 section 4.14.2: the provider cannot know which of the two uses is the thief's.
async fn a_stolen_refresh_token_ends_the_grant<P: Peer>() {
    let Some(setup) = Setup::<P>::new().await else { return };
    let (ours, stolen) = (setup.instance(&setup.store), setup.steal().await);
    setup.expire();
    assert_eq!(setup.call(&ours).await, Ok(StatusCode::OK));
    assert_eq!(setup.call(&stolen).await, Err(ErrorKind::LoginRequired));
    setup.expire();
    assert_eq!(setup.call(&ours).await, Err(ErrorKind::LoginRequired));
}

async fn forgotten_tokens_are_revoked_at_the_provider<P: Peer>() {
    let Some(setup) = Setup::<P>::new().await else { return };
    let (ours, stolen) = (setup.instance(&setup.store), setup.steal().await);
    assert!(ours.forget(&setup.account).await.unwrap());
    assert_eq!(setup.call(&ours).await, Err(ErrorKind::LoginRequired));
    setup.expire();
    assert_eq!(setup.call(&stolen).await, Err(ErrorKind::LoginRequired));
}
