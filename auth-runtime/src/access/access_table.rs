//! Computes the access table from the guards of a router: [`AccessTable`] and [`AccessRow`].

use std::{collections::BTreeSet, fmt::Write as _};

use http::StatusCode;

use super::{
    CallerKind,
    access_cell::{Access, Cell, RuleAt},
    guard_metadata::{GuardMetadata, StaticDecision},
    overlay_part_of_table::OverlayPart,
    route_metadata::{RouteKind, RouteMetadata},
};
use crate::{
    acl::{Acl, OverlayRules, Principals},
    guard::GuardKind,
};

/// The decision of every route of a [`guarded::Router`](crate::guarded::Router) for each kind of request.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, acl_required, guarded::{get, Router}, Acl};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
///
/// #[acl_required("view", ARTICLES)]
/// async fn view() {}
///
/// #[acl_required("edit", ARTICLES)]
/// async fn edit() {}
///
/// let routes: Router = Router::new().route("/articles/{id}", get(view).put(edit));
/// println!("{}", routes.access());
/// ```
///
/// prints
///
/// ```text
/// route               guard            anonymous         signed in         group editors
/// GET /articles/{id}  view @ ARTICLES  yes (ARTICLES 1)  yes (ARTICLES 1)  yes (ARTICLES 1)
/// PUT /articles/{id}  edit @ ARTICLES  401               403               yes (ARTICLES 2)
/// ```
#[derive(Clone, Debug)]
pub struct AccessTable {
    callers: Vec<CallerKind>,
    rows: Vec<AccessRow>,
    pub(super) overlay: Option<OverlayPart>,
}

/// One route and its decision for each kind of request.
#[derive(Clone, Debug)]
pub struct AccessRow {
    route: RouteMetadata,
    cells: Vec<Cell>,
}

impl AccessTable {
    /// Computes the table. Rows are sorted by path and otherwise keep the order of `routes`.
    #[must_use]
    pub fn new(routes: &[RouteMetadata]) -> Self {
        let callers = callers(routes);
        let rows = routes.iter().map(|route| AccessRow {
            cells: callers
                .iter()
                .map(|caller| caller.with_principals(|who| judge(route, who, None)))
                .collect(),
            route: route.clone(),
        });
        let mut rows: Vec<AccessRow> = rows.collect();
        rows.sort_by(|a, b| a.route.path().cmp(b.route.path()));
        Self { callers, rows, overlay: None }
    }

    /// Returns the kinds of requests, in the order of each row's cells.
    #[must_use]
    pub fn callers(&self) -> &[CallerKind] {
        &self.callers
    }

    /// Returns the routes, by path.
    #[must_use]
    pub fn rows(&self) -> &[AccessRow] {
        &self.rows
    }

    /// Returns the routes that may allow anonymous requests.
    pub fn open_to_anonymous(&self) -> impl Iterator<Item = &AccessRow> {
        self.rows.iter().filter(|row| row.cells.first().is_some_and(|cell| cell.access().is_possible()))
    }
}

impl AccessRow {
    /// Returns the route.
    #[must_use]
    pub const fn route(&self) -> &RouteMetadata {
        &self.route
    }

    /// Returns the decision for each kind of request.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Returns the methods and the path, such as `GET, PUT /articles/{id}`.
    #[must_use]
    pub fn name(&self) -> String {
        let path = self.route.path();
        match self.route.kind() {
            RouteKind::Single => format!("{} {path}", self.route.methods()),
            RouteKind::Tree => format!("{} {path}/*", self.route.methods()),
            RouteKind::Fallback => format!("{path} fallback"),
            RouteKind::MethodNotAllowed => format!("{path} other methods"),
        }
    }

    /// Returns the guards, such as `edit @ ARTICLES`; several are joined with `+`.
    #[must_use]
    pub fn guard(&self) -> String {
        let guards: Vec<String> = self.route.guards().iter().copied().map(describe).collect();
        if guards.is_empty() { "none".to_owned() } else { guards.join(" + ") }
    }
}

