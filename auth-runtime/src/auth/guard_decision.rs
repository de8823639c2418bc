//! Carries what a guard, a gate or a check in a handler decided, and logs it: [`GuardDecision`].

use std::sync::Arc;

use http::StatusCode;

use super::{AuthError, credential_facts::Facts};
use crate::{
    acl::{Decision, OverlayRule, OverlayRules},
    error_kind::AuthErrorKind,
    events::{self, DecisionEvent},
    guard::Site,
};

/// The decision about a request.
pub(crate) struct GuardDecision {
    pub(crate) outcome: Result<(), AuthError>,
    /// Its name in the log
    pub(crate) reason: &'static str,
    /// The index of the rule that decided
    pub(crate) rule: Option<usize>,
    /// The id of that rule, or of the rule of an overlay that decided, if it has one
    pub(crate) rule_id: Option<RuleId>,
}

/// The id of a rule.
#[derive(Clone)]
pub(crate) enum RuleId {
    Constant(&'static str),
    /// The rule of an overlay that made this decision
    Overlay(Arc<OverlayRules>, Decision),
}

impl RuleId {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Constant(id) => id,
            Self::Overlay(rules, decision) => rules.rule_of(*decision).map_or("", OverlayRule::id),
        }
    }
}

impl GuardDecision {
    pub(crate) const fn allowed(reason: &'static str) -> Self {
        Self { outcome: Ok(()), reason, rule: None, rule_id: None }
    }

    /// Rejects an authenticated user (403), and asks an anonymous client to log in (401).
    pub(crate) fn denied(facts: &Facts, reason: &'static str) -> Self {
        let is_user = facts.known_user().is_some();
        let error = if is_user { AuthError::forbidden() } else { AuthError::unauthenticated() };
        Self { outcome: Err(error), reason, rule: None, rule_id: None }
    }

    /// Converts the decision of a list, or the error that prevented it.
    pub(crate) fn of_rules(facts: &Facts, decision: Result<Decision, AuthError>) -> Self {
        match decision {
            Err(error) => error.into(),
            Ok(decision) => {
                let (reason, rule) = (decision.reason(), decision.rule());
                let is_allow = decision.is_allow();
                let guard = if is_allow { Self::allowed(reason) } else { Self::denied(facts, reason) };
                Self { rule, ..guard }
            }
        }
    }

    /// Adds the id of the rule that decided, which `id_at` looks up by its index.
    pub(crate) fn with_rule_id(self, id_at: impl FnOnce(usize) -> Option<&'static str>) -> Self {
        match self.rule.and_then(id_at) {
            Some(id) => Self { rule_id: Some(RuleId::Constant(id)), ..self },
            None => self,
        }
    }

    /// Adds the rule of an overlay, if one has decided, and counts it.
    pub(crate) fn with_overlay(self, overlay: Option<&Arc<OverlayRules>>, decision: Decision) -> Self {
        let Some(overlay) = overlay else { return self };
        let Some(rule) = overlay.rule_of(decision) else { return self };
        #[cfg(feature = "metrics")]
        crate::telemetry::count_overlay_decision(rule);
        #[cfg(not(feature = "metrics"))]
        let _ = rule;
        Self { rule_id: Some(RuleId::Overlay(Arc::clone(overlay), decision)), ..self }
    }

    /// Returns the kind of the error of a rejected request.
    pub(crate) fn rejection(&self) -> Option<AuthErrorKind> {
        self.outcome.err().map(AuthError::kind)
    }

    /// Responds with 404 instead of every rejection. Server errors (5xx) are not hidden.
    pub(crate) fn hidden(self) -> Self {
        match self.outcome {
            Err(error) if error.status().is_client_error() => {
                Self { outcome: Err(AuthError::new(AuthErrorKind::Hidden)), ..self }
            }
            _ => self,
        }
    }
}

impl From<Result<(), AuthError>> for GuardDecision {
    /// Requires a user, and nothing else.
    fn from(outcome: Result<(), AuthError>) -> Self {
        outcome.map_or_else(Self::from, |()| Self::allowed("authenticated"))
    }
}

impl From<AuthError> for GuardDecision {
    fn from(error: AuthError) -> Self {
        Self { outcome: Err(error), reason: error.kind().reason(), rule: None, rule_id: None }
    }
}

impl Facts {
    /// Logs a decision about the request; `status` is that of the response to a rejected one.
    pub(crate) fn report(
        &self,
        guard: &Site,
        [permission, context]: [&str; 2],
        decision: &GuardDecision,
        status: Option<StatusCode>,
    ) {
        #[cfg(feature = "metrics")]
        crate::telemetry::count_decision(guard, decision.reason, status.is_none());
        if !events::wanted(status.is_none()) {
            return;
        }
        let GuardDecision { outcome, reason, rule, ref rule_id } = *decision;
        let rule_id = rule_id.as_ref().map(RuleId::as_str);
        let user = self.known_user().filter(|_| outcome != Err(AuthError::unauthenticated()));
        let actor = user.and_then(|_| self.actor());
        events::decided(
            &DecisionEvent { user, actor, guard, permission, context, reason, rule, rule_id },
            status.map(|status| status.as_u16()),
        );
    }
}
