use auth_runtime::{Acl, Name, Permission, Principal, Principals, Groups, acl, acl::{GroupHierarchy, ImpliedPermissions, Permissions}, group_hierarchy, implied_permissions};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const NOTHING: Acl = acl![budget = 0, (Deny, Everyone, ALL)];
/// Anonymous requests, users and `m`, each for `edit` and for all other permissions; the first two for `view`
const EVERYTHING: Acl = acl![budget = 8, (Deny, User("m"), ["view"]), (Allow, Everyone, ALL), (Allow, User("m"), ["edit"])];
const ENUMS: Acl = acl![budget = 5, (Allow, Everyone, [Can::View]), (Allow, Group("press"), [Can::Edit]), (Deny, User("bob"), [Can::Edit])];
const ADMINS: Acl = acl![budget = 7, (Allow, Everyone, ["view"]), (Allow, Group("admins"), ALL), (Allow, Group("press"), ["edit"])];
const OVERRULED: Acl = acl![budget = 5, (Deny, Group("press"), ["edit"]), (Allow, Authenticated, ["edit"]), (Allow, User("ada"), ALL), (Allow, Group("press"), ["view"])];
const ROLES: GroupHierarchy = group_hierarchy![("admins", ["press"])];
const RIGHTS: ImpliedPermissions = implied_permissions![("edit", ["view"])];
const COMPOSED: Acl = acl![
    groups = ROLES,
    implied = RIGHTS,
    anonymous_groups = ["office"],
    budget = 10,
    ..ADMINS,
    (Allow, Group("office"), [7]),
];

/// The grants, counted by asking for each.
fn grants(acl: Acl) -> usize {
    let mut names: Vec<Name<'static>> = vec![Name::Text("a permission that no rule names")];
    let mut callers = vec![(None, Groups::none()), (Some("a user that no rule names"), Groups::none())];
    let mut seen = Vec::new();
    for rule in acl.rules() {
        if let Permissions::Names(own) = rule.permissions() {
            names.extend(own);
        }
        if seen.contains(&rule.principal()) {
            continue;
        }
        seen.push(rule.principal());
        match rule.principal() {
            Principal::User(id) => callers.push((Some(id), Groups::none())),
            Principal::Group(name) => callers.push((Some("a user that no rule names"), [name].into_iter().collect())),
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    callers
        .iter()
        .map(|(user, groups)| {
            let principals = Principals::new(*user, Some(groups));
            names.iter().filter(|name| acl.decide(**name, &principals).is_allow()).count()
        })
        .sum()
}

pub(crate) fn main() {
    for (acl, budget) in
        [(NOTHING, 0), (EVERYTHING, 8), (ENUMS, 5), (ADMINS, 7), (OVERRULED, 5), (COMPOSED, 10)]
    {
        assert_eq!(grants(acl), budget, "{acl:?}");
    }
}
