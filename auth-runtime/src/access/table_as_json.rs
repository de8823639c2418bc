//! Formats the access table as JSON.

use auth_acl::__private::service_name;
use serde::Serialize;

use super::{
    Access, AccessRow, AccessTable, CallerKind, Cell, RuleAt, guard_metadata::GuardMetadata,
    overlay_as_json::OverlayOut, rule_labels::LabelledRule,
};
use crate::{
    access::route_metadata::RouteKind,
    acl::{Acl, Condition, ListOverlay, Name},
    guard::GuardKind,
};

#[derive(Serialize)]
struct Document<'a> {
    callers: Vec<CallerOut<'a>>,
    routes: Vec<RouteOut<'a>>,
    /// Those with an id, an owner or a last day
    rules: Vec<LabelledRuleOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlay: Option<OverlayOut<'a>>,
    /// Those that rules name
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<ConditionOut>,
}

#[derive(Serialize)]
struct ConditionOut {
    name: &'static str,
    about: String,
}

/// An overlay that a list declares
#[derive(Serialize)]
struct DeclaredOut {
    name: &'static str,
    may_widen: bool,
}

#[derive(Serialize)]
struct LabelledRuleOut {
    #[serde(flatten)]
    at: RuleOut,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'static str>,
}

#[derive(Serialize)]
struct CallerOut<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<NameOut<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum NameOut<'a> {
    Number(i64),
    Text(&'a str),
}

#[derive(Serialize)]
struct RouteOut<'a> {
    kind: &'static str,
    /// Empty for all methods
    methods: Vec<&'static str>,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a str>,
    file: &'a str,
    line: u32,
    guards: Vec<GuardOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
    /// In the order of the callers
    answers: Vec<CellOut>,
}

#[derive(Serialize)]
struct GuardOut<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    permissions: Vec<NameOut<'a>>,
    /// The path of the enum that they are variants of
    #[serde(skip_serializing_if = "Option::is_none")]
    vocabulary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'a str>,
    layer: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous: Option<bool>,
    /// Whether it decides when the resource has been read from the body
    #[serde(skip_serializing_if = "Option::is_none")]
    from_body: Option<bool>,
    /// `users` or `services`, if only these are accepted
    #[serde(skip_serializing_if = "Option::is_none")]
    callers: Option<&'static str>,
    /// In seconds
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    acr_values: &'static [&'static str],
    hidden: bool,
    #[cfg(feature = "csrf")]
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_form: Option<bool>,
    #[cfg(feature = "throttle")]
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<LimitOut>,
    /// Empty for a list without a name
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overlays: Vec<DeclaredOut>,
}

/// So many requests at once, refilled within so many seconds
#[cfg(feature = "throttle")]
#[derive(Serialize)]
struct LimitOut {
    requests: u32,
    seconds: u64,
}

#[derive(Serialize)]
pub(super) struct CellOut {
    access: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<&'static str>,
    /// Such as `if office-hours`
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOut>,
}

#[derive(Serialize)]
struct RuleOut {
    list: &'static str,
    number: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    file: &'static str,
    line: u32,
}

/// The access of one user, for a front end.
#[derive(Serialize)]
struct CapabilityOut<'a> {
    methods: Vec<&'static str>,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a str>,
    /// Absent if a policy or a resource decides
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
}

impl AccessTable {
    /// Formats the table as JSON: `callers`, `routes` with a cell for each of them, the `rules` that have an id, an
    /// owner or a last day, and the `conditions` of rules.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{auth_required, guarded::{get, Router}};
    ///
    /// #[auth_required]
    /// async fn profile() {}
    ///
    /// let routes: Router = Router::new().route("/profile", get(profile));
    /// let json: serde_json::Value = serde_json::from_str(&routes.access().to_json())?;
    /// assert_eq!(json["routes"][0]["path"], "/profile");
    /// assert_eq!(json["routes"][0]["answers"][0]["status"], 401);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document {
            callers: self.callers().iter().copied().map(CallerOut::of).collect(),
            routes: self.rows().iter().map(RouteOut::of).collect(),
            rules: self.labelled_rules().iter().map(LabelledRuleOut::of).collect(),
            overlay: OverlayOut::of(self),
            conditions: self.conditions().iter().map(ConditionOut::of).collect(),
        };
        written(&document)
    }
}

/// Formats the access of one user as JSON for a front end, without revealing the rules. `answers` is the
/// result of [`AccessTable::of_request`] or of [`AccessTable::judge`].
///
/// # Example
///
/// ```
/// use auth_runtime::{access::{capabilities, AccessTable}, Auth, AuthError};
///
/// async fn what_may_i(access: &AccessTable, auth: &Auth) -> Result<String, AuthError> {
///     Ok(capabilities(access.of_request(auth).await?))
/// }
/// ```
#[must_use]
pub fn capabilities<'a>(answers: impl IntoIterator<Item = (&'a AccessRow, Cell)>) -> String {
    let out = |(row, cell): (&'a AccessRow, Cell)| CapabilityOut {
        methods: row.route().methods().names().collect(),
        path: row.route().path(),
        handler: row.route().handler(),
        allowed: match cell.access() {
            Access::Allowed => Some(true),
            Access::Refused(_) => Some(false),
            Access::DependsOnConditions(_)
            | Access::DependsOnPolicy
            | Access::DependsOnResource(_)
            | Access::DependsOnScopes => None,
        },
    };
    let answers = answers.into_iter().filter(|(row, _)| row.route().kind() == RouteKind::Single);
    written(&answers.map(out).collect::<Vec<_>>())
}

