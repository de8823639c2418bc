use auth_runtime::{Acl, Groups, Principals, Rule, User, acl, acl::GroupHierarchy, group_hierarchy};

macro_rules! named {
    ($id:literal, $owner:expr) => {
        acl![
            #[rule(id = $id, owner = $owner)]
            (Allow, Everyone, ["view"]),
        ]
    };
}

const SITE: Acl = acl![
    /// Banned for spam.
    #[rule(id = "SEC-12/mallory", until = "2028-02-29")]
    (Deny, User("mallory"), ["comment"]),
    #[rule(owner = "core-team",)]
    /// All users.
    (Allow, Authenticated, ["comment"]),
    (Allow, Everyone, ["view"]),
];
const PRESS: Acl = acl![..SITE, #[rule(id = "press")] (Allow, Group("press"), ["edit"])];
const LEGAL: Acl = acl![..SITE, #[rule(id = "legal")] (Allow, Group("legal"), ["redact"])];
/// The rules of the site come in twice, and are the same rules.
const ALL_DESKS: Acl = acl![..PRESS, ..LEGAL];
const ROLES: GroupHierarchy = group_hierarchy![("admins", ["press"]), ("owners", ["admins"])];
const INHERITED: Acl = acl![groups = ROLES, #[rule(id = "press", owner = "desk")] (Allow, Group("press"), ["edit"])];
const FROM_A_MACRO: Acl = named!("open", "core-team");

pub(crate) fn main() {
    let labels = |acl: Acl| {
        acl.rules().iter().map(|rule| (rule.id(), rule.owner(), rule.until())).collect::<Vec<_>>()
    };
    let site = [(Some("SEC-12/mallory"), None, Some("2028-02-29")), (None, Some("core-team"), None), (None, None, None)];
    assert_eq!(labels(SITE), site);
    let notes: Vec<_> = SITE.rules().iter().map(Rule::note).collect();
    assert_eq!(notes, [Some("Banned for spam."), Some("All users."), None]);
    assert_eq!(labels(ALL_DESKS)[..3], site);
    assert_eq!(labels(ALL_DESKS)[4..7], site);
    assert_eq!(labels(ALL_DESKS)[3], (Some("press"), None, None));
    assert_eq!(labels(INHERITED), [(Some("press"), Some("desk"), None); 3]);
    let inherited: Vec<_> = INHERITED.rules().iter().map(Rule::is_inherited).collect();
    assert_eq!(inherited, [false, true, true]);
    assert_eq!(labels(FROM_A_MACRO), [(Some("open"), Some("core-team"), None)]);

    // A label decides nothing, not even after its last day.
    let none = Groups::none();
    let mallory = Principals::user("mallory", &none);
    assert!(!SITE.decide("comment", &mallory).is_allow());
    let rules = [Rule::allow(User("mallory"), &["comment"]).with_id("by-hand"), SITE.rules()[0]];
    let explanation = acl::explain(rules, auth_runtime::Name::Text("comment"), &mallory);
    let ids: Vec<_> = explanation.steps().iter().map(|step| step.id()).collect();
    assert_eq!(ids, [Some("by-hand"), Some("SEC-12/mallory")]);
    let text = explanation.to_string();
    assert!(text.contains("  1 by-hand (Allow, User(\"mallory\"), [\"comment\"]): decides"), "{text}");
    assert!(text.contains("  2 SEC-12/mallory (Deny,"), "{text}");
}
