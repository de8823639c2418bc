//! Words the kinds of names in messages: [`Noun`].

/// The kind of a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Noun {
    /// A permission that is a variant of an enum, so that the compiler checks it without an ACL.
    Declared,
    Group,
    Permission,
    Scope,
    Service,
    User,
}

impl Noun {
    pub(crate) const fn singular(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Declared | Self::Permission => "permission",
            Self::Scope => "scope",
            Self::Service => "service name",
            Self::User => "user id",
        }
    }

    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Group => "groups",
            Self::Declared | Self::Permission => "permissions",
            Self::Scope => "scopes",
            Self::Service => "service names",
            Self::User => "user ids",
        }
    }

    pub(super) const fn kinds(self) -> &'static str {
        match self {
            Self::Group => "groups are strings, integers or enum variants",
            Self::Declared | Self::Permission => "permissions are strings, integers or enum variants",
            Self::Scope => "scopes are strings",
            Self::Service => "service names are strings",
            Self::User => "user ids are strings",
        }
    }

    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Declared => "Can::Edit",
            Self::Group => "editors",
            Self::Permission => "edit",
            Self::Scope => "articles:read",
            Self::Service => "billing",
            Self::User => "mallory",
        }
    }

    /// Returns an example as it is written in source code.
    pub(crate) fn example_code(self) -> String {
        let example = self.example();
        if self == Self::Declared { example.to_owned() } else { format!("\"{example}\"") }
    }

    /// Returns the remedy for a name that is a wildcard pattern in other systems. User ids, service names and
    /// scopes come from outside and may contain `*`.
    pub(super) fn instead_of_pattern(self, text: &str) -> Option<&'static str> {
        match self {
            Self::Group | Self::User if text == "*" => {
                Some("write `Authenticated`, or `Everyone` if anonymous requests are meant too")
            }
            Self::Group | Self::Permission if text.contains('*') => Some("write each name that is meant"),
            Self::Declared | Self::Group | Self::Permission | Self::Scope | Self::Service | Self::User => {
                None
            }
        }
    }

    /// Returns two example names for an expression.
    pub(crate) const fn examples(self) -> &'static str {
        match self {
            Self::Declared => "Can::Edit, Can::Comment",
            Self::Scope => "\"articles:read\", \"articles:write\"",
            Self::Group | Self::Permission | Self::Service | Self::User => "\"edit\", \"comment\"",
        }
    }
}
