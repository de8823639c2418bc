//! Declares which groups include others and which permissions imply others: [`GroupHierarchy`] and
//! [`ImpliedPermissions`].

use crate::{Action, Name, Principal, const_message::Message};

/// Which groups include the members of which others, as a constant.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl::GroupHierarchy, group_hierarchy, Acl, Groups, Principals};
///
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"]), ("editors", ["readers"])];
/// const ARTICLES: Acl = acl![groups = ROLES, (Allow, Group("readers"), ["view"])];
///
/// let admins = Groups::from(["admins"]);
/// assert!(ARTICLES.decide("view", &Principals::user("alice", &admins)).is_allow());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GroupHierarchy(pub(super) Edges);

/// Which permissions imply which others, as a constant.
///
/// A principal that is allowed the greater permission is allowed the lesser, and one that is denied the
/// lesser is denied the greater.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl::ImpliedPermissions, implied_permissions, Acl, Groups, Principals};
///
/// const RIGHTS: ImpliedPermissions = implied_permissions![("delete", ["edit"]), ("edit", ["view"])];
/// const ARTICLES: Acl = acl![implied = RIGHTS, (Allow, Group("editors"), ["edit"])];
///
/// let editors = Groups::from(["editors"]);
/// let alice = Principals::user("alice", &editors);
/// assert!(ARTICLES.decide("view", &alice).is_allow());
/// assert!(!ARTICLES.decide("delete", &alice).is_allow());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ImpliedPermissions(pub(super) Edges);

/// Pairs of a greater and a lesser name.
pub(super) type Edges = &'static [(Name<'static>, Name<'static>)];

impl GroupHierarchy {
    /// No group includes another.
    pub const NONE: Self = Self(&[]);

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(edges: Edges) -> Self {
        Self(edges)
    }
}

impl ImpliedPermissions {
    /// No permission implies another.
    pub const NONE: Self = Self(&[]);

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(edges: Edges) -> Self {
        Self(edges)
    }
}

/// Stops the build when a name includes itself by this pair and those before it: of each circle, the last pair is
/// reported.
///
/// # Panics
///
/// Panics with a message for the person who wrote the hierarchy; called in constants only.
#[track_caller]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` is a place of these pairs; constants have no iterators"
)]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
pub const fn check_acyclic(edges: &[(Name<'_>, Name<'_>)], at: usize) {
    let (greater, lesser) = edges[at];
    let (edges, _) = edges.split_at(at + 1);
    if leads(edges, lesser, greater, edges.len()) {
        let message = Message::new().push_name(greater).push(" includes itself by way of ");
        let message = message.push_name(lesser).push("; remove ").push_name(lesser);
        panic!("{}", message.push(" from this list").as_str())
    }
}

/// Whether `greater` is `lesser`, or leads to it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
pub(super) const fn leads(
    edges: &[(Name<'_>, Name<'_>)],
    greater: Name<'_>,
    lesser: Name<'_>,
    steps: usize,
) -> bool {
    if greater.is(lesser) {
        return true;
    }
    if steps == 0 {
        return false;
    }
    let mut at = 0;
    while at < edges.len() {
        if edges[at].0.is(greater) && leads(edges, edges[at].1, lesser, steps - 1) {
            return true;
        }
        at += 1;
    }
    false
}

/// One more name for a rule: the pair at `at` implies it, unless an earlier pair or the rule itself has added
/// it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
pub(super) const fn brought<'a>(
    edges: &[(Name<'a>, Name<'a>)],
    at: usize,
    names: &[Name<'_>],
    action: Action,
) -> Option<Name<'a>> {
    let allow = matches!(action, Action::Allow);
    let name = if allow { edges[at].1 } else { edges[at].0 };
    let mut earlier = 0;
    while earlier < at {
        if (if allow { edges[earlier].1 } else { edges[earlier].0 }).is(name) {
            return None;
        }
        earlier += 1;
    }
    let mut follows = false;
    let mut n = 0;
    while n < names.len() {
        if names[n].is(name) {
            return None;
        }
        let (greater, lesser) = if allow { (names[n], name) } else { (name, names[n]) };
        follows = follows || leads(edges, greater, lesser, edges.len());
        n += 1;
    }
    if follows { Some(name) } else { None }
}

/// One more group for a rule: the pair at `at` implies it, unless an earlier pair has added it.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
pub(super) const fn includer<'a>(
    edges: &[(Name<'a>, Name<'a>)],
    at: usize,
    principal: Principal<'_>,
) -> Option<Name<'a>> {
    let Principal::Group(group) = principal else { return None };
    let name = edges[at].0;
    let mut earlier = 0;
    while earlier < at {
        if edges[earlier].0.is(name) {
            return None;
        }
        earlier += 1;
    }
    if !name.is(group) && leads(edges, name, group, edges.len()) { Some(name) } else { None }
}
