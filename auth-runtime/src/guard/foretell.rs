//! What a guard will say, worked out without a request.

use super::{
    GuardLayer,
    enforce::Walk,
    spec::{AclStep, Requirement, Spec},
};
use crate::acl::{Decision, Denial, Name, Principals, decide};

/// What is known of a guard's verdict before there is a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Foretold {
    /// It asks for a user, or for nothing: the answer is yes or no.
    Standing(bool),
    /// A constant list decides.
    Rules(Decision),
    /// The application's policy will be asked.
    Policy,
    /// The rules of this argument will be asked.
    Resource(&'static str),
}

impl Spec {
    pub(crate) fn foretell(&self, principals: &Principals<'_>) -> Foretold {
        match self.requirement {
            Requirement::Anonymous => Foretold::Standing(true),
            Requirement::Authenticated => Foretold::Standing(principals.user_id().is_some()),
            Requirement::Acl { steps, .. } => Foretold::Rules(by_steps(steps, principals)),
            Requirement::Permission { .. } => Foretold::Policy,
            Requirement::Resource { resource, .. } => Foretold::Resource(resource),
        }
    }
}

impl Spec {
    /// Returns every permission that the guard may ask for.
    pub(crate) fn asked(&self) -> Vec<Name<'static>> {
        match self.requirement {
            Requirement::Acl { steps, .. } => steps.iter().map(AclStep::permission).collect(),
            Requirement::Permission { steps, .. } | Requirement::Resource { steps, .. } => {
                steps.iter().map(|step| step.permission).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl GuardLayer {
    pub(crate) fn foretell(&self, principals: &Principals<'_>) -> Foretold {
        match (self.permission(), self.context()) {
            (Some(permission), Some(context)) => Foretold::Rules(decide(context, permission, principals)),
            (Some(_), None) => Foretold::Policy,
            (None, _) => Foretold::Standing(principals.user_id().is_some()),
        }
    }
}

fn by_steps(steps: &[AclStep], principals: &Principals<'_>) -> Decision {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let decision = step.index.decide(principals);
        if let Some(decision) = walk.go(decision, step.granted, step.refused) {
            return decision;
        }
    }
    Decision::Deny(Denial::NoRule)
}
