//! The fewest scopes for a set of routes, compared with trying all sets.

use std::collections::BTreeSet;

use auth_runtime::{
    Acl, Condition, OWNER,
    access::AccessTable,
    acl, acl_required, auth_required, guard,
    guarded::{Router, get, post},
    scope_required,
};
use axum::http::Method;

#[scope_required(any("read", "write", "admin"))]
async fn view() {}

#[scope_required("write")]
async fn edit() {}

#[scope_required(any(all("a", "b"), "c"))]
async fn either() {}

#[scope_required(any(all("a", "d"), all("c", "b", "e")))]
async fn other() {}

#[scope_required(all("b", any("a", "e")))]
async fn both() {}

#[auth_required]
async fn profile() {}

/// Each route with what it requires, written once more.
type Requirement = fn(&BTreeSet<&str>) -> bool;

const ROUTES: [(&str, Requirement); 6] = [
    ("/view", |held| ["read", "write", "admin"].iter().any(|scope| held.contains(scope))),
    ("/edit", |held| held.contains("write")),
    ("/either", |held| held.contains("a") && held.contains("b") || held.contains("c")),
    ("/other", |held| {
        held.contains("a") && held.contains("d") || ["c", "b", "e"].iter().all(|scope| held.contains(scope))
    }),
    ("/both", |held| held.contains("b") && (held.contains("a") || held.contains("e"))),
    ("/profile", |_| true),
];

const SCOPES: [&str; 8] = ["a", "admin", "b", "c", "d", "e", "read", "write"];

fn access() -> AccessTable {
    let routes: Router = Router::new()
        .route("/view", get(view))
        .route("/edit", get(edit))
        .route("/either", get(either))
        .route("/other", get(other))
        .route("/both", get(both))
        .route("/profile", get(profile));
    routes.access()
}

#[test]
fn they_are_the_fewest_of_all_sets_that_suffice() {
    let access = access();
    for chosen in 0..64_u32 {
        let routes: Vec<_> =
            (0..6).zip(ROUTES).filter(|(bit, _)| chosen & (1 << bit) != 0).map(|(_, route)| route).collect();
        let found = access.least_scopes(routes.iter().map(|(path, _)| (&Method::GET, *path))).unwrap();
        let sets = (0..256_u32).map(|bits| {
            let held = (0..8).zip(SCOPES).filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, scope)| scope);
            held.collect::<BTreeSet<&str>>()
        });
        let sufficient = sets.filter(|held| routes.iter().all(|(_, suffices)| suffices(held)));
        let best = sufficient.min_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b))).unwrap();
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), best, "{chosen:b}");
    }
}

#[test]
fn guards_around_a_router_count() {
    let routes: Router = Router::new().route("/edit", post(edit)).guarded_by(guard::scope!("x", "y"));
    let found = routes.access().least_scopes([(&Method::POST, "/edit")]).unwrap();
    assert!(found.iter().eq(["write", "x", "y"]), "{found:?}");
}

#[test]
fn a_route_that_is_not_there_is_an_error() {
    let error = access().least_scopes([(&Method::GET, "/view"), (&Method::PUT, "/veiw")]).unwrap_err();
    let text = "the table has no route PUT /veiw; write the path as it was given to the router";
    assert_eq!(error.to_string(), text);
}

const MAY_READ: Condition = Condition::scope("may-read", "articles:read");
const MAY_WRITE: Condition = Condition::scope("may-write", "articles:write");
const MAY_SHARE: Condition = Condition::scope("may-share", "articles:share");
const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const ARTICLES: Acl = acl![
    (Allow, Group("editors"), ["list", "read"]),
    (Allow, Authenticated, ["list"]),
    (Allow, Authenticated, ["read"], if MAY_READ),
    (Allow, Authenticated, ["read"], if MAY_WRITE),
    (Allow, Authenticated, ["write"], if all(MAY_WRITE, DAY)),
    (Allow, Authenticated, ["share"], if all(MAY_READ, MAY_SHARE)),
    (Deny, Authenticated, ["lock"], if MAY_SHARE),
    (Allow, Authenticated, ["lock"], if MAY_WRITE),
    (Allow, Authenticated, ["own"], if all(MAY_SHARE, OWNER)),
    (Allow, Group("editors"), ["own"]),
];

macro_rules! handlers {
    ($($name:ident: $permission:expr,)*) => {
        $(
            #[acl_required($permission, ARTICLES)]
            async fn $name() {}
        )*

        fn articles() -> AccessTable {
            let routes: Router = Router::new()$(.route(concat!("/", stringify!($name)), get($name)))*;
            routes.access()
        }
    };
}

handlers! {
    list: "list",
    read: "read",
    write: "write",
    share: "share",
    lock: "lock",
    own: "own",
}

#[test]
fn conditions_of_rules_about_scopes_count() {
    let access = articles();
    for (routes, expected) in [
        (&["/list"][..], &[][..]),
        // Either is enough, and editors need none of them.
        (&["/read"], &["articles:read"]),
        (&["/write"], &["articles:write"]),
        (&["/read", "/write"], &["articles:write"]),
        (&["/share"], &["articles:read", "articles:share"]),
        (&["/share", "/write"], &["articles:read", "articles:share", "articles:write"]),
        // Another scope would close it.
        (&["/lock"], &["articles:write"]),
        // No scope makes a user the owner in a guard that has no resource.
        (&["/own"], &[]),
    ] {
        let found = access.least_scopes(routes.iter().map(|path| (&Method::GET, *path))).unwrap();
        assert!(found.iter().eq(expected), "{routes:?} {found:?}");
    }
}

#[test]
fn a_guard_without_conditions_about_its_permission_needs_no_scope() {
    const PLAIN: Acl =
        acl![(Allow, Authenticated, ["print"]), (Allow, Authenticated, ["other"], if MAY_READ)];
    #[acl_required("print", PLAIN)]
    async fn print() {}

    let routes: Router = Router::new().route("/print", get(print));
    assert!(routes.access().least_scopes([(&Method::GET, "/print")]).unwrap().is_empty());
}
