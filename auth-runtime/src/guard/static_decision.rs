//! Static decisions: what is known about a guard's decision without a request, for the access table.

use super::{
    GuardRecord,
    expression::{AclStep, decide_steps},
    requirement::Requirement,
};
use crate::acl::{Decision, Principals, decide};

/// What is known about a guard's decision before there is a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StaticDecision {
    /// It requires a user, or nothing: the decision is known
    Known(bool),
    /// A constant list decides.
    Rules(Decision),
    /// The application's policy decides.
    Policy,
    /// The scopes of the credential decide.
    Scopes,
    /// The rules of this argument decide.
    Resource(&'static str),
}

impl GuardRecord {
    pub(crate) fn static_decision(&self, principals: &Principals<'_>) -> StaticDecision {
        let spec = self.spec();
        if spec.rejects_anonymous() && principals.user_id().is_none() {
            return StaticDecision::Known(false);
        }
        match &spec.requirement {
            Requirement::Anonymous | Requirement::Authenticated => StaticDecision::Known(true),
            Requirement::Acl { steps, .. } => StaticDecision::Rules(by_steps(steps, principals)),
            Requirement::List { permission, list } => {
                StaticDecision::Rules(decide(list, permission.name(), principals))
            }
            Requirement::Permission { .. } | Requirement::Policy { .. } => StaticDecision::Policy,
            Requirement::Resource { resource, .. } => StaticDecision::Resource(resource),
            // An anonymous request has no scopes.
            Requirement::Scope { .. } | Requirement::Scopes { .. } => StaticDecision::Scopes,
        }
    }

    /// The decision after the shadow list has replaced the list.
    pub(crate) fn static_decision_of_shadow(&self, principals: &Principals<'_>) -> StaticDecision {
        let spec = self.spec();
        match (self.static_decision(principals), &spec.options.shadow, &spec.requirement) {
            (StaticDecision::Rules(_), Some(shadow), Requirement::List { permission, .. }) => {
                StaticDecision::Rules(decide(shadow.list(), permission.name(), principals))
            }
            (StaticDecision::Rules(_), Some(shadow), _) => {
                StaticDecision::Rules(by_steps(shadow.steps(), principals))
            }
            (decision, ..) => decision,
        }
    }
}

fn by_steps(steps: &[AclStep], principals: &Principals<'_>) -> Decision {
    decide_steps(steps, |step| step.index.decide(principals))
}
