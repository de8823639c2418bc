//! Things with rules of their own: judged as soon as they are loaded, and before anything else is looked at.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthErrorKind, AuthLayer, Permission, Refusal, Resource, Rule, User, UserId, acl,
    acl_required, auth_required,
    authorization::now,
    guard::{Missing, Permit},
    permit, scope_required,
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::{
    RequestPartsExt as _, Router,
    body::{Body, Bytes},
    extract::{FromRequestParts, Path, State},
    http::{Request, StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
    routing::post,
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("admins"), ["edit", "purge"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Delete,
    Edit,
    Purge,
    View,
}

struct Section;

impl Resource for Section {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ARTICLES
    }
}

/// Not `Sync`, and it need not be.
struct Article {
    owner: String,
    section: Section,
    looked_at: std::cell::Cell<u32>,
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self.looked_at.set(self.looked_at.get() + 1);
        [Rule::deny(User("mallory"), &["edit"]), Rule::allow(User(&self.owner), &["edit", "delete"])]
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(&self.section)
    }
}

impl FromRequestParts<Calls> for Article {
    type Rejection = Missing;

    async fn from_request_parts(parts: &mut Parts, calls: &Calls) -> Result<Self, Missing> {
        calls.loads.fetch_add(1, Ordering::SeqCst);
        let owner = parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
        if owner == "missing" {
            return Err(Missing);
        }
        Ok(Self { owner, section: Section, looked_at: std::cell::Cell::new(0) })
    }
}

#[derive(Clone, Default)]
struct Calls {
    loads: Arc<AtomicUsize>,
    later: Arc<AtomicUsize>,
}

/// An extractor that tells when it runs.
struct Later;

impl FromRequestParts<Calls> for Later {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, calls: &Calls) -> Result<Self, StatusCode> {
        calls.later.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

#[acl_required("edit", article)]
async fn edit(article: Article, user: UserId, _later: Later, _body: Bytes) -> String {
    format!("{user} edits what {} wrote", article.owner)
}

#[acl_required(any("delete", "purge"), article)]
async fn delete(article: Article) -> String {
    article.owner
}

#[acl_required("edit", article, hide)]
async fn hidden(mut article: Article) -> String {
    article.owner.push('!');
    article.owner
}

#[auth_required]
#[acl_required("view", article)]
async fn view_signed_in(article: Article) -> String {
    article.owner
}

#[acl_required("view", article, anonymous)]
async fn view(
    #[expect(unused_mut, reason = "lint levels of the argument stay with it")] mut article: Article,
) -> String {
    #![expect(unused_variables, reason = "attributes inside the body belong to the function")]
    let unused = ();
    article.owner
}

#[acl_required("edit", article, fresh = "10m")]
async fn edit_fresh(article: Article) -> String {
    article.owner
}

#[acl_required("view", article, anonymous)]
#[acl_required("edit", other)]
async fn merge(article: Article, other: Article) -> String {
    article.owner + &other.owner
}

#[scope_required("articles:write")]
#[acl_required("view", article, anonymous)]
async fn view_with_scope(article: Article) -> String {
    article.owner
}

/// Everyone may view it, and loading it ends the log-in.
struct LastLook;

impl Resource for LastLook {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &ARTICLES
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LastLook {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let auth = parts.extract::<Auth>().await?;
        auth.forget().await.map_err(AuthError::into_response)?;
        Ok(Self)
    }
}

#[acl_required("view", look)]
async fn look(look: LastLook) {
    let LastLook = look;
}

#[acl_required("view", look, anonymous)]
async fn look_anonymously(look: LastLook) {
    let LastLook = look;
}

/// Has a number in its path.
struct Numbered;

impl Resource for Numbered {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["view"])]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Numbered {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extract::<Path<u64>>().await {
            Ok(Path(0)) => Err(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            Ok(_) => Ok(Self),
            Err(rejection) => Err(rejection.into_response()),
        }
    }
}

#[acl_required("view", number, hide)]
async fn number(number: Numbered) {
    let Numbered = number;
}

/// Asks in the handler what the guard of `edit` asks before it.
async fn edit_checked(
    auth: Auth,
    State(calls): State<Calls>,
    Path(owner): Path<String>,
) -> Result<String, AuthError> {
    let user = auth.check_permission(Can::Edit, loaded(&calls, owner)).await?;
    Ok(format!("{user:?}"))
}

