//! Lists the kinds of requests that rules can tell apart, which are the columns of the access table:
//! [`CallerKind`].

use std::fmt;

use auth_acl::__private::service_name;

use crate::acl::{Groups, Name, Principal, Principals, Rule};

/// A kind of request: one column of an [`AccessTable`](super::AccessTable).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum CallerKind {
    /// An anonymous request
    Anonymous,
    /// An authenticated user without groups that no rule names
    SignedIn,
    /// A user that no rule names, in this group only
    Member(Name<'static>),
    /// This user or, with an id such as `service:billing`, this service, without groups
    User(&'static str),
}

/// A user id that no rule can name, because ids have no control characters.
const UNNAMED_USER: &str = "\u{1}";

impl CallerKind {
    /// Returns the kind of request that a rule about this principal affects.
    pub(super) const fn of(rule: &Rule<'static>) -> Option<Self> {
        match rule.principal() {
            Principal::Everyone | Principal::Authenticated => None,
            Principal::Group(name) => Some(Self::Member(name)),
            Principal::User(id) => Some(Self::User(id)),
        }
    }

    /// Returns whether the request is authenticated.
    #[must_use]
    pub const fn is_signed_in(self) -> bool {
        !matches!(self, Self::Anonymous)
    }

    /// Returns the groups of such a request.
    #[must_use]
    pub fn groups(self) -> Groups {
        self.group().into_iter().collect()
    }

    pub(super) const fn group(self) -> Option<Name<'static>> {
        match self {
            Self::Member(name) => Some(name),
            Self::Anonymous | Self::SignedIn | Self::User(_) => None,
        }
    }

    pub(crate) const fn user(self) -> Option<&'static str> {
        match self {
            Self::Anonymous => None,
            Self::SignedIn | Self::Member(_) => Some(UNNAMED_USER),
            Self::User(id) => Some(id),
        }
    }

    /// Calls `look` with the principals of such a request.
    pub(super) fn with_principals<T>(self, look: impl FnOnce(&Principals<'_>) -> T) -> T {
        let groups = self.groups();
        look(&Principals::new(self.user(), Some(&groups)))
    }
}

impl fmt::Display for CallerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Member(name) => write!(f, "group {name}"),
            Self::User(id) => match service_name(id) {
                Some(name) => write!(f, "service {name}"),
                None => write!(f, "user {id}"),
            },
        }
    }
}
