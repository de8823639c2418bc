//! A watch of a resource ends when its rules, its owner or the user's groups no longer allow, or when it is gone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, OWNER, Permission, Resource, Rule, acl,
    testing::{FakeIdentity, USER_HEADER},
    watch::{EndReason, Watch},
};
use axum::{Extension, Router, http::Request, routing::get};
use tokio::time::timeout;

use crate::support::ask;

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Sign,
}

const SITE: Acl = acl![(Allow, Authenticated, [Can::Sign], if OWNER)];

#[derive(Clone)]
struct Document {
    owner: &'static str,
    readers: Vec<&'static str>,
}

impl Resource for Document {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        self.readers.iter().map(|reader| Rule::allow(auth_runtime::User(reader), &[Can::Read]))
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(OwnedPart(self.owner))
    }
}

/// The rules that depend on the owner.
struct OwnedPart(&'static str);

impl Resource for OwnedPart {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &SITE
    }

    fn owner(&self) -> Option<&str> {
        Some(self.0)
    }
}

/// The database: a document, none, or a failure.
type Table = Arc<Mutex<Result<Option<Document>, &'static str>>>;
type Made = Arc<Mutex<Option<Watch>>>;

async fn begin(
    auth: &Auth,
    table: Table,
    permission: impl Permission + Send + Sync + 'static,
) -> Result<Watch, AuthError> {
    let load = move || {
        let found = table.lock().unwrap().clone();
        async move { found.map_err(BoxError::from) }
    };
    auth.watch_resource(permission, load).await
}

async fn read(
    auth: Auth,
    Extension(table): Extension<Table>,
    Extension(made): Extension<Made>,
) -> Result<(), AuthError> {
    *made.lock().unwrap() = Some(begin(&auth, table, Can::Read).await?);
    Ok(())
}

async fn sign(
    auth: Auth,
    Extension(table): Extension<Table>,
    Extension(made): Extension<Made>,
) -> Result<(), AuthError> {
    *made.lock().unwrap() = Some(begin(&auth, table, "sign").await?);
    Ok(())
}

async fn misspelt(auth: Auth, Extension(table): Extension<Table>) -> Result<(), AuthError> {
    let error = begin(&auth, table, "sing").await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Misconfigured);
    Err(error)
}

struct Site {
    app: Router,
    table: Table,
    made: Made,
}

impl Site {
    fn new() -> Self {
        let document = Document { owner: "olga", readers: vec!["rita", "olga"] };
        let (table, made): (Table, Made) = (Arc::new(Mutex::new(Ok(Some(document)))), Made::default());
        let app = Router::new()
            .route("/read", get(read))
            .route("/sign", get(sign))
            .route("/misspelt", get(misspelt))
            .layer(Extension(Arc::clone(&table)))
            .layer(Extension(Arc::clone(&made)))
            .layer(AuthLayer::new(FakeIdentity::by_header()));
        Self { app, table, made }
    }

    async fn status(&self, path: &str, user: &str) -> u16 {
        ask(&self.app, Request::get(path).header(USER_HEADER, user)).await.status.as_u16()
    }

    async fn watch(&self, path: &str, user: &str) -> Watch {
        assert_eq!(self.status(path, user).await, 200);
        self.made.lock().unwrap().take().unwrap()
    }

    fn store(&self, found: Result<Option<Document>, &'static str>) {
        *self.table.lock().unwrap() = found;
    }
}

async fn end_of(watch: Watch) -> Option<EndReason> {
    timeout(Duration::from_hours(1), watch).await.ok()
}

#[tokio::test(start_paused = true)]
async fn it_stays_open_while_the_resource_allows() {
    let site = Site::new();
    assert_eq!(end_of(site.watch("/read", "rita").await).await, None);
    assert_eq!(end_of(site.watch("/sign", "olga").await).await, None);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_rules_or_the_owner_change_or_the_resource_is_gone() {
    let changes: [(&str, &str, Option<Document>); 3] = [
        ("/read", "rita", Some(Document { owner: "olga", readers: vec!["olga"] })),
        ("/sign", "olga", Some(Document { owner: "rita", readers: vec!["olga"] })),
        ("/read", "rita", None),
    ];
    for (path, user, change) in changes {
        let site = Site::new();
        let watch = site.watch(path, user).await;
        site.store(Ok(change));
        assert_eq!(end_of(watch).await, Some(EndReason::Forbidden), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_down_ends_it_as_unavailable() {
    let site = Site::new();
    let watch = site.watch("/read", "rita").await;
    site.store(Err("the table is down"));
    assert_eq!(end_of(watch).await, Some(EndReason::Unavailable));
    assert_eq!(site.status("/read", "rita").await, 503);
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_is_not_watched() {
    let site = Site::new();
    for (path, user, expected) in [("/read", "bob", 403), ("/sign", "rita", 403), ("/misspelt", "olga", 500)]
    {
        assert_eq!(site.status(path, user).await, expected, "{path} {user}");
        assert!(site.made.lock().unwrap().is_none());
    }
    site.store(Ok(None));
    assert_eq!(site.status("/read", "rita").await, 403);
}
