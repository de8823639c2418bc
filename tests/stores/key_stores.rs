//! What each store of shared keys has to do: compare and swap, and share a ring between instances.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use auth_runtime::{
    Identity, Key, KeyRing,
    clock::UnixTime,
    key_store::{
        FileKeyStore, KeyStore, KeyStoreErrorKind, MemoryKeyStore, PostgresKeyStore, RedisKeyStore,
        SharedKeyRing, SqliteKeyStore, StoredKeys,
    },
    keys::{KeyId, KeyState, Rotation},
    redis_config,
    ticket::{Ticket, TicketScope, TicketSealer},
};
use fred::prelude::{ClientLike as _, KeysInterface as _};
use sqlx::{PgPool, SqlitePool, sqlite::SqliteConnectOptions};

use crate::services;

const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn daily() -> Rotation {
    Rotation::every("1d").unwrap().with_credential_lifetime("8h").unwrap()
}

fn root(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

/// Runs everything on an empty store; clones share it.
async fn conform(store: impl KeyStore + Clone) {
    compares_and_swaps(&store).await;
    shares_a_ring(&store).await;
}

async fn compares_and_swaps(store: &(impl KeyStore + Clone)) {
    let found = async || store.load().await.unwrap().map(|keys| (keys.revision(), keys.text().to_owned()));
    let document = |revision, text: &str| StoredKeys::new(revision, text);
    let replace = async |expected, keys: StoredKeys| store.replace(expected, &keys).await.unwrap();
    assert_eq!(found().await, None);
    assert!(!replace(Some(1), document(2, "x")).await);
    assert_eq!(found().await, None, "nothing is written for another revision");
    let first = "a few lines\nof ASCII: 'quotes', \"more\"; --\n\nand a last one";
    assert!(replace(None, document(1, first)).await);
    assert_eq!(found().await, Some((1, first.to_owned())));
    for expected in [None, Some(0), Some(2)] {
        assert!(!replace(expected, document(9, "other")).await, "{expected:?}");
        assert_eq!(found().await, Some((1, first.to_owned())), "{expected:?}");
    }
    let long = "k".repeat(16 * 1024);
    assert!(replace(Some(1), document(2, &long)).await);
    assert_eq!(found().await, Some((2, long)));
    assert!(!replace(Some(1), document(2, "late")).await);
    let last = u64::MAX >> 1;
    assert!(replace(Some(2), document(last, "the last number")).await);
    assert_eq!(found().await, Some((last, "the last number".to_owned())));
    assert!(replace(Some(last), document(3, "a number may go back")).await);

    // Of many at once, one writes.
    let writes = (0..16_u64).map(|at| {
        let (store, keys) = (store.clone(), document(4 + at, &format!("by {at}")));
        tokio::spawn(async move { store.replace(Some(3), &keys).await.unwrap().then_some(at) })
    });
    let mut winners = Vec::new();
    for write in futures_util::future::join_all(writes).await {
        winners.extend(write.unwrap());
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let winner = winners.pop().unwrap();
    assert_eq!(found().await, Some((4 + winner, format!("by {winner}"))));
    // A text that is not a document of keys does not become a ring.
    let error = SharedKeyRing::open(store.clone(), daily(), at(NOON)).await.unwrap_err();
    assert_eq!(error.kind(), KeyStoreErrorKind::Invalid);
}

fn active(ring: &KeyRing) -> KeyId {
    let (id, _) = ring.keys().into_iter().find(|(_, state)| *state == KeyState::Active).unwrap();
    id
}

fn sealer(keys: &SharedKeyRing) -> TicketSealer {
    TicketSealer::new(keys.ring(), &TicketScope { purpose: "identity", application: "", name: "auth" })
}

async fn shares_a_ring(store: &(impl KeyStore + Clone)) {
    // A ring of its own, whose first document is in the place of what is there.
    let memory = MemoryKeyStore::new();
    let open = async |now| SharedKeyRing::open_with_root_key(store.clone(), root(0), daily(), at(now)).await;
    SharedKeyRing::open_with_root_key(memory.clone(), root(0), daily(), at(NOON)).await.unwrap();
    let first = memory.load().await.unwrap().unwrap();
    let before = store.load().await.unwrap().unwrap().revision();
    assert!(store.replace(Some(before), &StoredKeys::new(before + 1, first.text())).await.unwrap());

    let (here, there) = (open(NOON).await.unwrap(), open(NOON).await.unwrap());
    assert_eq!(here.ring().keys(), there.ring().keys());
    let ticket = Ticket::new(Identity::new("alice").unwrap(), at(NOON), at(NOON + 8 * HOUR));
    let sealed = sealer(&here).seal(&ticket, None).unwrap();
    assert!(sealer(&there).open(&sealed, None).is_ok());

    // Published by one instance, for all, before any of them signs with it.
    let old = active(&here.ring());
    let due = NOON + DAY - HOUR;
    here.refresh(at(due)).await.unwrap();
    there.refresh(at(due + 60)).await.unwrap();
    let keys = there.ring().keys();
    let &(new, state) = keys.get(1).unwrap();
    assert_eq!((keys.len(), state, active(&there.ring())), (2, KeyState::Pending, old));
    assert_eq!(here.ring().keys(), there.ring().keys());
    for instance in [&here, &there] {
        instance.ring().advance(at(NOON + DAY));
        assert_eq!(active(&instance.ring()), new);
    }

    // The one that restarts, and those that change keys at the same time.
    let restarted = open(NOON + DAY).await.unwrap();
    assert_eq!(active(&restarted.ring()), new);
    let instances = [&here, &there, &restarted];
    let rotations = instances.map(|instance| instance.rotate(at(NOON + DAY)));
    for rotated in futures_util::future::join_all(rotations).await {
        rotated.unwrap();
    }
    for instance in instances {
        instance.refresh(at(NOON + DAY + 60)).await.unwrap();
    }
    assert_eq!(here.ring().keys(), there.ring().keys());
    assert_eq!(here.ring().keys().iter().filter(|(_, state)| *state == KeyState::Pending).count(), 3);

    // A revoked key is gone everywhere with the next read.
    there.revoke(old, at(NOON + DAY + 60)).await.unwrap();
    here.refresh(at(NOON + DAY + 120)).await.unwrap();
    assert!(here.ring().keys().iter().all(|(id, _)| *id != old));
    assert!(sealer(&here).open(&sealed, None).is_err());

    // A copy of the store signs nothing without the root key.
    let copy = SharedKeyRing::open(store.clone(), daily(), at(NOON + DAY + 120)).await.unwrap();
    let other =
        SharedKeyRing::open_with_root_key(store.clone(), root(1), daily(), at(NOON + DAY + 120)).await;
    for thief in [copy, other.unwrap()] {
        let known: Vec<KeyId> = here.ring().keys().into_iter().map(|(id, _)| id).collect();
        assert!(thief.ring().keys().iter().all(|(id, _)| !known.contains(id)));
        let forged = sealer(&thief).seal(&ticket, None).unwrap();
        assert!(sealer(&here).open(&forged, None).is_err());
    }
}

#[tokio::test]
async fn memory_conforms() {
    conform(MemoryKeyStore::new()).await;
}

#[tokio::test]
async fn a_file_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conform(FileKeyStore::new(folder.path().join("keys"))).await;
}

#[tokio::test]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("keys.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let store = SqliteKeyStore::new(pool.clone());
    assert!(store.load().await.is_err(), "no table is an error, and not an absent document");
    for _ in 0..2 {
        store.create_table().await.unwrap();
    }
    conform(store).await;
    // Another name is another ring.
    conform(SqliteKeyStore::new(pool).with_name("of another application")).await;
}

