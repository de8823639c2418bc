//! Keeps the keys of a ring in a store that instances share: [`SharedKeyRing`].

use std::{fmt, sync::Arc, time::Duration};

use super::{
    KeyStore, KeyStoreError, KeyStoreErrorKind,
    store_sync::{MAX_TRIES, StoreSync, first},
    stored_document::{Document, Record},
};
use crate::{
    Key, KeyRing,
    clock::UnixTime,
    keys::{KeyError, KeyId, KeyState, Rotation, report_revoked},
};

/// A [`KeyRing`] of random keys that several instances share through a [`KeyStore`].
///
/// Each instance reads the store once a minute, or four times within the activation delay if that is shorter.
/// The first instance that finds a new key due publishes it in the store. The key signs after the activation
/// delay, when all instances have read it.
///
/// The ring refreshes when it is used: a request that finds it due starts a task and continues with the
/// present keys. An instance without requests for longer than the activation delay may therefore reject the
/// first one; [`keep_fresh`](Self::keep_fresh) refreshes without requests.
///
/// # Example
///
/// ```
/// use auth_runtime::{TicketCookie, clock::{Clock, SystemClock}, key_store::{MemoryKeyStore, SharedKeyRing}, keys::Rotation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = SharedKeyRing::open(MemoryKeyStore::new(), Rotation::every("30d")?, SystemClock.now()).await?;
/// let policy = TicketCookie::new(keys.ring());
/// let fresh = keys.keep_fresh(SystemClock);
/// # let _ = policy;
/// fresh.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// # Security
///
/// While the store is unavailable, the last keys stay in use: the signing key signs beyond its interval, its
/// signatures are valid, and an event is logged every ten seconds. A revocation reaches other instances with
/// their next read.
#[derive(Clone)]
pub struct SharedKeyRing {
    ring: KeyRing,
    sync: Arc<StoreSync>,
}

impl SharedKeyRing {
    /// Reads the shared keys, and creates the first one if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the rotation would need more than 64 keys at a time, the store is unavailable, or its content
    /// is invalid.
    pub async fn open(
        store: impl KeyStore,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        Self::open_in(Box::new(store), None, rotation, now).await
    }

    /// Like [`open`](Self::open), with keys that are derived from the store's content and a root key
    /// together: reading the store alone does not allow signing.
    ///
    /// # Errors
    ///
    /// Fails as `open` does. Another root key yields other keys; this mistake cannot be detected.
    pub async fn open_with_root_key(
        store: impl KeyStore,
        root: Key,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        Self::open_in(Box::new(store), Some(root), rotation, now).await
    }

    async fn open_in(
        store: Box<dyn KeyStore>,
        root: Option<Key>,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        let document = first(&*store, now).await?;
        let keys = document.keys(root.as_ref())?;
        let sync = Arc::new(StoreSync::new(store, root, &rotation, document, now));
        let ring = KeyRing::of_shared(rotation, keys, Arc::<StoreSync>::clone(&sync), now)?;
        Ok(Self { ring, sync })
    }

    /// Returns the ring for policies. It reads the store as long as a clone of it is used.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    /// Reads the store now, and publishes a key if one is due.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable, its content is invalid, or other instances keep changing it. The
    /// ring keeps its present keys.
    pub async fn refresh(&self, now: UnixTime) -> Result<(), KeyStoreError> {
        self.ring.advance(now);
        self.sync.refresh(&self.ring, now).await
    }

    /// Publishes a new key, which signs after the activation delay; earlier keys still verify.
    ///
    /// # Errors
    ///
    /// Fails as [`refresh`](Self::refresh) does, and if the operating system gives no random bytes.
    pub async fn rotate(&self, now: UnixTime) -> Result<KeyId, KeyStoreError> {
        let delay = self.ring.rotation().map_or(Duration::ZERO, Rotation::activation_delay);
        let record = Record::random(now.plus(delay))?;
        let id = record.key(self.sync.root.as_ref())?.id();
        let kept = |document: &Document| {
            Ok(document.with(record.clone(), self.sync.root.as_ref(), &self.ring.shared_kept()))
        };
        self.change(now, kept).await?;
        Ok(id)
    }

    /// Revokes a key. This instance rejects its signatures from the next verification, others after their
    /// next read: at most a minute later if they are used.
    ///
    /// # Errors
    ///
    /// Fails as [`refresh`](Self::refresh) does, and if the ring does not have the key or it is active.
    pub async fn revoke(&self, id: KeyId, now: UnixTime) -> Result<(), KeyStoreError> {
        self.change(now, |document| {
            if self.ring.keys().contains(&(id, KeyState::Active)) {
                return Err(KeyError::active().into());
            }
            let next = document.without(id, self.sync.root.as_ref());
            next.ok_or_else(|| KeyError::unknown().into())
        })
        .await?;
        report_revoked(id);
        Ok(())
    }

    /// Replaces all keys by one new random key in one step, which logs all users out. For emergencies.
    ///
    /// Other instances accept the old keys and not the new one until their next read: at most a minute later
    /// if they are used.
    ///
    /// # Errors
    ///
    /// Fails as [`rotate`](Self::rotate) does.
    pub async fn rotate_and_revoke_all(&self, now: UnixTime) -> Result<KeyId, KeyStoreError> {
        let record = Record::random(now)?;
        let id = record.key(self.sync.root.as_ref())?.id();
        let old = self.ring.keys();
        self.change(now, |document| Ok(document.only(record.clone()))).await?;
        for (id, _) in old {
            report_revoked(id);
        }
        Ok(id)
    }

    async fn change(
        &self,
        now: UnixTime,
        change: impl Fn(&Document) -> Result<Document, KeyStoreError>,
    ) -> Result<(), KeyStoreError> {
        self.ring.advance(now);
        for _ in 0..MAX_TRIES {
            let document = self.sync.read(&self.ring).await?;
            if self.sync.write(&self.ring, &document, change(&document)?).await? {
                return Ok(());
            }
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    pub(super) fn reload(&self) -> Duration {
        Duration::from_secs(self.sync.reload)
    }
}

impl fmt::Debug for SharedKeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKeyRing").field("ring", &self.ring).finish_non_exhaustive()
    }
}
