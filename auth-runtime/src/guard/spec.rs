//! [`Spec`]: a guard as data, which an attribute or a layer writes and [`enforce`](super::enforce) reads.

use std::{fmt, marker::PhantomData};

use super::{
    expression::{AclStep, PermissionStep},
    options::Options,
    requirement::Requirement,
};
use crate::acl::{Acl, Name};

/// Names the data of one guard. The attributes implement it for a type of their own beside the handler.
#[doc(hidden)]
pub trait GuardSpec: 'static {
    /// What the guard demands.
    const SPEC: &'static Spec;

    /// Whether this guard, or one that follows it, rejects every anonymous request.
    const REJECTS_ANONYMOUS: bool = Self::SPEC.rejects_anonymous();

    /// Shows what this guard demands, and what the guards demand that follow it.
    fn each(show: &mut dyn FnMut(&'static Spec)) {
        show(Self::SPEC);
    }
}

/// The guard `A`, behind which the guard `B` stands further on among the handler's arguments.
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

/// What a guard demands, and where it stands.
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

/// What kind of guard stands somewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GuardKind {
    /// A user is known, and not blocked
    AnyUser,
    /// Everybody may, and the source says so
    Anybody,
    /// A constant list grants the permission
    ByAcl,
    /// The application's policy grants the permission
    ByPolicy,
    /// The rules of the handler's own argument grant the permission
    ByResource,
    /// The access token was issued for the scopes
    ByScope,
}

/// Where a guard stands.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Site {
    function: &'static str,
    file: &'static str,
    line: u32,
}

impl Site {
    /// That of a layer, which no attribute has written down
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

    /// Demands nothing.
    #[must_use]
    pub const fn anonymous(site: Site) -> Self {
        Self::new(site, Requirement::Anonymous)
    }

    /// Demands a user.
    #[must_use]
    pub const fn authenticated(site: Site) -> Self {
        Self::new(site, Requirement::Authenticated)
    }

    /// Demands permissions that a constant list grants.
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

    /// Demands permissions that the application's policy grants.
    #[must_use]
    pub const fn permission(site: Site, permission: &'static str, steps: &'static [PermissionStep]) -> Self {
        let permission = PermissionStep::text_of(steps, permission);
        Self::new(site, Requirement::Permission { permission, steps })
    }

    /// Demands permissions that the rules of an argument grant.
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

    /// Demands scopes of an access token; `fewest` are as few as suffice, with a space between each two.
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
