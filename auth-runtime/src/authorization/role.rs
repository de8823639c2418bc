//! Who is meant, put together from users and groups.

use std::ops::{BitAnd, BitOr, Not};

use crate::{
    acl::{Group, Groups},
    identity::UserId,
};

/// A condition on users and their groups, as a value: one user, a group, or any, all or none of others.
///
/// Policies ([`RolePolicy`](super::RolePolicy), [`Superuser`](super::Superuser)) and sources of groups
/// ([`GroupRules`](super::GroupRules)) go by it. Lists of rules name users and groups themselves.
///
/// # Example
///
/// ```
/// use auth_runtime::{Groups, UserId, authorization::Role};
///
/// let publishes = Role::group("editors") & Role::group("trained") & !Role::group("interns") | Role::user("root".parse()?);
///
/// let alice: UserId = "alice".parse()?;
/// assert!(publishes.is_held_by(Some(&alice), &Groups::from(["editors", "trained"])));
/// assert!(!publishes.is_held_by(Some(&alice), &Groups::from(["editors", "trained", "interns"])));
/// assert!(publishes.is_held_by(Some(&"root".parse()?), &Groups::none()));
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
///
/// # Security
///
/// `!` is held by everybody else, the anonymous included. Say `Role::authenticated() & !…` where that is not meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Role(Condition);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    All(Vec<Role>),
    Any(Vec<Role>),
    Authenticated,
    /// One group
    Group(Groups),
    Not(Box<Role>),
    User(UserId),
}

impl Role {
    /// Held by this user.
    #[must_use]
    pub const fn user(user: UserId) -> Self {
        Self(Condition::User(user))
    }

    /// Held by who is in this group.
    #[must_use]
    pub fn group(group: impl Group) -> Self {
        Self(Condition::Group(Groups::from([group])))
    }

    /// Held by every user who is known.
    #[must_use]
    pub const fn authenticated() -> Self {
        Self(Condition::Authenticated)
    }

    /// Held by who holds at least one of these; by nobody where there is none.
    #[must_use]
    pub fn any(roles: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::Any(roles.into_iter().collect()))
    }

    /// Held by who holds every one of these; by nobody where there is none.
    #[must_use]
    pub fn all(roles: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::All(roles.into_iter().collect()))
    }

    /// Returns whether a user holds the role; `None` is an anonymous request.
    #[must_use]
    pub fn is_held_by(&self, user: Option<&UserId>, groups: &Groups) -> bool {
        match &self.0 {
            Condition::All(roles) => {
                !roles.is_empty() && roles.iter().all(|role| role.is_held_by(user, groups))
            }
            Condition::Any(roles) => roles.iter().any(|role| role.is_held_by(user, groups)),
            Condition::Authenticated => user.is_some(),
            Condition::Group(wanted) => wanted.iter().all(|group| groups.contains(group)),
            Condition::Not(role) => !role.is_held_by(user, groups),
            Condition::User(wanted) => user == Some(wanted),
        }
    }
}

impl BitOr for Role {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::any([self, other])
    }
}

impl BitAnd for Role {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::all([self, other])
    }
}

impl Not for Role {
    type Output = Self;

    fn not(self) -> Self {
        Self(Condition::Not(Box::new(self)))
    }
}
