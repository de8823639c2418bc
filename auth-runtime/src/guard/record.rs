//! What guards demand, for lists of routes.

use std::{borrow::Cow, time::Duration};

use super::{
    GuardKind, Shadow,
    expression::AclStep,
    requirement::Requirement,
    spec::{Site, Spec},
};
use crate::acl::{Acl, Name};

impl Spec {
    pub(crate) const fn site(&self) -> Site {
        self.site
    }

    pub(crate) const fn kind(&self) -> GuardKind {
        match self.requirement {
            Requirement::Anonymous => GuardKind::Anybody,
            Requirement::Authenticated => GuardKind::AnyUser,
            Requirement::Acl { .. } | Requirement::List { .. } => GuardKind::ByAcl,
            Requirement::Permission { .. } | Requirement::Policy { .. } => GuardKind::ByPolicy,
            Requirement::Resource { .. } => GuardKind::ByResource,
            Requirement::Scope { .. } | Requirement::Scopes { .. } => GuardKind::ByScope,
        }
    }

    /// Returns the permission, or the expression of several as it stands in the source.
    pub(crate) fn asked_permission(&self) -> Option<Cow<'_, str>> {
        let asks = !matches!(self.kind(), GuardKind::Anybody | GuardKind::AnyUser | GuardKind::ByScope);
        asks.then(|| self.requirement.text())
    }

    pub(crate) const fn context(&self) -> Option<&'static str> {
        match self.requirement {
            Requirement::Acl { context, .. } => Some(context),
            Requirement::Resource { resource, .. } => Some(resource),
            _ => None,
        }
    }

    pub(crate) const fn list(&self) -> Option<&Acl> {
        match &self.requirement {
            Requirement::Acl { list, .. } => Some(list),
            Requirement::List { list, .. } => Some(list),
            _ => None,
        }
    }

    pub(crate) fn shadow_list(&self) -> Option<&Acl> {
        self.shadow.as_ref().map(Shadow::list)
    }

    pub(crate) fn shadow_context(&self) -> Option<&'static str> {
        self.shadow.as_ref().and_then(Shadow::context)
    }

    /// Returns the scopes, or the expression of several as it stands in the source.
    pub(crate) fn asked_scopes(&self) -> Option<Cow<'_, str>> {
        (self.kind() == GuardKind::ByScope).then(|| self.requirement.text())
    }

    /// Returns every permission that the guard may ask for.
    pub(crate) fn asked(&self) -> Vec<Name<'_>> {
        match &self.requirement {
            Requirement::Acl { steps, .. } => steps.iter().map(AclStep::permission).collect(),
            Requirement::Permission { steps, .. } | Requirement::Resource { steps, .. } => {
                steps.iter().map(|step| step.permission).collect()
            }
            Requirement::List { permission, .. } | Requirement::Policy { permission } => {
                vec![permission.name()]
            }
            _ => Vec::new(),
        }
    }

    /// Returns every scope that the guard names.
    pub(crate) fn scope_names(&self) -> Vec<String> {
        match &self.requirement {
            Requirement::Scope { steps, .. } => {
                steps.iter().map(|step| step.permission.to_string()).collect()
            }
            Requirement::Scopes { scopes, .. } => scopes.iter().map(str::to_owned).collect(),
            _ => Vec::new(),
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
            Requirement::Authenticated | Requirement::Scope { .. } | Requirement::Scopes { .. } => true,
            Requirement::Resource { .. } if !self.anonymous => true,
            _ => self.max_age.is_some(),
        }
    }

    pub(crate) const fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    pub(crate) const fn deadline(&self) -> Option<&'static str> {
        self.until
    }
}
