//! What a reviewer of the table should look at.

use std::{collections::BTreeSet, fmt};

use super::{AccessRow, AccessTable, Caller, Day, table::judge};
use crate::{
    acl::{Acl, Groups, Name, Permissions, Principals, Rule, decide},
    guard::{Foretold, GuardKind},
    guarded::{GuardRecord, RouteRecord},
};

/// Something about the application's access that may be a mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    kind: FindingKind,
    file: &'static str,
    line: u32,
    text: String,
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FindingKind {
    /// The day is over until which a written reason counted.
    ExpiredReason,
    /// A route lets everybody pass, and nothing says why.
    MissingReason,
    /// A guard lets everybody pass.
    NeedlessGuard,
    /// A guard's shadow would answer some requests otherwise.
    ShadowDifference,
    /// No kind of request passes the guards of a route.
    UnreachableRoute,
    /// Rules name a group whose members may do no more and no less for it.
    UnusedGroup,
    /// Rules name a permission that no route asks for.
    UnusedPermission,
    /// No route asks for anything that a rule decides.
    UnusedRule,
}

impl FindingKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ExpiredReason,
        Self::MissingReason,
        Self::NeedlessGuard,
        Self::ShadowDifference,
        Self::UnreachableRoute,
        Self::UnusedGroup,
        Self::UnusedPermission,
        Self::UnusedRule,
    ];

    /// Returns the stable word for it, such as `unused-permission`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ExpiredReason => "expired-reason",
            Self::MissingReason => "missing-reason",
            Self::NeedlessGuard => "needless-guard",
            Self::ShadowDifference => "shadow-difference",
            Self::UnreachableRoute => "unreachable-route",
            Self::UnusedGroup => "unused-group",
            Self::UnusedPermission => "unused-permission",
            Self::UnusedRule => "unused-rule",
        }
    }

    /// Returns what it means, in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ExpiredReason => "The day is over until which a written reason counted.",
            Self::MissingReason => "A route lets everybody pass, and nothing says why.",
            Self::NeedlessGuard => "A guard lets everybody pass.",
            Self::ShadowDifference => "A guard's shadow would answer some requests otherwise.",
            Self::UnreachableRoute => "No kind of request passes the guards of a route.",
            Self::UnusedGroup => "Rules name a group whose members may do no more and no less for it.",
            Self::UnusedPermission => "Rules name a permission that no route asks for.",
            Self::UnusedRule => "No route asks for anything that a rule decides.",
        }
    }
}

impl Finding {
    /// Returns what kind of finding it is.
    #[must_use]
    pub const fn kind(&self) -> FindingKind {
        self.kind
    }

    /// Returns the source file of the route or the rule.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line in that file.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns what was found, in words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn of_route(kind: FindingKind, route: &RouteRecord, text: String) -> Self {
        Self { kind, file: route.file(), line: route.line(), text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.file, self.line, self.text, self.kind.id())
    }
}

impl AccessTable {
    /// Looks for what may be a mistake: reasons that have expired or are missing, guards that let everybody or nobody pass, and
    /// permissions, groups and rules that no route of this table needs.
    ///
    /// Lists that are asked elsewhere too, for example by `Auth::permits`, may well have rules that no route needs.
    #[must_use]
    pub fn findings(&self, today: Day) -> Vec<Finding> {
        let mut found = Vec::new();
        for row in self.rows() {
            found.extend(about_reason(row, today));
            found.extend(self.about_guards(row));
            found.extend(self.about_shadow(row));
        }
        for list in self.lists() {
            found.extend(list.findings());
        }
        found
    }

    fn about_guards(&self, row: &AccessRow) -> Option<Finding> {
        if row.cells().iter().all(|cell| !cell.access().is_possible())
            && !self.is_open_to_members_of_several(row)
        {
            let text = format!("`{}` can be called by nobody; its guard is {}", row.name(), row.guard());
            return Some(Finding::of_route(FindingKind::UnreachableRoute, row.route(), text));
        }
        let needless = row.route().guards().iter().find(|guard| {
            guard.kind() == GuardKind::ByAcl && self.callers().iter().all(|caller| caller.is_let_pass(guard))
        })?;
        let permission = needless.permission().unwrap_or_default();
        let text = format!(
            "everybody may `{permission}`, so the guard of `{}` refuses nobody but users who are barred",
            row.name()
        );
        Some(Finding::of_route(FindingKind::NeedlessGuard, row.route(), text))
    }

    /// Returns whether somebody in two or three groups gets through; a guard may want one of them, and another guard another.
    fn is_open_to_members_of_several(&self, row: &AccessRow) -> bool {
        let groups: Vec<Name<'static>> = self.callers().iter().filter_map(|caller| caller.group()).collect();
        let users = self.callers().iter().filter(|caller| caller.group().is_none());
        let users: Vec<Caller> = users.copied().collect();
        groups.iter().enumerate().any(|(at, first)| {
            groups.iter().enumerate().skip(at).any(|(at, second)| {
                groups.iter().skip(at).any(|third| {
                    let members: Groups = [*first, *second, *third].into_iter().collect();
                    users.iter().any(|user| {
                        let principals = Principals::new(user.user(), Some(&members));
                        judge(row.route(), &principals).access().is_possible()
                    })
                })
            })
        })
    }

