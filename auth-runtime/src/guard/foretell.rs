//! What a guard will say, worked out without a request.

use super::{
    GuardLayer,
    spec::{AclStep, Requirement, Spec},
    walk::Walk,
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
    /// It depends on what the credential was issued for.
    Scopes,
    /// The rules of this argument will be asked.
    Resource(&'static str),
}

impl Spec {
    pub(crate) fn foretell(&self, principals: &Principals<'_>) -> Foretold {
        if self.rejects_anonymous() && principals.user_id().is_none() {
            return Foretold::Standing(false);
        }
        match self.requirement {
            Requirement::Anonymous => Foretold::Standing(true),
            Requirement::Authenticated => Foretold::Standing(principals.user_id().is_some()),
            Requirement::Acl { steps, .. } => Foretold::Rules(by_steps(steps, principals)),
            Requirement::Permission { .. } => Foretold::Policy,
            Requirement::Resource { resource, .. } => Foretold::Resource(resource),
            Requirement::Scope { .. } => of_scopes(principals),
        }
    }
}

impl Spec {
    /// What it will say once its shadow has replaced its list.
    pub(crate) fn foretell_next(&self, principals: &Principals<'_>) -> Foretold {
        match (self.foretell(principals), self.shadow) {
            (Foretold::Rules(_), Some(shadow)) => Foretold::Rules(by_steps(shadow.steps(), principals)),
            (foretold, _) => foretold,
        }
    }
}

/// No credential without a user has scopes.
const fn of_scopes(principals: &Principals<'_>) -> Foretold {
    if principals.user_id().is_some() { Foretold::Scopes } else { Foretold::Standing(false) }
}

impl Spec {
    /// Returns every permission that the guard may ask for.
    pub(crate) fn asked(&self) -> Vec<Name<'static>> {
        match self.requirement {
            Requirement::Acl { steps, .. } => steps.iter().map(AclStep::permission).collect(),
            Requirement::Permission { steps, .. } | Requirement::Resource { steps, .. } => {
                steps.iter().map(|step| step.permission).collect()
            }
            Requirement::Anonymous | Requirement::Authenticated | Requirement::Scope { .. } => Vec::new(),
        }
    }

    /// Returns every scope that the guard names.
    pub(crate) fn scope_names(&self) -> Vec<Name<'static>> {
        match self.requirement {
            Requirement::Scope { steps, .. } => steps.iter().map(|step| step.permission).collect(),
            _ => Vec::new(),
        }
    }
}

impl GuardLayer {
    pub(crate) fn foretell(&self, principals: &Principals<'_>) -> Foretold {
        if self.max_age().is_some() && principals.user_id().is_none() {
            return Foretold::Standing(false);
        }
        if self.scopes().is_some() {
            return of_scopes(principals);
        }
        if self.reason().is_some() {
            return Foretold::Standing(true);
        }
        match (self.permission(), self.context()) {
            (Some(permission), Some(context)) => Foretold::Rules(decide(context, permission, principals)),
            (Some(_), None) => Foretold::Policy,
            (None, _) => Foretold::Standing(principals.user_id().is_some()),
        }
    }
}

impl GuardLayer {
    /// What it will say once its shadow has replaced its list.
    pub(crate) fn foretell_next(&self, principals: &Principals<'_>) -> Foretold {
        match (self.foretell(principals), self.permission(), self.shadow_list()) {
            (Foretold::Rules(_), Some(permission), Some(next)) => {
                Foretold::Rules(decide(next, permission, principals))
            }
            (foretold, ..) => foretold,
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
