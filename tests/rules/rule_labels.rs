//! Ids, owners and last days of rules: in the table, in its forms, and in what is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, AuthLayer, Groups, Permission, Resource, Rule, User,
    access::{AccessTable, Day, Finding, FindingKind, expired_rules},
    acl,
    acl::GroupHierarchy,
    acl_required,
    authorization::now,
    group_hierarchy,
    guard::Missing,
    guarded::{Router, get},
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    extract::FromRequestParts,
    http::{Request, request::Parts},
};
use serde_json::{Value, json};

use crate::support::{self, Log};

const ROLES: GroupHierarchy = group_hierarchy![("admins", ["press"])];

const ARTICLES: Acl = acl![
    groups = ROLES,
    (Allow, Everyone, ["view"]),
    /// Until the new desk is staffed,
    /// they help out.
    #[rule(id = "press-may-edit", owner = "press-team", until = "2027-01-31")]
    (Allow, Group("press"), ["edit"]),
    #[rule(owner = "core-team")]
    (Deny, User("mallory"), ["comment"]),
    (Allow, Group("press"), ["view"]),
];

const NEXT: Acl = acl![
    #[rule(id = "all-in")]
    (Allow, Authenticated, ["edit"])
];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES, shadow = NEXT)]
async fn edit() {}

#[derive(Clone, Copy, Permission)]
enum Can {
    Delete,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["delete"]).with_id("owner-may-delete")]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("delete", article)]
async fn delete(article: Article) {
    let _ = article;
}

fn routes() -> Router {
    Router::new().route("/a", get(view).put(edit).delete(delete))
}

fn access() -> AccessTable {
    routes().access()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn texts(found: &[Finding], kind: FindingKind) -> Vec<&str> {
    found.iter().filter(|finding| finding.kind() == kind).map(Finding::text).collect()
}

#[test]
fn cells_name_a_rule_by_its_id() {
    let table = access().to_string();
    let put = table.lines().find(|line| line.starts_with("PUT")).unwrap();
    assert!(put.contains("yes (ARTICLES press-may-edit)"), "{table}");
    let shown = access().to_markdown();
    let labels = "
- `ARTICLES press-may-edit`: (Allow, Group(\"press\"), [\"edit\"]); Until the new desk is staffed, they help out.; \
owner: press-team; until 2027-01-31
- `ARTICLES 4`: (Deny, User(\"mallory\"), [\"comment\"]); owner: core-team
";
    assert!(shown.ends_with(labels), "{shown}");
}

#[test]
fn json_has_the_labels() {
    let document: Value = serde_json::from_str(&access().to_json()).unwrap();
    let rules = document["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let mut first = rules[0].clone();
    let line = first.as_object_mut().unwrap().remove("line").unwrap();
    assert!(line.as_u64() > Some(20), "{line}");
    let expected = json!({
        "list": "ARTICLES", "number": 2, "id": "press-may-edit", "file": file!(),
        "rule": "(Allow, Group(\"press\"), [\"edit\"])",
        "note": "Until the new desk is staffed,\nthey help out.",
        "owner": "press-team", "until": "2027-01-31",
    });
    assert_eq!(first, expected);
    assert_eq!(rules[1]["owner"], "core-team");
    assert_eq!(rules[1].get("id"), None);
    let callers = document["callers"].as_array().unwrap();
    let press = callers.iter().position(|caller| caller["name"] == "press").unwrap();
    let put = document["routes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|route| route["methods"] == json!(["PUT"]))
        .unwrap();
    assert_eq!(put["answers"][press]["rule"]["id"], "press-may-edit");
}

#[test]
fn the_page_has_the_labels() {
    let page = access().to_html("News", day("2026-11-30"));
    for part in
        ["Named rules", "ARTICLES press-may-edit", "owner: press-team; until 2027-01-31", "ARTICLES 4"]
    {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    let unlabelled: Router = Router::new().route("/a", get(delete));
    assert!(!unlabelled.access().to_html("News", day("2026-11-30")).contains("Named rules"));
}

#[test]
fn a_rule_is_found_from_the_day_after_its_last_one() {
    let expected = "rule 2 (`press-may-edit`) of `ARTICLES` was meant to end on 2027-01-31; its owner is press-team: \
        (Allow, Group(\"press\"), [\"edit\"])";
    assert!(texts(&access().findings(day("2027-01-31")), FindingKind::ExpiredRule).is_empty());
    // The hierarchy repeats it for admins, and it is found once.
    let found = access().findings(day("2027-02-01"));
    assert_eq!(texts(&found, FindingKind::ExpiredRule), [expected]);
    assert_eq!(expired_rules(&ARTICLES, day("2027-02-01")).len(), 1);
    assert!(expired_rules(&ARTICLES, day("2027-01-31")).is_empty());
    let sarif: Value = serde_json::from_str(&access().to_sarif(day("2027-02-01"))).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let expired: Vec<_> = results.iter().filter(|result| result["ruleId"] == "expired-rule").collect();
    assert_eq!((expired.len(), &expired[0]["level"]), (1, &json!("error")));
}

#[test]
fn redundant_rules_are_found_and_repeated_ones_are_not() {
    let found = access().findings(day("2026-11-30"));
    let expected = "rule 5 of `ARTICLES` is redundant, because earlier rules decide the same: (Allow, Group(\"press\"), [\"view\"])";
    assert_eq!(texts(&found, FindingKind::RedundantRule), [expected]);
    let sarif: Value = serde_json::from_str(&access().to_sarif(day("2026-11-30"))).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let redundant = results.iter().find(|result| result["ruleId"] == "redundant-rule").unwrap();
    assert_eq!(redundant["level"], "note");
}

#[tokio::test]
async fn events_name_the_rule_by_its_id() {
    let groups = now(|user: Option<&auth_runtime::UserId>| {
        let is_press = user.is_some_and(|user| *user == "paula");
        Ok(Some(if is_press { Groups::from(["press"]) } else { Groups::none() }))
    });
    let app = routes().with_auth(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    for (method, user, message, rule, id) in [
        ("PUT", "paula", "allow", "2", "press-may-edit"),
        ("GET", "paula", "allow", "1", ""),
        ("PUT", "bob", "deny", "", ""),
        ("DELETE", "alice", "allow", "1", "owner-may-delete"),
        ("DELETE", "bob", "deny", "", ""),
    ] {
        let request = Request::builder().method(method).uri("/a").header(USER_HEADER, user);
        let (_, told) = Log::of(support::ask(&app, request)).await;
        let event = told.iter().find(|told| told.message == message).unwrap();
        assert_eq!((event.field("rule"), event.field("rule_id")), (rule, id), "{method} {user}");
    }
    let request = Request::builder().method("PUT").uri("/a").header(USER_HEADER, "bob");
    let (_, told) = Log::of(support::ask(&app, request)).await;
    let shadow = told.iter().find(|told| told.message == "shadow").unwrap();
    assert_eq!((shadow.field("rule_id"), shadow.field("shadow_rule_id")), ("", "all-in"));
}
