//! Searches an access table for possible mistakes: `AccessTable::findings`.

use super::{
    AccessRow, AccessTable, CallerKind, Day, Finding, FindingKind,
    access_table::judge,
    guard_metadata::{GuardMetadata, StaticDecision},
    used_permissions_of_acl::UsedAcl,
};
use crate::{
    acl::{Groups, Name, Principals},
    guard::GuardKind,
};

impl AccessTable {
    /// Returns possible mistakes: reasons that are missing or have expired, guards that allow or deny all
    /// requests or whose resource needs a path parameter that the path lacks, rules that have expired or are redundant, and permissions, groups and rules that no route of this
    /// table needs.
    ///
    /// ACLs that are also used elsewhere, for example by `Auth::permits`, may have rules that no route needs.
    #[must_use]
    pub fn findings(&self, today: Day) -> Vec<Finding> {
        let mut found = Vec::new();
        for row in self.rows() {
            found.extend(about_reason(row, today));
            found.extend(self.about_guards(row));
            found.extend(self.about_shadow(row));
            found.extend(about_path(row));
        }
        for list in UsedAcl::all(self) {
            found.extend(list.findings(today));
        }
        found
    }

    fn about_guards(&self, row: &AccessRow) -> Option<Finding> {
        if row.cells().iter().all(|cell| !cell.access().is_possible())
            && !self.is_open_to_members_of_several(row)
        {
            let text = format!("`{}` denies all requests; its guard is {}", row.name(), row.guard());
            return Some(Finding::of_route(FindingKind::UnreachableRoute, row.route(), text));
        }
        let needless = row.route().guards().iter().find(|guard| {
            guard.kind() == GuardKind::ByAcl
                && self.callers().iter().all(|caller| caller.is_let_pass(**guard))
        })?;
        let permission = needless.permission().unwrap_or_default();
        let text = format!(
            "all requests have `{permission}`, so the guard of `{}` denies only blocked users",
            row.name()
        );
        Some(Finding::of_route(FindingKind::NeedlessGuard, row.route(), text))
    }

    /// Returns whether a user in two or three groups is allowed: several guards may require different groups.
    fn is_open_to_members_of_several(&self, row: &AccessRow) -> bool {
        let groups: Vec<Name<'static>> = self.callers().iter().filter_map(|caller| caller.group()).collect();
        let users = self.callers().iter().filter(|caller| caller.group().is_none());
        let users: Vec<CallerKind> = users.copied().collect();
        groups.iter().enumerate().any(|(at, first)| {
            groups.iter().enumerate().skip(at).any(|(at, second)| {
                groups.iter().skip(at).any(|third| {
                    let members: Groups = [*first, *second, *third].into_iter().collect();
                    users.iter().any(|user| {
                        let principals = Principals::new(user.user(), Some(&members));
                        judge(row.route(), &principals, None).access().is_possible()
                    })
                })
            })
        })
    }
}

fn about_path(row: &AccessRow) -> Option<Finding> {
    let text = row.route().missing_path_parameter()?;
    Some(Finding::of_route(
        FindingKind::MissingPathParameter,
        row.route(),
        format!("`{}`: {text}", row.name()),
    ))
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

impl CallerKind {
    fn is_let_pass(self, guard: GuardMetadata) -> bool {
        self.with_principals(|who| match guard.static_decision(who, false, None) {
            StaticDecision::Known(yes) => yes,
            StaticDecision::Rules(decision) => decision.is_allow(),
            StaticDecision::Conditions(..)
            | StaticDecision::Policy
            | StaticDecision::Resource(_)
            | StaticDecision::Scopes => false,
        })
    }
}
