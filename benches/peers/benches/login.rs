//! axum-login over a session in memory.

use std::{collections::HashSet, convert::Infallible, error::Error};

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use axum_login::{
    AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, AuthzBackend, login_required,
    permission_required,
    tower_sessions::{MemoryStore, SessionManagerLayer},
};

use crate::{case::Case, identities::cookie_of};

#[derive(Clone, Debug)]
struct User;

impl AuthUser for User {
    type Id = u64;

    fn id(&self) -> u64 {
        7
    }

    fn session_auth_hash(&self) -> &[u8] {
        b"hash"
    }
}

#[derive(Clone)]
struct Backend;

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = ();
    type Error = Infallible;

    async fn authenticate(&self, (): ()) -> Result<Option<User>, Infallible> {
        Ok(Some(User))
    }

    async fn get_user(&self, _: &u64) -> Result<Option<User>, Infallible> {
        Ok(Some(User))
    }
}

impl AuthzBackend for Backend {
    type Permission = &'static str;

    async fn get_group_permissions(&self, _: &User) -> Result<HashSet<&'static str>, Infallible> {
        Ok(HashSet::from(["view", "comment", "edit", "delete"]))
    }
}

async fn log_in(mut auth: AuthSession<Backend>) -> StatusCode {
    match auth.login(&User).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn ok() -> &'static str {
    "ok"
}

pub(crate) async fn all() -> Result<Vec<Case<&'static str>>, Box<dyn Error>> {
    let store = MemoryStore::default();
    let layer = || {
        let sessions = SessionManagerLayer::new(store.clone());
        AuthManagerLayerBuilder::new(Backend, sessions).build()
    };
    let app = Router::new().route("/login", post(log_in)).layer(layer());
    let header = cookie_of(&app).await?;
    let route = || Router::new().route("/", get(ok));
    let cases = [
        ("unguarded, axum-login's cookie", route()),
        ("axum-login: login_required!", route().route_layer(login_required!(Backend)).layer(layer())),
        (
            "axum-login: permission_required!",
            route().route_layer(permission_required!(Backend, "edit")).layer(layer()),
        ),
    ];
    let case = |(name, router)| Case::new(name, "axum-login", Some(header.clone()), StatusCode::OK, router);
    Ok(cases.into_iter().map(case).collect())
}
