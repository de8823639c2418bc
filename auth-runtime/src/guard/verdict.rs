//! How a guard decided.

use crate::{
    acl::Decision,
    auth::{Failure, RequestState, Standing},
    refusal::RefusalKind,
};

/// How a guard decided, before anybody is told.
pub(super) enum Verdict {
    /// The request may go on; the reason is for the log.
    Pass { reason: &'static str, rule: Option<usize> },
    /// The user is known or not; the reason is for the log.
    Refuse { kind: RefusalKind, reason: &'static str, rule: Option<usize> },
}

pub(super) const fn standing(found: Standing) -> Verdict {
    match found {
        Standing::Nobody => {
            Verdict::Refuse { kind: RefusalKind::Unauthenticated, reason: "anonymous", rule: None }
        }
        Standing::Barred => Verdict::Refuse { kind: RefusalKind::Forbidden, reason: "barred", rule: None },
        Standing::Known => Verdict::Pass { reason: "authenticated", rule: None },
    }
}

/// Turns a decision, or what stood in its way, into a verdict.
pub(super) fn decided(state: &RequestState, decision: Result<Decision, Failure>) -> Verdict {
    match decision {
        Ok(decision) => decided_now(state, decision),
        Err(failure) => failed(failure),
    }
}

/// Who is not known is told to log in, who is known is told no. The user was found for the decision.
pub(super) fn decided_now(state: &RequestState, decision: Decision) -> Verdict {
    if decision.is_allow() {
        verdict(decision, true)
    } else {
        verdict(decision, state.known_user().is_some())
    }
}

/// Turns a decision about somebody who is known, or is not, into a verdict.
pub(super) const fn verdict(decision: Decision, is_user: bool) -> Verdict {
    let (reason, rule) = (decision.reason(), decision.rule());
    if decision.is_allow() {
        return Verdict::Pass { reason, rule };
    }
    let kind = if is_user { RefusalKind::Forbidden } else { RefusalKind::Unauthenticated };
    Verdict::Refuse { kind, reason, rule }
}

pub(super) const fn failed(failure: Failure) -> Verdict {
    let (kind, reason) = match failure {
        Failure::CrossOrigin => (RefusalKind::CrossOrigin, "cross_origin"),
        Failure::Refused => (RefusalKind::InvalidCredential, "credentials"),
        Failure::Unavailable => (RefusalKind::Unavailable, "failure"),
        Failure::Misconfigured | Failure::TooLarge | Failure::TooLate => {
            (RefusalKind::Misconfigured, "failure")
        }
    };
    Verdict::Refuse { kind, reason, rule: None }
}
