//! What guards demand, for whoever lists routes.

use std::time::Duration;

use super::{
    GuardKind, GuardLayer,
    layer::Demand,
    spec::{Requirement, Site, Spec},
};
use crate::{
    acl::{Acl, Name},
    identity::Scopes,
};

impl Spec {
    pub(crate) const fn site(&self) -> Site {
        self.site
    }

    pub(crate) const fn kind(&self) -> GuardKind {
        match self.requirement {
            Requirement::Anonymous => GuardKind::Anybody,
            Requirement::Authenticated => GuardKind::AnyUser,
            Requirement::Acl { .. } => GuardKind::ByAcl,
            Requirement::Permission { .. } => GuardKind::ByPolicy,
            Requirement::Resource { .. } => GuardKind::ByResource,
            Requirement::Scope { .. } => GuardKind::ByScope,
        }
    }

    pub(crate) const fn asked_permission(&self) -> Option<&'static str> {
        match self.requirement {
            Requirement::Anonymous | Requirement::Authenticated | Requirement::Scope { .. } => None,
            Requirement::Acl { permission, .. }
            | Requirement::Permission { permission, .. }
            | Requirement::Resource { permission, .. } => Some(permission),
        }
    }

    pub(crate) const fn context(&self) -> Option<&'static str> {
        match self.requirement {
            Requirement::Acl { context, .. } => Some(context),
            Requirement::Resource { resource, .. } => Some(resource),
            Requirement::Anonymous
            | Requirement::Authenticated
            | Requirement::Permission { .. }
            | Requirement::Scope { .. } => None,
        }
    }

    pub(crate) const fn list(&self) -> Option<&'static Acl> {
        match self.requirement {
            Requirement::Acl { list, .. } => Some(list),
            _ => None,
        }
    }

    pub(crate) const fn shadow_list(&self) -> Option<&'static Acl> {
        match self.shadow {
            Some(shadow) => Some(shadow.list()),
            None => None,
        }
    }

    pub(crate) const fn shadow_context(&self) -> Option<&'static str> {
        match self.shadow {
            Some(shadow) => Some(shadow.context()),
            None => None,
        }
    }

    pub(crate) const fn asked_scopes(&self) -> Option<&'static str> {
        match self.requirement {
            Requirement::Scope { scopes, .. } => Some(scopes),
            _ => None,
        }
    }

    pub(crate) const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    pub(crate) const fn is_hidden(&self) -> bool {
        self.hide
    }

    /// Returns whether the guard loads a resource for anonymous requests.
    pub(crate) const fn loads_for_anonymous(&self) -> bool {
        self.anonymous && matches!(self.requirement, Requirement::Resource { .. })
    }

    /// Returns whether the guard rejects every anonymous request, whatever its rules say.
    pub(crate) const fn rejects_anonymous(&self) -> bool {
        match self.requirement {
            Requirement::Authenticated | Requirement::Scope { .. } => true,
            Requirement::Resource { .. } => !self.anonymous || self.max_age.is_some(),
            Requirement::Acl { .. } | Requirement::Anonymous | Requirement::Permission { .. } => {
                self.max_age.is_some()
            }
        }
    }

    pub(crate) const fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    pub(crate) const fn deadline(&self) -> Option<&'static str> {
        self.until
    }
}

impl GuardLayer {
    pub(crate) fn kind(&self) -> GuardKind {
        match self.guard.demand {
            Demand::Anonymous { .. } => GuardKind::Anybody,
            Demand::Authenticated => GuardKind::AnyUser,
            Demand::Acl(..) => GuardKind::ByAcl,
            Demand::Permission(_) => GuardKind::ByPolicy,
            Demand::Scopes(_) => GuardKind::ByScope,
        }
    }

    pub(crate) fn permission(&self) -> Option<Name<'_>> {
        match &self.guard.demand {
            Demand::Anonymous { .. } | Demand::Authenticated | Demand::Scopes(_) => None,
            Demand::Acl(permission, _) | Demand::Permission(permission) => Some(permission.name()),
        }
    }

    pub(crate) fn context(&self) -> Option<&Acl> {
        match &self.guard.demand {
            Demand::Acl(_, context) => Some(context),
            _ => None,
        }
    }

    pub(crate) fn shadow_list(&self) -> Option<&Acl> {
        self.guard.shadow.as_ref()
    }

    pub(crate) fn scopes(&self) -> Option<&Scopes> {
        match &self.guard.demand {
            Demand::Scopes(scopes) => Some(scopes),
            _ => None,
        }
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.guard.max_age
    }

    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self.guard.demand {
            Demand::Anonymous { reason } => Some(reason),
            _ => None,
        }
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.guard.hide
    }
}
