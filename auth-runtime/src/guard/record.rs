//! [`GuardRecord`]: the requirements of a guard, for the records of routes and the access table.

use std::borrow::Cow;

use super::{GuardKind, GuardLayer, expression::AclStep, requirement::Requirement, spec::Spec};
use crate::acl::{Acl, Name};

/// A guard of a route.
#[derive(Clone, Debug)]
pub struct GuardRecord(Source);

#[derive(Clone, Debug)]
enum Source {
    Layer(GuardLayer),
    Spec(&'static Spec),
}

impl GuardRecord {
    pub(crate) const fn of_layer(layer: GuardLayer) -> Self {
        Self(Source::Layer(layer))
    }

    pub(crate) const fn of_spec(spec: &'static Spec) -> Self {
        Self(Source::Spec(spec))
    }

    pub(super) fn spec(&self) -> &Spec {
        match &self.0 {
            Source::Layer(layer) => &layer.spec,
            Source::Spec(spec) => spec,
        }
    }

    /// Returns the kind of guard.
    #[must_use]
    pub fn kind(&self) -> GuardKind {
        match self.spec().requirement {
            Requirement::Anonymous => GuardKind::Anybody,
            Requirement::Authenticated => GuardKind::AnyUser,
            Requirement::Acl { .. } | Requirement::List { .. } => GuardKind::ByAcl,
            Requirement::Permission { .. } | Requirement::Policy { .. } => GuardKind::ByPolicy,
            Requirement::Resource { .. } => GuardKind::ByResource,
            Requirement::Scope { .. } | Requirement::Scopes { .. } => GuardKind::ByScope,
        }
    }

    /// Returns the required permission, or the expression of several as source text.
    #[must_use]
    pub fn permission(&self) -> Option<Cow<'_, str>> {
        let asks = !matches!(self.kind(), GuardKind::Anybody | GuardKind::AnyUser | GuardKind::ByScope);
        asks.then(|| self.spec().requirement.text())
    }

    /// Returns every permission that the guard may ask for.
    #[must_use]
    pub fn permissions(&self) -> Vec<Name<'_>> {
        self.spec().permissions()
    }

    /// Returns the name of the list or the argument whose rules decide, as source text.
    #[must_use]
    pub fn context(&self) -> Option<&'static str> {
        self.spec().context().filter(|context| !context.is_empty())
    }

    /// Returns the list whose rules decide.
    #[must_use]
    pub fn acl(&self) -> Option<&Acl> {
        self.spec().list()
    }

    /// Returns the required scopes, or the expression of several as source text.
    #[must_use]
    pub fn scopes(&self) -> Option<Cow<'_, str>> {
        (self.kind() == GuardKind::ByScope).then(|| self.spec().requirement.text())
    }

    /// Returns every scope that the guard names.
    #[must_use]
    pub fn scope_names(&self) -> Vec<String> {
        match &self.spec().requirement {
            Requirement::Scope { steps, .. } => {
                steps.iter().map(|step| step.permission.to_string()).collect()
            }
            Requirement::Scopes { scopes, .. } => scopes.iter().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns whether it is a layer around the router or service; otherwise it is part of the handler.
    #[must_use]
    pub const fn is_layer(&self) -> bool {
        matches!(self.0, Source::Layer(_))
    }
}

impl Spec {
    pub(super) const fn context(&self) -> Option<&'static str> {
        match self.requirement {
            Requirement::Acl { context, .. } => Some(context),
            Requirement::Resource { resource, .. } => Some(resource),
            _ => None,
        }
    }

    pub(super) const fn list(&self) -> Option<&Acl> {
        match &self.requirement {
            Requirement::Acl { list, .. } => Some(list),
            Requirement::List { list, .. } => Some(list),
            _ => None,
        }
    }

    pub(super) fn permissions(&self) -> Vec<Name<'_>> {
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

    /// Returns whether the guard rejects every anonymous request, independent of its rules.
    pub(super) const fn rejects_anonymous(&self) -> bool {
        match self.requirement {
            Requirement::Authenticated | Requirement::Scope { .. } | Requirement::Scopes { .. } => true,
            Requirement::Resource { .. } if !self.options.anonymous => true,
            _ => !self.options.step_up.is_none(),
        }
    }
}
