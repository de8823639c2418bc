//! Evaluates a shadow ACL beside the one that decides, without an effect on the decision: [`Shadow`].

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use http::request::Parts;

use super::{
    Spec, Step,
    judge_request::{by_rules, overlay_of},
    permission_expression::Steps,
};
use crate::{
    BoxError,
    acl::{Acl, OverlayRule},
    auth::{GuardDecision, RequestState, RuleId},
    events::{self, Difference, ListDecision},
    guard_probe::Probe,
};

/// The list of a guard's `shadow = …`, with the permission.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Shadow {
    /// The name of the list
    pub(crate) context: &'static str,
    pub(crate) list: Acl,
    steps: &'static [Step<'static>],
}

impl Shadow {
    pub const fn new(context: &'static str, list: Acl, steps: &'static [Step<'static>]) -> Self {
        Self { context, list, steps }
    }

    pub(crate) const fn steps(&self) -> Steps {
        Steps::new(self.steps)
    }
}

/// Evaluates the shadow of a guard that has decided.
pub(crate) async fn ask(
    state: &RequestState,
    parts: &Parts,
    spec: &Spec,
    shadow: &Shadow,
    decision: &GuardDecision,
) {
    let GuardDecision { outcome, reason, rule, ref rule_id } = *decision;
    let allowed = outcome.is_ok();
    // Blocked users are denied by every list, and a failure is not a decision.
    let is_by_list = matches!(reason, "rule" | "overlay") || (reason == "no_rule" && !allowed);
    if !is_by_list || Probe::of(&parts.extensions).is_some() {
        return;
    }
    let facts = state.facts();
    let mut steps = shadow.steps();
    // A failure was logged where it occurred; there is nothing to compare then.
    let overlay = overlay_of(&facts, state.config(), &shadow.list);
    let list = (&shadow.list, overlay.as_ref());
    let next = by_rules(&facts, state.config(), parts, list, &mut steps, |_, _| ());
    let Some(Ok(next)) = contained(next).await else { return };
    let of_overlay = overlay.as_ref().and_then(|overlay| overlay.rule_of(next)).map(OverlayRule::id);
    if next.is_allow() == allowed {
        return;
    }
    // The names of lists come from the program's source, so there is a bounded number of them.
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "auth_shadow_differences_total",
        "context" => spec.context,
        "shadow" => shadow.context,
        "change" => if next.is_allow() { "wider" } else { "narrower" }
    )
    .increment(1);
    #[cfg(feature = "rule-hits")]
    crate::hits::count_difference(&spec.site, spec.text, spec.context, shadow.context, next.is_allow());
    let user = facts.known_user();
    events::shadow(&Difference {
        user,
        actor: user.and_then(|_| facts.actor()),
        guard: &spec.site,
        permission: spec.text,
        context: spec.context,
        shadow: shadow.context,
        now: ListDecision { allowed, reason, rule, rule_id: rule_id.as_ref().map(RuleId::as_str) },
        next: ListDecision {
            allowed: next.is_allow(),
            reason: next.reason(),
            rule: next.rule(),
            rule_id: next.rule().and_then(|at| shadow.list.rules().get(at)?.id()).or(of_overlay),
        },
    });
}

/// How long the response waits for a condition that only the shadow depends on.
const PATIENCE: Duration = Duration::from_secs(1);

/// Evaluates the shadow. A function of the application that panics or takes too long leads to no decision and is logged:
/// the response must not depend on it.
async fn contained<T>(evaluation: impl Future<Output = T>) -> Option<T> {
    let mut evaluation = pin!(evaluation);
    let mut contained = pin!(std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| evaluation.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(decision)) => Poll::Ready(Ok(decision)),
            Err(_) => Poll::Ready(Err(BoxError::from("the function of a condition panicked"))),
        }
    }));
    // No timer is set for what is known at once.
    let first = std::future::poll_fn(|context| Poll::Ready(contained.as_mut().poll(context))).await;
    let found = match first {
        Poll::Ready(found) => found,
        Poll::Pending => {
            let found = tokio::time::timeout(PATIENCE, contained).await;
            found.unwrap_or_else(|elapsed| Err(elapsed.into()))
        }
    };
    found.inspect_err(|error| events::failed("shadow", error)).ok()
}
