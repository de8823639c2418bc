//! The kinds of requests that rules can tell apart.

use std::fmt;

use crate::acl::{Groups, Name, Principal, Principals, Rule};

/// A kind of request: the columns of an [`AccessTable`](super::AccessTable).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Caller {
    /// Nobody in particular
    Anonymous,
    /// A user whom no rule names, in no group
    SignedIn,
    /// A user whom no rule names, in this group and no other
    Member(Name<'static>),
    /// This user, in no group
    User(&'static str),
}

/// A user whom no rule names; no rule can, since ids have no control characters.
const SOMEBODY: &str = "\u{1}";

impl Caller {
    /// Returns whom rules about this principal make a difference for.
    pub(super) const fn of(rule: &Rule<'static>) -> Option<Self> {
        match rule.principal() {
            Principal::Everyone | Principal::Authenticated => None,
            Principal::Group(name) => Some(Self::Member(name)),
            Principal::User(id) => Some(Self::User(id)),
        }
    }

    /// Returns whether a user is known.
    #[must_use]
    pub const fn is_signed_in(self) -> bool {
        !matches!(self, Self::Anonymous)
    }

    /// Returns the groups that such a request is in.
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

    pub(super) const fn user(self) -> Option<&'static str> {
        match self {
            Self::Anonymous => None,
            Self::SignedIn | Self::Member(_) => Some(SOMEBODY),
            Self::User(id) => Some(id),
        }
    }

    /// Calls `look` with the principals of such a request.
    pub(super) fn with_principals<T>(self, look: impl FnOnce(&Principals<'_>) -> T) -> T {
        let groups = self.groups();
        look(&Principals::new(self.user(), Some(&groups)))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Member(name) => write!(f, "group {name}"),
            Self::User(id) => write!(f, "user {id}"),
        }
    }
}
