//! A single-page application next to its API. Anonymous navigations get the log-in page; authenticated ones
//! get the application, whose script has more pages than the server.
//!
//! Run with
//!
//! ```text
//! cargo run -p page-gate   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! and open the address in a browser, or try
//!
//! ```text
//! curl -i -H 'Accept: text/html' http://127.0.0.1:3000/orders/7                   # 401: the log-in page
//! curl -i http://127.0.0.1:3000/orders/7                                          # 404: there is no such route
//! curl -i -H 'Accept: text/html' http://127.0.0.1:3000/api/me                     # 401: not as a page
//! curl -i -H 'Accept: text/html' http://127.0.0.1:3000/assets/app.js              # 200: public
//! curl -i -c jar -d 'name=user&password=password&next=/orders/7' http://127.0.0.1:3000/login   # 303: back to /orders/7
//! curl -i -b jar -H 'Accept: text/html' http://127.0.0.1:3000/orders/7            # 200: the application
//! curl -i -b jar -H 'Accept: text/html' http://127.0.0.1:3000/login               # 200: the application
//! curl -i -b jar http://127.0.0.1:3000/api/me                                     # 200: hello user
//! curl -i -b jar -H 'Accept: text/html' http://127.0.0.1:3000/api/us              # 404: an API has no other pages
//! curl -i -b jar -H 'Accept: text/html' http://127.0.0.1:3000/api/%6De            # 400: a strange way to write it
//! ```

use std::{env, error::Error, net::SocketAddr};

use auth_runtime::{
    Auth, AuthError, AuthLayer, KeyRing, LocalPath, TicketCookie, UserId, allow_anonymous, auth_required,
    gate::PageGate,
    guarded::{App, Router, get, post},
};
use axum::{
    Form,
    extract::OriginalUri,
    http::header,
    response::{Html, IntoResponse, Redirect},
};

#[auth_required]
async fn me(user: UserId) -> String {
    format!("hello {user}\n")
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
    next: Option<String>,
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    // An application queries a database and verifies a password hash.
    if (&*form.name, &*form.password) != ("user", "password") {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(&form.name).await?;
    Ok(Redirect::to(LocalPath::parse_or(form.next.as_deref(), LocalPath::root()).as_str()))
}

#[allow_anonymous(reason = "logging out has no effect on anonymous requests")]
async fn logout(auth: Auth) -> Result<Redirect, AuthError> {
    auth.forget().await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "the page to log in on needs it")]
async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)
}

/// Replaces every page for anonymous requests; after the log-in the browser returns to the requested page.
async fn login_page(OriginalUri(asked): OriginalUri) -> Html<String> {
    let next = asked.path_and_query().map_or("/", |path| path.as_str());
    let next = if asked.path() == LOGIN.as_str() { "/" } else { next };
    Html(LOGIN_PAGE.replace("{next}", &escape(next)))
}

#[auth_required]
async fn main_page() -> Html<&'static str> {
    Html(MAIN_PAGE)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

const LOGIN: LocalPath = LocalPath::from_static("/login");

const LOGIN_PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in</title>
<form method="post" action="/login">
  <input name="next" type="hidden" value="{next}">
  <label>Name <input name="name" value="user" autocomplete="username"></label>
  <label>Password <input name="password" type="password" value="password" autocomplete="current-password"></label>
  <button>Log in</button>
</form>
</html>
"#;

const MAIN_PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The application</title>
<p id="hello"></p>
<p>You are at <code id="page"></code>; go to <a href="/orders/7">an order</a>.</p>
<form method="post" action="/logout"><button>Log out</button></form>
<script src="/assets/app.js"></script>
</html>
"#;

const SCRIPT: &str = "\
document.getElementById('page').textContent = location.pathname;
fetch('/api/me').then(answer => answer.text()).then(text => {
  document.getElementById('hello').textContent = text;
});
";

/// Returns the routes. The pages are not among them, because the script renders them.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/assets/app.js", get(script))
        .route("/api/me", get(me))
}

fn gate() -> PageGate {
    PageGate::new(LOGIN, LocalPath::root())
        .with_login_page_in_place(login_page)
        .with_main_page_in_place(main_page)
        .with_public(["/assets/{*path}"])
        .with_protected(["/api/{*path}"])
}

/// Returns the application, with a cookie for the address that it is served at.
pub(crate) fn app(cookie: TicketCookie) -> App {
    routes().layer(gate()).with_auth(AuthLayer::new(cookie))
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
