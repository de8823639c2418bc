//! Rules of an overlay are evaluated wherever those of a list are that declares it: in guards, for resources,
//! in handlers and by watches. They are named by log events and metrics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, Groups, Permission, Resource, Rule, User, UserId, acl,
    acl::{RowPrincipal::UserIn, RowRule},
    acl_required,
    authorization::now,
    guard, guarded,
    overlay::{MemoryOverlay, Overlay, OverlaySettings, OverlayStore},
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    watch::{EndReason, Watch, Watches},
};
use axum::{Extension, Router, extract::FromRequestParts, http::Request, http::request::Parts, routing::get};
use futures_util::{StreamExt as _, stream};
use metrics::with_local_recorder;

use crate::{
    support::{Answer, Log, ask},
    test_metrics::Numbers,
};

const ARTICLES: Acl =
    acl![overlay = "articles", (Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit", "delete"]),];
const NEWS: Acl = acl![overlay = widening("news"), (Allow, Group("editors"), ["publish"])];
const PLAIN: Acl = acl![(Allow, Everyone, ["view"])];

const NONE: &str = r#"{"rules": []}"#;
const FREEZE: &str = r#"{"rules": [
    {"list": "articles", "id": "freeze", "action": "deny", "principal": "everyone", "permissions": ["edit"]}
]}"#;
const BAN: &str = r#"{"rules": [
    {"list": "articles", "id": "ban", "action": "deny", "principal": {"group": "interns"}, "permissions": "all"}
]}"#;
const GUEST: &str = r#"{"rules": [
    {"list": "news", "id": "guest", "action": "allow", "principal": {"user": "gina"}, "permissions": ["publish"]}
]}"#;

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[acl_required(any("edit", "delete"), ARTICLES)]
async fn change() {}

#[acl_required("publish", NEWS)]
async fn publish() {}

#[acl_required("view", PLAIN)]
async fn plain() {}

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

/// An article that alice owns.
#[derive(Clone)]
struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["edit"])].into_iter().chain(&ARTICLES)
    }
}

impl<S: Sync> FromRequestParts<S> for Article {
    type Rejection = AuthError;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, AuthError> {
        Ok(Self)
    }
}

#[acl_required("edit", article)]
async fn edit_article(article: Article) {
    let _ = article;
}

/// What each question of a handler says.
async fn questions(auth: Auth) -> Result<String, AuthError> {
    let permits = auth.permits("edit", ARTICLES).await?;
    let decision = auth.decide("edit", ARTICLES).await?;
    let explained = auth.explain("edit", ARTICLES).await?.decision();
    let checked = auth.check_permission("edit", ARTICLES).await.is_ok();
    let filtered = auth.filter("edit", [Article]).await?.len();
    let rows = [RowRule::<()>::allow(UserIn(()), &["edit"])];
    let rows = rows.into_iter().chain(ARTICLES.iter().map(RowRule::from));
    let rows = auth.row_filter("edit", rows).await?;
    assert_eq!(decision, explained);
    Ok(format!("{permits} {checked} {filtered} {} {decision}", rows.otherwise()))
}

/// What the last handler made.
type Made = Extension<Arc<Mutex<Option<Watch>>>>;

async fn watch(auth: Auth, made: Made) -> Result<(), AuthError> {
    *made.0.lock().unwrap() = Some(auth.watch("edit", ARTICLES).await?);
    Ok(())
}

struct Site {
    app: Router,
    store: MemoryOverlay,
    overlay: Overlay,
    made: Arc<Mutex<Option<Watch>>>,
}

