//! Which session a request is in.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{
    SessionIdentity,
    details::Circumstances,
    live::{Live, Visit},
    secret::Secret,
};
use crate::{
    clock::UnixTime,
    identity::{
        Identified, IdentityError, Incoming,
        cookie::{CookieValues, MAX_CANDIDATES, loopback},
    },
};

const NOT_LOOPBACK: &str = "cookies without https are for loopback hosts only; \
    leave out `with_insecure_http_on_loopback`";

/// Nearly all requests have one.
pub(super) type Secrets = SmallVec<[Secret; 1]>;

/// A session, and the value of its cookie.
struct Found {
    visit: Visit,
    secret: Secret,
}

/// What a request's cookies say before any store is asked.
pub(super) enum Presented {
    Nothing,
    /// No session of ours can be meant
    Nonsense,
    Secrets(Secrets),
}

impl SessionIdentity {
    pub(super) fn circumstances(&self, request: &Incoming<'_>) -> Arc<Circumstances> {
        let is_elsewhere = !self.cookie.is_secure() && !loopback::is_loopback(request);
        let label = self.label.as_ref().and_then(|label| label(request));
        if !is_elsewhere && label.is_none() {
            return Arc::clone(&self.nothing);
        }
        Arc::new(Circumstances {
            obstacle: is_elsewhere.then_some(NOT_LOOPBACK),
            label,
            presented: Vec::new(),
        })
    }

    pub(super) fn presented(&self, request: &Incoming<'_>, on: &Circumstances) -> Presented {
        let mut secrets = Secrets::new();
        let mut candidates: usize = 0;
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            candidates = candidates.saturating_add(1);
            // No browser sends that many; somebody wants us to work.
            if candidates > MAX_CANDIDATES || on.obstacle.is_some() {
                return Presented::Nonsense;
            }
            if let Some(secret) = Secret::parse(value.as_bytes()) {
                secrets.push(secret);
            }
        }
        match (candidates, secrets.is_empty()) {
            (0, _) => Presented::Nothing,
            (_, true) => Presented::Nonsense,
            (_, false) => Presented::Secrets(secrets),
        }
    }

    pub(super) async fn look_up(
        &self,
        secrets: Secrets,
        on: Arc<Circumstances>,
        now: UnixTime,
    ) -> Result<Identified, IdentityError> {
        let mut found: SmallVec<[Found; 1]> = SmallVec::new();
        for secret in secrets {
            if let Some(visit) = self.backend.enter(&secret, now).await? {
                found.push(Found { visit, secret });
            }
        }
        Ok(self.choose(found, on, now))
    }

    pub(super) fn look_up_now(
        &self,
        secrets: Secrets,
        on: Arc<Circumstances>,
        now: UnixTime,
    ) -> Option<Identified> {
        let mut found: SmallVec<[Found; 1]> = SmallVec::new();
        let is_one = secrets.len() == 1;
        for secret in secrets {
            match self.backend.enter_now(&secret, now).ok()? {
                // Nearly always; there is nothing to choose from.
                Some(Visit { live, is_open: true }) if is_one => {
                    return Some(self.entered(live, secret, on, now));
                }
                Some(visit) => found.push(Found { visit, secret }),
                None => {}
            }
        }
        Some(self.choose(found, on, now))
    }

    fn entered(&self, live: Arc<Live>, secret: Secret, on: Arc<Circumstances>, now: UnixTime) -> Identified {
        let is_due = self.limits.is_due(&live, now);
        live.identified(secret, on, is_due)
    }

    fn choose(&self, mut found: SmallVec<[Found; 1]>, on: Arc<Circumstances>, now: UnixTime) -> Identified {
        let is_contradictory = speak_for_several(&found);
        let best = if is_contradictory { None } else { best_of(&found) };
        let best = best.map(|at| found.swap_remove(at));
        // An earlier value lets nobody in, but whoever logs out with it means the session: its rotation may be on its
        // way to the browser at this moment.
        let on = if found.is_empty() {
            on
        } else {
            let presented = found.into_iter().map(|Found { visit, secret }| (visit.live, secret)).collect();
            Arc::new(Circumstances { presented, ..Circumstances::clone(&on) })
        };
        match best {
            Some(Found { visit: Visit { live, .. }, secret }) => self.entered(live, secret, on, now),
            None if is_contradictory => Identified::contradictory().with_memo(on),
            None => Identified::bad_credential().with_memo(on),
        }
    }
}

/// Returns whether the sessions that count are of different users.
fn speak_for_several(found: &[Found]) -> bool {
    let open = found.iter().filter(|found| found.visit.is_open);
    let mut identities = open.filter_map(|found| found.visit.live.core.who());
    identities.next().is_some_and(|one| identities.any(|other| other != one))
}

/// A user's session goes before one of nobody, and a later one before an earlier.
fn best_of(found: &[Found]) -> Option<usize> {
    let rank = |found: &Found| {
        let core = &found.visit.live.core;
        (core.identity().is_some(), core.created())
    };
    let open = found.iter().enumerate().filter(|(_, found)| found.visit.is_open);
    open.max_by_key(|(_, found)| rank(found)).map(|(at, _)| at)
}
