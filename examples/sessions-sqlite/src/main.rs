//! Sessions in an SQLite file: log in from several browsers, list the sessions, and end any of them.
//!
//! Run with
//!
//! ```text
//! cargo run -p sessions-sqlite   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! The file is `sessions_sqlite.db` in the temporary folder, or the value of DATABASE. Sessions survive a
//! restart. Then try
//!
//! ```text
//! curl -i http://127.0.0.1:3000/sessions                                                       # 401: who are you?
//! curl -i -c desk -A desk -d 'name=alice&password=wonderland' http://127.0.0.1:3000/login      # 303: logged in
//! curl -i -c phone -A phone -d 'name=alice&password=wonderland' http://127.0.0.1:3000/login    # and once more
//! curl -i -b desk http://127.0.0.1:3000/sessions                                               # two; one is this one
//! curl -i -b desk -X POST http://127.0.0.1:3000/visits                                         # 1, then 2, …
//! curl -i -b desk -X POST http://127.0.0.1:3000/sessions/end-others                            # 303: the phone is out
//! curl -i -b phone http://127.0.0.1:3000/sessions                                              # 401
//! curl -i -b desk -c desk -X POST http://127.0.0.1:3000/logout                                 # 303: logged out
//! ```

use std::{env, error::Error, fmt::Write as _, net::SocketAddr};

use auth_runtime::{
    Auth, AuthError, AuthLayer, Identity, Session, SessionIdentity, Sessions, allow_anonymous, auth_required,
    guarded::{App, Router, get, post},
    identity::{CredentialId, Incoming},
};
use axum::{
    Extension, Form,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// An application queries a database and verifies a password hash.
fn is_password(name: &str, password: &str) -> bool {
    matches!((name, password), ("alice", "wonderland") | ("bob", "builder"))
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    if !is_password(&form.name, &form.password) {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(&form.name).await?;
    Ok(Redirect::to("/sessions"))
}

#[allow_anonymous(reason = "logging out has no effect on anonymous requests")]
async fn logout(auth: Auth) -> Result<Redirect, AuthError> {
    auth.forget().await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "it says where to log in")]
async fn index() -> &'static str {
    "log in at /login, then see /sessions\n"
}

/// Returns the user of the request and the id of its session.
async fn current(auth: &Auth) -> Result<(Identity, CredentialId), AuthError> {
    match (auth.identity().await?, auth.credential_id().await?) {
        (Some(user), Some(id)) => Ok((user, id)),
        _ => Err(AuthError::unauthenticated()),
    }
}

#[auth_required]
async fn list(auth: Auth, sessions: Extension<Sessions>) -> Result<String, AuthError> {
    let (user, current) = current(&auth).await?;
    let mut page = String::new();
    for session in sessions.list(&user).await? {
        let here = if *session.id() == current { " (this one)" } else { "" };
        let label = session.label().unwrap_or("unknown");
        let _ = writeln!(page, "{} {label}, last seen {}{here}", session.id(), session.last_seen());
    }
    Ok(page)
}

#[auth_required]
async fn end(
    auth: Auth,
    sessions: Extension<Sessions>,
    Path(id): Path<String>,
) -> Result<Response, AuthError> {
    let (user, _) = current(&auth).await?;
    let Ok(id) = id.parse() else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let was_there = sessions.end(&user, &id).await?;
    Ok(if was_there {
        Redirect::to("/sessions").into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    })
}

#[auth_required]
async fn end_others(auth: Auth, sessions: Extension<Sessions>) -> Result<Redirect, AuthError> {
    let (user, current) = current(&auth).await?;
    sessions.end_others(&user, &current).await?;
    Ok(Redirect::to("/sessions"))
}

#[auth_required]
async fn visits(session: Session) -> Result<String, AuthError> {
    let visits = session.get::<u32>("visits")?.unwrap_or(0).saturating_add(1);
    session.insert("visits", &visits).await?;
    Ok(format!("{visits}\n"))
}

/// Returns the browser's `User-Agent`.
fn user_agent(request: &Incoming<'_>) -> Option<String> {
    Some(request.headers().get(header::USER_AGENT)?.to_str().ok()?.to_owned())
}

/// Returns the routes. A handler without a guard would not compile.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(index))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/sessions", get(list))
        .route("/sessions/{id}/end", post(end))
        .route("/sessions/end-others", post(end_others))
        .route("/visits", post(visits))
}

/// Returns the application with these sessions.
pub(crate) fn app(policy: SessionIdentity) -> App {
    let policy = policy.with_label(user_agent);
    let sessions = policy.sessions();
    routes().with_auth(AuthLayer::new(policy)).layer(Extension(sessions))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let file = env::var_os("DATABASE").map_or_else(|| env::temp_dir().join("sessions_sqlite.db"), Into::into);
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);

    let policy = SessionIdentity::sqlite(SqlitePool::connect_with(options).await?);
    policy.migrate().await?;
    // Browsers send the default cookie over https only. On this host http is acceptable; the connect info
    // below tells which clients are local.
    let policy = if address.ip().is_loopback() { policy.with_insecure_http_on_loopback()? } else { policy };

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    println!("commands to try are at the head of examples/sessions-sqlite/src/main.rs");
    println!("\n{}", routes().access());
    axum::serve(listener, app(policy).into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
