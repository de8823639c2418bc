//! [`Kind`]: the attribute that declares a guard.

use syn::Attribute;

/// The attribute that declares the guard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Acl,
    Anonymous,
    Auth,
    Permission,
    Scope,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Acl, Self::Anonymous, Self::Auth, Self::Permission, Self::Scope];

    /// Returns the kind of an attribute, by the last segment of its path.
    pub(crate) fn of(attribute: &Attribute) -> Option<Self> {
        let name = &attribute.path().segments.last()?.ident;
        Self::ALL.into_iter().find(|kind| name == kind.attribute())
    }

    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::Acl => "acl_required",
            Self::Anonymous => "allow_anonymous",
            Self::Auth => "auth_required",
            Self::Permission => "permission_required",
            Self::Scope => "scope_required",
        }
    }

    pub(crate) const fn extractor(self) -> &'static str {
        match self {
            Self::Acl => "AclRequired",
            Self::Anonymous => "AllowAnonymous",
            Self::Auth => "AuthRequired",
            Self::Permission => "PermissionRequired",
            Self::Scope => "ScopeRequired",
        }
    }

    /// Returns the number of arguments before the options.
    pub(crate) const fn positions(self) -> usize {
        match self {
            Self::Acl => 2,
            Self::Permission => 1,
            Self::Anonymous | Self::Auth => 0,
            Self::Scope => usize::MAX,
        }
    }
}
