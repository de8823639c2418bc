//! The table of who may call what, as JSON, SARIF and a page.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, Auth, AuthError, Permission, Resource, Rule, User,
    access::{AccessTable, Day, capabilities},
    acl, acl_required, allow_anonymous, auth_required,
    guard::Missing,
    guarded::{Router, get, unguarded},
    permission_required, testing,
};
use axum::{Extension, extract::FromRequestParts, http::request::Parts};
use serde_json::{Value, json};

use crate::support;

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
    Delete,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("<script>alert(1)</script>"), ["comment"]),
    (Allow, Group(7), ["comment", "publish"]),
];

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["delete"])]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required(any("comment", "view"), ARTICLES, hide)]
async fn comment() {}

#[acl_required("delete", article)]
async fn delete(article: Article) {
    let _ = article;
}

#[permission_required(Can::Restart)]
async fn restart() {}

#[auth_required]
async fn profile() {}

#[allow_anonymous(reason = "<b>log-in</b>", until = "2027-01-31")]
async fn login() {}

fn routes() -> Router {
    let health: axum::Router = axum::Router::new();
    Router::new()
        .route("/articles/{id}", get(view).put(comment).delete(delete))
        .route("/restart", get(restart))
        .route("/profile", get(profile))
        .route("/login", get(login))
        .nest("/health", unguarded("asked by machines", health))
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn route<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    let routes = document["routes"].as_array().unwrap();
    routes.iter().find(|route| route["path"] == path && route["methods"] == json!([method])).unwrap()
}

#[test]
fn programs_read_json() {
    let document: Value = serde_json::from_str(&routes().access().to_json()).unwrap();
    assert_eq!(
        document["callers"],
        json!([
            {"kind": "anonymous"},
            {"kind": "signed_in"},
            {"kind": "group", "name": 7},
            {"kind": "user", "name": "<script>alert(1)</script>"},
        ])
    );
    let rows = routes().routes().len();
    assert_eq!(document["routes"].as_array().unwrap().len(), rows);

    let put = route(&document, "PUT", "/articles/{id}");
    assert_eq!(put["handler"], "comment");
    assert_eq!(put["file"], file!());
    assert_eq!(
        put["guards"],
        json!([{
            "kind": "acl", "permissions": ["comment", "view"], "context": "ARTICLES", "hidden": true, "layer": false,
        }])
    );
    assert_eq!(put["answers"][0]["access"], "allowed");
    assert_eq!(put["answers"][2]["rule"]["number"], 3);
    assert_eq!(put["answers"][2]["rule"]["list"], "ARTICLES");

    assert_eq!(
        route(&document, "DELETE", "/articles/{id}")["answers"][0],
        json!({"access": "refused", "status": 401})
    );
    assert_eq!(
        route(&document, "DELETE", "/articles/{id}")["answers"][1],
        json!({"access": "depends", "on": "article"})
    );
    assert_eq!(
        route(&document, "GET", "/restart")["answers"][1],
        json!({"access": "depends", "on": "policy"})
    );
    assert_eq!(
        route(&document, "GET", "/profile")["answers"][0],
        json!({"access": "refused", "status": 401})
    );
    let login = route(&document, "GET", "/login");
    assert_eq!((&login["reason"], &login["until"]), (&json!("<b>log-in</b>"), &json!("2027-01-31")));
    let health = document["routes"].as_array().unwrap().iter().find(|route| route["kind"] == "tree").unwrap();
    assert_eq!((&health["methods"], &health["reason"]), (&json!([]), &json!("asked by machines")));
}

#[test]
fn tools_read_sarif() {
    let log: Value = serde_json::from_str(&routes().access().to_sarif(day("2027-02-01"))).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()), "{result}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], file!());
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    }
    let of = |id: &str| results.iter().filter(|result| result["ruleId"] == id).count();
    assert_eq!((of("expired-reason"), of("unused-permission")), (1, 1));
}

#[test]
fn people_read_a_page() {
    let page = routes().access().to_html("News & <views>", day("2026-11-22"));
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("<h1>News &amp; &lt;views&gt;</h1>"));
    assert!(page.contains("As of 2026-11-22."));
    // Nothing that the application names can become part of the page's own text.
    assert!(!page.contains("<script>alert") && !page.contains("<b>log-in"), "a name was not escaped");
    assert!(page.contains("user &lt;script&gt;alert(1)&lt;/script&gt;"));
    for text in ["PUT /articles/{id}", "policy", "<small title=", "unused-permission", "(until 2027-01-31)"] {
        assert!(page.contains(text), "{text}");
    }
    // It is whole by itself.
    for address in ["http://", "https://", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(address), "{address}");
    }
    if let Some(file) = std::env::var_os("ACCESS_PAGE") {
        std::fs::write(file, page).unwrap();
    }
}

#[auth_required]
async fn what_may_i(Extension(access): Extension<AccessTable>, auth: Auth) -> Result<String, AuthError> {
    Ok(capabilities(access.of_request(&auth).await?))
}

#[tokio::test]
async fn a_front_end_gets_the_permissions_of_its_user() {
    let access = routes().access();
    let app = |auth| {
        let routes: Router = Router::new().route("/me/may", get(what_may_i));
        routes.layer(Extension(access.clone())).with_auth(auth)
    };
    let ask = async |auth| -> Value {
        let answer = support::get(&app(auth), "/me/may").await;
        serde_json::from_str(answer.text()).unwrap()
    };
    let allowed = |answer: &Value, method: &str, path: &str| {
        let routes = answer.as_array().unwrap();
        let route = routes.iter().find(|route| route["path"] == path && route["methods"] == json!([method]));
        route.unwrap().get("allowed").cloned()
    };
    let member = ask(testing::acting_as("alice", [7])).await;
    assert_eq!(allowed(&member, "PUT", "/articles/{id}"), Some(json!(true)));
    assert_eq!(allowed(&member, "DELETE", "/articles/{id}"), None);
    assert_eq!(allowed(&member, "GET", "/restart"), None);
    assert_eq!(allowed(&member, "GET", "/profile"), Some(json!(true)));
    // It says nothing of rules, lists and groups.
    assert!(!member.to_string().contains("ARTICLES") && !member.to_string().contains("rule"));
    assert_eq!(member.as_array().unwrap().len(), routes().routes().len() - 1, "trees are no capabilities");
}
