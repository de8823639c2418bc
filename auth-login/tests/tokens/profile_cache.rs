//! A signed-in request costs no call to the provider, and its outage is not the application's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_client::{ErrorKind, MemoryStore};
use auth_login::{
    profile::{AccountKey, Profile},
    profile_cache::ProfileCache,
};
use auth_runtime::{BoxError, testing::FrozenClock};
use axum::{Router, body::Body, routing::get};
use http::Request;
use tokio::{
    sync::{Barrier, Notify},
    task::JoinSet,
};
use tower::ServiceExt as _;

use crate::counting_provider::{Forge, NOON, account, token};

/// A loader that counts its calls and can fail.
#[derive(Clone, Default)]
struct Loader {
    calls: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
}

impl Loader {
    fn cache(&self, clock: &FrozenClock) -> ProfileCache {
        let loader = self.clone();
        let load = move |account: AccountKey| {
            let call = loader.calls.fetch_add(1, Ordering::SeqCst);
            let fails = loader.fails.load(Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                let mut profile = Profile::new(account);
                profile.username = Some(format!("call {call}"));
                if fails { Err(BoxError::from("the provider is down")) } else { Ok(profile) }
            }
        };
        ProfileCache::new(load).with_clock(clock.clone())
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn name(profile: &Profile) -> &str {
    profile.username.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_simultaneous_requests_cost_one_call() {
    let loader = Loader::default();
    let cache = loader.cache(&FrozenClock::at(NOON));
    let barrier = Arc::new(Barrier::new(100));
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let (cache, barrier) = (cache.clone(), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            cache.get(&account("ann")).await.unwrap()
        });
    }
    for profile in tasks.join_all().await {
        assert_eq!(name(&profile), "call 0");
    }
    assert_eq!(loader.calls(), 1);
}

#[tokio::test]
async fn a_profile_is_loaded_again_when_it_is_old() {
    let (loader, clock) = (Loader::default(), FrozenClock::at(NOON));
    let cache = loader.cache(&clock).with_time_to_live(Duration::from_mins(1));
    cache.insert(Profile::new(account("ann"))).await;
    assert_eq!(cache.get(&account("ann")).await.unwrap().username, None);
    clock.advance(Duration::from_secs(59));
    cache.get(&account("ann")).await.unwrap();
    assert_eq!(loader.calls(), 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(name(&cache.get(&account("ann")).await.unwrap()), "call 0");
    // Another account is another profile.
    assert_eq!(cache.get(&account("bob")).await.unwrap().account(), &account("bob"));
    assert_eq!(loader.calls(), 2);
}

#[tokio::test]
async fn an_outage_leaves_the_old_profile_and_the_provider_alone() {
    let (loader, clock) = (Loader::default(), FrozenClock::at(NOON));
    let cache = loader.cache(&clock);
    cache.get(&account("ann")).await.unwrap();
    loader.fails.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_mins(10));
    for _ in 0..5 {
        assert_eq!(name(&cache.get(&account("ann")).await.unwrap()), "call 0");
    }
    assert_eq!(loader.calls(), 2);
    clock.advance(Duration::from_secs(30));
    cache.get(&account("ann")).await.unwrap();
    assert_eq!(loader.calls(), 3);
    // After a day, it is too old.
    clock.advance(Duration::from_hours(24));
    let error = cache.get(&account("ann")).await.unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the provider is down");
    loader.fails.store(false, Ordering::SeqCst);
    assert!(cache.get(&account("ann")).await.is_err());
    clock.advance(Duration::from_secs(30));
    assert!(cache.get(&account("ann")).await.is_ok());
}

#[tokio::test]
async fn a_profile_that_was_never_loaded_is_asked_for_once_per_pause() {
    let (loader, clock) = (Loader::default(), FrozenClock::at(NOON));
    loader.fails.store(true, Ordering::SeqCst);
    let cache = loader.cache(&clock);
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let cache = cache.clone();
        tasks.spawn(async move { cache.get(&account("ann")).await.is_err() });
    }
    assert!(tasks.join_all().await.into_iter().all(|failed| failed));
    assert_eq!(loader.calls(), 1);
}

#[tokio::test]
async fn an_invalidated_profile_does_not_come_back_with_a_load_that_was_under_way() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let calls = Arc::new(AtomicUsize::new(0));
    let cache = ProfileCache::new({
        let (begun, go_on, calls) = (Arc::clone(&begun), Arc::clone(&go_on), Arc::clone(&calls));
        move |account| {
            let (begun, go_on, call) = (begun.clone(), go_on.clone(), calls.fetch_add(1, Ordering::SeqCst));
            async move {
                if call == 0 {
                    begun.notify_one();
                    go_on.notified().await;
                }
                let mut profile = Profile::new(account);
                profile.username = Some(format!("call {call}"));
                Ok(profile)
            }
        }
    });
    let under_way = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get(&account("ann")).await.map(|profile| name(&profile).to_owned()) }
    });
    begun.notified().await;
    let invalidated = tokio::spawn({
        let cache = cache.clone();
        async move { cache.invalidate(&account("ann")).await }
    });
    tokio::task::yield_now().await;
    go_on.notify_one();
    assert_eq!(under_way.await.unwrap().unwrap(), "call 0");
    invalidated.await.unwrap();
    assert_eq!(name(&cache.get(&account("ann")).await.unwrap()), "call 1");
}

#[tokio::test]
async fn the_profile_of_another_account_is_not_served() {
    let cache = ProfileCache::new(|_| async { Ok(Profile::new(account("mallory"))) });
    assert!(cache.get(&account("ann")).await.is_err());
}

/// Three requests were three calls.
#[tokio::test]
async fn three_requests_cost_one_call_to_the_provider() {
    let forge = Forge::default();
    "7".clone_into(&mut forge.state.lock().unwrap().user);
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("7"), &token(0, 0)).await.unwrap();
    let profiles = ProfileCache::new(move |account: AccountKey| {
        let tokens = tokens.clone();
        async move { Ok(tokens.profile(&account).await?) }
    });
    let handler = move || {
        let profiles = profiles.clone();
        async move { profiles.get(&account("7")).await.unwrap().display_name() }
    };
    let app = Router::new().route("/", get(handler));
    for _ in 0..3 {
        let request = Request::get("/").body(Body::empty()).unwrap();
        assert!(app.clone().oneshot(request).await.unwrap().status().is_success());
    }
    assert_eq!(forge.state.lock().unwrap().calls, ["Bearer a0 https://api.forge.example/user"]);
}

#[tokio::test]
async fn a_profile_is_loaded_with_the_kept_tokens_of_this_account_only() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("7"), &token(0, 3600)).await.unwrap();
    "7".clone_into(&mut forge.state.lock().unwrap().user);
    // The token has ended: it is refreshed.
    assert_eq!(tokens.profile(&account("7")).await.unwrap().account(), &account("7"));
    assert_eq!(forge.state.lock().unwrap().refreshes, ["r0"]);
    "8".clone_into(&mut forge.state.lock().unwrap().user);
    let error = tokens.profile(&account("7")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(tokens.profile(&account("9")).await.unwrap_err().kind(), ErrorKind::LoginRequired);
    forge.state.lock().unwrap().is_down = true;
    assert_eq!(tokens.profile(&account("7")).await.unwrap_err().kind(), ErrorKind::Transport);
}
