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

    /// Returns whether the change may allow requests that are denied today.
    ///
    /// If both decisions depend on conditions, on different ones, the change may be [narrower](Self::is_narrower), too.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        self.next.access().may_widen(self.now.access())
    }

    /// Returns whether the change may deny requests that are allowed today.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        self.now.access().may_widen(self.next.access())
    }
}

impl fmt::Display for ShadowChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match (self.is_wider(), self.is_narrower()) {
            (true, true) => "other",
            (true, false) => "wider",
            (false, _) => "narrower",
        };
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
            let change = ShadowChange { row, caller: *caller, now, next };
            (change.is_wider() || change.is_narrower()).then_some(change)
        })
    }

    pub(super) fn about_shadow(&self, row: &AccessRow) -> Option<Finding> {
        let (mut wider, mut narrower, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for change in self.changes_of(row) {
            let is_possible = [change.now(), change.next()].map(|cell| cell.access().is_possible());
            let list = match is_possible {
                [false, _] => &mut wider,
                [_, false] => &mut narrower,
                [true, true] => &mut other,
            };
            list.push(change.caller().to_string());
        }
        let mut parts = Vec::new();
        if !wider.is_empty() {
            parts.push(format!("it opens to {}", wider.join(", ")));
        }
        if !narrower.is_empty() {
            parts.push(format!("it closes to {}", narrower.join(", ")));
        }
        if !other.is_empty() {
            parts.push(format!("other conditions decide for {}", other.join(", ")));
        }
        if parts.is_empty() {
            return None;
        }
        let text = format!("when its shadow decides about `{}`, {}", row.name(), parts.join(" and "));
        Some(Finding::of_route(FindingKind::ShadowDifference, row.route(), text))
    }
}
