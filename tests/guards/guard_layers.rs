//! Guards for services decide as those on handlers do, and respect readiness.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use auth_runtime::{
    Acl, AuthErrorKind, AuthLayer, Permission, Refusal, acl, acl_required, allow_anonymous, auth_required,
    guard::{self, GuardLayer},
    permission_required, scope_required,
    testing::{self, FakeIdentity, FakePolicy},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{self, Answer, Log};

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Write,
    Edit,
}

const FILES: Acl = acl![
    (Allow, Everyone, [Can::Read]),
    (Deny, User("mallory"), [Can::Write]),
    (Allow, Group("staff"), [Can::Write, "text", 7]),
];

#[auth_required]
async fn known() {}

#[acl_required(Can::Read, FILES)]
async fn read() {}

#[acl_required(Can::Write, FILES)]
async fn write() {}

#[acl_required(7, FILES)]
async fn seven() {}

#[acl_required(all(Can::Read, any("text", 7)), FILES)]
async fn several() {}

#[permission_required(Can::Edit)]
async fn by_policy() {}

#[scope_required("read", any("write", "admin"))]
async fn scoped() {}

#[allow_anonymous(reason = "a test")]
async fn public() {}

/// The same demands, once above handlers and once around a service.
fn routes() -> Router {
    let service = |layer: GuardLayer| {
        layer.layer(service_fn(async |_: Request<Body>| Ok::<_, Infallible>(StatusCode::OK)))
    };
    Router::new()
        .route("/handler/known", any(known))
        .route("/handler/read", any(read))
        .route("/handler/write", any(write))
        .route("/handler/seven", any(seven))
        .route("/handler/several", any(several))
        .route("/handler/policy", any(by_policy))
        .route("/handler/scoped", any(scoped))
        .route("/handler/public", any(public))
        .route_service("/layer/known", service(guard::auth!()))
        .route_service("/layer/read", service(guard::acl!(Can::Read, FILES)))
        .route_service("/layer/write", service(guard::acl!(Can::Write, FILES)))
        .route_service("/layer/seven", service(guard::acl!(7, FILES)))
        .route_service("/layer/several", service(guard::acl!(all(Can::Read, any("text", 7)), FILES)))
        .route_service("/layer/policy", service(guard::permission!(Can::Edit)))
        .route_service("/layer/scoped", service(guard::scope!("read", any("write", "admin"))))
        .route_service("/layer/public", service(guard::anonymous!(reason = "a test")))
}

/// Everything of an answer but the length, which axum says of some routes and leaves to the server for others.
fn whole(answer: &Answer) -> String {
    let mut headers = answer.headers.clone();
    headers.remove("content-length");
    format!("{} {headers:?} {:?}", answer.status, answer.body)
}

#[tokio::test]
async fn a_layer_decides_as_an_attribute_does() {
    let mut seen = [0; 6];
    for layer in [
        testing::anonymous(),
        testing::acting_as("alice", ["staff"]),
        testing::acting_as("mallory", ["staff"]),
        testing::acting_as("bob", ["readers"]),
        testing::acting_as_blocked("alice"),
        AuthLayer::new(FakeIdentity::user("alice").with_scopes(["admin", "read"])),
        AuthLayer::new(FakeIdentity::user("alice").with_scopes(["read"])),
        AuthLayer::new(FakeIdentity::failing()),
        AuthLayer::new(FakeIdentity::bad_credential()),
    ] {
        for layer in [
            layer.clone(),
            layer.clone().with_policy(FakePolicy::permitting([Can::Edit])),
            layer.with_policy(FakePolicy::<Can>::failing()),
        ] {
            let app = routes().layer(layer);
            for what in ["known", "read", "write", "seven", "several", "policy", "scoped", "public"] {
                for request in [
                    || Request::get("/"),
                    || Request::post("/").header("accept", "text/html"),
                    || Request::post("/").header("sec-fetch-site", "cross-site"),
                ] {
                    let by_handler = support::ask(&app, request().uri(format!("/handler/{what}"))).await;
                    let by_layer = support::ask(&app, request().uri(format!("/layer/{what}"))).await;
                    assert_eq!(by_handler.status, by_layer.status, "{what}");
                    assert_eq!(whole(&by_handler), whole(&by_layer), "{what}");
                    let at = [200, 401, 403, 500, 503].iter().position(|it| *it == by_layer.status.as_u16());
                    seen[at.unwrap_or(5)] += 1;
                }
            }
        }
    }
    assert!(seen[..5].iter().all(|count| *count > 0) && seen[5] == 0, "{seen:?}");
}

