//! From a log-in to an account, with the provider's tokens kept apart from the session and the profile in a cache.

use std::sync::Arc;

use auth_client::MemoryStore;
use auth_login::{
    Logins, Tokens,
    accounts::{Accounts as _, MemoryAccounts},
    profile::{AccountKey, Profile},
    profile_cache::ProfileCache,
    tokens::ProviderTokens,
};
use auth_runtime::{
    AuthLayer, BoxError, EncryptedCookie, KeyRing, UserId, auth_required,
    guarded::{self, get},
    testing::FrozenClock,
};

use super::{
    app_and_fake_provider::{NOON, provider},
    browser_with_cookies::Browser,
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[tokio::test]
async fn a_log_in_finds_the_account_keeps_the_tokens_and_fills_the_cache() {
    let clock = FrozenClock::at(NOON);
    let provider = provider(&clock).await;
    let login = provider.login("fake").unwrap();
    let accounts = MemoryAccounts::new();
    let kept = ProviderTokens::new(&login, MemoryStore::new()).unwrap().with_clock(clock.clone()).unwrap();
    let loader = kept.clone();
    let profiles = ProfileCache::new(move |account: AccountKey| {
        let kept = loader.clone();
        async move { Ok(kept.profile(&account).await?) }
    })
    .with_clock(clock.clone());

    let all = Arc::new((accounts.clone(), kept.clone(), profiles.clone()));
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    let login = logins.provider(login).unwrap().on_login(move |profile: Profile, tokens: Tokens| {
        let all = Arc::clone(&all);
        async move {
            let (accounts, kept, profiles) = &*all;
            kept.save(profile.account(), tokens.as_token().ok_or("no tokens of OAuth 2")?).await?;
            let user = accounts.find_or_create(profile.account()).await?;
            profiles.insert(profile).await;
            Ok::<_, BoxError>(user)
        }
    });
    let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_clock(clock.clone());
    let app = guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth);

    let mut users = Vec::new();
    for subject in ["alice", "bob", "alice"] {
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "next=/me").await;
        let callback = provider.sign_in(started.location(), subject).unwrap();
        assert_eq!(browser.come_back(&callback).await.status, 303);
        users.push(browser.get("/me").await.text);
    }
    assert_eq!(users[0], users[2]);
    assert_ne!(users[0], users[1]);

    let alice = AccountKey::new(provider.issuer(), "alice").unwrap();
    assert_eq!(accounts.find(&alice).await.unwrap().unwrap(), users[0].as_str());
    // What the log-in brought is in the cache: signed-in requests ask the provider for nothing.
    let asked = provider.requests("/userinfo");
    for _ in 0..3 {
        assert_eq!(profiles.get(&alice).await.unwrap().display_name(), "Alice Example");
    }
    assert_eq!(provider.requests("/userinfo"), asked);
    // An invalidated profile is loaded again with the kept token, once.
    profiles.invalidate(&alice).await;
    for _ in 0..3 {
        let profile = profiles.get(&alice).await.unwrap();
        assert_eq!(profile.email.as_ref().unwrap().address(), "alice@example.com");
    }
    assert_eq!(provider.requests("/userinfo"), asked + 1);
    // Bob's account has a token of its own.
    let bob = AccountKey::new(provider.issuer(), "bob").unwrap();
    assert_eq!(kept.profile(&bob).await.unwrap().account(), &bob);
    kept.forget(&bob).await.unwrap();
    assert!(kept.profile(&bob).await.is_err());
    assert!(kept.profile(&alice).await.is_ok());
}

/// An identity is looked up before anything else is looked at: an e-mail address, verified or not, that
/// another user has leads to no account.
#[tokio::test]
async fn account_takeover_one_email_address_at_two_providers_is_two_users() {
    let clock = FrozenClock::at(NOON);
    let (honest, evil) = (provider(&clock).await, provider(&clock).await);
    // The second provider asserts the first user's address, and the first user's subject.
    evil.tamper(|step| {
        if let auth_login::testing::Step::Claims { claims, .. } = step {
            claims.insert("email".to_owned(), "alice@example.com".into());
            claims.insert("email_verified".to_owned(), true.into());
        }
    });
    let accounts = MemoryAccounts::new();
    let kept = accounts.clone();
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    let logins = logins.provider(honest.login("honest").unwrap()).unwrap();
    let logins = logins.provider(evil.login("evil").unwrap()).unwrap();
    let login = logins.on_login(move |profile: Profile, _: Tokens| {
        let accounts = kept.clone();
        assert_eq!(profile.email.as_ref().unwrap().address(), "alice@example.com");
        async move { accounts.find_or_create(profile.account()).await }
    });
    let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_clock(clock.clone());
    let app = guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth);
    let mut users = Vec::new();
    for (id, provider) in [("honest", &honest), ("evil", &evil)] {
        let mut browser = Browser::new(&app);
        let started = browser.post(&format!("/login/{id}"), "next=/me").await;
        browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
        users.push(browser.get("/me").await.text);
    }
    assert!(!users[0].is_empty() && users[0] != users[1], "{users:?}");
}