#[tokio::test]
async fn postgres_conforms() {
    let Some(address) = services::postgres() else { return };
    let pool = PgPool::connect(&address).await.unwrap();
    let name = format!("test {}", active(&KeyRing::random()));
    let store = PostgresKeyStore::new(pool.clone()).with_name(&name);
    let other = PostgresKeyStore::new(pool.clone());
    for created in futures_util::future::join_all((0..4).map(|_| other.create_table())).await {
        created.unwrap();
    }
    conform(store).await;
    sqlx::query("DELETE FROM auth_keys WHERE name = $1").bind(name).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn redis_conforms() {
    let Some(address) = services::redis() else { return };
    let client = fred::clients::Client::new(redis_config(&address).unwrap(), None, None, None);
    client.init().await.unwrap();
    let key = format!("test:keys:{}", active(&KeyRing::random()));
    conform(RedisKeyStore::new(client.clone()).with_key(&key)).await;
    client.del::<(), _>(&key).await.unwrap();
    // A server that is gone is an error, and not an absent document.
    client.quit().await.unwrap();
    let gone = RedisKeyStore::new(client).with_key(&key);
    assert!(gone.load().await.is_err());
    assert!(gone.replace(None, &StoredKeys::new(1, "x")).await.is_err());
}

#[cfg(unix)]
mod files {
    use std::{
        fs,
        os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
        path::Path,
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Neither reads nor writes, and says why.
    async fn fails(store: &FileKeyStore, why: &str) {
        for error in [
            store.load().await.unwrap_err(),
            store.replace(Some(1), &StoredKeys::new(2, "x")).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[tokio::test]
    async fn files_are_for_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let store = FileKeyStore::new(&path);
        assert!(store.replace(None, &StoredKeys::new(1, "canary")).await.unwrap());
        assert_eq!((mode(&path), mode(&folder.path().join("keys.lock"))), (0o600, 0o600));
        for shared in [0o640, 0o604, 0o660, 0o610] {
            set_mode(&path, shared);
            fails(&store, "chmod 600").await;
        }
        set_mode(&path, 0o600);
        for shared in [0o777, 0o770, 0o722] {
            set_mode(folder.path(), shared);
            fails(&store, "chmod 700").await;
        }
        set_mode(folder.path(), 0o755);
        assert_eq!(store.load().await.unwrap().unwrap().revision(), 1);
        assert!(!format!("{store:?}").contains("canary"));
    }

    #[tokio::test]
    async fn other_kinds_of_files_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let written = FileKeyStore::new(&target);
        assert!(written.replace(None, &StoredKeys::new(1, "x")).await.unwrap());
        let link = folder.path().join("link");
        symlink(&target, &link).unwrap();
        fails(&FileKeyStore::new(&link), "cannot be opened").await;
        fails(&FileKeyStore::new(folder.path().join("none").join("keys")), "No such file").await;
        fs::create_dir(folder.path().join("folder")).unwrap();
        set_mode(&folder.path().join("folder"), 0o700);
        let error = FileKeyStore::new(folder.path().join("folder")).load().await.unwrap_err();
        assert!(error.to_string().contains("is not a regular file"), "{error}");
        fs::hard_link(&target, folder.path().join("second")).unwrap();
        fails(&written, "hard link").await;
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_and_the_ring_keeps_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let keys = SharedKeyRing::open(FileKeyStore::new(&path), daily(), at(NOON)).await.unwrap();
        let first = active(&keys.ring());
        let good = fs::read_to_string(&path).unwrap();
        for damaged in [
            String::new(),
            "revision 1".to_owned(),
            good.replacen("revision ", "", 1),
            good.replacen("revision 1", "revision -1", 1),
            good.replacen("revision 1", "revision x", 1),
            "x".repeat(70_000),
        ] {
            fs::write(&path, &damaged).unwrap();
            let error = keys.refresh(at(NOON + 60)).await.unwrap_err();
            assert_eq!(error.kind(), KeyStoreErrorKind::Unavailable, "{damaged:.20}");
            assert_eq!(active(&keys.ring()), first);
        }
        fs::write(&path, good).unwrap();
        // A process that was killed while it wrote leaves this.
        fs::write(folder.path().join("keys.new"), "half a docum").unwrap();
        keys.rotate(at(NOON + 120)).await.unwrap();
        assert!(!folder.path().join("keys.new").exists());
        assert_eq!(mode(&path), 0o600);
    }
}
