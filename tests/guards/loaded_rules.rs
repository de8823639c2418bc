//! Resources whose rules are loaded: after the user is known, and never without them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_runtime::{
    Auth, AuthError, AuthLayer, Groups, Permission, Resource, Rule, User,
    acl::{AsyncResource, Loaded},
    acl_required,
    authorization::now,
    guard::{Missing, Permit},
    guarded, permit,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::support::{self, Log};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

/// Counts the albums and the rules that were loaded.
#[derive(Clone, Default)]
struct Database {
    albums: Arc<AtomicUsize>,
    rules: Arc<AtomicUsize>,
}

struct Album {
    name: String,
    database: Database,
}

impl Album {
    fn named(name: &str, database: &Database) -> Result<Self, Missing> {
        database.albums.fetch_add(1, Ordering::SeqCst);
        if name == "missing" {
            return Err(Missing);
        }
        Ok(Self { name: name.to_owned(), database: database.clone() })
    }
}

impl FromRequestParts<Database> for Album {
    type Rejection = Missing;

    async fn from_request_parts(parts: &mut Parts, database: &Database) -> Result<Self, Missing> {
        Self::named(parts.uri.path().rsplit('/').next().unwrap_or_default(), database)
    }
}

/// The rules of an album, and those of all of them.
struct Shares(Vec<(String, [Can; 1])>);

impl Resource for Shares {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self.0.iter().map(|(user, can)| Rule::allow(User(user), can))
    }

    fn parent(&self) -> Option<impl Resource> {
        Some([Rule::allow(User("admin"), auth_runtime::ALL)])
    }
}

impl AsyncResource for Album {
    type Rejection = Response;
    type Rules = Shares;

    async fn acl(&self) -> Result<Shares, Response> {
        tokio::task::yield_now().await;
        self.database.rules.fetch_add(1, Ordering::SeqCst);
        match self.name.as_str() {
            "down" => Err(AuthError::dependency("shares", "no connection").into_response()),
            "gone" => Err(StatusCode::GONE.into_response()),
            _ => Ok(Shares(vec![(self.name.clone(), [Can::Edit]), ("guest".to_owned(), [Can::View])])),
        }
    }
}

permit! {
    struct MayEdit = "edit";
}

#[acl_required(Can::Edit, album)]
async fn edit(album: Loaded<Album>) -> String {
    album.name.clone()
}

#[acl_required(Can::Edit, album, hide)]
async fn hidden(album: Loaded<Album>) -> String {
    album.into_inner().name
}

async fn by_permit(album: Permit<MayEdit, Loaded<Album>>) -> String {
    album.name.clone()
}

/// Asks in the handler.
async fn checked(auth: Auth, State(database): State<Database>, parts: Request) -> Result<String, Response> {
    let name = parts.uri().path().rsplit('/').next().unwrap_or_default();
    let album = Album::named(name, &database).map_err(Missing::into_response)?;
    let album = Loaded::load(album).await?;
    auth.check_permission(Can::Edit, &album).await.map_err(AuthError::into_response)?;
    Ok(album.name.clone())
}

async fn ask(path: &str, user: Option<&str>) -> (u16, [usize; 2]) {
    let database = Database::default();
    let app = Router::new()
        .route("/edit/{name}", get(edit))
        .route("/hidden/{name}", get(hidden))
        .route("/permit/{name}", get(by_permit))
        .route("/checked/{name}", get(checked))
        .with_state(database.clone())
        .layer(
            AuthLayer::new(FakeIdentity::by_header().not_ambient())
                .with_groups(now(|user| Ok(user.is_none_or(|user| *user != "blocked").then(Groups::none)))),
        );
    let request = Request::get(path);
    let request = if let Some(user) = user { request.header(USER_HEADER, user) } else { request };
    let answer = support::send(&app, request.body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), [&database.albums, &database.rules].map(|count| count.load(Ordering::SeqCst)))
}

#[tokio::test]
async fn loaded_rules_and_those_of_the_parents_decide() {
    for prefix in ["/edit/", "/permit/", "/checked/"] {
        for (name, user, status, loads) in [
            ("ada", "ada", 200, [1, 1]),
            ("ada", "bob", 403, [1, 1]),
            ("ada", "guest", 403, [1, 1]),
            ("ada", "admin", 200, [1, 1]),
            ("missing", "ada", 404, [1, 0]),
            ("down", "ada", 503, [1, 1]),
            ("gone", "ada", 410, [1, 1]),
        ] {
            assert_eq!(
                ask(&format!("{prefix}{name}"), Some(user)).await,
                (status, loads),
                "{prefix}{name} {user}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_loaded_for_a_request_that_no_rule_could_allow() {
    for (path, user, status) in [
        ("/edit/ada", None, 401),
        ("/edit/ada", Some("blocked"), 403),
        ("/edit/down", None, 401),
        ("/permit/ada", None, 401),
        ("/hidden/ada", None, 404),
    ] {
        assert_eq!(ask(path, user).await, (status, [0, 0]), "{path} {user:?}");
    }
}

#[tokio::test]
async fn a_hidden_route_hides_what_cannot_be_loaded_but_not_that_the_database_is_down() {
    for (path, status) in [("/hidden/ada", 200), ("/hidden/gone", 404), ("/hidden/down", 503)] {
        assert_eq!(ask(path, Some(if status == 200 { "ada" } else { "bob" })).await.0, status, "{path}");
    }
    let (_, told) = Log::of(ask("/edit/down", Some("ada"))).await;
    let failed = told.iter().find(|event| event.fields.values().any(|value| value.contains("no connection")));
    assert_eq!(failed.unwrap().field("operation"), "shares");
}

#[test]
fn the_table_shows_the_vocabulary_of_the_loaded_rules() {
    let routes: guarded::Router<Database> = guarded::Router::new().route("/{name}", guarded::get(edit));
    assert_eq!(routes.access().rows()[0].guard(), "edit of Can @ album");
}
