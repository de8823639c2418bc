//! Begins, changes, rotates and ends sessions.

use std::{sync::Arc, time::Duration};

use tower_sessions_core::session::Id;

use super::{
    SessionEntry,
    derived_ids::DerivedIds,
    loaded_session::{LoadedSession, SessionHandle},
    rollback_guard::RollbackGuard,
    session_secret::SessionSecret,
    store_with_timeout::StoreWithTimeout,
    stored_records::{SecretStatus, SessionData, SessionIdentityRecord},
};
use crate::events;
use auth_identity::{
    clock::UnixTime,
    identity::{Data, IdentityError},
};

/// How long the cookie value of a rotated or replaced session is recognized: longer than a request of the
/// same browser takes.
pub(super) const REPLACED_FOR: Duration = Duration::from_mins(1);

/// The number of attempts if the store already has a new session's names, which does not happen in practice.
const SECRETS: usize = 3;

impl StoreWithTimeout {
    /// Begins a session. Its guard ends it again unless it is disarmed (rollback).
    pub(super) async fn begin(
        &self,
        core: Arc<SessionIdentityRecord>,
        now: UnixTime,
        data: impl Fn(&SessionIdentityRecord, &DerivedIds) -> Result<Data, IdentityError> + Send,
    ) -> Result<(SessionSecret, Arc<LoadedSession>, RollbackGuard), IdentityError> {
        if let Some(memory) = &self.memory {
            memory.sweep(now);
            if core.identity().is_none() && !memory.is_full_of_users() {
                return Err(IdentityError::unavailable("no room for another anonymous session"));
            }
        }
        for _ in 0..SECRETS {
            let secret = SessionSecret::random()?;
            let ids = self.derivation.ids(&secret);
            let values = SessionData { seen: now, data: Arc::new(data(&core, &ids)?) };
            let live = Arc::new(LoadedSession::new(ids, Arc::clone(&core), values));
            if let Some(guard) = self.write_new(&live, &secret).await? {
                return Ok((secret, live, guard));
            }
        }
        Err(IdentityError::unavailable("the store of sessions has every name already"))
    }

    /// Writes a new session; `None` if one of its names exists.
    async fn write_new(
        &self,
        live: &LoadedSession,
        secret: &SessionSecret,
    ) -> Result<Option<RollbackGuard>, IdentityError> {
        let (ids, held) = (&live.ids, self.held(live, secret));
        let mut guard = RollbackGuard::new(self.clone(), held.clone());
        // In this order: ending all sessions of a user then finds every valid one.
        if let Some(index) = &self.index {
            let (created, expires) = (live.core.created(), live.core.expires());
            let entry = SessionEntry::new(ids.public.clone(), ids.records(), created, expires);
            for name in held.listed() {
                self.call(index.add(name, &entry)).await?;
            }
        }
        let records = [
            (ids.values, live.values.record(ids.values, &live.core)),
            (held.status_id, SecretStatus::record(held.status_id, &live.core)),
            (ids.core, live.core.record(ids.core)),
        ];
        let mut written = Vec::new();
        for (id, record) in records {
            if !self.create(record).await? {
                // The name belongs to another session, which the guard must not end.
                guard.disarm();
                for id in &written {
                    self.call(self.store.delete(id)).await?;
                }
                self.remove_entries(&held).await;
                return Ok(None);
            }
            written.push(id);
        }
        self.note_parts(&held);
        Ok(Some(guard))
    }

    /// Rotates a session's id and invalidates the old one. The caller must hold its [turn](Self::turn).
    pub(super) async fn rotate(
        &self,
        live: &LoadedSession,
        secret: &SessionSecret,
        now: UnixTime,
    ) -> Result<(SessionSecret, RollbackGuard), IdentityError> {
        let rotated = secret.rotated()?;
        let (old, new) = (self.derivation.status_id(secret), self.held(live, &rotated));
        let mut guard = RollbackGuard::new_status(self.clone(), new.clone());
        if !self.create(SecretStatus::record(new.status_id, &live.core)).await? {
            guard.disarm();
            return Err(IdentityError::unavailable("the store of sessions has this name already"));
        }
        guard.note_replaced([old]);
        self.mark_replaced(old, now).await?;
        self.note_parts(&new);
        // From here on, only the new id is valid.
        guard.disarm();
        guard = RollbackGuard::new(self.clone(), new);
        guard.note_replaced([old]);
        Ok((rotated, guard))
    }

    /// Invalidates a cookie value; it is recognized for a while.
    async fn mark_replaced(&self, status_id: Id, now: UnixTime) -> Result<(), IdentityError> {
        match SecretStatus::replaced(status_id, now.plus(REPLACED_FOR)) {
            Some(record) => self.call(self.store.save(&record)).await,
            None => self.call(self.store.delete(&status_id)).await,
        }
    }

    /// Removes the marks of replaced values, because the new cookie has not reached the browser. A value that
    /// is in use stays.
    pub(super) async fn unmark_replaced(&self, status_ids: &[Id]) -> Result<(), IdentityError> {
        for status_id in status_ids {
            if let Some(SecretStatus::Replaced { .. }) = self.load(*status_id, SecretStatus::read).await? {
                self.call(self.store.delete(status_id)).await?;
            }
        }
        Ok(())
    }

