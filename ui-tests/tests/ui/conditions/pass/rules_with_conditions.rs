use auth_runtime::{
    Acl, Condition, OWNER, Resource, Rule, TENANT, acl, acl_assert, acl_assert_no_wider, acl_required,
};

mod conditions {
    pub const ON_CALL: auth_runtime::Condition = auth_runtime::Condition::custom("on-call");
}

const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");
const ELECTION: Condition = Condition::between("election", "2027-09-26T06:00:00Z", "2027-09-26T16:00:00Z");
const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);
const MAY_WRITE: Condition = Condition::scope("may-write", "articles:write");
const RECENT: Condition = Condition::max_age("recent", 600);
const STRONG: Condition = Condition::acr("strong", &["phr", "phrh"]);

const ARTICLES: Acl = acl![
    budget = 6,
    deny(redundant),
    (Deny, Everyone, ["publish"], if ELECTION),
    (Allow, Group("editors"), ["publish"]),
    (Allow, Authenticated, ["edit"], if OWNER),
    (Allow, Authenticated, ["edit"], if all(TENANT, MAY_WRITE,),),
    (Allow, Group("editors"), ["edit"], if all(OFFICE, conditions::ON_CALL)),
    // A conditional rule hides no rule behind it.
    (Deny, User("mallory"), ["edit"]),
    (Allow, Group("editors"), ["edit"]),
    #[rule(id = "restart-by-day")]
    (Allow, Group("operators"), ["restart"], if OFFICE_HOURS),
    (Allow, Group("operators"), ["restart"], if all(RECENT, STRONG)),
];

const ALIKE: Acl = acl![..ARTICLES];

acl_assert!(ARTICLES {
    anonymous cannot ["publish", "edit", "restart"];
    only group "editors" can "publish";
    only group "operators" can "restart";
});

acl_assert_no_wider!(ARTICLES, ALIKE);

struct Article;

impl Resource for Article {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ARTICLES
    }

    fn owner(&self) -> Option<&str> {
        Some("alice")
    }
}

#[acl_required("restart", ARTICLES)]
async fn restart() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

pub(crate) fn main() {
    assert!(ARTICLES.has_conditions());
    assert_eq!(ARTICLES.rules()[2].to_string(), r#"(Allow, Authenticated, ["edit"], if owner)"#);
    let _ = (Article, restart, edit);
}
