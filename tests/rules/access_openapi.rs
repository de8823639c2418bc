//! An OpenAPI document that says what the guards demand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, Condition, Permission,
    access::Described,
    acl, acl_required, allow_anonymous, auth_required,
    guarded::{Router, any, get},
    permission_required,
};
use serde_json::{Value, json};
use utoipa::OpenApi;

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
}

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

#[utoipa::path(get, path = "/articles/{id}", responses((status = 200)))]
#[acl_required("view", ARTICLES)]
async fn view() {}

#[utoipa::path(put, path = "/articles/{id}", responses((status = 200), (status = 403, description = "our own words")))]
#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[utoipa::path(delete, path = "/articles/{id}", responses((status = 200)))]
#[acl_required("edit", ARTICLES, hide)]
async fn delete() {}

#[utoipa::path(get, path = "/files/{path}", responses((status = 200)))]
#[auth_required]
async fn file() {}

#[utoipa::path(post, path = "/restart", responses((status = 200)))]
#[permission_required(Can::Restart)]
async fn restart() {}

#[utoipa::path(get, path = "/gone", responses((status = 200)))]
#[auth_required]
#[expect(dead_code, clippy::unused_async, reason = "its route is gone")]
async fn gone() {}

#[allow_anonymous]
async fn about() {}

#[derive(OpenApi)]
#[openapi(paths(view, edit, delete, file, restart, gone))]
struct Document;

fn described() -> (Value, Described) {
    let routes: Router = Router::new()
        .route("/articles/{id}", get(view).put(edit).delete(delete))
        .route("/files/{*path}", get(file))
        .route("/restart", any(restart))
        .route("/about", get(about));
    let mut document = Document::openapi();
    let described = routes.access().describe_in(&mut document, "session");
    (serde_json::from_str(&document.to_json().unwrap()).unwrap(), described)
}

#[test]
fn operations_say_what_they_demand() {
    let (document, _) = described();
    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    let statuses = |path: &str, method: &str| -> Vec<String> {
        operation(path, method)["responses"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(operation("/articles/{id}", "get")["security"], json!([]));
    assert_eq!(statuses("/articles/{id}", "get"), ["200"]);

    assert_eq!(operation("/articles/{id}", "put")["security"], json!([{"session": []}]));
    assert_eq!(statuses("/articles/{id}", "put"), ["200", "401", "403"]);
    assert_eq!(operation("/articles/{id}", "put")["responses"]["403"]["description"], "our own words");
    assert!(
        operation("/articles/{id}", "put")["responses"]["401"]["content"]["application/problem+json"]
            .is_object()
    );
    assert_eq!(
        operation("/articles/{id}", "put")["responses"]["401"]["description"],
        "The request is anonymous"
    );

    assert_eq!(statuses("/articles/{id}", "delete"), ["200", "404"]);
    assert_eq!(statuses("/files/{path}", "get"), ["200", "401"]);
    assert_eq!(operation("/files/{path}", "get")["security"], json!([{"session": []}]));
    assert_eq!(statuses("/restart", "post"), ["200", "401", "403"]);
}

#[test]
fn differences_between_document_and_routes_are_reported() {
    let (document, described) = described();
    assert_eq!(described.operations, 5);
    assert_eq!(described.undocumented, ["GET /about"]);
    assert_eq!(described.unrouted, ["GET /gone"]);
    assert_eq!(document["paths"]["/gone"]["get"].get("security"), None);
}

const MAY_WRITE: Condition = Condition::scope("may-write", "articles:write");
const MAY_ADMINISTER: Condition = Condition::scope("may-administer", "admin");
const BY_SCOPE: Acl = acl![
    (Deny, Authenticated, ["write"], if MAY_ADMINISTER),
    (Allow, Authenticated, ["write"], if MAY_WRITE),
    (Allow, Authenticated, ["administer"], if MAY_ADMINISTER),
    (Allow, Everyone, ["read"]),
];

#[utoipa::path(put, path = "/scoped", responses((status = 200)))]
#[acl_required("write", BY_SCOPE)]
async fn write_scoped() {}

#[utoipa::path(get, path = "/scoped", responses((status = 200)))]
#[acl_required("read", BY_SCOPE)]
async fn read_scoped() {}

#[derive(OpenApi)]
#[openapi(paths(write_scoped, read_scoped))]
struct Scoped;

#[test]
fn conditions_of_rules_name_the_scopes_of_an_operation() {
    let routes: Router = Router::new().route("/scoped", get(read_scoped).put(write_scoped));
    let mut document = Scoped::openapi();
    routes.access().describe_in(&mut document, "oauth");
    let document: Value = serde_json::from_str(&document.to_json().unwrap()).unwrap();
    let operation = &document["paths"]["/scoped"]["put"];
    // That of the rule that denies opens nothing.
    assert_eq!(operation["security"], json!([{"oauth": ["articles:write"]}]));
    let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["200", "401", "403"]);
    assert_eq!(document["paths"]["/scoped"]["get"]["security"], json!([]));
}