    /// Each list once, with what the routes ask of it.
    fn lists(&self) -> Vec<UsedList<'_>> {
        let mut lists: Vec<UsedList<'_>> = Vec::new();
        for guard in self.rows().iter().flat_map(|row| row.route().guards()) {
            let Some(acl) = guard.acl() else { continue };
            let at = lists.iter().position(|list| is_same(&list.acl, acl)).unwrap_or_else(|| {
                lists.push(UsedList { name: "", acl: *acl, asked: BTreeSet::new() });
                lists.len().saturating_sub(1)
            });
            if let Some(list) = lists.get_mut(at) {
                list.name = guard.context().filter(|_| list.name.is_empty()).unwrap_or(list.name);
                list.asked.extend(guard.permissions());
            }
        }
        lists
    }
}

/// A list, and the permissions that routes ask of it.
struct UsedList<'a> {
    name: &'static str,
    acl: Acl,
    asked: BTreeSet<Name<'a>>,
}

impl UsedList<'_> {
    fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut unused = BTreeSet::new();
        for (at, rule) in self.acl.rules().iter().enumerate() {
            let finding = |kind, text| Finding {
                kind,
                file: self.acl.file(),
                line: rule.line().unwrap_or_default(),
                text,
            };
            if !self.asked.iter().any(|name| rule.permissions().hold(*name)) {
                let text = format!(
                    "rule {} of {} decides nothing that a route asks for: {rule}",
                    at.saturating_add(1),
                    self.name()
                );
                found.push(finding(FindingKind::UnusedRule, text));
            }
            for name in names(rule).into_iter().filter(|name| !self.asked.contains(name)) {
                if unused.insert(name) {
                    let text = format!("no route asks for `{name}`, which {} mentions", self.name());
                    found.push(finding(FindingKind::UnusedPermission, text));
                }
            }
        }
        found.extend(self.about_groups());
        found
    }

    /// Groups whose members are told what every signed-in user is told, wherever this list is asked.
    fn about_groups(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in self.acl.rules() {
            let Some(caller @ Caller::Member(name)) = Caller::of(rule) else { continue };
            if !seen.insert(name) {
                continue;
            }
            let differs = self.asked.iter().any(|asked| {
                let of =
                    |caller: Caller| caller.with_principals(|who| decide(self.acl, *asked, who).is_allow());
                of(caller) != of(Caller::SignedIn)
            });
            if !differs {
                let text = format!(
                    "members of `{name}` may do what every signed-in user may, as far as routes ask {}",
                    self.name()
                );
                let (file, line) = (self.acl.file(), rule.line().unwrap_or_default());
                found.push(Finding { kind: FindingKind::UnusedGroup, file, line, text });
            }
        }
        found
    }

    fn name(&self) -> String {
        if self.name.is_empty() { "the list".to_owned() } else { format!("`{}`", self.name) }
    }
}

/// A constant may be in memory more than once, but it stands in one place of the source.
fn is_same(a: &Acl, b: &Acl) -> bool {
    let lines = |acl: &Acl| acl.rules().iter().map(Rule::line).collect::<Vec<_>>();
    a.file() == b.file() && lines(a) == lines(b)
}

fn names(rule: &Rule<'static>) -> Vec<Name<'static>> {
    match rule.permissions() {
        Permissions::Names(names) => names.to_vec(),
        Permissions::All | Permissions::Set(_) => Vec::new(),
    }
}

fn about_reason(row: &AccessRow, today: Day) -> Option<Finding> {
    let route = row.route();
    if let Some(until) = route.until().and_then(|until| until.parse::<Day>().ok())
        && today > until
    {
        let text = format!("the reason why everybody may call `{}` counted until {until}", row.name());
        return Some(Finding::of_route(FindingKind::ExpiredReason, route, text));
    }
    let is_open = route.guards().iter().all(|guard| guard.kind() == GuardKind::Anybody);
    if is_open && route.reason().is_none() {
        let text =
            format!("everybody may call `{}`; say why: `#[allow_anonymous(reason = \"…\")]`", row.name());
        return Some(Finding::of_route(FindingKind::MissingReason, route, text));
    }
    None
}

impl Caller {
    fn is_let_pass(self, guard: &GuardRecord) -> bool {
        self.with_principals(|who| match guard.foretell(who) {
            Foretold::Standing(yes) => yes,
            Foretold::Rules(decision) => decision.is_allow(),
            Foretold::Policy | Foretold::Resource(_) | Foretold::Scopes => false,
        })
    }
}