impl Site {
    async fn new() -> Self {
        let store = MemoryOverlay::new();
        store.replace(NONE).await.unwrap();
        let settings = OverlaySettings::new([ARTICLES, NEWS]).with_groups(["interns"]);
        let overlay = settings.with_clock(FrozenClock::at(1_800_000_000)).open(store.clone()).await.unwrap();
        let groups = now(|user: Option<&UserId>| {
            Ok(Some(match user.map(UserId::as_str) {
                Some("edna" | "alice") => Groups::from(["editors"]),
                Some("ivan") => Groups::from(["editors", "interns"]),
                _ => Groups::none(),
            }))
        });
        let made: Arc<Mutex<Option<Watch>>> = Arc::default();
        let layered = Router::new().route("/layer", get(async || ()));
        let app = Router::new()
            .route("/view", get(view))
            .route("/edit", get(edit))
            .route("/change", get(change))
            .route("/publish", get(publish))
            .route("/plain", get(plain))
            .route("/article", get(edit_article))
            .route("/questions", get(questions))
            .route("/watch", get(watch))
            .merge(layered.route_layer(guard::acl!("edit", ARTICLES)))
            .layer(Extension(Arc::clone(&made)))
            .layer(
                // The settings of watches come after the overlay, and still belong together.
                AuthLayer::new(FakeIdentity::by_header())
                    .with_groups(groups)
                    .with_overlay(overlay.clone())
                    .with_watches(Watches::new().with_interval(Duration::from_hours(1))),
            );
        Self { app, store, overlay, made }
    }

    async fn put(&self, document: &str) {
        self.store.replace(document).await.unwrap();
        self.overlay.refresh().await.unwrap();
    }

    async fn ask(&self, path: &str, user: &str) -> Answer {
        let request = Request::get(path);
        ask(&self.app, if user.is_empty() { request } else { request.header(USER_HEADER, user) }).await
    }

    async fn status(&self, path: &str, user: &str) -> u16 {
        self.ask(path, user).await.status.as_u16()
    }
}

#[tokio::test]
async fn a_guard_denies_what_the_overlay_denies_and_allows_no_more_than_its_list() {
    let site = Site::new().await;
    let before = [("/view", "", 200), ("/edit", "edna", 200), ("/edit", "bob", 403), ("/edit", "", 401)];
    for (path, user, status) in before {
        assert_eq!(site.status(path, user).await, status, "{path} {user}");
    }
    site.put(FREEZE).await;
    let frozen = [
        ("/view", "", 200),
        ("/edit", "edna", 403),
        ("/edit", "", 401),
        ("/layer", "edna", 403),
        // Another permission of an expression is enough.
        ("/change", "edna", 200),
        ("/plain", "", 200),
    ];
    for (path, user, status) in frozen {
        assert_eq!(site.status(path, user).await, status, "{path} {user}");
    }
    site.put(NONE).await;
    assert_eq!(site.status("/edit", "edna").await, 200);
}

// No rule of the list about `view` names a group, so that groups are looked up for the overlay alone.
#[tokio::test]
async fn groups_that_only_the_overlay_names_are_looked_up() {
    let site = Site::new().await;
    assert_eq!(site.status("/view", "ivan").await, 200);
    site.put(BAN).await;
    assert_eq!((site.status("/view", "ivan").await, site.status("/view", "edna").await), (403, 200));
    assert_eq!(site.status("/view", "").await, 200);
}

#[tokio::test]
async fn an_overlay_widens_a_list_that_declares_it() {
    let site = Site::new().await;
    assert_eq!(site.status("/publish", "gina").await, 403);
    site.put(GUEST).await;
    assert_eq!((site.status("/publish", "gina").await, site.status("/publish", "bob").await), (200, 403));
}

#[tokio::test]
async fn the_rules_of_a_resource_include_the_overlay_of_a_list() {
    let site = Site::new().await;
    assert_eq!((site.status("/article", "alice").await, site.status("/article", "edna").await), (200, 200));
    site.put(FREEZE).await;
    // The owner's own rule comes before those of the list.
    assert_eq!((site.status("/article", "alice").await, site.status("/article", "edna").await), (200, 403));
}

#[tokio::test]
async fn every_question_of_a_handler_respects_the_overlay() {
    let site = Site::new().await;
    assert_eq!(site.ask("/questions", "edna").await.text(), "true true 1 true allowed by rule 2");
    site.put(FREEZE).await;
    let frozen = "false false 0 false denied by rule 1 of the overlay";
    assert_eq!(site.ask("/questions", "edna").await.text(), frozen);
}

