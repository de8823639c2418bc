//! Answers that are there without waiting: found in one go, under one lock.
//!
//! Most guards can decide like this. Where something has to be waited for, nothing has been asked twice, and the slow way
//! goes on from what was found here.

use std::sync::MutexGuard;

use http::request::Parts;

use super::{failure::Failure, memo::Memo, state::RequestState};
use crate::{
    BoxError,
    acl::{Groups, Principals},
    clock::UnixTime,
    cross_origin, events,
    identity::{Identified, IdentityError, IdentityErrorKind, Incoming, Scopes},
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
            memo.note_identified(config, parts, request.now(), answer);
        }
        memo.find_user(config);
        let failure = match memo.user.as_ref()? {
            Ok(_) => None,
            Err(failure) => Some(*failure),
        };
        Some(failure.map_or(Ok(Known { memo, config }), Err))
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
    /// Keeps who was identified, and tells the log of what is wrong with the credential.
    pub(super) fn note_identified(
        &mut self,
        config: &Config,
        parts: &Parts,
        now: UnixTime,
        answer: Result<Identified, IdentityError>,
    ) {
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
        self.identified = Some(answer.map_err(|error| Failure::of(&error)));
    }

    /// Keeps the groups, and tells the log when they could not be found.
    pub(super) fn note_groups(&mut self, answer: Result<Option<Groups>, BoxError>) {
        self.groups = Some(answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        }));
    }
}
