//! One suite for every token store.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use auth_client::{Error, FileStore, MemoryStore, StoreKey, Token, TokenCipher, TokenStore, TokenWireFormat};
use secrecy::ExposeSecret as _;

fn token(text: &str) -> Token {
    let json = format!(
        r#"{{"access_token":"{text}","refresh_token":"r","expires_in":60,"scope":"a b","extra":[1]}}"#
    );
    let noon = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1_700_000_000)).unwrap();
    Token::from_json(json.as_bytes(), noon, &TokenWireFormat::default()).unwrap()
}

async fn text(store: &dyn TokenStore, key: &StoreKey) -> Option<String> {
    let token = store.load(key).await.unwrap()?;
    assert_eq!(token.refresh_token().unwrap().expose_secret(), "r");
    assert_eq!((token.scopes().unwrap().len(), token.lifetime().unwrap().as_secs()), (2, 60));
    assert!(token.extra("extra").is_some());
    Some(token.access_token().expose_secret().to_owned())
}

/// The contract of every store; `many` if it stores more than one key.
async fn suite(store: Arc<dyn TokenStore>, many: bool) {
    let (alice, bob) = (StoreKey::of(&["issuer", "alice"]), StoreKey::of(&["issuer", "bob"]));
    assert_eq!(text(&*store, &alice).await, None);
    store.remove(&alice).await.unwrap();

    store.save(&alice, &token("one")).await.unwrap();
    assert_eq!(text(&*store, &alice).await.unwrap(), "one");
    assert_eq!(text(&*store, &bob).await, None, "one is never taken for the other");
    store.save(&alice, &token("two")).await.unwrap();
    assert_eq!(text(&*store, &alice).await.unwrap(), "two");
    store.save(&bob, &token("bob")).await.unwrap();
    assert_eq!(text(&*store, &bob).await.unwrap(), "bob");
    assert_eq!(text(&*store, &alice).await.is_some(), many);
    store.remove(&bob).await.unwrap();
    assert_eq!(text(&*store, &bob).await, None);

    // A lock belongs to one task at a time, makes others wait, and is released when its holder is cancelled.
    let held = store.lock(&alice).await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(50), store.lock(&alice)).await;
    assert!(waiting.is_err(), "it is held");
    drop(held);
    drop(tokio::time::timeout(Duration::from_secs(10), store.lock(&alice)).await.unwrap().unwrap());
    let inside = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, key, inside) = (Arc::clone(&store), alice.clone(), Arc::clone(&inside));
            tokio::spawn(async move {
                let _lock = store.lock(&key).await.unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                tokio::time::sleep(Duration::from_millis(1)).await;
                inside.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(!format!("{store:?}").contains("two"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory() {
    suite(Arc::new(MemoryStore::new()), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file() {
    let folder = tempfile::tempdir().unwrap();
    suite(Arc::new(FileStore::new(folder.path().join("token"))), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_files() {
    let folder = tempfile::tempdir().unwrap();
    suite(Arc::new(FileStore::in_folder(folder.path().join("tokens"))), true).await;
}

/// Turns each byte over; a first byte shows that it did.
struct Flip;

impl TokenCipher for Flip {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        Ok([&b"f"[..], &plain.iter().map(|byte| !byte).collect::<Vec<_>>()].concat())
    }

    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        Some(sealed.strip_prefix(b"f")?.iter().map(|byte| !byte).collect())
    }
}

// For stores in databases: a row that is copied to another account is not that account's token.
#[test]
fn a_sealed_token_belongs_to_its_key() {
    let (alice, bob) = (StoreKey::of(&["issuer", "alice"]), StoreKey::of(&["issuer", "bob"]));
    let sealed = alice.seal(&token("one"), &Flip).unwrap();
    assert!(!sealed.windows(3).any(|window| window == b"one"));
    assert_eq!(alice.open(&sealed, &Flip).unwrap().access_token().expose_secret(), "one");
    assert!(bob.open(&sealed, &Flip).is_none());
    assert!(alice.open(&sealed[1..], &Flip).is_none());
    assert!(alice.open(b"f", &Flip).is_none());
}
