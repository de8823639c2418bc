//! Shadow lists: evaluated beside the list that decides, without an effect on the decision.

use std::fmt;

use http::request::Parts;

use super::{expression::AclStep, judge::by_rules, requirement::Requirement, spec::Spec};
use crate::{
    acl::{Acl, Decision, decide},
    auth::{Facts, GuardDecision, RequestState},
    events::{self, Difference, ListDecision},
    probe::Probe,
};

/// The list of a guard's `shadow = …`, with the permission.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Shadow {
    context: &'static str,
    list: Acl,
    steps: &'static [AclStep],
}

impl Shadow {
    #[must_use]
    pub const fn new(context: &'static str, list: &'static Acl, steps: &'static [AclStep]) -> Self {
        Self { context, list: *list, steps }
    }

    /// The shadow of a layer, for the layer's own permission
    pub(super) const fn of_layer(list: Acl) -> Self {
        Self { context: "", list, steps: &[] }
    }

    /// Returns the name of the list; a layer has none.
    pub(super) fn context(&self) -> Option<&'static str> {
        Some(self.context).filter(|context| !context.is_empty())
    }

    pub(super) const fn list(&self) -> &Acl {
        &self.list
    }

    pub(super) const fn steps(&self) -> &'static [AclStep] {
        self.steps
    }
}

/// Evaluates the shadow of a guard that has decided.
pub(super) async fn ask(
    state: &RequestState,
    parts: &Parts,
    spec: &Spec,
    shadow: &Shadow,
    decision: &GuardDecision,
) {
    let Some(now) = decided_by_list(parts, decision) else { return };
    let facts = state.facts();
    let next = match &spec.requirement {
        Requirement::List { permission, .. } => {
            state.look(|principals| decide(shadow.list, permission.name(), principals)).await
        }
        _ => by_rules(&facts, state.config(), shadow.steps, |_, _| ()).await,
    };
    // A failure was logged where it occurred; there is nothing to compare then.
    let Ok(next) = next else { return };
    let (permission, context) = (spec.requirement.text(), spec.context().unwrap_or_default());
    tell(&facts, &spec.site, &permission, context, shadow.context, now, next);
}

/// The decision of the list; blocked users are denied by every list, and a failure is not a decision.
fn decided_by_list(parts: &Parts, decision: &GuardDecision) -> Option<ListDecision> {
    if Probe::of(&parts.extensions).is_some() {
        return None;
    }
    let GuardDecision { outcome, reason, rule } = *decision;
    let allowed = outcome.is_ok();
    let is_by_list = reason == "rule" || (reason == "no_rule" && !allowed);
    is_by_list.then_some(ListDecision { allowed, reason, rule })
}

fn tell(
    facts: &Facts,
    guard: &dyn fmt::Display,
    permission: &str,
    context: &str,
    shadow: &str,
    now: ListDecision,
    next: Decision,
) {
    let next = ListDecision { allowed: next.is_allow(), reason: next.reason(), rule: next.rule() };
    if now.allowed == next.allowed {
        return;
    }
    #[cfg(feature = "metrics")]
    measure(context, shadow, next.allowed);
    #[cfg(feature = "rule-hits")]
    crate::hits::count_difference(guard, permission, context, shadow, next.allowed);
    let user = facts.known_user();
    let actor = user.and_then(|_| facts.actor());
    events::shadow(&Difference { user, actor, guard, permission, context, shadow, now, next });
}

#[cfg(feature = "metrics")]
fn measure(context: &str, shadow: &str, wider: bool) {
    // The names of lists come from the program's source, so there is a bounded number of them.
    metrics::counter!(
        "auth_shadow_differences_total",
        "context" => context.to_owned(),
        "shadow" => shadow.to_owned(),
        "change" => if wider { "wider" } else { "narrower" }
    )
    .increment(1);
}
