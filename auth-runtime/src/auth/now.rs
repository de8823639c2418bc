//! Answers that are there without waiting: found in one go, under one lock.
//!
//! Most guards can decide like this. Where something has to be waited for, nothing has been asked twice, and the slow way
//! goes on from what was found here.

use std::sync::MutexGuard;

use http::request::Parts;

use super::{
    failure::Failure,
    memo::Memo,
    state::{RequestState, Turn},
};
use crate::{
    BoxError,
    acl::{Groups, Principals},
    authorization::{Answer, GroupSource},
    clock::UnixTime,
    cross_origin, events,
    identity::{Identified, IdentityError, IdentityErrorKind, Incoming, Scopes, UserId},
    layer::{Config, peer_of},
};

/// A request whose user is known.
pub(crate) struct Known<'a> {
    memo: MutexGuard<'a, Memo>,
    config: &'a Config,
}

impl RequestState {
    /// Finds the user; `None` where that takes time.
    pub(crate) fn known_now(&self, parts: &Parts) -> Option<Result<Known<'_>, Failure>> {
        let (mut memo, config) = (self.lock(), self.config());
        if memo.identified.is_none() {
            let request = Incoming::with_lazy_peer(parts, peer_of, config.clock.now());
            let answer = config.identity.identify_now(&request)?;
            // A failure is found again below, like one that was kept.
            let _ = memo.note_identified(config, parts, request.now(), answer);
        }
        memo.find_user(config);
        let failure = match memo.user.as_ref()? {
            Ok(_) => None,
            Err(failure) => Some(*failure),
        };
        Some(failure.map_or(Ok(Known { memo, config }), Err))
    }

    /// Returns the user; `None` where that takes time.
    pub(super) fn user_now(&self, parts: &Parts) -> Option<Result<Option<UserId>, Failure>> {
        Some(match self.known_now(parts)? {
            Ok(known) => known.memo.user.clone().unwrap_or(Ok(None)),
            Err(failure) => Err(failure),
        })
    }

    /// Waits for the identity or for the groups, whichever is missing; returns whether there is more to see than before.
    pub(crate) async fn wait_for_one(&self, parts: &Parts) -> bool {
        if self.lock().identified.is_none() {
            // A failure is kept, too, and seen at the next look.
            let _ = self.identify(parts).await;
            return true;
        }
        let Some((source, user, changes, turn)) = self.missing_groups() else { return false };
        let later = match source.groups(user.as_ref()) {
            Answer::Now(answer) => {
                self.lock().note_groups_since(changes, answer);
                return true;
            }
            Answer::Later(later) => later,
        };
        let answer = later.await;
        self.lock().note_groups_since(changes, answer);
        drop(turn);
        true
    }

    /// Whom to ask for the groups of whom, where nothing else is missing and nobody else asks. Of two people, somebody who
    /// acts for another one, both are asked about, the slow way.
    fn missing_groups(&self) -> Option<(&dyn GroupSource, Option<UserId>, u32, Turn<'_>)> {
        let source = self.config().groups.as_deref()?;
        let memo = self.lock();
        let Some(Ok(user)) = &memo.user else { return None };
        if memo.groups.is_some() || memo.actor.is_some() {
            return None;
        }
        Some((source, user.clone(), memo.changes, self.try_turn()?))
    }

    /// Returns the user, however long that takes.
    pub(super) async fn user_later(&self, parts: &Parts) -> Result<Option<UserId>, Failure> {
        self.identify(parts).await?;
        self.user().await
    }
}

impl Known<'_> {
    /// Returns the user's id.
    pub(crate) fn user(&self) -> Option<&str> {
        match &self.memo.user {
            Some(Ok(user)) => user.as_deref(),
            _ => None,
        }
    }

    /// Finds the groups if they are needed, be it to know whether the user is barred; `None` where that takes time.
    pub(crate) fn find_groups(&mut self, needed: bool) -> Option<Result<(), Failure>> {
        if !needed && !self.config.may_bar() {
            return Some(Ok(()));
        }
        self.memo.find_groups(self.config);
        if self.memo.groups.is_none() {
            // Of two people, somebody who acts for another one, both are asked about, the slow way.
            if self.memo.actor.is_some() {
                return None;
            }
            let source = self.config.groups.as_ref()?;
            let Some(Ok(user)) = &self.memo.user else { return None };
            let answer = source.groups_now(user.as_ref())?;
            self.memo.note_groups(answer);
        }
        self.memo.groups_done()
    }

    /// Returns what the credential was issued for.
    pub(crate) fn scopes(&self) -> Option<&Scopes> {
        self.memo.known().ok()?.scopes()
    }

    /// Returns whom the request speaks for, as far as it was found out.
    pub(crate) fn principals(&self) -> Principals<'_> {
        self.memo.principals()
    }
}

impl Memo {
    /// Keeps who was identified, unless another task has asked meanwhile: it may have changed what it was told.
    pub(super) fn note_first_identified(
        &mut self,
        config: &Config,
        parts: &Parts,
        now: UnixTime,
        answer: Result<Identified, IdentityError>,
    ) -> Result<(), Failure> {
        match self.identified_done() {
            Some(done) => done,
            None => self.note_identified(config, parts, now, answer),
        }
    }

    /// Keeps who was identified, and tells the log of what is wrong with the credential.
    pub(super) fn note_identified(
        &mut self,
        config: &Config,
        parts: &Parts,
        now: UnixTime,
        answer: Result<Identified, IdentityError>,
    ) -> Result<(), Failure> {
        self.now = now;
        // What changes the user writes a cookie, so there the policy counts; what is only read may be another credential.
        let is_ambient = config.identity.is_ambient()
            || answer.as_ref().is_ok_and(|found| found.ambient().unwrap_or_default());
        self.foreign = is_ambient && cross_origin::is_foreign(parts, &config.origins);
        match &answer {
            Ok(found) if found.is_bad_credential() => {
                events::bad_credential(&"the credential is not valid");
            }
            Ok(found) if found.is_contradictory() => {
                events::bad_credential(&"there are valid credentials of different users");
            }
            Ok(_) => {}
            Err(error) if error.kind() == IdentityErrorKind::Refuse => events::bad_credential(error),
            Err(error) => events::failed("identify", error),
        }
        let answer = answer.map_err(|error| Failure::of(&error));
        let done = answer.as_ref().map(|_| ()).map_err(|failure| *failure);
        self.identified = Some(answer);
        done
    }

    /// Keeps the groups, unless the identity was changed since they were asked for.
    pub(super) fn note_groups_since(&mut self, changes: u32, answer: Result<Option<Groups>, BoxError>) {
        if self.changes == changes {
            self.note_groups(answer);
        }
    }

    /// Keeps the groups, and tells the log when they could not be found.
    pub(super) fn note_groups(&mut self, answer: Result<Option<Groups>, BoxError>) {
        self.groups = Some(answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        }));
    }
}
