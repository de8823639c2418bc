//! Refresh ahead of time, once for all tasks and instances; and what a 401 of the API leads to.

use auth_client::{ErrorKind, MemoryStore, TokenStore};
use auth_login::tokens::ProviderTokens;
use http::{Request, StatusCode};
use tokio::task::JoinSet;

use crate::{
    counting_provider::{Forge, account, from_json, store_key, token},
    databases,
    every_token_store::tables,
};

#[tokio::test]
async fn a_good_token_is_used_as_it_is() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("ann"), &token(0, 60)).await.unwrap();
    let client = tokens.client(&account("ann")).unwrap();
    assert_eq!(client.get("user/repos?page=2").await.unwrap().status(), StatusCode::OK);
    let state = forge.state.lock().unwrap();
    assert_eq!(state.calls, ["Bearer a0 https://api.forge.example/v3/user/repos?page=2"]);
    assert_eq!(state.refreshes.len(), 0);
}

/// Two instances of the application, each with clients in many tasks.
async fn refreshed_once<S: TokenStore + Clone + 'static>(name: &str, store: S) {
    let forge = Forge::default();
    let instances = [forge.instance(store.clone()), forge.instance(store)];
    // It ends in 30 seconds: ahead of time.
    instances[0].save(&account("ann"), &token(0, 3570)).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let tokens: ProviderTokens<S> = instances[number % 2].clone();
        tasks.spawn(
            async move { tokens.client(&account("ann")).unwrap().get("user").await.unwrap().status() },
        );
    }
    for status in tasks.join_all().await {
        assert_eq!(status, StatusCode::OK, "{name}");
    }
    let state = forge.state.lock().unwrap();
    assert_eq!(state.refreshes, ["r0"], "{name}");
    assert_eq!(state.calls.len(), 40, "{name}");
}

// Parallel refreshes burn a rotated token, across instances, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_is_refreshed_once_for_all_tasks_and_instances() {
    refreshed_once("memory", MemoryStore::new()).await;
    let directory = tempfile::tempdir().unwrap();
    refreshed_once("sqlite", tables(directory.path()).await).await;
    if let Some(pool) = databases::postgres().await {
        let store = auth_login::tokens::PostgresTokens::new(pool, auth_runtime::KeyRing::random());
        store.create_tables().await.unwrap();
        refreshed_once("postgres", store).await;
    }
}

#[tokio::test]
async fn a_rejected_token_is_refreshed_once_and_the_request_repeated_once() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    // The provider has ended this access token early; its refresh token is good.
    let old = from_json(r#"{"access_token":"ended","refresh_token":"r0","expires_in":3600}"#, 0);
    tokens.save(&account("ann"), &old).await.unwrap();
    let client = tokens.client(&account("ann")).unwrap();
    assert_eq!(client.get("user").await.unwrap().status(), StatusCode::OK);
    assert_eq!(forge.state.lock().unwrap().refreshes, ["r0"]);
    assert_eq!(forge.state.lock().unwrap().calls.len(), 2);
    forge.state.lock().unwrap().api_rejects = true;
    assert_eq!(client.get("user").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(forge.state.lock().unwrap().calls.len(), 4);
}

// A token that has ended is an error with a way out, not a crash.
#[tokio::test]
async fn a_revoked_or_expired_token_leads_to_a_new_login() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    let kind =
        async |subject: &str| tokens.client(&account(subject)).unwrap().get("user").await.unwrap_err().kind();
    assert_eq!(kind("stranger").await, ErrorKind::LoginRequired);
    // No refresh token.
    tokens.save(&account("ann"), &from_json(r#"{"access_token":"a","expires_in":60}"#, 60)).await.unwrap();
    assert_eq!(kind("ann").await, ErrorKind::LoginRequired);
    // A refresh token that the provider rejects: it is sent once.
    tokens
        .save(&account("ann"), &from_json(r#"{"access_token":"a","refresh_token":"x","expires_in":60}"#, 60))
        .await
        .unwrap();
    assert_eq!(kind("ann").await, ErrorKind::LoginRequired);
    assert_eq!(kind("ann").await, ErrorKind::LoginRequired);
    let state = forge.state.lock().unwrap();
    assert_eq!(state.refreshes, ["x"]);
    assert_eq!(state.calls.len(), 0);
}

#[tokio::test]
async fn an_outage_ends_no_grant() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("ann"), &token(0, 3600)).await.unwrap();
    forge.state.lock().unwrap().is_down = true;
    let error = tokens.client(&account("ann")).unwrap().get("user").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    forge.state.lock().unwrap().is_down = false;
    assert!(tokens.client(&account("ann")).unwrap().get("user").await.unwrap().status().is_success());
}

#[tokio::test]
async fn forgotten_tokens_are_revoked_and_gone() {
    let forge = Forge::default();
    let store = MemoryStore::new();
    let tokens = forge.instance(store.clone());
    tokens.save(&account("ann"), &token(0, 0)).await.unwrap();
    let client = tokens.client(&account("ann")).unwrap();
    assert!(client.get("user").await.unwrap().status().is_success());
    assert!(tokens.forget(&account("ann")).await.unwrap());
    assert_eq!(forge.state.lock().unwrap().revoked, ["r0", "a0"]);
    assert!(store.load(&store_key("ann")).await.unwrap().is_none());
    // A client that is still there has forgotten them, too.
    assert_eq!(client.get("user").await.unwrap_err().kind(), ErrorKind::LoginRequired);
}

#[tokio::test]
async fn a_new_log_in_replaces_the_tokens_of_an_earlier_one() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("ann"), &from_json(r#"{"access_token":"old","expires_in":3600}"#, 0)).await.unwrap();
    let earlier = tokens.client(&account("ann")).unwrap();
    let _ = earlier.get("user").await;
    tokens.save(&account("ann"), &token(0, 0)).await.unwrap();
    assert!(tokens.client(&account("ann")).unwrap().get("user").await.unwrap().status().is_success());
}

// Users and origins are kept apart.
#[tokio::test]
async fn tokens_go_to_their_origin_and_their_user_only() {
    let forge = Forge::default();
    let tokens = forge.instance(MemoryStore::new());
    tokens.save(&account("ann"), &token(0, 0)).await.unwrap();
    let client = tokens.client(&account("ann")).unwrap();
    for address in ["https://evil.example/", "http://api.forge.example/user", "//evil.example/"] {
        assert_eq!(client.get(address).await.unwrap_err().kind(), ErrorKind::Configuration, "{address}");
    }
    let request = Request::post("https://evil.example/").body(Vec::new()).unwrap();
    assert_eq!(client.send(request).await.unwrap_err().kind(), ErrorKind::Configuration);
    let request = Request::get("https://api.forge.example/v3/user").header("authorization", "Bearer x");
    let error = client.send(request.body(Vec::new()).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let other = tokens.client(&account("bob")).unwrap();
    assert_eq!(other.get("user").await.unwrap_err().kind(), ErrorKind::LoginRequired);
    assert_eq!(forge.state.lock().unwrap().calls.len(), 0);
    assert!(!format!("{client:?} {tokens:?}").contains("a0"));
}
