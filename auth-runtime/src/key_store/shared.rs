//! A ring whose keys are in a store.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    KeyStore, KeyStoreError, KeyStoreErrorKind,
    document::{Document, Record},
    reader::{MAX_TRIES, Reader, first},
};
use crate::{
    Key, KeyRing,
    clock::UnixTime,
    keys::{KeyError, KeyId, KeyState, Rotation, report_revoked},
};

/// A [`KeyRing`] of random keys that several machines share through a [`KeyStore`].
///
/// Each machine reads the store once a minute, or four times within the lead when that is shorter. The first one that
/// finds a new key due announces it in the store; it signs one lead later, when all have read it.
///
/// The ring looks after itself when it is used: a request that finds it time to read starts a task that does, and is itself
/// served with the keys at hand. A machine that has had no requests for longer than the lead may therefore refuse the first one;
/// [`keep_fresh`](Self::keep_fresh) reads also when nobody asks.
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
/// While the store does not answer, the last keys that were read serve on: the signing key signs beyond its interval, what it
/// signed is valid, and an event tells so each ten seconds. A revocation reaches other machines when they read the next time.
#[derive(Clone)]
pub struct SharedKeyRing {
    ring: KeyRing,
    reader: Arc<Reader>,
}

impl SharedKeyRing {
    /// Reads the shared keys; makes the first one where there is none.
    ///
    /// # Errors
    ///
    /// Fails when the rotation would need more than 64 keys at a time, when the store does not answer, and when it holds
    /// something else.
    pub async fn open(
        store: impl KeyStore,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        Self::open_in(Box::new(store), None, rotation, now).await
    }

    /// Like [`open`](Self::open), but the keys follow from the store's content and from a master key together, so that
    /// who reads the store alone can sign nothing.
    ///
    /// # Errors
    ///
    /// Fails as `open` does. With another master the keys are others; nothing tells that it was not meant.
    pub async fn open_with_master(
        store: impl KeyStore,
        master: Key,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        Self::open_in(Box::new(store), Some(master), rotation, now).await
    }

    async fn open_in(
        store: Box<dyn KeyStore>,
        master: Option<Key>,
        rotation: Rotation,
        now: UnixTime,
    ) -> Result<Self, KeyStoreError> {
        let document = first(&*store, now).await?;
        let keys = document.keys(master.as_ref())?;
        let reader = Arc::new(Reader::new(store, master, &rotation, document, now));
        let ring = KeyRing::of_shared(rotation, keys, Arc::<Reader>::clone(&reader), now)?;
        Ok(Self { ring, reader })
    }

    /// Returns the ring, for policies; it reads the store as long as any clone of it is used.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    /// Reads the store now, and announces a key if one is due.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer, holds something else, or is changed all the time by others; the ring then
    /// goes on with the keys that it has.
    pub async fn refresh(&self, now: UnixTime) -> Result<(), KeyStoreError> {
        self.ring.advance(now);
        self.reader.refresh(&self.ring, now).await
    }

    /// Announces a new key, which signs one lead later; those before it still verify.
    ///
    /// # Errors
    ///
    /// Fails as [`refresh`](Self::refresh) does, and when the operating system gives no random bytes.
    pub async fn rotate(&self, now: UnixTime) -> Result<KeyId, KeyStoreError> {
        let lead = self.ring.rotation().map_or(Duration::ZERO, Rotation::lead);
        let record = Record::random(now.plus(lead))?;
        let id = record.key(self.reader.master.as_ref())?.id();
        let kept = |document: &Document| {
            Ok(document.with(record.clone(), self.reader.master.as_ref(), &self.ring.shared_kept()))
        };
        self.change(now, kept).await?;
        Ok(id)
    }

    /// Removes a key: what it signed is refused by this machine from the next verification on, and by the others when they
    /// read the store, at most a minute later if they are used.
    ///
    /// # Errors
    ///
    /// Fails as [`refresh`](Self::refresh) does, and when there is no such key, or when it is the active one.
    pub async fn revoke(&self, id: KeyId, now: UnixTime) -> Result<(), KeyStoreError> {
        self.change(now, |document| {
            if self.ring.keys().contains(&(id, KeyState::Active)) {
                return Err(KeyError::active().into());
            }
            let next = document.without(id, self.reader.master.as_ref());
            next.ok_or_else(|| KeyError::unknown().into())
        })
        .await?;
        report_revoked(id);
        Ok(())
    }

    /// Replaces all keys by one new random key, in one step, which logs everybody out. The emergency lever.
    ///
    /// Until the other machines read the store, at most a minute later if they are used, they take the old keys and not the new one.
    ///
    /// # Errors
    ///
    /// Fails as [`rotate`](Self::rotate) does.
    pub async fn rotate_and_revoke_all(&self, now: UnixTime) -> Result<KeyId, KeyStoreError> {
        let record = Record::random(now)?;
        let id = record.key(self.reader.master.as_ref())?.id();
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
            let document = self.reader.read(&self.ring).await?;
            if self.reader.write(&self.ring, &document, change(&document)?).await? {
                return Ok(());
            }
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    pub(super) fn reload(&self) -> Duration {
        Duration::from_secs(self.reader.reload)
    }
}

impl fmt::Debug for SharedKeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKeyRing").field("ring", &self.ring).finish_non_exhaustive()
    }
}
