//! Computes the part of the access table that an overlay adds, apart from the constant part: [`OverlayPart`].

use std::{collections::BTreeSet, sync::Arc};

use super::{AccessRow, AccessTable, Cell, access_table::judge};
use crate::acl::{Action, Groups, OverlayRule, OverlayRules, Principal, Principals};

/// The rules of overlays, and the cells that they change.
#[derive(Clone, Debug)]
pub(super) struct OverlayPart {
    pub(super) rules: Arc<OverlayRules>,
    pub(super) changes: Vec<OverlayChange>,
}

/// A decision that an overlay changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OverlayChange {
    route: String,
    caller: String,
    constant: Cell,
    now: Cell,
    rule: String,
    is_wider: bool,
}

impl OverlayChange {
    /// Returns the route, as [`AccessRow::name`] does.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the kind of request, such as `group editors`.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// Returns the decision by constants alone, as in the snapshot.
    #[must_use]
    pub const fn constant(&self) -> Cell {
        self.constant
    }

    /// Returns the decision with the overlay.
    #[must_use]
    pub const fn now(&self) -> Cell {
        self.now
    }

    /// Returns the ids of the rules of the overlay that decide, separated by commas.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns whether the overlay may allow what the constants deny.
    #[must_use]
    pub const fn is_wider(&self) -> bool {
        self.is_wider
    }
}

impl AccessTable {
    /// Adds the rules of overlays and the decisions that they change, in a part of its own. The cells of the
    /// table, and so a snapshot, stay those of the constants.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_runtime::{
    ///     Acl, Action, Name, Principal, acl, acl::{OverlayRule, OverlayRules}, acl_required, guarded::{Router, put},
    /// };
    ///
    /// const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit"])];
    ///
    /// #[acl_required("edit", ARTICLES)]
    /// async fn edit() {}
    ///
    /// let routes: Router = Router::new().route("/articles/{id}", put(edit));
    /// let freeze = OverlayRule::new("articles", "freeze", Action::Deny, Principal::Everyone, [Name::Text("edit")]);
    /// let access = routes.access().with_overlay(Arc::new(OverlayRules::new([freeze])));
    ///
    /// let [change] = access.overlay_changes() else { unreachable!() };
    /// assert_eq!((change.route(), change.caller(), change.rule()), ("PUT /articles/{id}", "group editors", "freeze"));
    /// assert_eq!((change.constant().to_string(), change.now().to_string()), ("yes (ARTICLES 1)".into(), "403".into()));
    /// ```
    #[must_use]
    pub fn with_overlay(mut self, rules: Arc<OverlayRules>) -> Self {
        let callers = self.callers_with(&rules);
        let changes = self.rows().iter().flat_map(|row| {
            callers.iter().filter_map(|caller| caller.look(|who| change(row, &caller.label, who, &rules)))
        });
        let changes = changes.collect();
        self.overlay = Some(OverlayPart { rules, changes });
        self
    }

    /// Returns the decisions that the overlay changes; empty for a table without one.
    #[must_use]
    pub fn overlay_changes(&self) -> &[OverlayChange] {
        self.overlay.as_ref().map(|part| part.changes.as_slice()).unwrap_or_default()
    }

    /// Returns the rules of overlays; empty for a table without them.
    #[must_use]
    pub fn overlay_rules(&self) -> &[OverlayRule] {
        self.overlay.as_ref().map(|part| part.rules.rules()).unwrap_or_default()
    }

    /// Returns the kinds of requests of the table, and those that only rules of the overlay name.
    fn callers_with(&self, rules: &OverlayRules) -> Vec<AnyCaller> {
        let known = self.callers().iter().map(|caller| AnyCaller {
            label: caller.to_string(),
            user: caller.user().map(str::to_owned),
            groups: caller.groups(),
        });
        let mut callers: Vec<AnyCaller> = known.collect();
        let mut seen: BTreeSet<String> = callers.iter().map(|caller| caller.label.clone()).collect();
        for rule in rules.rules() {
            if let Some(caller) = AnyCaller::of(rule)
                && seen.insert(caller.label.clone())
            {
                callers.push(caller);
            }
        }
        callers
    }
}

/// A kind of request; unlike [`CallerKind`](super::CallerKind), its names need not be constants.
struct AnyCaller {
    label: String,
    user: Option<String>,
    groups: Groups,
}

impl AnyCaller {
    fn of(rule: &OverlayRule) -> Option<Self> {
        match rule.principal() {
            Principal::Everyone | Principal::Authenticated => None,
            Principal::Group(name) => Some(Self {
                label: format!("group {name}"),
                user: super::CallerKind::SignedIn.user().map(str::to_owned),
                groups: [name].into_iter().collect(),
            }),
            Principal::User(id) => {
                Some(Self { label: format!("user {id}"), user: Some(id.to_owned()), groups: Groups::none() })
            }
        }
    }

    fn look<T>(&self, look: impl FnOnce(&Principals<'_>) -> T) -> T {
        look(&Principals::new(self.user.as_deref(), Some(&self.groups)))
    }
}

/// Returns the decision of a route if the overlay changes it.
fn change(
    row: &AccessRow,
    caller: &str,
    who: &Principals<'_>,
    rules: &OverlayRules,
) -> Option<OverlayChange> {
    let route = row.route();
    let (constant, now) = (judge(route, who, None), judge(route, who, Some(rules)));
    if constant.access() == now.access() {
        return None;
    }
    let deciders = route.guards().iter().filter_map(|guard| guard.overlay_rule(who, rules));
    let mut ids: Vec<&str> = deciders.map(OverlayRule::id).collect();
    ids.dedup();
    // Rules that deny leave other conditions, and allow no more for that.
    let allows = rules.rules().iter().any(|rule| rule.action() == Action::Allow);
    let is_wider = allows && now.access().may_widen(constant.access());
    let rule = ids.join(", ");
    Some(OverlayChange { route: row.name(), caller: caller.to_owned(), constant, now, rule, is_wider })
}

/// Returns the rule with its label, on one line.
pub(super) fn described(rule: &OverlayRule) -> String {
    let note = rule.note().map(|note| note.replace(['\n', '\r'], " "));
    let owner = rule.owner().map(|owner| format!("owner: {}", owner.replace(['\n', '\r'], " ")));
    let until = rule.until().map(|day| format!("until {day}"));
    let parts = [Some(rule.to_string()), note, owner, until];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
