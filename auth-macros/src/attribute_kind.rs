//! Distinguishes the guards, [`Kind`], and whether one is an attribute or a layer, [`Form`].

use syn::Attribute;

/// The kind of a guard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Acl,
    Anonymous,
    Auth,
    Permission,
    Scope,
}

/// How a guard is declared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// `#[acl_required("edit", ARTICLES)]`
    Attribute,
    /// `guard::acl!("edit", ARTICLES)`
    Layer,
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

    /// Returns the name of the macro in `guard` that makes a layer.
    pub(crate) const fn layer(self) -> &'static str {
        match self {
            Self::Acl => "acl",
            Self::Anonymous => "anonymous",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::Scope => "scope",
        }
    }

    /// Returns the guard as source text.
    pub(crate) fn written(self, form: Form, arguments: &str) -> String {
        match (form, arguments) {
            (Form::Attribute, "") => format!("#[{}]", self.attribute()),
            (Form::Attribute, _) => format!("#[{}({arguments})]", self.attribute()),
            (Form::Layer, _) => format!("guard::{}!({arguments})", self.layer()),
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
            Self::Acl | Self::Permission => 2,
            Self::Anonymous | Self::Auth => 0,
            Self::Scope => usize::MAX,
        }
    }
}
