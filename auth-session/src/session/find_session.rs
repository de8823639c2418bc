//! Finds the session that the cookies of a request name, and loads it from the store.

use std::sync::Arc;

use auth_identity::__private::{MAX_CANDIDATES, MAX_READ, loopback, presented::Several};
use smallvec::SmallVec;

use super::{
    SessionIdentity,
    loaded_session::{LoadedSession, Visit},
    request_session_state::RequestSessionState,
    session_secret::SessionSecret,
};
use auth_identity::{
    Answer,
    clock::UnixTime,
    identity::{Identification, Identified, IdentityError, Incoming, cookie::CookieValues},
};

/// Nearly all requests have one.
pub(super) type Secrets = SmallVec<[SessionSecret; 1]>;

/// A session, its cookie value, and whether that is the present one.
struct Found {
    live: Arc<LoadedSession>,
    is_open: bool,
    secret: SessionSecret,
}

/// The sessions of a request's cookies.
#[derive(Default)]
struct Looked {
    found: SmallVec<[Found; 1]>,
    /// Another request has recently replaced one of these cookies
    is_replaced: bool,
}

impl Looked {
    fn note(&mut self, visit: Visit, secret: SessionSecret) {
        self.is_replaced |= visit.is_replaced;
        if let Some(live) = visit.live {
            self.found.push(Found { live, is_open: visit.is_open, secret });
        }
    }
}

/// The result of parsing a request's cookies, before the store is read.
pub(super) enum Presented {
    Nothing,
    /// No cookie can belong to a session
    Nonsense,
    /// Too many cookies of the name: the request is anonymous, and a log-out ends all of them
    TooMany {
        secrets: Secrets,
        is_unread: bool,
    },
    Secrets(Secrets),
}

impl SessionIdentity {
    pub(super) fn circumstances(&self, request: &Incoming<'_>) -> Arc<RequestSessionState> {
        let obstacle = if self.cookie.is_secure() { None } else { loopback::obstacle(request) };
        let label = self.label.as_ref().and_then(|label| label(request));
        if obstacle.is_none() && label.is_none() {
            return Arc::clone(&self.nothing);
        }
        Arc::new(RequestSessionState {
            obstacle,
            label,
            presented: Vec::new(),
            is_replaced: false,
            unread: Secrets::new(),
        })
    }

    pub(super) fn presented(&self, request: &Incoming<'_>, on: &RequestSessionState) -> Presented {
        let mut secrets = Secrets::new();
        let mut candidates: usize = 0;
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            candidates = candidates.saturating_add(1);
            if on.obstacle.is_some() {
                return Presented::Nonsense;
            }
            // Browsers do not send so many cookies; do not spend work on them (denial of service).
            if candidates > MAX_READ {
                break;
            }
            if let Some(secret) = SessionSecret::parse(value.as_bytes()) {
                secrets.push(secret);
            }
        }
        if candidates > MAX_CANDIDATES {
            return Presented::TooMany { secrets, is_unread: candidates > MAX_READ };
        }
        match (candidates, secrets.is_empty()) {
            (0, _) => Presented::Nothing,
            (_, true) => Presented::Nonsense,
            (_, false) => Presented::Secrets(secrets),
        }
    }

    /// Loads nothing: such a request costs no more than one with four cookies.
    pub(super) fn too_many(secrets: Secrets, is_unread: bool, on: &RequestSessionState) -> Identified {
        let on = Arc::new(RequestSessionState { unread: secrets, ..on.clone() });
        let several = Several { is_unread, ..Several::default() };
        Identified::bad_credential().with_memo(on).with_several(several, Vec::new())
    }

    /// Loads the sessions of too many cookies, to end them.
    pub(super) async fn read_all(
        &self,
        on: Arc<RequestSessionState>,
        now: UnixTime,
    ) -> Result<Arc<RequestSessionState>, IdentityError> {
        if on.unread.is_empty() {
            return Ok(on);
        }
        let mut all = RequestSessionState::clone(&on);
        for secret in std::mem::take(&mut all.unread) {
            if let Some(live) = self.backend.enter(&secret, now).await?.live {
                all.presented.push((live, secret));
            }
        }
        Ok(Arc::new(all))
    }

    /// Finds the session of the request, without waiting if the sessions are in this process.
    pub(super) fn look_up(
        &self,
        secrets: Secrets,
        on: Arc<RequestSessionState>,
        now: UnixTime,
    ) -> Identification<'_> {
        let mut looked = Looked::default();
        let is_one = secrets.len() == 1;
        let mut secrets = secrets.into_iter();
        while let Some(secret) = secrets.next() {
            match self.backend.enter(&secret, now) {
                // The common case: a single session.
                Answer::Now(Ok(Visit { live: Some(live), is_open: true, .. })) if is_one => {
                    return Answer::Now(Ok(self.entered(live, secret, on, now)));
                }
                Answer::Now(Ok(visit)) => looked.note(visit, secret),
                Answer::Now(Err(error)) => return Answer::Now(Err(error)),
                Answer::Later(visit) => {
                    return Answer::later(async move {
                        looked.note(visit.await?, secret);
                        for secret in secrets {
                            looked.note(self.backend.enter(&secret, now).await?, secret);
                        }
                        Ok(self.choose(looked, on, now))
                    });
                }
            }
        }
        Answer::Now(Ok(self.choose(looked, on, now)))
    }

    fn entered(
        &self,
        live: Arc<LoadedSession>,
        secret: SessionSecret,
        on: Arc<RequestSessionState>,
        now: UnixTime,
    ) -> Identified {
        let is_due = self.limits.is_due(&live, now);
        live.identified(secret, on, is_due)
    }

    fn choose(&self, looked: Looked, on: Arc<RequestSessionState>, now: UnixTime) -> Identified {
        let Looked { mut found, is_replaced } = looked;
        let is_contradictory = speak_for_several(&found);
        let best = if is_contradictory { None } else { best_of(&found) };
        let best = best.map(|at| found.swap_remove(at));
        // A rotated id does not authenticate, but a log-out with it ends the session: the new cookie may
        // still be in transit.
        let on = if found.is_empty() && !is_replaced {
            on
        } else {
            let presented = found.into_iter().map(|Found { live, secret, .. }| (live, secret)).collect();
            Arc::new(RequestSessionState { presented, is_replaced, ..RequestSessionState::clone(&on) })
        };
        match best {
            Some(Found { live, secret, .. }) => self.entered(live, secret, on, now),
            None if is_contradictory => Identified::contradictory().with_memo(on),
            None => Identified::bad_credential().with_memo(on),
        }
    }
}

/// Returns whether the valid sessions belong to different users.
fn speak_for_several(found: &[Found]) -> bool {
    let open = found.iter().filter(|found| found.is_open);
    let mut identities = open.filter_map(|found| found.live.core.who());
    identities.next().is_some_and(|one| identities.any(|other| other != one))
}

/// Prefers a session with a user, and then the later one.
fn best_of(found: &[Found]) -> Option<usize> {
    let rank = |found: &Found| {
        let core = &found.live.core;
        (core.identity().is_some(), core.created())
    };
    let open = found.iter().enumerate().filter(|(_, found)| found.is_open);
    open.max_by_key(|(_, found)| rank(found)).map(|(at, _)| at)
}
