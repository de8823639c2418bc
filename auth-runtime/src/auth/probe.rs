//! Requests that ask guards instead of handlers.
//!
//! A probe is an extension of a request, so nobody can send one over the network; and it is there with the feature
//! `testing` only.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{body::Body, response::Response};
use http::{StatusCode, request::Parts};

use super::RequestState;
use crate::{
    acl::Groups,
    clock::UnixTime,
    identity::{Identified, Identity, UserId},
};

/// Makes a request one of this user in these groups, which no handler gets to see.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    user: Option<UserId>,
    groups: Groups,
    layers: std::sync::Arc<AtomicUsize>,
}

/// How a guard answered a probe; an extension of the response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProbeAnswer {
    Passed,
    Refused,
}

impl Probe {
    /// `layers` is the number of guards that stand around what is no handler of ours: the last of them answers.
    pub(crate) fn new(user: Option<UserId>, groups: Groups, layers: usize) -> Self {
        Self { user, groups, layers: std::sync::Arc::new(AtomicUsize::new(layers)) }
    }

    fn identified(&self, now: UnixTime) -> Identified {
        match self.user.as_ref().and_then(|user| Identity::new(user.as_str()).ok()) {
            Some(identity) => Identified::known(identity).with_authenticated_at(now),
            None => Identified::anonymous(),
        }
    }
}

impl RequestState {
    /// Lets the request be what the probe says.
    pub(crate) fn pretend(&self, probe: &Probe) {
        let now = self.config().clock.now();
        let mut memo = self.lock();
        memo.now = now;
        memo.identified = Some(Ok(probe.identified(now)));
        memo.user = Some(Ok(probe.user.clone()));
        memo.groups = Some(Ok(Some(probe.groups.clone())));
    }
}

/// Answers a probe in the handler's place, once the handler's guard has let it pass.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(crate) fn answer_probe(parts: &Parts) -> Result<(), Response> {
    match parts.extensions.get::<Probe>() {
        None => Ok(()),
        Some(_) => Err(passed()),
    }
}

/// Answers a probe in the place of what is no handler, once the last guard around it has let it pass.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(crate) fn answer_probe_of_layer(parts: &Parts) -> Result<(), Response> {
    let Some(probe) = parts.extensions.get::<Probe>() else { return Ok(()) };
    if probe.layers.fetch_sub(1, Ordering::Relaxed) == 1 { Err(passed()) } else { Ok(()) }
}

/// Marks the refusal of a probe.
pub(crate) fn marked_refusal(parts: &Parts, mut response: Response) -> Response {
    if parts.extensions.get::<Probe>().is_some() {
        response.extensions_mut().insert(ProbeAnswer::Refused);
    }
    response
}

fn passed() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.extensions_mut().insert(ProbeAnswer::Passed);
    response
}
