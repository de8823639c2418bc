//! What a guard will say, worked out without a request.

use super::{
    GuardRecord,
    expression::{AclStep, decide_steps},
    requirement::Requirement,
};
use crate::acl::{Decision, Principals, decide};

/// What is known of a guard's verdict before there is a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Foretold {
    /// It asks for a user, or for nothing: the answer is yes or no.
    Standing(bool),
    /// A constant list decides.
    Rules(Decision),
    /// The application's policy will be asked.
    Policy,
    /// It depends on what the credential was issued for.
    Scopes,
    /// The rules of this argument will be asked.
    Resource(&'static str),
}

impl GuardRecord {
    pub(crate) fn foretell(&self, principals: &Principals<'_>) -> Foretold {
        let spec = self.spec();
        if spec.rejects_anonymous() && principals.user_id().is_none() {
            return Foretold::Standing(false);
        }
        match &spec.requirement {
            Requirement::Anonymous | Requirement::Authenticated => Foretold::Standing(true),
            Requirement::Acl { steps, .. } => Foretold::Rules(by_steps(steps, principals)),
            Requirement::List { permission, list } => {
                Foretold::Rules(decide(list, permission.name(), principals))
            }
            Requirement::Permission { .. } | Requirement::Policy { .. } => Foretold::Policy,
            Requirement::Resource { resource, .. } => Foretold::Resource(resource),
            // An anonymous request has no scopes.
            Requirement::Scope { .. } | Requirement::Scopes { .. } => Foretold::Scopes,
        }
    }

    /// What it will say once its shadow has replaced its list.
    pub(crate) fn foretell_next(&self, principals: &Principals<'_>) -> Foretold {
        let spec = self.spec();
        match (self.foretell(principals), &spec.options.shadow, &spec.requirement) {
            (Foretold::Rules(_), Some(shadow), Requirement::List { permission, .. }) => {
                Foretold::Rules(decide(shadow.list(), permission.name(), principals))
            }
            (Foretold::Rules(_), Some(shadow), _) => Foretold::Rules(by_steps(shadow.steps(), principals)),
            (foretold, ..) => foretold,
        }
    }
}

fn by_steps(steps: &[AclStep], principals: &Principals<'_>) -> Decision {
    decide_steps(steps, |step| step.index.decide(principals))
}
