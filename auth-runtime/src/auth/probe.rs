//! Requests that ask guards instead of handlers.
//!
//! A probe is an extension of a request, so nobody can send one over the network; and it is there with the feature
//! `testing` only. Whatever is on a guarded router answers it by itself: a handler's guard, or what stands around a service.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{Extensions, StatusCode, request::Parts};

use super::{facts::Facts, request_state::RequestState};
use crate::{
    acl::Groups,
    clock::UnixTime,
    identity::{Identified, Identity, UserId},
    layer::Config,
};

/// Makes a request one of this user in these groups, which no handler gets to see.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    user: Option<UserId>,
    groups: Groups,
    /// Whether a layer's guard has let it pass
    passed: bool,
}

/// How a guard answered a probe; an extension of the response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProbeAnswer {
    /// Only by calling what is there could more be found out.
    NotAsked,
    Passed,
    Refused,
}

impl Probe {
    pub(crate) const fn new(user: Option<UserId>, groups: Groups) -> Self {
        Self { user, groups, passed: false }
    }

    fn identified(&self, now: UnixTime) -> Identified {
        match self.user.as_ref().and_then(|user| Identity::new(user.as_str()).ok()) {
            Some(identity) => Identified::known(identity).with_authenticated_at(now),
            None => Identified::anonymous(),
        }
    }
}

impl RequestState {
    /// Begins a request that is what the probe says.
    pub(crate) fn of_probe(config: Arc<Config>, probe: &Probe) -> Self {
        let now = config.clock.now();
        let facts = Facts::pretended(probe.identified(now), now, probe.user.clone(), probe.groups.clone());
        Self::with_facts(config, facts)
    }
}

/// Answers a probe in the handler's place, once the handler's guard has let it pass.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(crate) fn answer_probe(parts: &Parts) -> Result<(), Response> {
    match parts.extensions.get::<Probe>() {
        None => Ok(()),
        Some(_) => Err(answer(StatusCode::NO_CONTENT, ProbeAnswer::Passed)),
    }
}

/// Answers a probe in the place of a guard that would have to load a thing first.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(crate) fn answer_probe_unasked(parts: &Parts) -> Result<(), Response> {
    match parts.extensions.get::<Probe>() {
        None => Ok(()),
        Some(_) => Err(not_asked()),
    }
}

/// Notes that a layer's guard has let the probe pass.
pub(crate) fn note_passage(parts: &mut Parts) {
    if let Some(probe) = parts.extensions.get_mut::<Probe>() {
        probe.passed = true;
    }
}

/// Answers a probe in the place of what has no guard of its own: the layers around it, if any, have let it pass.
pub(crate) fn answer_probe_at_end(extensions: &Extensions) -> Option<Response> {
    let probe = extensions.get::<Probe>()?;
    Some(if probe.passed { answer(StatusCode::NO_CONTENT, ProbeAnswer::Passed) } else { not_asked() })
}

/// The answer in the place of what was not called.
fn not_asked() -> Response {
    answer(StatusCode::NOT_IMPLEMENTED, ProbeAnswer::NotAsked)
}

/// Marks the refusal of a probe.
pub(crate) fn marked_refusal(parts: &Parts, mut response: Response) -> Response {
    if parts.extensions.get::<Probe>().is_some() {
        response.extensions_mut().insert(ProbeAnswer::Refused);
    }
    response
}

fn answer(status: StatusCode, answer: ProbeAnswer) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.extensions_mut().insert(answer);
    response
}