/// Serializes a value. It cannot fail, because these types have no maps.
pub(super) fn written(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl<'a> NameOut<'a> {
    const fn of(name: Name<'a>) -> Self {
        match name {
            Name::Number(number) => Self::Number(number),
            Name::Text(text) => Self::Text(text),
        }
    }
}

impl CallerOut<'static> {
    const fn of(caller: CallerKind) -> Self {
        match caller {
            CallerKind::Anonymous => Self { kind: "anonymous", name: None },
            CallerKind::SignedIn => Self { kind: "signed_in", name: None },
            CallerKind::Member(name) => Self { kind: "group", name: Some(NameOut::of(name)) },
            CallerKind::User(id) => match service_name(id) {
                Some(name) => Self { kind: "service", name: Some(NameOut::Text(name)) },
                None => Self { kind: "user", name: Some(NameOut::Text(id)) },
            },
        }
    }
}

impl<'a> RouteOut<'a> {
    fn of(row: &'a AccessRow) -> Self {
        let route = row.route();
        Self {
            kind: match route.kind() {
                RouteKind::Single => "single",
                RouteKind::Tree => "tree",
                RouteKind::Fallback => "fallback",
                RouteKind::MethodNotAllowed => "method_not_allowed",
            },
            methods: route.methods().names().collect(),
            path: route.path(),
            handler: route.handler(),
            file: route.file(),
            line: route.line(),
            guards: route.guards().iter().map(GuardOut::of).collect(),
            reason: route.reason(),
            until: route.until(),
            answers: row.cells().iter().copied().map(CellOut::of).collect(),
        }
    }
}

impl<'a> GuardOut<'a> {
    fn of(guard: &'a GuardMetadata) -> Self {
        Self {
            kind: match guard.kind() {
                GuardKind::AnyUser => "any_user",
                GuardKind::Anybody => "anybody",
                GuardKind::ByAcl => "acl",
                GuardKind::ByPolicy => "policy",
                GuardKind::ByResource => "resource",
                GuardKind::ByScope => "scope",
            },
            permissions: guard.permissions().into_iter().map(NameOut::of).collect(),
            vocabulary: guard.vocabulary(),
            context: guard.context(),
            scopes: guard.scopes(),
            layer: guard.is_layer(),
            anonymous: guard.loads_for_anonymous().then_some(true),
            from_body: guard.reads_body_first().then_some(true),
            callers: guard.callers(),
            max_age: guard.max_age().map(|age| age.as_secs()),
            acr_values: guard.acr_values(),
            hidden: guard.is_hidden(),
            #[cfg(feature = "csrf")]
            csrf_form: guard.has_csrf_form().then_some(true),
            #[cfg(feature = "throttle")]
            limit: guard.limit().map(|(requests, period)| LimitOut { requests, seconds: period.as_secs() }),
            shadow: guard.shadow_context(),
            overlays: guard
                .acl()
                .map(Acl::overlays)
                .unwrap_or_default()
                .iter()
                .map(DeclaredOut::of)
                .collect(),
        }
    }
}

impl CellOut {
    pub(super) fn of(cell: Cell) -> Self {
        let (access, on, status) = match cell.access() {
            Access::Allowed => ("allowed", None, None),
            Access::Refused(status) => ("refused", None, Some(status.as_u16())),
            Access::DependsOnConditions(_) => ("depends", Some("conditions"), None),
            Access::DependsOnPolicy => ("depends", Some("policy"), None),
            Access::DependsOnScopes => ("depends", Some("scopes"), None),
            Access::DependsOnResource(name) => ("depends", Some(name), None),
        };
        let conditions = match cell.access() {
            Access::DependsOnConditions(on) => Some(on.to_string()),
            _ => None,
        };
        Self { access, on, conditions, status, rule: cell.rule().map(RuleOut::of) }
    }
}

impl ConditionOut {
    fn of(condition: &Condition) -> Self {
        Self { name: condition.name(), about: condition.kind().to_string() }
    }
}

impl DeclaredOut {
    const fn of(overlay: &ListOverlay) -> Self {
        Self { name: overlay.name(), may_widen: overlay.may_widen() }
    }
}

impl LabelledRuleOut {
    fn of(labelled: &LabelledRule) -> Self {
        let LabelledRule { at, rule } = labelled;
        Self {
            at: RuleOut::of(*at),
            rule: rule.to_string(),
            note: rule.note(),
            owner: rule.owner(),
            until: rule.until(),
        }
    }
}

impl RuleOut {
    const fn of(rule: RuleAt) -> Self {
        let RuleAt { list, number, id, file, line } = rule;
        Self { list, number, id, file, line }
    }
}
