//! Ten thousand random routers, and no way to a guarded handler without credentials.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, AuthLayer, Groups, acl, acl_required, allow_anonymous, auth_required,
    authorization::now,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    extract::{Request as Whole, State},
    http::{Method, Request},
    middleware::{Next, from_fn},
    response::Response,
    routing::{MethodFilter, MethodRouter, any, delete, get, on, post},
};
use proptest::prelude::*;

use crate::support;

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[auth_required]
async fn profile() -> &'static str {
    "reached"
}

#[acl_required("edit", ARTICLES)]
async fn edit() -> &'static str {
    "reached"
}

#[auth_required]
#[acl_required(any("edit", "edit2"), OTHERS)]
async fn stacked(State(number): State<u8>) -> String {
    format!("reached{}", &number.to_string()[..0])
}

const OTHERS: Acl = acl![(Allow, Group("editors"), ["edit2"]), (Allow, Group("authors"), ["edit"])];

#[allow_anonymous]
async fn open() -> &'static str {
    "open"
}

async fn pass(request: Whole, next: Next) -> Response {
    next.run(request).await
}

fn auth() -> AuthLayer {
    let groups = now(|user| Ok(Some(user.map_or_else(Groups::none, |_| Groups::from(["editors"])))));
    AuthLayer::new(FakeIdentity::by_header()).with_groups(groups)
}

#[derive(Clone, Debug)]
enum Tree {
    Leaf(u8),
    Siblings(Vec<Self>),
    Nested(Box<Self>),
    NestedWithFallback(Box<Self>),
    OwnState(Box<Self>),
    Layered(Box<Self>),
    RouteLayered(Box<Self>),
    InnerAuth(Box<Self>),
}

fn trees() -> impl Strategy<Value = Tree> {
    (0..KINDS).prop_map(Tree::Leaf).prop_recursive(5, 12, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => prop::collection::vec(inner, 1..4).prop_map(Tree::Siblings),
            2 => boxed.clone().prop_map(Tree::Nested),
            1 => boxed.clone().prop_map(Tree::NestedWithFallback),
            1 => boxed.clone().prop_map(Tree::OwnState),
            1 => boxed.clone().prop_map(Tree::Layered),
            1 => boxed.clone().prop_map(Tree::RouteLayered),
            1 => boxed.prop_map(Tree::InnerAuth),
        ]
    })
}

const KINDS: u8 = 14;

/// A method router with a guarded handler, and a method that leads to it.
fn leaf(kind: u8) -> (Method, MethodRouter<u8>) {
    match kind {
        0 => (Method::GET, get(profile)),
        1 => (Method::HEAD, get(edit)),
        2 => (Method::TRACE, any(profile)),
        3 => (Method::POST, get(open).layer(from_fn(pass)).post(edit)),
        4 => (Method::PATCH, on(MethodFilter::PATCH.or(MethodFilter::PUT), profile)),
        5 => (Method::DELETE, get(open).post(open).merge(delete(stacked))),
        6 => (Method::PUT, get(open).fallback(profile)),
        7 => (Method::OPTIONS, get(open).options(edit).route_layer(from_fn(pass))),
        8 => (Method::GET, MethodRouter::new().get_service(any(profile).with_state::<()>(()))),
        9 => (Method::POST, post(stacked).layer(from_fn(pass)).get(open)),
        10 => (Method::GET, any(profile).get(edit)),
        11 => (Method::from_bytes(b"get").unwrap(), any(stacked)),
        12 => (Method::POST, MethodRouter::new().fallback_service(post(edit).with_state::<()>(()))),
        _ => (Method::TRACE, get(open).layer(auth()).merge(on(MethodFilter::TRACE, profile)).patch(open)),
    }
}

/// The guarded handlers of a router, as requests that lead to them.
#[derive(Default)]
struct Ways {
    count: usize,
    found: Vec<(Method, String)>,
}

impl Ways {
    fn next(&mut self) -> String {
        self.count = self.count.wrapping_add(1);
        format!("/p{}", self.count)
    }

    fn build(&mut self, tree: &Tree, prefix: &str) -> Router<u8> {
        match tree {
            Tree::Leaf(kind) => {
                let path = self.next();
                let (method, route) = leaf(*kind);
                self.found.push((method, format!("{prefix}{path}")));
                if *kind == 2 {
                    Router::new().route_service(&path, route.with_state(1))
                } else {
                    Router::new().route(&path, route)
                }
            }
            Tree::Siblings(trees) => {
                trees.iter().fold(Router::new(), |router, tree| router.merge(self.build(tree, prefix)))
            }
            Tree::Nested(tree) => {
                let at = self.next();
                let inner = self.build(tree, &format!("{prefix}{at}"));
                Router::new().nest(&at, inner)
            }
            Tree::NestedWithFallback(tree) => {
                let at = self.next();
                let inner = self.build(tree, &format!("{prefix}{at}"));
                self.found.push((Method::GET, format!("{prefix}{at}/no/such/route")));
                Router::new().nest(&at, inner.fallback(stacked))
            }
            Tree::OwnState(tree) => self.build(tree, prefix).with_state(9),
            Tree::Layered(tree) => self.build(tree, prefix).layer(from_fn(pass)),
            Tree::RouteLayered(tree) => self.build(tree, prefix).route_layer(from_fn(pass)),
            Tree::InnerAuth(tree) => self.build(tree, prefix).layer(auth()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_composition_of_routers_leads_around_a_guard(tree in trees(), fallback in prop::bool::ANY) {
        let mut ways = Ways::default();
        let mut router = ways.build(&tree, "");
        if fallback {
            router = router.fallback(edit);
            ways.found.push((Method::GET, "/nowhere".to_owned()));
        }
        let app: Router = router.layer(auth()).with_state(7);
        let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
        rt.block_on(async {
            for (method, path) in &ways.found {
                let request = || Request::builder().method(method.clone()).uri(path);
                let refused = support::ask(&app, request()).await;
                // Some fallbacks are lost by `nest`; the response is then the same for all.
                let lost = path.ends_with("/no/such/route") && refused.status.as_u16() == 404;
                assert!(lost || refused.status.as_u16() == 401, "{method} {path} {tree:?}");
                for method in [Method::GET, Method::HEAD, Method::POST, Method::TRACE] {
                    let answer = support::ask(&app, Request::builder().method(method).uri(path)).await;
                    assert_ne!(answer.body.as_ref(), b"reached", "{path} {tree:?}");
                }
                let reached = support::ask(&app, request().header(USER_HEADER, "alice")).await;
                let expected = if lost { 404 } else { 200 };
                assert_eq!(reached.status.as_u16(), expected, "{method} {path} {tree:?}");
            }
        });
    }
}