#[tokio::test]
async fn a_layer_hides_and_answers_in_its_own_way() {
    fn own(refusal: &Refusal) -> (StatusCode, &'static str) {
        assert_eq!(refusal.kind(), AuthErrorKind::Unauthenticated);
        (StatusCode::IM_A_TEAPOT, "own")
    }

    let inner = || any(|| async { "inner" });
    let app = Router::new()
        .route("/hidden", inner().layer(guard::auth!(hide)))
        .route("/own", inner().layer(guard::acl!(Can::Write, FILES, refusal = own)))
        .layer(testing::anonymous());
    let (hidden, missing) = (support::get(&app, "/hidden").await, support::get(&app, "/none").await);
    assert_eq!(whole(&hidden), whole(&missing));
    let own = support::get(&app, "/own").await;
    assert_eq!((own.status, own.text()), (StatusCode::IM_A_TEAPOT, "own"));
    assert_eq!(own.header("cache-control"), "no-store");
}

#[tokio::test]
async fn without_an_auth_layer_no_request_passes() {
    for path in ["/layer/known", "/layer/read", "/layer/write", "/layer/policy"] {
        let (answer, told) = Log::of(support::get(&routes(), path)).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(&told[..], [it] if it.message == "misconfigured"), "{told:?}");
    }
}

/// A service that may be called only when it has said that it is ready; clones have said nothing yet.
struct Picky {
    ready: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self { ready: false, calls: Arc::clone(&self.calls) }
    }
}

impl<B> Service<Request<B>> for Picky {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(self.ready, "called before it was ready");
        self.ready = false;
        self.calls.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(StatusCode::OK.into_response()))
    }
}

#[tokio::test]
async fn a_service_is_called_when_it_is_ready_and_only_then() {
    for (layer, status, calls) in
        [(testing::acting_as("alice", ["staff"]), 200, 10), (testing::anonymous(), 401, 0)]
    {
        let count = Arc::new(AtomicUsize::new(0));
        let picky = Picky { ready: false, calls: Arc::clone(&count) };
        let mut service = layer.layer(guard::auth!().layer(guard::acl!(Can::Read, FILES).layer(picky)));
        for _ in 0..10 {
            let ready = ServiceExt::<Request<String>>::ready(&mut service).await.unwrap();
            // Any body will do: it is not looked at.
            let response = ready.call(Request::new("a text".to_owned())).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
        }
        assert_eq!(count.load(Ordering::SeqCst), calls);
    }
}

/// One that is never ready, or fails at it.
#[derive(Clone)]
struct Broken(bool);

impl Service<Request<Body>> for Broken {
    type Response = Response;
    type Error = &'static str;
    type Future = std::future::Ready<Result<Response, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        if self.0 { Poll::Ready(Err("broken")) } else { Poll::Pending }
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::ready(Err("called"))
    }
}

#[tokio::test]
async fn a_services_own_failures_stay_its_own() {
    let layered = |inner| testing::acting_as("alice", ["staff"]).layer(guard::auth!().layer(inner));
    assert!(matches!(ServiceExt::<Request<Body>>::ready(&mut layered(Broken(true))).await, Err("broken")));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(Service::<Request<Body>>::poll_ready(&mut layered(Broken(false)), &mut context).is_pending());
    assert!(matches!(layered(Broken(true)).call(Request::new(Body::empty())).await, Err("called")));
}

#[tokio::test]
async fn a_route_layer_guards_what_is_there_and_a_layer_also_what_is_not() {
    let pages = || Router::new().route("/page", get(|| async { "page" }));
    let by_route = pages().route_layer(guard::auth!()).layer(testing::anonymous());
    assert_eq!(support::get(&by_route, "/page").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(support::get(&by_route, "/none").await.status, StatusCode::NOT_FOUND);
    let by_layer = pages().layer(guard::auth!()).layer(testing::anonymous());
    assert_eq!(support::get(&by_layer, "/none").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_layers_and_an_attribute_share_one_look_at_the_user() {
    let policy = FakeIdentity::user("alice").waiting();
    let app = Router::new()
        .route("/", get(known))
        .layer(guard::auth!())
        .layer(guard::acl!(Can::Read, FILES))
        .layer(AuthLayer::new(policy.clone()));
    assert_eq!(support::get(&app, "/").await.status, StatusCode::OK);
    assert_eq!(policy.calls(), [testing::Call::Identify]);
}
