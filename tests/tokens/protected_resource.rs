//! Protected resource metadata (RFC 9728): where to get a token, and for which scopes, derived from the
//! guards.

use auth_runtime::{
    allow_anonymous, auth_required, guard,
    guarded::{Router, get},
    scope_required,
};
use serde_json::{Value, json};

#[scope_required("articles:read")]
async fn list() {}

#[scope_required("articles:write", "articles:read")]
async fn write() {}

#[auth_required]
async fn me() {}

#[allow_anonymous(reason = "nothing is here")]
async fn index() {}

#[test]
fn the_scopes_are_those_of_all_guards() {
    let admin = Router::new().guarded_by(guard::scope!("admin")).route("/restart", get(me));
    let routes: Router =
        Router::new().route("/", get(index)).route("/articles", get(list).post(write)).nest("/admin", admin);
    let json =
        routes.access().protected_resource("https://api.example/v1", ["https://issuer.example"]).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&json).unwrap(),
        json!({
            "resource": "https://api.example/v1",
            "authorization_servers": ["https://issuer.example"],
            "scopes_supported": ["admin", "articles:read", "articles:write"],
            "bearer_methods_supported": ["header"],
        })
    );
    // What is empty is left out (RFC 9728, section 3.2).
    let plain: Router = Router::new().route("/", get(index));
    let json = plain.access().protected_resource("https://api.example", []).unwrap();
    assert_eq!(json, r#"{"resource":"https://api.example","bearer_methods_supported":["header"]}"#);
}

#[test]
fn addresses_that_cannot_be_are_refused() {
    let access = Router::<()>::new().access();
    for bad in
        ["", "https://", "http://api.example", "https:///x", "https://api.example/#top", "https://a b", "api"]
    {
        let error = access.protected_resource(bad, []).unwrap_err();
        assert!(error.to_string().contains("https"), "{bad}");
        assert!(access.protected_resource("https://api.example", [bad]).is_err(), "{bad}");
    }
}
