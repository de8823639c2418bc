//! axum-login over a session in memory.

use std::{collections::HashSet, convert::Infallible, error::Error};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
    routing::{get, post},
};
use axum_login::{
    AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, AuthzBackend, login_required,
    permission_required,
    tower_sessions::{MemoryStore, SessionManagerLayer},
};
use tower::ServiceExt;

use crate::case::Case;

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
    let cookie = cookie_of(&app).await?;
    let route = || Router::new().route("/", get(ok));
    let cases = [
        ("unguarded, axum-login's cookie", route()),
        ("axum-login: login_required!", route().route_layer(login_required!(Backend)).layer(layer())),
        (
            "axum-login: permission_required!",
            route().route_layer(permission_required!(Backend, "edit")).layer(layer()),
        ),
    ];
    let case = |(name, router)| {
        let header = Some((header::COOKIE, cookie.clone()));
        Case::new(name, "axum-login", header, StatusCode::OK, router)
    };
    Ok(cases.into_iter().map(case).collect())
}

/// Logs in, and returns the `Cookie` line of a browser that has.
pub(crate) async fn cookie_of(app: &Router) -> Result<HeaderValue, Box<dyn Error>> {
    let response = app.clone().oneshot(Request::post("/login").body(Body::empty())?).await?;
    let line = response.headers().get(header::SET_COOKIE).ok_or("the log-in set no cookie")?.to_str()?;
    let pair = line.split(';').next().unwrap_or_default();
    Ok(HeaderValue::try_from(format!("theme=dark; {pair}"))?)
}
