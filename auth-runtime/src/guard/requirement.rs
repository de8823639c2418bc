//! [`Requirement`]: what a guard requires, by an attribute or by a layer.

use std::borrow::Cow;

use super::expression::{AclStep, PermissionStep};
use crate::{
    acl::{Acl, Name, Permission},
    identity::Scopes,
    refusal::Lacking,
};

#[derive(Clone, Debug)]
pub(super) enum Requirement {
    Anonymous,
    Authenticated,
    /// The permission of a layer, by a list
    List {
        permission: OwnedName,
        list: Acl,
    },
    /// The permission of a layer, by the application's policy
    Policy {
        permission: OwnedName,
    },
    /// The scopes of a layer, all of them
    Scopes {
        scopes: Scopes,
        text: String,
    },
    Acl {
        permission: &'static str,
        context: &'static str,
        list: &'static Acl,
        steps: &'static [AclStep],
    },
    Permission {
        permission: &'static str,
        steps: &'static [PermissionStep],
    },
    Resource {
        permission: &'static str,
        resource: &'static str,
        steps: &'static [PermissionStep],
    },
    /// `fewest` is a minimal sufficient set of scopes, separated by spaces.
    Scope {
        scopes: &'static str,
        fewest: &'static str,
        steps: &'static [PermissionStep],
    },
}

/// The permission of a layer.
#[derive(Clone, Debug)]
pub(super) enum OwnedName {
    Number(i64),
    Text(String),
}

impl OwnedName {
    pub(super) fn of(permission: &impl Permission) -> Self {
        match permission.name() {
            Name::Number(number) => Self::Number(number),
            Name::Text(text) => Self::Text(text.to_owned()),
        }
    }

    pub(super) fn name(&self) -> Name<'_> {
        match self {
            Self::Number(number) => Name::Number(*number),
            Self::Text(text) => Name::Text(text),
        }
    }

    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => number.to_string().into(),
            Self::Text(text) => text.into(),
        }
    }
}

impl Requirement {
    /// Returns the permission or the scopes for the log, as source text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Anonymous | Self::Authenticated => "".into(),
            Self::List { permission, .. } | Self::Policy { permission } => permission.text(),
            Self::Scopes { text, .. } => text.into(),
            Self::Acl { permission: text, .. }
            | Self::Permission { permission: text, .. }
            | Self::Resource { permission: text, .. }
            | Self::Scope { scopes: text, .. } => Cow::Borrowed(text),
        }
    }

    /// Returns what a rejected request lacks.
    pub(super) fn lacking(&self) -> Lacking {
        match self {
            Self::Anonymous | Self::Authenticated => Lacking::default(),
            Self::Scope { fewest, .. } => Lacking::scopes(Cow::Borrowed(fewest)),
            Self::Scopes { text, .. } => Lacking::scopes(text.clone().into()),
            Self::List { permission, .. } | Self::Policy { permission } => {
                Lacking::permission(permission.text().into_owned().into())
            }
            Self::Acl { permission, .. }
            | Self::Permission { permission, .. }
            | Self::Resource { permission, .. } => Lacking::permission(Cow::Borrowed(permission)),
        }
    }
}
