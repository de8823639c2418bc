//! Conditions of rules: [`Condition`], a named predicate that decides whether a rule fires.
//!
//! # Design
//!
//! - A condition is a constant. Its name is for messages, logs and the access table; two conditions are the same if
//!   name and data are.
//! - A rule fires if its principal and permission match and all of its conditions hold. Conditions are asked last, in
//!   order, and only as far as the decision depends on them.
//! - An answer is one of three: [`Holds`](ConditionAnswer::Holds), [`Fails`](ConditionAnswer::Fails) and
//!   [`Unknown`](ConditionAnswer::Unknown). Unknown fails closed: a rule that allows does not fire, a rule that denies
//!   does.
//! - [`decide_if`](crate::decide_if) does not wait: it returns the condition that it needs next. A caller that has to
//!   wait for the answer asks again with it. [`decide`](crate::decide) has no answers, so all are unknown.
//! - Compile-time checks hold for all answers. For them a condition is what a group is: something that a request may
//!   have or not have. More answers from `Fails` over `Unknown` to `Holds` only make more rules match, so the
//!   arguments of [`proof`](crate::proof) stay valid. A rule with a condition never makes a later rule unreachable,
//!   unless that one fires under the same condition only.
//! - Lists without conditions are evaluated as if there were none: the tables of a list say which permissions depend
//!   on a condition.

mod compare_conditions;
mod condition_as_text;
mod condition_constructors;
mod conditional_rule;
mod network;
mod parse_times;
mod time_and_network_answers;

pub(crate) use conditional_rule::{is_among, push_conditions};

use core::fmt;

/// A named predicate of a rule: the rule fires only if it holds.
///
/// Declare it as a constant, and name it after `if` in a row of `acl!`. A misspelt name is then unknown to the
/// compiler, and so is a network, a time or a scope that is not valid.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Condition, OWNER, acl};
///
/// const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");
/// const ON_CALL: Condition = Condition::custom("on-call");
///
/// const ARTICLES: Acl = acl![
///     (Allow, Authenticated, ["edit"], if OWNER),
///     (Allow, Group("editors"), ["edit"], if all(OFFICE_HOURS, ON_CALL)),
/// ];
/// assert_eq!(ARTICLES.rules()[1].conditions(), [OFFICE_HOURS, ON_CALL]);
/// ```
#[derive(Clone, Copy)]
pub struct Condition {
    name: &'static str,
    kind: ConditionKind,
}

/// What a [`Condition`] is about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ConditionKind {
    /// The user has authenticated in one of these contexts (`acr`).
    Acr(&'static [&'static str]),
    /// The application answers.
    Custom,
    /// The time of day, in seconds since midnight UTC, is at least the first number and below the second one; if the
    /// first number is larger, the period includes midnight.
    Daily(u32, u32),
    /// The user has authenticated at most so many seconds ago.
    MaxAge(u64),
    /// The client's address is in one of these networks.
    Network(&'static [&'static str]),
    /// The user is the owner of the resource.
    Owner,
    /// The time, in seconds since 1970-01-01 00:00:00 UTC, is at least the first number and below the second one.
    Period(u64, u64),
    /// The access token has this scope.
    Scope(&'static str),
    /// The user's tenant is that of the resource.
    Tenant,
}

/// Whether a [`Condition`] holds for a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ConditionAnswer {
    /// It holds.
    Holds,
    /// It does not hold.
    Fails,
    /// It cannot be answered, because the request lacks the fact: a rule that allows does not fire, and a rule that
    /// denies does (fail closed).
    Unknown,
}

/// The condition that the user is the owner of the resource, as `Resource::owner` returns it.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, OWNER, Permission, Resource, Rule, acl};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Allow, Authenticated, ["edit", "delete"], if OWNER),
/// ];
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Edit,
///     Delete,
/// }
///
/// struct Article {
///     author: String,
/// }
///
/// impl Resource for Article {
///     type Permission = Can;
///
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         &ARTICLES
///     }
///
///     fn owner(&self) -> Option<&str> {
///         Some(&self.author)
///     }
/// }
/// ```
///
/// # Security
///
/// Only a question about a resource, by its guard or in a handler, has an owner to compare with. A resource without an owner fulfils no rule that allows.
pub const OWNER: Condition = Condition { name: "owner", kind: ConditionKind::Owner };

/// The condition that the user's tenant is that of the resource, as `Resource::tenant` returns it.
///
/// The user's tenant comes from `AuthLayer::with_tenants`.
///
/// # Security
///
/// Only the guard of a resource has a tenant to compare with. A resource or a user without a tenant fulfils no rule that
/// allows.
pub const TENANT: Condition = Condition { name: "tenant", kind: ConditionKind::Tenant };

impl Condition {
    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what it is about.
    #[must_use]
    pub const fn kind(&self) -> ConditionKind {
        self.kind
    }

    /// Returns whether it is about a resource, so that only the guard of a resource can answer it.
    #[must_use]
    pub const fn is_about_resource(&self) -> bool {
        matches!(self.kind, ConditionKind::Owner | ConditionKind::Tenant)
    }
}

impl ConditionAnswer {
    /// Converts a fact that is known.
    #[must_use]
    pub const fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.name, self.kind)
    }
}

impl fmt::Display for ConditionAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds",
            Self::Fails => "does not hold",
            Self::Unknown => "cannot be answered",
        })
    }
}
