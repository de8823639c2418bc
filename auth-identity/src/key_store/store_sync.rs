//! Synchronizes a key ring with the store: [`StoreSync`].

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::runtime::Handle;

use super::{
    KeyStore, KeyStoreError, KeyStoreErrorKind,
    stored_document::{Document, Record},
};
use crate::{
    Key, KeyRing,
    clock::UnixTime,
    events,
    keys::{KeyId, Refresh, Rotation, report_went_back},
};

/// The maximum number of attempts if other instances write first.
pub(super) const MAX_TRIES: usize = 16;
const MAX_RELOAD: u64 = 60;
/// The delay of a retry after a failure, in seconds.
const RETRY: u64 = 10;
/// The time after which a read counts as stuck, in seconds.
const STUCK: u64 = 60;

/// Reads and writes the store for all rings of this process that share it.
pub(super) struct StoreSync {
    store: Box<dyn KeyStore>,
    pub(super) root: Option<Key>,
    pub(super) reload: u64,
    /// The time of the next read, in seconds
    due: AtomicU64,
    /// The start of the current read; 0 without one
    reading: AtomicU64,
    known: Mutex<Accepted>,
}

/// The last accepted document, and the keys that earlier ones had and later ones dropped.
struct Accepted {
    document: Document,
    gone: VecDeque<KeyId>,
}

/// More keys than are revoked and retired in years; the oldest are dropped first.
const MAX_GONE: usize = 4096;

/// Returns the stored document, or creates one with a first key, which signs immediately.
pub(super) async fn first(store: &dyn KeyStore, now: UnixTime) -> Result<Document, KeyStoreError> {
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

impl StoreSync {
    pub(super) fn new(
        store: Box<dyn KeyStore>,
        root: Option<Key>,
        rotation: &Rotation,
        document: Document,
        now: UnixTime,
    ) -> Self {
        let reload = (rotation.activation_delay().as_secs() / 4).clamp(1, MAX_RELOAD);
        Self {
            store,
            root,
            reload,
            due: AtomicU64::new(now.as_secs().saturating_add(reload)),
            reading: AtomicU64::new(0),
            known: Mutex::new(Accepted { document, gone: VecDeque::new() }),
        }
    }

    pub(super) async fn refresh(&self, ring: &KeyRing, now: UnixTime) -> Result<(), KeyStoreError> {
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
            let next = document.with(Record::random(from)?, self.root.as_ref(), &ring.shared_kept());
            self.write(ring, &document, next).await?;
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    /// Reads the document, accepts its keys if it is newer, and returns the newest known one. A document that
    /// has disappeared or is older than the known one is written again.
    pub(super) async fn read(&self, ring: &KeyRing) -> Result<Document, KeyStoreError> {
        for _ in 0..MAX_TRIES {
            let before = self.newest();
            if let Some(stored) = self.store.load().await.map_err(KeyStoreError::unavailable)? {
                let document = Document::read(&stored)?;
                if document.is_replaced_by(&before) {
                    report_went_back(before.revision(), document.revision());
                    // A store that lost data accepts it; a lagging replica has a newer one behind it.
                    self.write(ring, &document, before.again()).await?;
                } else {
                    self.take(ring, &document)?;
                }
                return Ok(self.newest());
            }
            let lost = before.again();
            self.store.replace(None, &lost.write()).await.map_err(KeyStoreError::unavailable)?;
        }
        Err(KeyStoreError::new(KeyStoreErrorKind::Contended))
    }

    fn newest(&self) -> Document {
        self.known().document.clone()
    }

    fn known(&self) -> MutexGuard<'_, Accepted> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn write(
        &self,
        ring: &KeyRing,
        old: &Document,
        new: Document,
    ) -> Result<bool, KeyStoreError> {
        let written = self.store.replace(Some(old.revision()), &new.write()).await;
        let is_written = written.map_err(KeyStoreError::unavailable)?;
        if is_written {
            self.take(ring, &new)?;
        }
        Ok(is_written)
    }

    /// Accepts the keys of a document if it is newer than the last one. Revisions never go back, and a
    /// dropped key never returns: otherwise the store could make a revoked key valid again (rollback).
    fn take(&self, ring: &KeyRing, document: &Document) -> Result<(), KeyStoreError> {
        let mut known = self.known();
        if document.revision() <= known.document.revision() {
            return Ok(());
        }
        let mut keys = document.keys(self.root.as_ref())?;
        let before = known.document.keys(self.root.as_ref())?;
        let has = |id| keys.iter().any(|(_, key)| key.id() == id);
        let left: Vec<_> = before.iter().map(|(_, key)| key.id()).filter(|id| !has(*id)).collect();
        keys.retain(|(_, key)| !known.gone.contains(&key.id()));
        if keys.is_empty() {
            return Err(KeyStoreError::new(KeyStoreErrorKind::Invalid));
        }
        ring.take_shared(keys)?;
        known.document = document.clone();
        known.gone.extend(left);
        let surplus = known.gone.len().saturating_sub(MAX_GONE);
        known.gone.drain(..surplus);
        Ok(())
    }

    fn is_due(&self, now: u64) -> bool {
        let (due, reading) = (self.due.load(Ordering::Relaxed), self.reading.load(Ordering::Relaxed));
        // A clock that was set back must not postpone the next read.
        let is_time = now >= due || due.saturating_sub(now) > self.reload;
        let is_read = reading != 0 && reading <= now && now.saturating_sub(reading) < STUCK;
        is_time && !is_read
    }
}

impl Refresh for Arc<StoreSync> {
    fn look(&self, ring: &KeyRing, now: UnixTime) {
        if !self.is_due(now.as_secs()) {
            return;
        }
        // Without a runtime, only `refresh` and `keep_fresh` read the store.
        let Ok(runtime) = Handle::try_current() else { return };
        self.reading.store(now.as_secs().max(1), Ordering::Relaxed);
        let (sync, ring) = (Self::clone(self), ring.clone());
        runtime.spawn(async move {
            if let Err(error) = sync.refresh(&ring, now).await {
                events::failed("refresh keys", &error);
            }
        });
    }
}

/// Marks a read in progress until it is dropped, however it ends.
struct Reading<'a>(&'a StoreSync);

impl<'a> Reading<'a> {
    fn begin(sync: &'a StoreSync, now: UnixTime) -> Self {
        sync.reading.store(now.as_secs().max(1), Ordering::Relaxed);
        sync.due.store(now.as_secs().saturating_add(RETRY.min(sync.reload)), Ordering::Relaxed);
        Self(sync)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.reading.store(0, Ordering::Relaxed);
    }
}
