//! Filters the rows of a table by the rules about them, as data for a query: [`RowRule`], [`row_filter`] and
//! [`RowFilter`].
//!
//! A list of resources is in a database, and must be filtered there: pages and counts are wrong otherwise. So the
//! rules of a resource are written once, with the column that holds a user or a group in place of the value. From
//! them follow the rules of a single row ([`rules_of_row`]) and the filter of all rows.

use alloc::{borrow::ToOwned as _, string::String, vec::Vec};

use super::{Action, Groups, Name, OverlayRules, Permissions, Principal, Principals, Rule};

/// The principal of a rule about rows: the user or the members of the group that a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowPrincipal<C> {
    /// The members of the group whose name is in this column
    GroupIn(C),
    /// The user whose id is in this column
    UserIn(C),
}

/// A rule about the rows of a table. `C` names its columns, or relations to other tables.
///
/// A [`Rule`] whose principal does not depend on the row, such as one of a constant list, is converted by `From`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Groups, Name, Principals, acl, acl::{RowPrincipal::UserIn, RowRule, row_filter}};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Column {
///     Owner,
/// }
///
/// const ARTICLES: Acl = acl![(Allow, Group("admins"), ALL)];
///
/// fn rules() -> impl Iterator<Item = RowRule<'static, Column>> {
///     let own = RowRule::allow(UserIn(Column::Owner), &["edit", "delete"]);
///     [own].into_iter().chain(ARTICLES.iter().map(RowRule::from))
/// }
///
/// let (none, admins) = (Groups::none(), Groups::from(["admins"]));
/// assert!(row_filter(rules(), Name::Text("edit"), &Principals::user("root", &admins)).is_all());
/// assert!(row_filter(rules(), Name::Text("edit"), &Principals::anonymous()).is_none());
///
/// let filter = row_filter(rules(), Name::Text("edit"), &Principals::user("alice", &none));
/// assert_eq!(filter.cases()[0].column(), &Column::Owner); // where the owner is `alice`
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RowRule<'a, C> {
    /// Its principal counts if there is no column.
    rule: Rule<'a>,
    column: Option<RowPrincipal<C>>,
}

impl<'a, C> RowRule<'a, C> {
    /// Allows `permissions` to the user or the group in a column.
    #[must_use]
    pub fn allow(principal: RowPrincipal<C>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self { rule: Rule::allow(Principal::Everyone, permissions), column: Some(principal) }
    }

    /// Denies `permissions` to the user or the group in a column.
    #[must_use]
    pub fn deny(principal: RowPrincipal<C>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self { rule: Rule::deny(Principal::Everyone, permissions), column: Some(principal) }
    }

    /// Names the rule, as [`Rule::with_id`] does.
    #[must_use]
    pub fn with_id(self, id: &'static str) -> Self {
        Self { rule: self.rule.with_id(id), ..self }
    }
}

impl<'a, C> From<Rule<'a>> for RowRule<'a, C> {
    fn from(rule: Rule<'a>) -> Self {
        Self { rule, column: None }
    }
}

/// Returns the rules of one row, for `Resource::acl`. `values` returns what a column of the row holds: `None`, one
/// value, or several if it stands for a relation.
///
/// User ids are text: a number in a column of [`RowPrincipal::UserIn`] matches no user.
///
/// # Example
///
/// ```
/// use auth_runtime::{Name, Permission, Resource, Rule, acl::{RowPrincipal::UserIn, RowRule, rules_of_row}};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     Edit,
/// }
///
/// enum Column {
///     Owner,
/// }
///
/// struct Article {
///     owner: String,
/// }
///
/// fn rules() -> [RowRule<'static, Column>; 1] {
///     [RowRule::allow(UserIn(Column::Owner), &[Can::Edit])]
/// }
///
/// impl Resource for Article {
///     type Permission = Can;
///
///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
///         rules_of_row(rules(), |column| match column {
///             Column::Owner => [Name::Text(&self.owner)],
///         })
///     }
/// }
/// ```
pub fn rules_of_row<'a, 'r: 'a, C, V: IntoIterator<Item = Name<'a>>>(
    rules: impl IntoIterator<Item = RowRule<'r, C>>,
    values: impl Fn(&C) -> V,
) -> impl Iterator<Item = Rule<'a>> {
    rules.into_iter().flat_map(move |RowRule { rule, column }| {
        let rule: Rule<'a> = rule;
        let principals: Vec<Principal<'a>> = match column {
            None => Vec::from([rule.principal()]),
            Some(RowPrincipal::GroupIn(column)) => {
                values(&column).into_iter().map(Principal::Group).collect()
            }
            Some(RowPrincipal::UserIn(column)) => values(&column).into_iter().filter_map(user).collect(),
        };
        principals.into_iter().map(move |principal| rule.__with(principal, rule.permissions()))
    })
}

