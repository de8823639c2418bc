//! [`Spec`]: a guard as data, which an attribute or a layer generates and [`enforce`](super::enforce) reads.

use std::{fmt, marker::PhantomData};

use super::{
    expression::{AclStep, PermissionStep},
    options::Options,
    requirement::Requirement,
};
use crate::acl::{Acl, Name};

/// Provides the data of one guard. The attributes implement it for a generated type beside the handler.
#[doc(hidden)]
pub trait GuardSpec: 'static {
    /// The requirement of the guard.
    const SPEC: &'static Spec;

    /// Whether this guard, or one that follows it, rejects every anonymous request.
    const REJECTS_ANONYMOUS: bool = Self::SPEC.rejects_anonymous();

    /// Visits the requirement of this guard, and those of the guards that follow it.
    fn each(show: &mut dyn FnMut(&'static Spec)) {
        show(Self::SPEC);
    }
}

/// The guard `A`, followed by the guard `B` further on among the handler's arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct With<A, B>(PhantomData<fn() -> (A, B)>);

impl<A: GuardSpec, B: GuardSpec> GuardSpec for With<A, B> {
    const SPEC: &'static Spec = A::SPEC;
    const REJECTS_ANONYMOUS: bool = A::REJECTS_ANONYMOUS || B::REJECTS_ANONYMOUS;

    fn each(show: &mut dyn FnMut(&'static Spec)) {
        A::each(show);
        B::each(show);
    }
}

/// The requirement of a guard, and its source position.
#[doc(hidden)]
#[derive(Clone)]
pub struct Spec {
    pub(crate) site: Site,
    pub(super) requirement: Requirement,
    pub(super) options: Options,
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec")
            .field("site", &self.site)
            .field("requirement", &self.requirement)
            .finish_non_exhaustive()
    }
}

/// The kind of a guard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GuardKind {
    /// There is a user, who is not blocked
    AnyUser,
    /// Every request may pass, as the source states
    Anybody,
    /// A constant list grants the permission
    ByAcl,
    /// The application's policy grants the permission
    ByPolicy,
    /// The rules of the handler's own argument grant the permission
    ByResource,
    /// The access token has the scopes
    ByScope,
}

/// The source position of a guard.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Site {
    function: &'static str,
    file: &'static str,
    line: u32,
}

impl Site {
    /// That of a layer, which is not in an attribute
    pub(super) const LAYER: Self = Self::new("layer", "", 0);

    #[must_use]
    pub const fn new(function: &'static str, file: &'static str, line: u32) -> Self {
        Self { function, file, line }
    }
}

impl Site {
    pub(crate) const fn function(&self) -> &'static str {
        self.function
    }

    pub(crate) const fn file(&self) -> &'static str {
        self.file
    }

    pub(crate) const fn line(&self) -> u32 {
        self.line
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file.is_empty() {
            return f.write_str(self.function);
        }
        write!(f, "{}:{} {}", self.file, self.line, self.function)
    }
}

impl Spec {
    pub(super) const fn new(site: Site, requirement: Requirement) -> Self {
        Self { site, requirement, options: Options::NONE }
    }

    /// Requires nothing.
    #[must_use]
    pub const fn anonymous(site: Site) -> Self {
        Self::new(site, Requirement::Anonymous)
    }

    /// Requires a user.
    #[must_use]
    pub const fn authenticated(site: Site) -> Self {
        Self::new(site, Requirement::Authenticated)
    }

    /// Requires permissions that a constant list grants.
    #[must_use]
    pub const fn acl(
        site: Site,
        permission: &'static str,
        context: &'static str,
        list: &'static Acl,
        steps: &'static [AclStep],
    ) -> Self {
        let permission = match steps {
            [AclStep { step: PermissionStep { permission: Name::Text(name), .. }, .. }] => name,
            _ => permission,
        };
        Self::new(site, Requirement::Acl { permission, context, list, steps })
    }

    /// Requires permissions that the application's policy grants.
    #[must_use]
    pub const fn permission(site: Site, permission: &'static str, steps: &'static [PermissionStep]) -> Self {
        let permission = PermissionStep::text_of(steps, permission);
        Self::new(site, Requirement::Permission { permission, steps })
    }

    /// Requires permissions that the rules of an argument grant.
    #[must_use]
    pub const fn resource(
        site: Site,
        permission: &'static str,
        resource: &'static str,
        steps: &'static [PermissionStep],
    ) -> Self {
        let permission = PermissionStep::text_of(steps, permission);
        Self::new(site, Requirement::Resource { permission, resource, steps })
    }

    /// Requires scopes of an access token; `fewest` is a minimal sufficient set, separated by spaces.
    #[must_use]
    pub const fn scope(
        site: Site,
        scopes: &'static str,
        fewest: &'static str,
        steps: &'static [PermissionStep],
    ) -> Self {
        let scopes = PermissionStep::text_of(steps, scopes);
        Self::new(site, Requirement::Scope { scopes, fewest, steps })
    }
}
