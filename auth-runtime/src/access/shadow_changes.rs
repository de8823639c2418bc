//! Lists the decisions that will change when shadow ACLs replace the current ones.

use std::fmt;

use super::{
    AccessRow, AccessTable, CallerKind, Cell, Finding, FindingKind,
    access_table::{judge, judge_next},
};

/// A decision that will change when shadow ACLs replace the current ones.
///
/// [`AccessTable::shadow_changes`] finds them.
#[derive(Clone, Copy, Debug)]
pub struct ShadowChange<'a> {
    row: &'a AccessRow,
    caller: CallerKind,
    now: Cell,
    next: Cell,
}

impl<'a> ShadowChange<'a> {
    /// Returns the route.
    #[must_use]
    pub const fn row(&self) -> &'a AccessRow {
        self.row
    }

    /// Returns the kind of request.
    #[must_use]
    pub const fn caller(&self) -> CallerKind {
        self.caller
    }

    /// Returns the current decision.
    #[must_use]
    pub const fn now(&self) -> Cell {
        self.now
    }

    /// Returns the future decision.
    #[must_use]
    pub const fn next(&self) -> Cell {
        self.next
    }

    /// Returns whether the change allows requests that are denied today.
    #[must_use]
    pub const fn is_wider(&self) -> bool {
        self.next.access().is_possible()
    }
}

impl fmt::Display for ShadowChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = if self.is_wider() { "wider" } else { "narrower" };
        write!(f, "{change}: {} for {}: {} -> {}", self.row.name(), self.caller, self.now, self.next)
    }
}

impl AccessTable {
    /// Returns the decisions that will change when shadow ACLs replace the current ones, for review before
    /// the switch.
    ///
    /// It covers the callers of the table: users in at most one group.
    /// [`acl_assert_no_wider!`](crate::acl_assert_no_wider) proves for users in any groups that an ACL allows
    /// no more than another.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, acl_required, guarded::{get, Router}, Acl};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Authenticated, ["edit"])];
    /// const ARTICLES_NEXT: Acl = acl![(Allow, Group("editors"), ["edit"])];
    ///
    /// #[acl_required("edit", ARTICLES, shadow = ARTICLES_NEXT)]
    /// async fn edit() {}
    ///
    /// let routes: Router = Router::new().route("/articles", get(edit));
    /// let changes: Vec<String> = routes.access().shadow_changes().map(|change| change.to_string()).collect();
    /// assert_eq!(changes, ["narrower: GET /articles for signed in: yes (ARTICLES 1) -> 403"]);
    /// ```
    pub fn shadow_changes(&self) -> impl Iterator<Item = ShadowChange<'_>> {
        self.rows().iter().flat_map(|row| self.changes_of(row))
    }

    fn changes_of<'a>(&'a self, row: &'a AccessRow) -> impl Iterator<Item = ShadowChange<'a>> {
        let has_shadow = row.route().guards().iter().any(|guard| guard.shadow().is_some());
        let callers = self.callers().iter().filter(move |_| has_shadow);
        callers.filter_map(|caller| {
            let now = caller.with_principals(|who| judge(row.route(), who, None));
            let next = caller.with_principals(|who| judge_next(row.route(), who));
            let differs = now.access().is_possible() != next.access().is_possible();
            differs.then_some(ShadowChange { row, caller: *caller, now, next })
        })
    }

    pub(super) fn about_shadow(&self, row: &AccessRow) -> Option<Finding> {
        let (mut wider, mut narrower) = (Vec::new(), Vec::new());
        for change in self.changes_of(row) {
            let list = if change.is_wider() { &mut wider } else { &mut narrower };
            list.push(change.caller().to_string());
        }
        let mut parts = Vec::new();
        if !wider.is_empty() {
            parts.push(format!("it opens to {}", wider.join(", ")));
        }
        if !narrower.is_empty() {
            parts.push(format!("it closes to {}", narrower.join(", ")));
        }
        if parts.is_empty() {
            return None;
        }
        let text = format!("when its shadow decides about `{}`, {}", row.name(), parts.join(" and "));
        Some(Finding::of_route(FindingKind::ShadowDifference, row.route(), text))
    }
}
