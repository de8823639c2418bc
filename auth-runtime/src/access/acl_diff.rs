//! Compares two ACLs: [`acl_diff`], and the [`AclDiff`] that it returns.

use std::{collections::BTreeSet, fmt};

use super::{
    CallerKind,
    decision_for_all_answers::{Change, Extent, Verdict},
};
use crate::acl::{Acl, Groups, Name, Permissions, Principals};

/// Stands for all permissions that neither list names; names have no control characters.
const ANY_OTHER: Name<'static> = Name::Text("\u{1}");

/// Lists who gains and who loses which permission when the ACL `new` replaces `old`.
///
/// The result is empty only if both lists decide alike for all requests and all permissions: users in several groups
/// are compared as well, and have a row for what neither of two groups gains or loses by itself. What changes only for
/// some answers to [conditions](crate::conditions) is followed by their names; with more than six conditions about one
/// permission, different rules are taken to decide differently. To prove at compile
/// time that nothing is gained, write [`acl_assert_no_wider!`](crate::acl_assert_no_wider).
///
/// # Example
///
/// ```
/// use auth_runtime::{access::acl_diff, acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Allow, Group("editors"), ["edit", "delete"]),
/// ];
/// const ARTICLES_NEXT: Acl = acl![
///     (Allow, Authenticated, ["view"]),
///     (Allow, Group("editors"), ["edit"]),
///     (Allow, Group("admins"), ALL),
/// ];
///
/// let diff = acl_diff(&ARTICLES, &ARTICLES_NEXT);
/// assert_eq!(
///     diff.to_string(),
///     "\
/// | who | gains | loses |
/// |---|---|---|
/// | anonymous |  | view |
/// | group admins | delete, edit, any other permission |  |
/// | group editors |  | delete |
/// "
/// );
/// assert!(acl_diff(&ARTICLES, &ARTICLES).is_empty());
/// ```
#[must_use]
pub fn acl_diff(old: &Acl, new: &Acl) -> AclDiff {
    let permissions: BTreeSet<Name<'static>> =
        [old, new].into_iter().flat_map(Acl::rules).flat_map(|rule| names(rule.permissions())).collect();
    let permissions: Vec<Name<'static>> = permissions.into_iter().chain([ANY_OTHER]).collect();
    let kind = |label: String, principals: &Principals<'_>| Kind {
        label,
        is_member: principals.groups().is_some_and(|groups| !groups.is_empty()),
        old: verdicts(old, &permissions, principals),
        new: verdicts(new, &permissions, principals),
    };
    let of_caller = |caller: CallerKind| caller.with_principals(|who| kind(caller.to_string(), who));
    let named: BTreeSet<CallerKind> =
        [old, new].into_iter().flat_map(Acl::rules).filter_map(CallerKind::of).collect();
    let base = [CallerKind::Anonymous, CallerKind::SignedIn].map(of_caller);
    let named: Vec<Kind> = named.into_iter().map(of_caller).collect();
    let guests: BTreeSet<&Name<'static>> = [old, new].into_iter().flat_map(Acl::anonymous_groups).collect();
    let guests = guests.into_iter().map(|name| {
        let groups: Groups = [*name].into_iter().collect();
        kind(format!("anonymous in group {name}"), &Principals::new(None, Some(&groups)))
    });
    let guests: Vec<Kind> = guests.collect();
    let mut rows: Vec<DiffRow> =
        base.iter().chain(&named).chain(&guests).map(|kind| kind.row(&permissions)).collect();
    for family in [&named, &guests] {
        for (at, first) in family.iter().enumerate() {
            // No request is of two users.
            let others = family.iter().skip(at.saturating_add(1));
            let others = others.filter(|second| first.is_member || second.is_member);
            rows.extend(others.map(|second| first.row_with(second, &permissions)));
        }
    }
    rows.retain(|row| !(row.gains.is_empty() && row.loses.is_empty()));
    AclDiff { rows }
}

/// Who gains and who loses which permission, as [`acl_diff`] finds it.
///
/// Its text is a table in Markdown, for a test or a pull request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AclDiff {
    rows: Vec<DiffRow>,
}

/// One kind of request, and what it gains and loses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiffRow {
    who: String,
    gains: Vec<String>,
    loses: Vec<String>,
}

impl AclDiff {
    /// Returns whether both lists decide alike.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the kinds of requests that gain or lose something.
    #[must_use]
    pub fn rows(&self) -> &[DiffRow] {
        &self.rows
    }
}

impl DiffRow {
    /// Returns the kind of request, such as `group editors`.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Returns the permissions that only the new list allows; the last may be `any other permission`, for all that no
    /// rule names.
    #[must_use]
    pub fn gains(&self) -> &[String] {
        &self.gains
    }

    /// Returns the permissions that only the old list allows, as [`gains`](Self::gains) does.
    #[must_use]
    pub fn loses(&self) -> &[String] {
        &self.loses
    }
}

/// A kind of request, with the decisions of both lists about each permission.
struct Kind {
    label: String,
    is_member: bool,
    old: Vec<Verdict>,
    new: Vec<Verdict>,
}

impl Kind {
    fn row(&self, permissions: &[Name<'static>]) -> DiffRow {
        let mut row = DiffRow { who: self.label.clone(), gains: Vec::new(), loses: Vec::new() };
        for (name, (old, new)) in permissions.iter().zip(self.old.iter().zip(&self.new)) {
            row.note(*name, &Change::between(old, new));
        }
        row
    }

    /// Returns what a request gains and loses that is of both kinds, and of neither kind alone.
    fn row_with(&self, other: &Self, permissions: &[Name<'static>]) -> DiffRow {
        let who = format!("{} and {}", self.label, other.label);
        let mut row = DiffRow { who, gains: Vec::new(), loses: Vec::new() };
        let decisions = self.old.iter().zip(&self.new).zip(other.old.iter().zip(&other.new));
        for (name, ((old, new), (other_old, other_new))) in permissions.iter().zip(decisions) {
            let change = Change::between(&old.with(other_old), &new.with(other_new));
            let known = [Change::between(old, new), Change::between(other_old, other_new)];
            if !known.contains(&change) {
                row.note(*name, &change);
            }
        }
        row
    }
}

impl DiffRow {
    fn note(&mut self, name: Name<'_>, change: &Change) {
        let text = |extent: &Extent| {
            let name = if name == ANY_OTHER { "any other permission".to_owned() } else { name.to_string() };
            match extent {
                Extent::Always => name,
                Extent::Sometimes(conditions) => {
                    let conditions: Vec<&str> = conditions.iter().copied().collect();
                    format!("{name} (depends on {})", conditions.join(", "))
                }
            }
        };
        self.gains.extend(change.gains.as_ref().map(text));
        self.loses.extend(change.loses.as_ref().map(text));
    }
}

fn verdicts(acl: &Acl, permissions: &[Name<'static>], principals: &Principals<'_>) -> Vec<Verdict> {
    permissions.iter().map(|name| Verdict::of(acl, *name, principals)).collect()
}

fn names(permissions: Permissions<'static>) -> Vec<Name<'static>> {
    match permissions {
        Permissions::Names(names) => names.to_vec(),
        Permissions::All | Permissions::Set(_) => Vec::new(),
    }
}

impl fmt::Display for AclDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "No request gains or loses a permission.");
        }
        writeln!(f, "| who | gains | loses |\n|---|---|---|")?;
        for row in &self.rows {
            let cells = [row.who.clone(), row.gains.join(", "), row.loses.join(", ")];
            writeln!(f, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))?;
        }
        Ok(())
    }
}
