//! How a guard decided.

use crate::{
    acl::Decision,
    auth::{Facts, Failure, Standing},
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
        Standing::Anonymous => {
            Verdict::Refuse { kind: RefusalKind::Unauthenticated, reason: "anonymous", rule: None }
        }
        Standing::Authenticated => Verdict::Pass { reason: "authenticated", rule: None },
        Standing::Blocked => Verdict::Refuse { kind: RefusalKind::Forbidden, reason: "barred", rule: None },
    }
}

/// Turns a decision, or what kept it from being made, into a verdict. An anonymous request is asked to log in, a user
/// is denied.
pub(super) fn decided(facts: &Facts, decision: Result<Decision, Failure>) -> Verdict {
    let decision = match decision {
        Ok(decision) => decision,
        Err(failure) => return failed(failure),
    };
    let (reason, rule) = (decision.reason(), decision.rule());
    if decision.is_allow() {
        return Verdict::Pass { reason, rule };
    }
    let is_user = facts.known_user().is_some();
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
