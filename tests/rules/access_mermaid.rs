//! The table as a Mermaid flowchart.

use auth_runtime::{
    Acl, Permission, acl, acl_required, auth_required,
    guarded::{Router, get, post},
    permission_required, scope_required,
};

const ARTICLES: Acl = acl![
    (Deny, User("a\"b#c`d;<e>"), ["view"]),
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["edit"]),
];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[acl_required("edit", ARTICLES, hide)]
async fn publish() {}

#[auth_required]
async fn profile() {}

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
}

#[permission_required(Can::Restart)]
async fn restart() {}

#[scope_required("articles:read")]
async fn feed() {}

#[test]
fn routes_with_the_same_callers_share_a_box() {
    let routes: Router = Router::new()
        .route("/articles/{id}", get(view).put(edit))
        .route("/articles/{id}/publish", post(publish))
        .route("/profile", get(profile))
        .route("/restart", post(restart))
        .route("/feed", get(feed));
    let expected = "\
flowchart LR
    who0([\"anonymous\"])
    who1([\"signed in\"])
    who2([\"group editors\"])
    who3([\"user a#34;b#35;c#96;d#59;#60;e#62;\"])
    routes0[\"GET /articles/{id}\"]
    who0 --> routes0
    who1 --> routes0
    who2 --> routes0
    routes1[\"PUT /articles/{id}<br/>POST /articles/{id}/publish\"]
    who2 --> routes1
    routes2[\"GET /feed\"]
    who1 -. \"scopes\" .-> routes2
    who2 -. \"scopes\" .-> routes2
    who3 -. \"scopes\" .-> routes2
    routes3[\"GET /profile\"]
    who1 --> routes3
    who2 --> routes3
    who3 --> routes3
    routes4[\"POST /restart\"]
    who0 -. \"policy\" .-> routes4
    who1 -. \"policy\" .-> routes4
    who2 -. \"policy\" .-> routes4
    who3 -. \"policy\" .-> routes4
";
    assert_eq!(routes.access().to_mermaid(), expected);
    let empty: Router = Router::new();
    assert!(empty.access().to_mermaid().starts_with("flowchart LR\n"));
}
