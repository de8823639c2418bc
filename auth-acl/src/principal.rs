//! Distinguishes the principals that rules name, and those of a request: [`Principal`] and [`Principals`].

use core::fmt;

use super::{Groups, Name, permission_and_group};

/// The principal of a rule: the requests that it applies to.
///
/// Users and groups have separate namespaces: a user whose id is `editors` is not in that group, and no name
/// can equal `Everyone` or `Authenticated`. The ids of services, which are programs, begin with `service:`, and
/// no user's id does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Principal<'a> {
    /// All authenticated users and services
    Authenticated,
    /// All requests, authenticated or not
    Everyone,
    /// The members of a group
    Group(Name<'a>),
    /// One user, or one service by its whole id, such as `service:billing`
    User(&'a str),
}

impl fmt::Display for Principal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticated => f.write_str("Authenticated"),
            Self::Everyone => f.write_str("Everyone"),
            Self::Group(Name::Text(name)) => write!(f, "Group({name:?})"),
            Self::Group(Name::Number(number)) => write!(f, "Group({number})"),
            Self::User(id) => match service_name(id) {
                Some(name) => write!(f, "Service({name:?})"),
                None => write!(f, "User({id:?})"),
            },
        }
    }
}

/// How the ids of services begin, and no id of a user.
pub const SERVICE_PREFIX: &str = "service:";

/// Returns the name of a service by its id; `None` for the id of a user.
#[must_use]
pub const fn service_name(id: &str) -> Option<&str> {
    match id.split_at_checked(SERVICE_PREFIX.len()) {
        Some((prefix, name)) if Name::Text(prefix).is(Name::Text(SERVICE_PREFIX)) => Some(name),
        _ => None,
    }
}

/// Names one user as the principal of a rule; or one service, by the whole id that
/// `UserId::service` makes.
#[expect(non_snake_case, reason = "rules made at run time read like those of `acl!`")]
#[must_use]
pub const fn User(id: &str) -> Principal<'_> {
    Principal::User(id)
}

/// Names the members of a group as the principal of a rule.
#[expect(non_snake_case, reason = "rules made at run time read like those of `acl!`")]
#[must_use]
pub fn Group<G: permission_and_group::Group + ?Sized>(group: &G) -> Principal<'_> {
    Principal::Group(group.name())
}

/// The principals of one request: its user, if it is authenticated, and the groups.
///
/// # Example
///
/// ```
/// use auth_runtime::{Groups, Principal, Principals};
///
/// let groups = Groups::from(["editors"]);
/// let alice = Principals::user("alice", &groups);
/// assert!(alice.include(Principal::Everyone) && alice.include(Principal::Authenticated));
/// assert!(!Principals::anonymous().include(Principal::Authenticated));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Principals<'a> {
    user: Option<&'a str>,
    groups: Option<&'a Groups>,
    blocked: bool,
}

impl<'a> Principals<'a> {
    /// An anonymous request, in no group.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { user: None, groups: None, blocked: false }
    }

    /// A user who is in `groups`.
    #[must_use]
    pub const fn user(id: &'a str, groups: &'a Groups) -> Self {
        Self { user: Some(id), groups: Some(groups), blocked: false }
    }

    /// A user, or an anonymous request, in `groups`.
    #[must_use]
    pub const fn new(user: Option<&'a str>, groups: Option<&'a Groups>) -> Self {
        Self { user, groups, blocked: false }
    }

    /// A blocked user, who is denied everything, even what `Everyone` is allowed.
    #[must_use]
    pub const fn blocked() -> Self {
        Self { user: None, groups: None, blocked: true }
    }

    /// Returns the user's id.
    #[must_use]
    pub const fn user_id(&self) -> Option<&'a str> {
        self.user
    }

    /// Returns the groups.
    #[must_use]
    pub const fn groups(&self) -> Option<&'a Groups> {
        self.groups
    }

    /// Returns whether the user is blocked.
    #[must_use]
    pub const fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Returns whether rules about `principal` apply.
    #[must_use]
    pub fn include(&self, principal: Principal<'_>) -> bool {
        match principal {
            Principal::Everyone => true,
            Principal::Authenticated => self.user.is_some(),
            Principal::User(id) => self.user == Some(id),
            Principal::Group(group) => self.groups.is_some_and(|groups| groups.holds(group)),
        }
    }
}
