//! Describes conditions on users and groups as values: [`Role`].

use std::ops::{BitAnd, BitOr, Not};

use crate::{
    acl::{Group, Groups},
    identity::UserId,
};

/// A condition on users and their groups, as a value: one user, a group, or any, all or none of others.
///
/// Policies ([`RolePolicy`](super::RolePolicy), [`Superuser`](super::Superuser)) and group sources
/// ([`GroupRules`](super::GroupRules)) use it. ACLs name users and groups directly.
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
/// `!` matches all other requests, anonymous ones included. Write `Role::authenticated() & !…` to exclude
/// those.
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
    /// Matches this user.
    #[must_use]
    pub const fn user(user: UserId) -> Self {
        Self(Condition::User(user))
    }

    /// Matches members of this group.
    #[must_use]
    pub fn group(group: impl Group) -> Self {
        Self(Condition::Group(Groups::from([group])))
    }

    /// Matches every authenticated user.
    #[must_use]
    pub const fn authenticated() -> Self {
        Self(Condition::Authenticated)
    }

    /// Matches if at least one of the roles matches; never for an empty list.
    #[must_use]
    pub fn any(roles: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::Any(roles.into_iter().collect()))
    }

    /// Matches if all roles match; never for an empty list.
    #[must_use]
    pub fn all(roles: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::All(roles.into_iter().collect()))
    }

    /// Returns whether a user has the role; `None` is an anonymous request.
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