const fn user(value: Name<'_>) -> Option<Principal<'_>> {
    match value {
        Name::Text(id) => Some(Principal::User(id)),
        Name::Number(_) => None,
    }
}

/// Returns for which rows the rules grant `permission` to `principals`.
///
/// For each row the filter says what [`decide`](crate::decide) says by the [rules of that row](rules_of_row). As there,
/// conditions of rules are unknown: a rule that allows under one selects no row, and a rule that denies under one denies
/// as if it had none (fail closed).
pub fn row_filter<'r, C>(
    rules: impl IntoIterator<Item = RowRule<'r, C>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> RowFilter<C> {
    row_filter_with_overlay(rules, permission, principals, None)
}

/// Returns for which rows the rules grant `permission`, with the rules of overlays before those of the lists
/// that declare them.
///
/// For each row the filter says what [`decide_with_overlay`](crate::decide_with_overlay) says.
pub fn row_filter_with_overlay<'r, C>(
    rules: impl IntoIterator<Item = RowRule<'r, C>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> RowFilter<C> {
    let mut filter = RowFilter { cases: Vec::new(), otherwise: false };
    if principals.is_blocked() {
        return filter;
    }
    // The overlay of the rule before
    let mut under = None;
    for RowRule { rule, column } in rules {
        if let Some(overlay) = overlay
            && rule.overlay() != under
        {
            under = rule.overlay();
            if let Some(decision) = under.and_then(|under| overlay.decide(*under, permission, principals)) {
                filter.otherwise = decision.is_allow();
                break;
            }
        }
        // A condition is unknown here: a rule that allows does not fire, and a rule that denies does.
        let is_skipped = rule.is_conditional() && rule.action() == Action::Allow;
        if is_skipped || !rule.permissions().hold(permission) {
            continue;
        }
        let allows = rule.action() == Action::Allow;
        let (column, value) = match column {
            None if principals.include(rule.principal()) => {
                filter.otherwise = allows;
                break;
            }
            None => continue,
            Some(RowPrincipal::UserIn(column)) => match principals.user_id() {
                Some(id) => (column, RowValue::User(id.to_owned())),
                None => continue,
            },
            Some(RowPrincipal::GroupIn(column)) => match principals.groups() {
                Some(groups) if !groups.is_empty() => (column, RowValue::OneOf(groups.clone())),
                _ => continue,
            },
        };
        filter.cases.push(RowCase { column, value, allows });
    }
    // A last case that says what all other rows get has no effect.
    while filter.cases.pop_if(|case| case.allows == filter.otherwise).is_some() {}
    filter
}

/// The rows for which a caller has a permission, as data from which an application builds the condition of a query.
///
/// The [cases](Self::cases) are tried in order: the first one whose column holds its value decides about a row.
/// [`otherwise`](Self::otherwise) decides about the others. In SQL:
///
/// ```sql
/// CASE WHEN owner = 'alice' THEN TRUE WHEN team IN ('press') THEN FALSE ELSE TRUE END
/// ```
///
/// A column that is `NULL` holds no value, which `CASE WHEN` respects, and `NOT (owner = 'alice')` does not.
///
/// # Security
///
/// Bind the values as parameters (SQL injection). The column must be compared byte by byte: a collation that ignores
/// case, as some databases' defaults do, finds rows of another user.
#[derive(Clone, Debug)]
#[must_use]
pub struct RowFilter<C> {
    cases: Vec<RowCase<C>>,
    otherwise: bool,
}

/// One case of a [`RowFilter`].
#[derive(Clone, Debug)]
pub struct RowCase<C> {
    column: C,
    value: RowValue,
    allows: bool,
}

/// What the column of a case has to hold.
#[derive(Clone, Debug)]
pub enum RowValue {
    /// One of these groups; there is at least one
    OneOf(Groups),
    /// This user id
    User(String),
}

impl<C> RowFilter<C> {
    /// Returns whether the caller may have all rows.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.cases.is_empty() && self.otherwise
    }

    /// Returns whether the caller may have no row, so that no query is needed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.cases.is_empty() && !self.otherwise
    }

    /// Returns the cases, in order.
    #[must_use]
    pub fn cases(&self) -> &[RowCase<C>] {
        &self.cases
    }

    /// Returns whether the caller may have the rows that no case is about.
    #[must_use]
    pub const fn otherwise(&self) -> bool {
        self.otherwise
    }

    /// Returns whether the caller may have a row that is in memory. `values` returns what a column of it holds, as for
    /// [`rules_of_row`].
    pub fn allows<'v, V: IntoIterator<Item = Name<'v>>>(&self, values: impl Fn(&C) -> V) -> bool {
        let case =
            self.cases.iter().find(|case| values(&case.column).into_iter().any(|value| case.is(value)));
        case.map_or(self.otherwise, RowCase::is_allow)
    }
}

impl<C> RowCase<C> {
    /// Returns the column.
    #[must_use]
    pub const fn column(&self) -> &C {
        &self.column
    }

    /// Returns what the column has to hold.
    #[must_use]
    pub const fn value(&self) -> &RowValue {
        &self.value
    }

    /// Returns whether the caller may have the rows of this case.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        self.allows
    }

    fn is(&self, value: Name<'_>) -> bool {
        match &self.value {
            RowValue::OneOf(groups) => groups.contains(value),
            RowValue::User(id) => value == Name::Text(id),
        }
    }
}
