//! The fewest scopes for a set of routes, compared with trying all sets.

use std::collections::BTreeSet;

use auth_runtime::{
    access::AccessTable,
    auth_required, guard,
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