fn describe(guard: GuardMetadata) -> String {
    let permission = guard.permission().unwrap_or_default();
    let vocabulary = guard.words().map(|words| format!(" of {}", words.enum_name())).unwrap_or_default();
    let mut text = match guard.kind() {
        GuardKind::Anybody => "anybody".to_owned(),
        GuardKind::AnyUser => "any user".to_owned(),
        GuardKind::ByScope => format!("scopes {}", guard.scopes().unwrap_or_default()),
        GuardKind::ByPolicy => match guard.context() {
            Some(resource) => format!("{permission}{vocabulary} @ policy about {resource}"),
            None => format!("{permission}{vocabulary} @ policy"),
        },
        GuardKind::ByAcl | GuardKind::ByResource => match guard.context() {
            Some(context) => format!("{permission}{vocabulary} @ {context}"),
            None => format!("{permission}{vocabulary}"),
        },
    };
    if guard.loads_for_anonymous() {
        text.push_str(", anonymous included");
    }
    if guard.reads_body_first() {
        text.push_str(", after the body is read");
    }
    if let Some(callers) = guard.callers() {
        let _ = write!(text, ", {callers} only");
    }
    if let Some(age) = guard.max_age() {
        let _ = write!(text, ", log-in at most {} old", humantime::format_duration(age));
    }
    if !guard.acr_values().is_empty() {
        let _ = write!(text, ", log-in by {}", guard.acr_values().join(" or "));
    }
    #[cfg(feature = "throttle")]
    if let Some((requests, period)) = guard.limit() {
        let _ = write!(text, ", {requests} requests in {}", humantime::format_duration(period));
    }
    for overlay in guard.acl().map(Acl::overlays).unwrap_or_default() {
        let widens = if overlay.may_widen() { " that may widen it" } else { "" };
        let _ = write!(text, ", overlay {}{widens}", overlay.name());
    }
    #[cfg(feature = "csrf")]
    if guard.has_csrf_form() {
        text.push_str(", CSRF token in the form");
    }
    if guard.is_hidden() {
        text.push_str(", hidden");
    }
    if let Some(shadow) = guard.shadow_context() {
        let _ = write!(text, ", shadow {shadow}");
    }
    text
}

/// Returns the kinds of requests that the rules of these routes can tell apart.
fn callers(routes: &[RouteMetadata]) -> Vec<CallerKind> {
    let guards = routes.iter().flat_map(RouteMetadata::guards);
    let lists = guards.flat_map(|guard| guard.acl().into_iter().chain(guard.shadow()));
    let named: BTreeSet<CallerKind> = lists.flat_map(Acl::rules).filter_map(CallerKind::of).collect();
    [CallerKind::Anonymous, CallerKind::SignedIn].into_iter().chain(named).collect()
}

/// Decides for some principals, by constants and the rules of overlays: all guards must allow the request,
/// and the first that denies determines the cell.
pub(super) fn judge(
    route: &RouteMetadata,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Cell {
    all(route.guards().iter().map(|guard| {
        say(
            *guard,
            guard.static_decision(principals, false, overlay),
            guard.context(),
            guard.acl(),
            principals,
        )
    }))
}

/// Decides as [`judge`](Self::judge) does, with the shadow ACLs.
pub(super) fn judge_next(route: &RouteMetadata, principals: &Principals<'_>) -> Cell {
    all(route.guards().iter().map(|guard| {
        let (context, acl) = match guard.shadow() {
            Some(next) => (guard.shadow_context(), Some(next)),
            None => (guard.context(), guard.acl()),
        };
        say(*guard, guard.static_decision(principals, true, None), context, acl, principals)
    }))
}

fn all(answers: impl Iterator<Item = Cell>) -> Cell {
    let mut answer = Cell::new(Access::Allowed, None);
    for cell in answers {
        match (cell.access(), answer.access()) {
            (Access::Refused(_), _) => return cell,
            (Access::Allowed, Access::Allowed) if cell.rule().is_some() => answer = cell,
            // The conditions are known, so it says more that something else decides as well.
            (Access::DependsOnConditions(_), Access::Allowed)
            | (
                Access::DependsOnPolicy | Access::DependsOnResource(_) | Access::DependsOnScopes,
                Access::Allowed | Access::DependsOnConditions(_),
            ) => answer = cell,
            _ => {}
        }
    }
    answer
}

fn say(
    guard: GuardMetadata,
    decision: StaticDecision,
    context: Option<&'static str>,
    acl: Option<&Acl>,
    principals: &Principals<'_>,
) -> Cell {
    let refused = || {
        Access::Refused(match (guard.is_hidden(), principals.user_id()) {
            (true, _) => StatusCode::NOT_FOUND,
            (false, None) => StatusCode::UNAUTHORIZED,
            (false, Some(_)) => StatusCode::FORBIDDEN,
        })
    };
    let yes_or_no = |yes: bool| if yes { Access::Allowed } else { refused() };
    match decision {
        StaticDecision::Known(yes) => Cell::new(yes_or_no(yes), None),
        StaticDecision::Policy => Cell::new(Access::DependsOnPolicy, None),
        StaticDecision::Scopes => Cell::new(Access::DependsOnScopes, None),
        StaticDecision::Conditions(on, at) => {
            let rule = acl.zip(at).and_then(|(acl, at)| RuleAt::at(at, context.unwrap_or_default(), acl));
            Cell::new(Access::DependsOnConditions(on), rule)
        }
        StaticDecision::Resource(name) => Cell::new(Access::DependsOnResource(name), None),
        StaticDecision::Rules(decision) => {
            let list = context.unwrap_or_default();
            let rule = acl.and_then(|acl| RuleAt::of(decision, list, acl));
            Cell::new(yes_or_no(decision.is_allow()), rule)
        }
    }
}
