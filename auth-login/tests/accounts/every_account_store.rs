//! One store of each kind, and users who have just logged in.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_login::{
    accounts::{
        Accounts, MemoryAccounts, PostgresAccounts, ReauthenticatedUser, ReauthenticatedUserError,
        SqliteAccounts,
    },
    profile::AccountKey,
};
use auth_runtime::{Auth, AuthLayer, UserId, identity::IdentityPolicy, testing::FakeIdentity};
use axum::{Router, body::Body, routing::post};
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use crate::databases;

pub(crate) fn key(subject: &str) -> AccountKey {
    AccountKey::new("https://id.example", subject).unwrap()
}

/// Returns a store of each kind, with the directory that holds files.
pub(crate) async fn stores() -> (Vec<(&'static str, Arc<dyn Accounts>)>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let sqlite = SqliteAccounts::new(databases::sqlite(directory.path()).await);
    sqlite.create_tables().await.unwrap();
    let mut stores: Vec<(&str, Arc<dyn Accounts>)> =
        vec![("memory", Arc::new(MemoryAccounts::new())), ("sqlite", Arc::new(sqlite))];
    if let Some(pool) = databases::postgres().await {
        let accounts = PostgresAccounts::new(pool);
        // Two instances that start at the same time.
        let (one, two) = tokio::join!(accounts.create_tables(), accounts.create_tables());
        one.and(two).unwrap();
        stores.push(("postgres", Arc::new(accounts)));
    }
    (stores, directory)
}

/// Runs `ReauthenticatedUser::of` in a handler behind this policy, ten minutes being recent.
pub(crate) async fn ask(
    policy: impl IdentityPolicy,
    request: Request<Body>,
) -> (Option<ReauthenticatedUser>, Response<Body>) {
    let found = Arc::new(Mutex::new(None));
    let inner = Arc::clone(&found);
    let handler = move |auth: Auth| async move {
        let user = ReauthenticatedUser::of(&auth, Duration::from_mins(10)).await?;
        *inner.lock().unwrap() = Some(user);
        Ok::<_, ReauthenticatedUserError>(StatusCode::NO_CONTENT)
    };
    let impersonate = |auth: Auth| async move { auth.impersonate("victim").await };
    let login = |auth: Auth| async move { auth.remember("support").await };
    let app = Router::new()
        .route("/", post(handler))
        .route("/login", post(login))
        .route("/impersonate", post(impersonate))
        .layer(AuthLayer::new(policy));
    let response = app.oneshot(request).await.unwrap();
    let user = found.lock().unwrap().take();
    (user, response)
}

/// Returns a user who has just logged in.
pub(crate) async fn fresh(user: &UserId) -> ReauthenticatedUser {
    let request = Request::post("/").body(Body::empty()).unwrap();
    let policy = FakeIdentity::user(user.as_str()).logged_in_ago(Duration::ZERO);
    let (user, response) = ask(policy, request).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    user.unwrap()
}