/// Asks for what the rules of articles do not know, and of a list that declares nothing.
async fn misspelt(
    auth: Auth,
    State(calls): State<Calls>,
    Path(owner): Path<String>,
) -> Result<String, AuthError> {
    let errors = [
        auth.permits("edti", loaded(&calls, owner.clone())).await.map(drop),
        auth.check_permission(7, loaded(&calls, owner.clone())).await.map(drop),
        auth.explain("edti", loaded(&calls, owner.clone())).await.map(drop),
        auth.filter("edti", [loaded(&calls, owner)]).await.map(drop),
    ];
    let kinds = errors.map(|error| error.map_err(AuthError::kind));
    assert_eq!(kinds, [Err(AuthErrorKind::Misconfigured); 4]);
    Ok(auth.permits("edti", ARTICLES).await?.to_string())
}

/// Says yes or no, and why.
async fn may_edit(
    auth: Auth,
    State(calls): State<Calls>,
    Path(owner): Path<String>,
) -> Result<String, AuthError> {
    let may = auth.permits(Can::Edit, loaded(&calls, owner.clone())).await?;
    assert_eq!(auth.decide(Can::Edit, loaded(&calls, owner.clone())).await?.is_allow(), may);
    Ok(format!("{may} {}", auth.explain(Can::Edit, loaded(&calls, owner)).await?))
}

fn loaded(calls: &Calls, owner: String) -> Article {
    calls.loads.fetch_add(1, Ordering::SeqCst);
    Article { owner, section: Section, looked_at: std::cell::Cell::new(0) }
}

permit! {
    struct MayView = "view", anonymous;
    struct MayEdit = "edit";
    struct MayPurge = "purge" in ARTICLES;
}

fn save(article: &Permit<MayEdit, Article>) -> String {
    format!("saved for {}", article.owner)
}

async fn edit_with_permit(article: Permit<MayEdit, Article>) -> String {
    save(&article)
}

async fn view_with_permit(article: Permit<MayView, Article>) -> String {
    article.into_inner().owner
}

async fn purge(_permit: Permit<MayPurge>) -> &'static str {
    "purged"
}

fn app(calls: &Calls) -> Router {
    let groups = now(|user| {
        Ok(Some(match user {
            Some(user) if *user == "admin" => ["admins"].into(),
            Some(user) if *user == "blocked" => return Ok(None),
            _ => auth_runtime::Groups::none(),
        }))
    });
    Router::new()
        .route("/edit/{owner}", post(edit))
        .route("/checked/{owner}", post(edit_checked))
        .route("/may/{owner}", post(may_edit))
        .route("/misspelt/{owner}", post(misspelt))
        .route("/delete/{owner}", post(delete))
        .route("/hidden/{owner}", post(hidden))
        .route("/view/{owner}", post(view_signed_in))
        .route("/public/{owner}", post(view))
        .route("/fresh/{owner}", post(edit_fresh))
        .route("/merge/{owner}", post(merge))
        .route("/scope/{owner}", post(view_with_scope))
        .route("/permit/{owner}", post(edit_with_permit))
        .route("/public-permit/{owner}", post(view_with_permit))
        .route("/purge", post(purge))
        .route("/look", post(look))
        .route("/look-anonymously", post(look_anonymously))
        .route("/number/{number}", post(number))
        .with_state(calls.clone())
        .layer(AuthLayer::new(FakeIdentity::by_header().not_ambient()).with_groups(groups))
}

async fn send(calls: &Calls, path: &str, user: Option<&str>, body: Body) -> Response {
    let mut request = Request::post(path);
    if let Some(user) = user {
        request = request.header(USER_HEADER, user);
    }
    let request = request.body(body).expect("a request");
    app(calls).oneshot(request).await.expect("a response")
}

async fn status(path: &str, user: Option<&str>) -> u16 {
    send(&Calls::default(), path, user, Body::empty()).await.status().as_u16()
}

#[tokio::test]
async fn the_thing_and_its_lineage_decide() {
    for (path, user, expected) in [
        ("/edit/alice", Some("alice"), 200),
        ("/edit/alice", Some("bob"), 403),
        ("/edit/alice", Some("admin"), 200),
        ("/edit/alice", None, 401),
        ("/edit/mallory", Some("mallory"), 403),
        ("/delete/alice", Some("alice"), 200),
        ("/delete/alice", Some("admin"), 200),
        ("/delete/alice", Some("bob"), 403),
        ("/view/alice", Some("bob"), 200),
        ("/view/alice", None, 401),
        ("/permit/alice", Some("alice"), 200),
        ("/permit/alice", Some("bob"), 403),
        ("/purge", Some("admin"), 200),
        ("/purge", Some("alice"), 403),
        ("/purge", None, 401),
    ] {
        assert_eq!(status(path, user).await, expected, "{path} {user:?}");
    }
}

