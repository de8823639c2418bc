//! Represents rules that name columns in place of users and groups: [`RowRule`], and the rules of one row.

use alloc::vec::Vec;

use crate::{Condition, Name, Permissions, Principal, Rule};

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
/// assert_eq!(filter.cases()[0].tests()[0].column(), &Column::Owner); // where the owner is `alice`
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RowRule<'a, C> {
    /// Its principal counts if there is no column.
    pub(super) rule: Rule<'a>,
    pub(super) column: Option<RowPrincipal<C>>,
    pub(super) owner: Option<C>,
    pub(super) tenant: Option<C>,
}

impl<'a, C> RowRule<'a, C> {
    /// Allows `permissions` to the user or the group in a column.
    #[must_use]
    pub fn allow(principal: RowPrincipal<C>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self { column: Some(principal), ..Rule::allow(Principal::Everyone, permissions).into() }
    }

    /// Denies `permissions` to the user or the group in a column.
    #[must_use]
    pub fn deny(principal: RowPrincipal<C>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self { column: Some(principal), ..Rule::deny(Principal::Everyone, permissions).into() }
    }

    /// Names the rule, as [`Rule::with_id`] does.
    #[must_use]
    pub fn with_id(self, id: &'static str) -> Self {
        Self { rule: self.rule.with_id(id), ..self }
    }

    /// Adds conditions, as [`Rule::with_conditions`] does.
    #[must_use]
    pub fn with_conditions(self, conditions: &'a [Condition]) -> Self {
        Self { rule: self.rule.with_conditions(conditions), ..self }
    }

    /// Names the column of the owner, which `Resource::owner` returns for a single row, for the condition
    /// [`OWNER`](crate::OWNER).
    ///
    /// Without it a rule that allows under that condition selects no row, and one that denies denies for all (fail closed).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Acl, Groups, Name, OWNER, Principals, acl, acl::{RowRule, row_filter}};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Authenticated, ["edit"], if OWNER)];
    ///
    /// let rules = ARTICLES.iter().map(|rule| RowRule::from(rule).with_owner("owner"));
    /// let (none, edit) = (Groups::none(), Name::Text("edit"));
    /// let filter = row_filter(rules, edit, &Principals::user("alice", &none));
    /// assert_eq!(filter.cases()[0].tests()[0].column(), &"owner"); // where the owner is `alice`
    /// ```
    #[must_use]
    pub fn with_owner(self, column: C) -> Self {
        Self { owner: Some(column), ..self }
    }

    /// Names the column of the tenant, which `Resource::tenant` returns for a single row, for the condition
    /// [`TENANT`](crate::TENANT).
    ///
    /// Without it a rule that allows under that condition selects no row, and one that denies denies for all (fail closed).
    #[must_use]
    pub fn with_tenant(self, column: C) -> Self {
        Self { tenant: Some(column), ..self }
    }
}

impl<'a, C> From<Rule<'a>> for RowRule<'a, C> {
    fn from(rule: Rule<'a>) -> Self {
        Self { rule, column: None, owner: None, tenant: None }
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
    rules.into_iter().flat_map(move |RowRule { rule, column, .. }| {
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
