//! The kinds of names, and the words for them in messages: [`Noun`].

/// The kind of a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Noun {
    Group,
    Permission,
    Scope,
    User,
}

impl Noun {
    pub(crate) const fn singular(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Permission => "permission",
            Self::Scope => "scope",
            Self::User => "user id",
        }
    }

    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Group => "groups",
            Self::Permission => "permissions",
            Self::Scope => "scopes",
            Self::User => "user ids",
        }
    }

    pub(super) const fn kinds(self) -> &'static str {
        match self {
            Self::Group => "groups are strings, integers or enum variants",
            Self::Permission => "permissions are strings, integers or enum variants",
            Self::Scope => "scopes are strings",
            Self::User => "user ids are strings",
        }
    }

    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Group => "editors",
            Self::Permission => "edit",
            Self::Scope => "articles:read",
            Self::User => "mallory",
        }
    }

    /// Returns the remedy for a name that is a wildcard pattern in other systems. User ids and scopes come
    /// from outside and may contain `*`.
    pub(super) fn instead_of_pattern(self, text: &str) -> Option<&'static str> {
        match self {
            Self::Group | Self::User if text == "*" => {
                Some("write `Authenticated`, or `Everyone` if anonymous requests are meant too")
            }
            Self::Group | Self::Permission if text.contains('*') => Some("write each name that is meant"),
            Self::Group | Self::Permission | Self::Scope | Self::User => None,
        }
    }

    /// Returns two example names for an expression.
    pub(crate) const fn examples(self) -> &'static str {
        match self {
            Self::Scope => "\"articles:read\", \"articles:write\"",
            Self::Group | Self::Permission | Self::User => "\"edit\", \"comment\"",
        }
    }
}