#[tokio::test]
async fn a_handler_and_a_guard_get_the_same_answer_from_a_resource_and_its_parents() {
    let mut seen = [0; 2];
    for owner in ["alice", "mallory", "admin"] {
        for user in [None, Some("alice"), Some("bob"), Some("mallory"), Some("admin"), Some("blocked")] {
            let guard = status(&format!("/edit/{owner}"), user).await;
            assert_eq!(status(&format!("/checked/{owner}"), user).await, guard, "{owner} {user:?}");
            let response = send(&Calls::default(), &format!("/may/{owner}"), user, Body::empty()).await;
            let text = response.into_body().collect().await.expect("a body").to_bytes();
            let text = String::from_utf8(text.to_vec()).expect("text");
            assert!(text.starts_with(&format!("{} ", guard == 200)), "{owner} {user:?}: {text}");
            seen[usize::from(guard == 200)] += 1;
        }
    }
    assert_eq!(seen, [14, 4], "alice may edit what is hers, and the admin all, by the rules of the section");
    // The third rule is the first one of the section, and the fourth allows an admin.
    let response = send(&Calls::default(), "/may/alice", Some("admin"), Body::empty()).await;
    let text = response.into_body().collect().await.expect("a body").to_bytes();
    assert!(String::from_utf8_lossy(&text).contains("allowed by rule 4"), "{text:?}");
}

#[tokio::test]
async fn a_permission_that_the_resource_does_not_have_is_a_mistake_of_the_handler() {
    let response = send(&Calls::default(), "/misspelt/alice", Some("alice"), Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), "false");
}

#[tokio::test]
async fn nothing_behind_the_thing_runs_for_a_refused_request() {
    let calls = Calls::default();
    let endless = Body::from_stream(futures_endless());
    let response = send(&calls, "/edit/alice", Some("bob"), endless).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!((calls.loads.load(Ordering::SeqCst), calls.later.load(Ordering::SeqCst)), (1, 0));
    send(&calls, "/edit/alice", Some("alice"), Body::empty()).await;
    assert_eq!((calls.loads.load(Ordering::SeqCst), calls.later.load(Ordering::SeqCst)), (2, 1));
}

/// A body that would never end.
fn futures_endless() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    futures_util::stream::repeat_with(|| panic!("a byte of the body was read"))
}

