//! tower-sessions by itself: its layer, and one value read from a session in memory.

use std::error::Error;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::{case::Case, identities::cookie_of};

async fn login(session: Session) -> StatusCode {
    match session.insert("user", "alice@example.org").await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn unguarded() -> &'static str {
    "ok"
}

async fn read(session: Session) -> Result<&'static str, StatusCode> {
    match session.get::<String>("user").await {
        Ok(Some(_)) => Ok("ok"),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

pub(crate) async fn all() -> Result<Vec<Case<&'static str>>, Box<dyn Error>> {
    let layer = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new().route("/", get(read)).route("/login", post(login)).layer(layer);
    let cookie = cookie_of(&app).await?;
    let header = || Some(cookie.clone());
    let bare = Router::new().route("/", get(unguarded));
    Ok(vec![
        Case::new("unguarded, tower-sessions' cookie", "tower-sessions", header(), StatusCode::OK, bare),
        Case::new("tower-sessions alone: one value", "tower-sessions", header(), StatusCode::OK, app),
    ])
}
