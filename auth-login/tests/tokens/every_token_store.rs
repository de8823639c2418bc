//! Stores of tokens in a database: encrypted, each token for its account, locked across instances.

use std::{path::Path, time::Duration};

use auth_client::TokenStore;
use auth_login::tokens::{PostgresTokens, SqliteTokens};
use auth_runtime::{Key, KeyRing};
use secrecy::ExposeSecret as _;

use crate::{
    counting_provider::{from_json, store_key, token},
    databases,
};

pub(crate) async fn tables(directory: &Path) -> SqliteTokens {
    let store = SqliteTokens::new(databases::sqlite(directory).await, KeyRing::random());
    store.create_tables().await.unwrap();
    store
}

async fn keeps(name: &str, store: impl TokenStore) {
    let (ann, bob) = (store_key("ann"), store_key("bob"));
    assert!(store.load(&ann).await.unwrap().is_none(), "{name}");
    let full = r#"{"access_token":"a","refresh_token":"r","id_token":"i","scope":"x y","expires_in":60,"team":{"id":7}}"#;
    store.save(&ann, &token(1, 0)).await.unwrap();
    store.save(&ann, &from_json(full, 5)).await.unwrap();
    let found = store.load(&ann).await.unwrap().unwrap();
    assert_eq!(found.access_token().expose_secret(), "a", "{name}");
    assert_eq!(found.refresh_token().unwrap().expose_secret(), "r", "{name}");
    assert_eq!(found.id_token().unwrap().expose_secret(), "i", "{name}");
    assert_eq!(found.scopes().unwrap(), ["x", "y"], "{name}");
    assert_eq!(found.granted_at(), from_json(full, 5).granted_at(), "{name}");
    assert_eq!(found.lifetime(), Some(Duration::from_mins(1)), "{name}");
    assert_eq!(found.extra("team").unwrap()["id"], 7, "{name}");
    assert!(store.load(&bob).await.unwrap().is_none(), "{name}");
    store.remove(&ann).await.unwrap();
    store.remove(&ann).await.unwrap();
    assert!(store.load(&ann).await.unwrap().is_none(), "{name}");
}

/// One holds the lock; another one waits until it is dropped; other keys are free.
async fn locks(name: &str, store: impl TokenStore + Clone + 'static) {
    let held = store.lock(&store_key("ann")).await.unwrap();
    drop(store.lock(&store_key("bob")).await.unwrap());
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.lock(&store_key("ann")).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "{name}");
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn each_store_keeps_and_locks_tokens() {
    let directory = tempfile::tempdir().unwrap();
    let store = tables(directory.path()).await;
    keeps("sqlite", store.clone()).await;
    locks("sqlite", store).await;
    if let Some(pool) = databases::postgres().await {
        let store = PostgresTokens::new(pool, KeyRing::random());
        // Two instances that start at the same time.
        let (one, two) = tokio::join!(store.create_tables(), store.create_tables());
        one.and(two).unwrap();
        keeps("postgres", store.clone()).await;
        locks("postgres", store).await;
    }
}

// An instance that was killed does not lock a user out for good.
#[tokio::test]
async fn the_lock_of_a_dead_instance_ends() {
    let directory = tempfile::tempdir().unwrap();
    let pool = databases::sqlite(directory.path()).await;
    let store = SqliteTokens::new(pool.clone(), KeyRing::random());
    store.create_tables().await.unwrap();
    let text = "INSERT INTO auth_login_token_locks (id, owner, ends) VALUES ($1, 'dead', unixepoch() - 1)";
    sqlx::query(text).bind(store_key("ann").as_str()).execute(&pool).await.unwrap();
    drop(store.lock(&store_key("ann")).await.unwrap());
}

// Who reads the database reads no token; who writes it cannot exchange the tokens of two accounts.
#[tokio::test]
async fn tokens_are_encrypted_each_for_its_account() {
    let directory = tempfile::tempdir().unwrap();
    let pool = databases::sqlite(directory.path()).await;
    let ring = KeyRing::random();
    let store = SqliteTokens::new(pool.clone(), ring.clone());
    store.create_tables().await.unwrap();
    let canary = from_json(r#"{"access_token":"CANARY","refresh_token":"CANARY"}"#, 0);
    store.save(&store_key("ann"), &canary).await.unwrap();
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT sealed FROM auth_login_tokens").fetch_one(&pool).await.unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"CANARY"));
    let text = "INSERT INTO auth_login_tokens (id, sealed) VALUES ($1, $2)";
    sqlx::query(text).bind(store_key("bob").as_str()).bind(sealed).execute(&pool).await.unwrap();
    assert!(store.load(&store_key("bob")).await.unwrap().is_none());
    // A rotated ring still reads it; another one does not.
    ring.rotate_to(Key::random().unwrap()).unwrap();
    assert!(store.load(&store_key("ann")).await.unwrap().is_some());
    let other = SqliteTokens::new(pool, KeyRing::random());
    assert!(other.load(&store_key("ann")).await.unwrap().is_none());
}