#[tokio::test]
async fn events_and_metrics_name_the_rule_of_the_overlay() {
    let site = Site::new().await;
    site.put(FREEZE).await;
    let numbers = Numbers::default();
    let ((), told) = Log::of(async {
        for path in ["/edit", "/article", "/questions"] {
            site.ask(path, "edna").await;
        }
    })
    .await;
    let denied: Vec<_> = told.iter().filter(|event| event.message == "deny").collect();
    assert_eq!(denied.len(), 3);
    for event in denied {
        assert_eq!((event.field("reason"), event.field("rule_id")), ("overlay", "freeze"));
        assert_eq!(event.field("rule"), "", "it is not a rule of the list");
    }
    let explained = told.iter().any(|event| {
        event.message == "explanation"
            && event.field("text").contains("overlay articles: freeze (Deny, Everyone")
    });
    assert!(explained, "{told:?}");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    std::thread::scope(|scope| {
        scope
            .spawn(|| with_local_recorder(&numbers, || runtime.unwrap().block_on(site.ask("/edit", "edna"))));
    });
    let counted = numbers.all();
    let count = |name: &str| counted.iter().find(|(key, _)| key.starts_with(name)).map(|(_, count)| *count);
    assert_eq!(count("auth_overlay_decisions_total list=articles rule=freeze"), Some(1), "{counted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watched_stream_ends_when_the_overlay_denies_it() {
    let site = Site::new().await;
    let moment = Duration::from_millis(10);
    assert_eq!(site.status("/watch", "edna").await, 200);
    let watch = site.made.lock().unwrap().take().unwrap();
    let ticks = stream::repeat(7).then(|item| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        item
    });
    let mut stream = watch.guard(Box::pin(ticks));
    assert_eq!(stream.next().await, Some(7));
    // A change that does not concern it.
    site.put(BAN).await;
    tokio::time::sleep(moment).await;
    assert_eq!(stream.next().await, Some(7));
    site.put(FREEZE).await;
    let began = tokio::time::Instant::now();
    assert_eq!(stream.next().await, None);
    assert!(began.elapsed() <= Duration::from_secs(2), "at once, and not after the interval of an hour");
    assert_eq!(stream.ended(), Some(EndReason::Forbidden));
    // A watch does not begin either.
    assert_eq!(site.status("/watch", "edna").await, 403);
}

// The table is that of the constants; its requests are simulated.
#[tokio::test]
async fn the_router_is_verified_against_the_constants() {
    let store = MemoryOverlay::new();
    store.replace(FREEZE).await.unwrap();
    let overlay = OverlaySettings::new([ARTICLES]).open(store).await.unwrap();
    let routes: guarded::Router = guarded::Router::new().route("/edit", guarded::get(edit));
    let app = routes.with_auth(AuthLayer::new(FakeIdentity::by_header()).with_overlay(overlay));
    app.access().verify(app).await.unwrap();
}

#[tokio::test]
#[should_panic(
    expected = "the overlay of the layer does not read that of `NEWS`; add `NEWS` to `OverlaySettings::new`"
)]
async fn an_application_does_not_start_with_a_list_whose_overlay_is_not_read() {
    let store = MemoryOverlay::new();
    store.replace(NONE).await.unwrap();
    let overlay = OverlaySettings::new([ARTICLES]).open(store).await.unwrap();
    let routes: guarded::Router =
        guarded::Router::new().route("/edit", guarded::get(edit)).route("/publish", guarded::get(publish));
    let _ = routes.with_auth(AuthLayer::new(FakeIdentity::by_header()).with_overlay(overlay));
}

// What a client can find out about itself includes the overlay.
#[tokio::test]
async fn the_routes_of_a_request_are_those_with_the_overlay() {
    let site = Site::new().await;
    site.put(FREEZE).await;
    let layer = AuthLayer::new(FakeIdentity::user("edna"))
        .with_groups(now(|_| Ok(Some(Groups::from(["editors"])))))
        .with_overlay(site.overlay.clone());
    let routes: guarded::Router = guarded::Router::new().route("/edit", guarded::get(edit));
    let access = Arc::new(routes.access());
    let mine = async move |auth: Auth| -> Result<String, AuthError> {
        Ok(access.of_request(&auth).await?.iter().map(|(_, cell)| cell.to_string()).collect())
    };
    let app = Router::new().route("/mine", get(mine)).layer(layer);
    assert_eq!(ask(&app, Request::get("/mine")).await.text(), "403");
}
