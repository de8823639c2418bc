//! A list from a database that shows each user the articles that the user may see, filtered by the query itself.
//!
//! Run with
//!
//! ```text
//! cargo run -p article-list   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! The database is in memory. Then try
//!
//! ```text
//! curl -i http://127.0.0.1:3000/articles                                        # 401
//! curl -i -c jar -d 'name=paula&password=press' http://127.0.0.1:3000/login     # 303: logged in, of the press desk
//! curl -i -b jar http://127.0.0.1:3000/articles                                 # not the one about the press desk
//! curl -i -b jar http://127.0.0.1:3000/articles/2                               # 403: the same rule
//! curl -i -b jar http://127.0.0.1:3000/articles/editable                        # those of the desk, and her own
//! ```

pub(crate) mod article;
pub(crate) mod condition;

use std::{env, error::Error, net::SocketAddr};

use article::{Article, SCHEMA, rules};
use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, Groups, IdentityPolicy, KeyRing, Permission, TicketCookie, UserId,
    acl_required, allow_anonymous, auth_required,
    guarded::{App, Router, get, post},
};
use axum::{
    Extension, Form,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sqlx::{QueryBuilder, SqlitePool, sqlite::SqlitePoolOptions};

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// An application queries a database and verifies a password hash.
fn is_password(name: &str, password: &str) -> bool {
    matches!((name, password), ("paula", "press") | ("ada", "lovelace") | ("root", "toor") | ("mallory", "m"))
}

async fn groups(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(match user.as_ref().map(UserId::as_str) {
        Some("paula") => Groups::from(["press"]),
        Some("root") => Groups::from(["admins", "press"]),
        _ => Groups::none(),
    }))
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    if !is_password(&form.name, &form.password) {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(&form.name).await?;
    Ok(Redirect::to("/articles"))
}

/// Why there is no list.
enum Failure {
    Auth(AuthError),
    Database,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Auth(error) => error.into_response(),
            Self::Database => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// Returns the articles for which the user has a permission, by one query.
async fn articles(
    auth: &Auth,
    permission: impl Permission,
    pool: &SqlitePool,
) -> Result<Vec<Article>, Failure> {
    let filter = auth.row_filter(permission, rules()).await.map_err(Failure::Auth)?;
    let mut query = QueryBuilder::new("SELECT * FROM articles WHERE ");
    condition::push(&mut query, &filter);
    query.push(" ORDER BY id LIMIT 100");
    query.build_query_as().fetch_all(pool).await.map_err(|_| Failure::Database)
}

fn page(articles: &[Article]) -> String {
    let lines = articles.iter().map(|article| format!("{} {}", article.id, article.title));
    lines.collect::<Vec<_>>().join("\n")
}

#[auth_required]
async fn list(auth: Auth, Extension(pool): Extension<SqlitePool>) -> Result<String, Failure> {
    Ok(page(&articles(&auth, "view", &pool).await?))
}

#[auth_required]
async fn editable(auth: Auth, Extension(pool): Extension<SqlitePool>) -> Result<String, Failure> {
    Ok(page(&articles(&auth, "edit", &pool).await?))
}

#[acl_required("view", article)]
async fn view(article: Article) -> String {
    page(&[article])
}

/// Returns the routes. A handler without a guard would not compile.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/articles", get(list))
        .route("/articles/editable", get(editable))
        .route("/articles/{id}", get(view))
}

/// Returns a database in memory with a few articles.
pub(crate) async fn database() -> Result<SqlitePool, sqlx::Error> {
    // Each connection has a memory of its own.
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    sqlx::query(SCHEMA).execute(&pool).await?;
    for (title, owner, desk, subject) in [
        ("On the engine", "ada", None, None),
        ("What the press desk costs", "ada", None, Some("press")),
        ("Why I leave the press desk", "paula", None, Some("press")),
        ("Weather", "bob", Some("press"), None),
    ] {
        sqlx::query("INSERT INTO articles (title, owner, desk, subject) VALUES (?, ?, ?, ?)")
            .bind(title)
            .bind(owner)
            .bind(desk)
            .bind(subject)
            .execute(&pool)
            .await?;
    }
    Ok(pool)
}

/// Returns the application on this database.
pub(crate) fn app(policy: impl IdentityPolicy + 'static, pool: SqlitePool) -> App {
    routes().with_auth(AuthLayer::new(policy).with_groups(groups)).layer(Extension(pool))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let cookie = TicketCookie::new(KeyRing::random());
    // Browsers send the default cookie over https only. On this host http is acceptable; the connect info
    // below tells which clients are local.
    let cookie = if address.ip().is_loopback() { cookie.with_insecure_http_on_loopback()? } else { cookie };

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    println!("commands to try are at the head of examples/article-list/src/main.rs");
    println!("\n{}", routes().access());
    let app = app(cookie, database().await?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
