//! Late guards: about an argument that is read from the body.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::{
    convert::Infallible,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_runtime::{
    Acl, AuthLayer, BoxError, Groups, OWNER, Permission, Principal, Resource, Rule, UserId, acl,
    acl::{AsyncResource, Loaded},
    acl_required, async_trait, auth_required,
    authorization::{AuthorizationPolicy, PolicyDecision, Question, now},
    guard::Missing,
    guarded, permission_required,
    testing::{FakeIdentity, USER_HEADER},
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Path, State},
    http::{Request, StatusCode, request::Parts},
    response::Response,
    routing::post,
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use tower::util::BoxCloneSyncService;

use crate::support;

const ORDERS: Acl =
    acl![(Allow, Authenticated, [Can::Place], if OWNER), (Allow, Group("clerks"), [Can::Place])];

#[derive(Clone, Copy, Debug, Eq, PartialEq, Permission)]
enum Can {
    Place,
    Visit,
}

#[derive(Deserialize)]
struct Order {
    buyer: String,
}

impl Resource for Order {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ORDERS
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.buyer)
    }
}

struct Shop {
    name: String,
}

impl Resource for Shop {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        (self.name != "closed").then(|| Rule::allow(Principal::Everyone, &[Can::Visit]))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shop {
    type Rejection = Missing;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Missing> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self { name }),
            Err(_) => Err(Missing),
        }
    }
}

/// The rules of an order, which are loaded.
struct Checked(Order);

impl AsyncResource for Checked {
    type Rules = Order;
    type Rejection = StatusCode;