#[tokio::test]
async fn a_guard_above_is_asked_before_the_thing_is_loaded() {
    let calls = Calls::default();
    send(&calls, "/view/alice", None, Body::empty()).await;
    assert_eq!(calls.loads.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn no_resource_is_loaded_for_a_request_that_no_rule_could_allow() {
    for (path, user, expected) in [
        ("/edit/alice", None, 401),
        ("/edit/missing", None, 401),
        ("/delete/alice", None, 401),
        ("/hidden/alice", None, 404),
        ("/hidden/missing", None, 404),
        ("/permit/alice", None, 401),
        ("/permit/missing", None, 401),
        ("/fresh/missing", None, 401),
        ("/merge/missing", None, 401),
        ("/scope/missing", None, 401),
        ("/view/missing", None, 401),
        ("/edit/missing", Some("blocked"), 403),
        ("/public/missing", Some("blocked"), 403),
        ("/permit/missing", Some("blocked"), 403),
    ] {
        let calls = Calls::default();
        let response = send(&calls, path, user, Body::empty()).await;
        assert_eq!(
            (response.status().as_u16(), calls.loads.load(Ordering::SeqCst)),
            (expected, 0),
            "{path} {user:?}"
        );
    }
}

#[tokio::test]
async fn a_guard_that_includes_anonymous_requests_loads_and_its_rules_decide() {
    for (path, user, expected) in [
        ("/public/alice", None, 200),
        ("/public/missing", None, 404),
        ("/public/alice", Some("bob"), 200),
        ("/public-permit/alice", None, 200),
        ("/public-permit/missing", None, 404),
    ] {
        let calls = Calls::default();
        let response = send(&calls, path, user, Body::empty()).await;
        assert_eq!(
            (response.status().as_u16(), calls.loads.load(Ordering::SeqCst)),
            (expected, 1),
            "{path} {user:?}"
        );
    }
    let calls = Calls::default();
    assert_eq!(send(&calls, "/merge/alice", Some("alice"), Body::empty()).await.status(), StatusCode::OK);
    assert_eq!(calls.loads.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_missing_thing_is_404_and_a_hidden_one_looks_the_same() {
    assert_eq!(status("/edit/missing", Some("alice")).await, 404);
    assert_eq!(status("/edit/missing", None).await, 401);
    let mut seen = Vec::new();
    for (path, user) in [
        ("/hidden/missing", Some("alice")),
        ("/hidden/missing", None),
        ("/hidden/bob", Some("alice")),
        ("/hidden/bob", None),
        ("/nowhere", None),
    ] {
        let response = send(&Calls::default(), path, user, Body::empty()).await;
        let (mut parts, body) = response.into_parts();
        // The server writes it for every response with an empty body; axum does so earlier for routes.
        parts.headers.remove("content-length");
        let body = body.collect().await.expect("a body").to_bytes();
        seen.push((parts.status, format!("{:?}", parts.headers), body));
    }
    assert!(seen.iter().all(|one| *one == seen[0] && one.0 == StatusCode::NOT_FOUND), "{seen:#?}");
    assert_eq!(status("/hidden/alice", Some("alice")).await, 200);
}

#[tokio::test]
async fn a_log_in_that_ends_while_the_resource_is_loaded_counts_no_longer() {
    assert_eq!(status("/look", Some("bob")).await, 401);
    assert_eq!(status("/look-anonymously", Some("bob")).await, 200);
}

#[tokio::test]
async fn the_application_renders_a_missing_thing_as_it_renders_a_denied_one() {
    fn page(refusal: &Refusal) -> Response {
        if refusal.kind() == AuthErrorKind::Hidden {
            return (StatusCode::NOT_FOUND, [("x-own", "page")], "there is no such page").into_response();
        }
        refusal.default_response()
    }
    let calls = Calls::default();
    let routes = Router::new()
        .route("/hidden/{owner}", post(hidden))
        .route("/number/{number}", post(number))
        .route("/delete/{owner}", post(delete))
        .route("/handler", post(async || Missing))
        .with_state(calls);
    let layer = AuthLayer::new(FakeIdentity::by_header().not_ambient()).allow_unguarded();
    let ask = async |app: Router, path: &str, user: &str| {
        let request = Request::post(path).header(USER_HEADER, user).body(Body::empty()).expect("valid");
        let response = app.oneshot(request).await.expect("infallible");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status, head.headers, body)
    };
    let own = routes.clone().layer(layer.clone().with_refusal(page));
    let denied = ask(own.clone(), "/hidden/bob", "alice").await;
    assert_eq!((denied.0, &*denied.2), (StatusCode::NOT_FOUND, &b"there is no such page"[..]));
    assert_eq!(denied.1.get("x-own").expect("the page"), "page");
    // Missing, and not parsed: the page of the guard that hides.
    assert_eq!(ask(own.clone(), "/hidden/missing", "alice").await, denied);
    assert_eq!(ask(own.clone(), "/number/seven", "alice").await, denied);
    // Without `hide`, and without a guard: missing all the same.
    for path in ["/delete/missing", "/handler"] {
        let missing = ask(own.clone(), path, "alice").await;
        assert_eq!((missing.0, missing.2), (denied.0, denied.2.clone()), "{path}");
    }
    // A thing that is there and denied is not missing where the guard does not hide it.
    assert_eq!(ask(own, "/delete/bob", "alice").await.0, StatusCode::FORBIDDEN);
    // Without a page of the application the response is empty.
    let plain = routes.layer(layer);
    for path in ["/hidden/bob", "/hidden/missing", "/delete/missing", "/handler"] {
        let missing = ask(plain.clone(), path, "alice").await;
        assert_eq!((missing.0, missing.2.len()), (StatusCode::NOT_FOUND, 0), "{path}");
    }
}

#[tokio::test]
async fn a_hidden_route_is_not_found_out_by_a_path_that_it_rejects() {
    for user in [None, Some("alice"), Some("bob")] {
        let mut seen = Vec::new();
        for path in ["/number/seven", "/nowhere"] {
            let (mut parts, body) = send(&Calls::default(), path, user, Body::empty()).await.into_parts();
            parts.headers.remove("content-length");
            seen.push((parts.status, parts.headers, body.collect().await.expect("a body").to_bytes()));
        }
        assert_eq!(seen[0], seen[1], "{user:?}");
    }
    assert_eq!(status("/number/7", Some("alice")).await, 200);
    assert_eq!(status("/number/7", Some("bob")).await, 404);
    assert_eq!(status("/number/0", Some("bob")).await, 503);
}

#[test]
fn a_test_makes_its_own_permits() {
    let article = Article { owner: "alice".to_owned(), section: Section, looked_at: std::cell::Cell::new(0) };
    let permit = testing::permit::<MayEdit, _>(article);
    assert_eq!(save(&permit), "saved for alice");
    assert_eq!(permit.into_inner().owner, "alice");
    let _: Permit<MayPurge> = testing::permit(());
}

#[tokio::test]
async fn without_a_layer_a_thing_is_not_handed_out() {
    let app = Router::new()
        .route("/edit/{owner}", post(edit))
        .route("/purge", post(purge))
        .with_state(Calls::default());
    for path in ["/edit/alice", "/purge"] {
        let request = Request::post(path).body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("a response");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
}