    /// The memory store drops all parts of a session together.
    fn note_parts(&self, held: &SessionHandle) {
        if let Some(memory) = &self.memory {
            memory.note_parts(held.ids.values, held.ids.core, held.status_id);
        }
    }

    /// Ends a session that the browser replaces by another one. A slower request with the old cookie is
    /// recognized and does not begin an anonymous session, whose cookie would replace the new one.
    pub(super) async fn replace(&self, held: &SessionHandle, now: UnixTime) -> Result<(), IdentityError> {
        let marked = self.mark_replaced(held.status_id, now).await;
        self.call(self.store.delete(&held.ids.core)).await?;
        let mut others = vec![held.ids.values];
        if let Err(error) = marked {
            events::failed("end session", &error);
            others.push(held.status_id);
        }
        self.clear_up(held, &others).await;
        Ok(())
    }

    /// Changes a session's data and records its use; `None` if the session has ended meanwhile.
    pub(super) async fn edit(
        &self,
        live: &LoadedSession,
        now: UnixTime,
        change: impl FnOnce(&mut SessionData) -> Result<(), IdentityError>,
    ) -> Result<Option<Arc<LoadedSession>>, IdentityError> {
        if let Some(memory) = &self.memory {
            memory.sweep(now);
        }
        let ids = &live.ids;
        let _turn = self.turn(ids).await?;
        let Some(mut values) = self.load(ids.values, SessionData::read).await? else { return Ok(None) };
        change(&mut values)?;
        values.seen = values.seen.max(now);
        let record = values.record(ids.values, &live.core);
        let record = record.ok_or(IdentityError::misconfigured("the session cannot be written as JSON"))?;
        self.call(self.store.save(&record)).await?;
        // A log-out deletes the identity record. Data that were written after it belong to no session.
        if self.load(ids.core, SessionIdentityRecord::read).await?.is_none() {
            self.call(self.store.delete(&ids.values)).await?;
            return Ok(None);
        }
        Ok(Some(Arc::new(LoadedSession::new(live.ids.clone(), Arc::clone(&live.core), values))))
    }

    /// Ends a session: after its identity record is deleted, no concurrent request can restore it.
    pub(super) async fn end(&self, held: &SessionHandle) -> Result<(), IdentityError> {
        self.call(self.store.delete(&held.ids.core)).await?;
        self.clear_up(held, &[held.ids.values, held.status_id]).await;
        Ok(())
    }

    /// Deletes the other records of an ended session.
    async fn clear_up(&self, held: &SessionHandle, records: &[Id]) {
        for id in records {
            if let Err(error) = self.call(self.store.delete(id)).await {
                events::failed("end session", &error);
            }
        }
        self.remove_entries(held).await;
    }

    async fn remove_entries(&self, held: &SessionHandle) {
        let Some(index) = &self.index else { return };
        for name in held.listed() {
            if let Err(error) = self.call(index.remove(name, &held.ids.public)).await {
                events::failed("end session", &error);
            }
        }
    }

    /// Ends the sessions in the index of a user, regardless of concurrent requests, and returns how many of
    /// them were valid.
    pub(super) async fn end_entries(
        &self,
        name: &str,
        entries: &[SessionEntry],
        now: UnixTime,
    ) -> Result<usize, IdentityError> {
        let index = self.index()?;
        let (mut failure, mut valid) = (None, 0_usize);
        let mut ended: Vec<(&SessionEntry, SessionIdentityRecord)> = Vec::new();
        for (entry, ids) in entries.iter().filter_map(|entry| Some((entry, entry.ids()?))) {
            // End unreadable sessions too, and continue with the rest.
            let read = tokio::join!(
                self.load(ids.core, SessionIdentityRecord::read),
                self.load(ids.values, SessionData::read)
            );
            match read {
                (Ok(Some(core)), Ok(values)) => {
                    let is_valid = values.is_some_and(|values| values.limit(&core, now).is_none());
                    valid = valid.saturating_add(usize::from(is_valid));
                    ended.push((entry, core));
                }
                (Ok(None), Ok(_)) => {}
                (Err(error), _) | (_, Err(error)) => failure = Some(error),
            }
            for id in [ids.core, ids.values] {
                if let Err(error) = self.call(self.store.delete(&id)).await {
                    failure = Some(error);
                }
            }
        }
        // Keep the index entry if a record remains, so that another attempt finds it.
        if let Some(error) = failure {
            return Err(error);
        }
        for entry in entries {
            self.call(index.remove(name, entry.id())).await?;
        }
        for (entry, core) in &ended {
            for other in self.listed_as(core).into_iter().flatten().filter(|other| other != name) {
                self.call(index.remove(&other, entry.id())).await?;
            }
        }
        // A log-in checks its entry after writing its identity record; if the entry was there, the record is
        // visible now.
        for ids in entries.iter().filter_map(SessionEntry::ids) {
            self.call(self.store.delete(&ids.core)).await?;
        }
        Ok(valid)
    }
}