    fn acl(&self) -> impl Future<Output = Result<Order, StatusCode>> + Send {
        ready(match self.0.buyer.as_str() {
            "unknown" => Err(StatusCode::SERVICE_UNAVAILABLE),
            buyer => Ok(Order { buyer: buyer.to_owned() }),
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Checked {
    type Rejection = axum::extract::rejection::JsonRejection;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, Self::Rejection> {
        Json::from_request(request, state).await.map(|Json(order)| Self(order))
    }
}

/// Counts how often it is extracted.
struct Counted;

impl FromRequestParts<Arc<AtomicUsize>> for Counted {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, count: &Arc<AtomicUsize>) -> Result<Self, StatusCode> {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

#[acl_required(Can::Place, order, from_body)]
async fn place(_: Counted, user: UserId, order: Json<Order>) -> String {
    format!("{user} orders for {}", order.buyer)
}

#[acl_required("place", order, from_body, hide)]
async fn hidden(order: Json<Order>) -> String {
    order.0.buyer
}

#[acl_required("place", order, from_body, anonymous)]
async fn for_anonymous(order: Json<Order>) -> String {
    order.0.buyer
}

#[acl_required("place", order, from_body)]
async fn loaded(order: Loaded<Checked>) -> String {
    order.into_inner().0.buyer
}

#[acl_required("place", order, from_body, limit = "2/1h")]
async fn limited(order: Json<Order>) -> String {
    order.0.buyer
}

#[auth_required]
#[acl_required("place", order, from_body)]
async fn below_another(State(_): State<Arc<AtomicUsize>>, order: Json<Order>) -> String {
    order.0.buyer
}

#[acl_required("place", order, from_body)]
#[auth_required(callers = "users")]
async fn above_another(order: Json<Order>) -> String {
    order.0.buyer
}

#[acl_required("visit", shop)]
#[acl_required("place", order, from_body)]
async fn below_a_resource(shop: Shop, order: Json<Order>) -> String {
    format!("{} in {}", order.buyer, shop.name)
}

#[acl_required("place", order, from_body)]
#[acl_required("visit", shop)]
async fn above_a_resource(shop: Shop, order: Json<Order>) -> String {
    format!("{} in {}", order.buyer, shop.name)
}

#[permission_required(Can::Place, order, from_body)]
async fn by_policy(order: Json<Order>) -> String {
    order.0.buyer
}

/// Buyers place their own orders; the policy abstains from anything else.
struct Buyers;

#[async_trait]
impl AuthorizationPolicy for Buyers {
    type Permission = Can;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let Some(Json(order)) = question.resource::<Json<Order>>() else {
            return Ok(PolicyDecision::Abstain);
        };
        let is_buyer = question.user().is_some_and(|user| *user == order.buyer.as_str());
        Ok(PolicyDecision::allow_if(is_buyer && question.permission_as() == Some(Can::Place)))
    }
}

fn layer() -> AuthLayer {
    let groups = now(|user: Option<&UserId>| match user.map(UserId::as_str) {
        Some("blocked") => Ok(None),
        Some("clerk") => Ok(Some(Groups::from(["clerks"]))),
        _ => Ok(Some(Groups::none())),
    });
    AuthLayer::new(FakeIdentity::by_header())
        .with_groups(groups)
        .with_policy(Buyers)
        .with_throttle(Throttle::new(MemoryThrottle::new()))
}

fn routes() -> guarded::Router<Arc<AtomicUsize>> {
    guarded::Router::new()
        .route("/place", guarded::post(place))
        .route("/hidden", guarded::post(hidden))
        .route("/anonymous", guarded::post(for_anonymous))
        .route("/loaded", guarded::post(loaded))
        .route("/limited", guarded::post(limited))
        .route("/below", guarded::post(below_another))
        .route("/above", guarded::post(above_another))
        .route("/{shop}/below", guarded::post(below_a_resource))
        .route("/{shop}/above", guarded::post(above_a_resource))
        .route("/policy", guarded::post(by_policy))
}

type App = BoxCloneSyncService<Request<Body>, Response, Infallible>;

/// The same application on both routers, and how often `Counted` was extracted.
fn apps() -> [(App, Arc<AtomicUsize>); 2] {
    let (of_guarded, of_axum) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let guarded = routes().with_state(Arc::clone(&of_guarded)).with_auth(layer());
    let axum = Router::new()
        .route("/place", post(place))
        .route("/hidden", post(hidden))
        .route("/anonymous", post(for_anonymous))
        .route("/loaded", post(loaded))
        .route("/limited", post(limited))
        .route("/below", post(below_another))
        .route("/above", post(above_another))
        .route("/{shop}/below", post(below_a_resource))
        .route("/{shop}/above", post(above_a_resource))
        .route("/policy", post(by_policy))
        .layer(layer())
        .with_state(Arc::clone(&of_axum));
    [(App::new(guarded), of_guarded), (App::new(axum), of_axum)]
}

/// Sends an order; returns the response, and whether the body was asked for.
async fn send(app: &App, path: &str, user: Option<&str>, body: &'static str) -> (StatusCode, String, bool) {
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let chunks = stream::iter([Bytes::from_static(body.as_bytes())]).map(move |chunk| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(chunk)
    });
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(user) = user {
        request = request.header(USER_HEADER, user);
    }
    let answer = support::send(app, request.body(Body::from_stream(chunks)).expect("a request")).await;
    (answer.status, answer.text().to_owned(), reads.load(Ordering::SeqCst) > 0)
}

const ALICES: &str = r#"{"buyer":"alice"}"#;

#[tokio::test]
async fn the_rules_decide_about_what_the_body_contains() {
    for (app, _) in apps() {
        for path in [
            "/place",
            "/loaded",
            "/anonymous",
            "/hidden",
            "/above",
            "/below",
            "/market/below",
            "/market/above",
        ] {
            let (status, text, _) = send(&app, path, Some("alice"), ALICES).await;
            assert_eq!(status, StatusCode::OK, "{path}: {text}");
            assert!(text.contains("alice"), "{path}: {text}");
            assert_eq!(send(&app, path, Some("clerk"), ALICES).await.0, StatusCode::OK, "{path}");
            let refused = if path == "/hidden" { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            assert_eq!(send(&app, path, Some("bob"), ALICES).await.0, refused, "{path}");
        }
    }
}

#[tokio::test]
async fn no_byte_is_read_for_requests_that_no_body_could_save() {
    for (app, extracted) in apps() {
        for (user, expected) in [(None, StatusCode::UNAUTHORIZED), (Some("blocked"), StatusCode::FORBIDDEN)] {
            for path in ["/place", "/loaded", "/above", "/below", "/market/below", "/market/above", "/policy"]
            {
                let (status, _, was_read) = send(&app, path, user, ALICES).await;
                assert_eq!((status, was_read), (expected, false), "{path} {user:?}");
            }
            let hidden = send(&app, "/hidden", user, ALICES).await;
            assert_eq!((hidden.0, hidden.2), (StatusCode::NOT_FOUND, false), "{user:?}");
        }
        let blocked = send(&app, "/anonymous", Some("blocked"), ALICES).await;
        assert_eq!((blocked.0, blocked.2), (StatusCode::FORBIDDEN, false));
        assert_eq!(extracted.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn other_arguments_are_extracted_before_the_decision() {
    for (app, extracted) in apps() {
        let (status, _, was_read) = send(&app, "/place", Some("bob"), ALICES).await;
        assert_eq!((status, was_read), (StatusCode::FORBIDDEN, true));
        assert_eq!(extracted.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn anonymous_requests_are_decided_by_the_rules_if_the_guard_says_so() {
    for (app, _) in apps() {
        let (status, _, was_read) = send(&app, "/anonymous", None, ALICES).await;
        assert_eq!((status, was_read), (StatusCode::UNAUTHORIZED, true));
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_gets_the_response_of_its_extractor_or_is_hidden() {
    for (app, _) in apps() {
        assert_eq!(send(&app, "/place", Some("alice"), "{").await.0, StatusCode::BAD_REQUEST);
        assert_eq!(send(&app, "/place", Some("alice"), "{}").await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(send(&app, "/hidden", Some("alice"), "{").await.0, StatusCode::NOT_FOUND);
        let unknown = r#"{"buyer":"unknown"}"#;
        assert_eq!(send(&app, "/loaded", Some("alice"), unknown).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn a_guard_of_the_path_decides_before_the_body_is_read() {
    for (app, _) in apps() {
        for path in ["/closed/below", "/closed/above"] {
            let (status, _, was_read) = send(&app, path, Some("alice"), ALICES).await;
            assert_eq!((status, was_read), (StatusCode::FORBIDDEN, false), "{path}");
        }
    }
}

#[tokio::test]
async fn a_limit_counts_each_request_once() {
    for (app, _) in apps() {
        for expected in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
            assert_eq!(send(&app, "/limited", Some("alice"), ALICES).await.0, expected);
        }
        let (_, _, was_read) = send(&app, "/limited", Some("alice"), ALICES).await;
        assert!(!was_read);
    }
}

#[tokio::test]
async fn a_policy_gets_the_argument() {
    for (app, _) in apps() {
        assert_eq!(send(&app, "/policy", Some("alice"), ALICES).await.0, StatusCode::OK);
        assert_eq!(send(&app, "/policy", Some("bob"), ALICES).await.0, StatusCode::FORBIDDEN);
        assert_eq!(send(&app, "/policy", Some("clerk"), ALICES).await.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_table_says_that_the_decision_is_late_and_agrees_with_the_router() {
    let app = routes().with_state(Arc::default()).with_auth(layer());
    let table = app.access();
    let text = table.to_string();
    assert!(text.contains("place of Can @ order, after the body is read"), "{text}");
    assert!(text.contains("place of Can @ policy about order, after the body is read"), "{text}");
    assert!(text.contains("place of Can @ order, anonymous included, after the body is read"), "{text}");
    assert_eq!(text.matches("after the body is read").count(), 10, "{text}");
    assert_eq!(text.matches("@ shop").count(), 2, "{text}");
    table.verify(app).await.expect("the router decides as the table says");
}
