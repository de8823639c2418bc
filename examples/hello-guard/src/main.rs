//! An application with two users, two ACLs and a persistent log-in.
//!
//! Run with
//!
//! ```text
//! cargo run -p hello-guard   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! and open the address in a browser, or try
//!
//! ```text
//! curl -i http://127.0.0.1:3000/view                                              # 200: everyone may
//! curl -i http://127.0.0.1:3000/view_extra                                        # 401: who are you?
//! curl -i -c jar -d 'name=user&password=password' http://127.0.0.1:3000/login     # 303: logged in
//! curl -i -b jar http://127.0.0.1:3000/view_extra                                 # 200: signed in
//! curl -i -b jar http://127.0.0.1:3000/edit                                       # 403: not in edit_group
//! curl -i -c jar -d 'name=super_user&password=super_password' http://127.0.0.1:3000/login
//! curl -i -b jar http://127.0.0.1:3000/edit                                       # 200: in edit_group
//! curl -i -b jar http://127.0.0.1:3000/strict/view_extra                          # 403: denied by name
//! curl -i -b jar -c jar -X POST http://127.0.0.1:3000/logout                      # 303: logged out
//! curl -i -b jar http://127.0.0.1:3000/view_extra                                 # 401 again
//! ```

use std::{env, error::Error, net::SocketAddr};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Groups, KeyRing, TicketCookie, UserId, acl, acl_required,
    allow_anonymous, auth_required,
    guarded::{App, Router, get, post},
};
use axum::{
    Form,
    response::{Html, Redirect},
};

/// The permissions of each page.
const PAGES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["view", "view_extra"]),
    (Allow, Group("edit_group"), ["view", "view_extra", "edit"]),
];

/// A stricter ACL: one user is denied by name before the rule that allows all authenticated users.
const STRICT_PAGES: Acl =
    acl![(Deny, User("super_user"), ["view_extra"]), (Allow, Authenticated, ["view_extra"])];

#[acl_required("view", PAGES)]
async fn view() -> &'static str {
    "everyone may see this\n"
}

#[acl_required("view_extra", PAGES)]
async fn view_extra(user: UserId) -> String {
    format!("{user}, you see more because you are signed in\n")
}

#[acl_required("edit", PAGES)]
async fn edit(user: UserId) -> String {
    format!("{user}, you may edit because you are in edit_group\n")
}

#[acl_required("view_extra", STRICT_PAGES)]
async fn strict_view_extra(user: UserId) -> String {
    format!("{user}, you see more because no rule denies it to you by name\n")
}

#[auth_required]
async fn profile(user: UserId) -> String {
    format!("hello {user}\n")
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// An application queries a database and verifies a password hash.
fn is_password(name: &str, password: &str) -> bool {
    matches!((name, password), ("user", "password") | ("super_user", "super_password"))
}

/// An application queries a database. For a blocked user it returns `Ok(None)`.
async fn groups(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(match user {
        Some(user) if user == "super_user" => Groups::from(["edit_group"]),
        _ => Groups::none(),
    }))
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    if !is_password(&form.name, &form.password) {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(&form.name).await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "logging out has no effect on anonymous requests")]
async fn logout(auth: Auth) -> Result<Redirect, AuthError> {
    auth.forget().await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "the page to log in on")]
async fn index(user: Option<UserId>) -> Html<String> {
    let who = user.map_or_else(|| "an anonymous visitor".to_owned(), |user| escape(&user));
    Html(PAGE.replace("{who}", &who))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>hello guard</title>
<style>body { font: 1rem/1.6 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
<h1>hello guard</h1>
<p>You are <strong>{who}</strong>.</p>
<ul>
  <li><a href="/view">/view</a>: everyone</li>
  <li><a href="/view_extra">/view_extra</a>: signed-in users</li>
  <li><a href="/edit">/edit</a>: the group edit_group</li>
  <li><a href="/strict/view_extra">/strict/view_extra</a>: signed-in users except super_user</li>
  <li><a href="/profile">/profile</a>: signed-in users</li>
</ul>
<form method="post" action="/login">
  <p>
    <label>Name <input name="name" value="user" autocomplete="username"></label>
    <label>Password <input name="password" type="password" value="password" autocomplete="current-password"></label>
    <button>Log in</button>
  </p>
  <p>There are user/password and super_user/super_password.</p>
</form>
<form method="post" action="/logout"><button>Log out</button></form>
</html>
"#;

/// Returns the routes. A handler without a guard would not compile.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(index))
        .route("/view", get(view))
        .route("/view_extra", get(view_extra))
        .route("/edit", get(edit))
        .route("/strict/view_extra", get(strict_view_extra))
        .route("/profile", get(profile))
        .route("/login", post(login))
        .route("/logout", post(logout))
}

/// Returns the application, with a cookie for the address that it is served at.
pub(crate) fn app(cookie: TicketCookie) -> App {
    routes().with_auth(AuthLayer::new(cookie).with_groups(groups))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    // These keys exist until the program ends, which logs all users out. An application loads its key.
    let cookie = TicketCookie::new(KeyRing::random());
    // Browsers send the default cookie over https only. On this host http is acceptable; the connect info
    // below tells which clients are local.
    let cookie = if address.ip().is_loopback() { cookie.with_insecure_http_on_loopback()? } else { cookie };

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    println!("\n{}", routes().access());
    axum::serve(listener, app(cookie).into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
