//! A ring whose keys are in a store.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::runtime::Handle;

use super::{
    KeyStore, KeyStoreError, KeyStoreErrorKind,
    document::{Document, Record},
};
use crate::{
    Key, KeyRing,
    clock::UnixTime,
    events,
    keys::{KeyError, KeyId, KeyState, Refresh, Rotation, report_revoked},
};

/// So often others may come first until it is given up.
const MAX_TRIES: usize = 16;
const MAX_RELOAD: u64 = 60;
/// After a failure it is tried again after so many seconds.
const RETRY: u64 = 10;
/// A read that takes longer is no longer waited for.
const STUCK: u64 = 60;

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

struct Reader {
    store: Box<dyn KeyStore>,
    master: Option<Key>,
    reload: u64,
    /// When to read next, in seconds
    due: AtomicU64,
    /// Since when somebody reads; 0 for nobody
    reading: AtomicU64,
    begun: AtomicU64,
    known: Mutex<Known>,
}

/// What was taken last, and the number of reads and writes that had begun then.
struct Known {
    taken: u64,
    document: Document,
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
        let reload = (rotation.lead().as_secs() / 4).clamp(1, MAX_RELOAD);
        let reader = Arc::new(Reader {
            store,
            master,
            reload,
            due: AtomicU64::new(now.as_secs().saturating_add(reload)),
            reading: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            known: Mutex::new(Known { taken: 0, document }),
        });
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

/// The stored document, or one with a first key, which signs at once.
async fn first(store: &dyn KeyStore, now: UnixTime) -> Result<Document, KeyStoreError> {
    for _ in 0..MAX_TRIES {
        if let Some(stored) = store.load().await.map_err(KeyStoreError::unavailable)? {
            return Document::read(&stored);
        }
        let document = Document::new(Record::random(now)?);
        if store.replace(None, &document.write()).await.map_err(KeyStoreError::unavailable)? {
            return Ok(document);
        }
    }
    Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
}

impl Reader {
    async fn refresh(&self, ring: &KeyRing, now: UnixTime) -> Result<(), KeyStoreError> {
        let reading = Reading::begin(self, now);
        self.announce_due(ring).await?;
        self.due.store(now.as_secs().saturating_add(self.reload), Ordering::Relaxed);
        drop(reading);
        Ok(())
    }

    async fn announce_due(&self, ring: &KeyRing) -> Result<(), KeyStoreError> {
        for _ in 0..MAX_TRIES {
            let document = self.read(ring).await?;
            let Some(from) = ring.shared_due() else { return Ok(()) };
            let next = document.with(Record::random(from)?, self.master.as_ref(), &ring.shared_kept());
            self.write(ring, &document, next).await?;
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    /// Reads the document, and takes its keys. One that has vanished is written again.
    async fn read(&self, ring: &KeyRing) -> Result<Document, KeyStoreError> {
        for _ in 0..MAX_TRIES {
            let read = self.next_read();
            if let Some(stored) = self.store.load().await.map_err(KeyStoreError::unavailable)? {
                let document = Document::read(&stored)?;
                self.take(ring, read, &document)?;
                return Ok(document);
            }
            let lost = self.known.lock().unwrap_or_else(PoisonError::into_inner).document.again();
            self.store.replace(None, &lost.write()).await.map_err(KeyStoreError::unavailable)?;
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    async fn write(&self, ring: &KeyRing, old: &Document, new: Document) -> Result<bool, KeyStoreError> {
        let read = self.next_read();
        let written = self.store.replace(Some(old.revision()), &new.write()).await;
        let is_written = written.map_err(KeyStoreError::unavailable)?;
        if is_written {
            self.take(ring, read, &new)?;
        }
        Ok(is_written)
    }

    fn next_read(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Takes the keys of a document, unless it was read or written before the last one was taken and is no newer: what was
    /// revoked meanwhile must not come back.
    fn take(&self, ring: &KeyRing, read: u64, document: &Document) -> Result<(), KeyStoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (old, new) = (known.document.revision(), document.revision());
        if new == old || (new < old && read < known.taken) {
            return Ok(());
        }
        ring.take_shared(document.keys(self.master.as_ref())?)?;
        known.document = document.clone();
        known.taken = self.next_read();
        Ok(())
    }

    fn is_due(&self, now: u64) -> bool {
        let (due, reading) = (self.due.load(Ordering::Relaxed), self.reading.load(Ordering::Relaxed));
        // A clock that was set back must not put the next read off.
        let is_time = now >= due || due.saturating_sub(now) > self.reload;
        let is_read = reading != 0 && reading <= now && now.saturating_sub(reading) < STUCK;
        is_time && !is_read
    }
}

impl Refresh for Arc<Reader> {
    fn look(&self, ring: &KeyRing, now: UnixTime) {
        if !self.is_due(now.as_secs()) {
            return;
        }
        // Without a runtime somebody else has to refresh.
        let Ok(runtime) = Handle::try_current() else { return };
        self.reading.store(now.as_secs().max(1), Ordering::Relaxed);
        let (reader, ring) = (Self::clone(self), ring.clone());
        runtime.spawn(async move {
            if let Err(error) = reader.refresh(&ring, now).await {
                events::failed("refresh keys", &error);
            }
        });
    }
}

/// Somebody reads until this is dropped, however it ends.
struct Reading<'a>(&'a Reader);

impl<'a> Reading<'a> {
    fn begin(reader: &'a Reader, now: UnixTime) -> Self {
        reader.reading.store(now.as_secs().max(1), Ordering::Relaxed);
        reader.due.store(now.as_secs().saturating_add(RETRY.min(reader.reload)), Ordering::Relaxed);
        Self(reader)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.reading.store(0, Ordering::Relaxed);
    }
}

impl fmt::Debug for SharedKeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKeyRing").field("ring", &self.ring).finish_non_exhaustive()
    }
}
