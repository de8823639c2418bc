//! Log-in with accounts at other identity providers. It starts a provider of its own, so there is nothing to
//! register.
//!
//! Run with
//!
//! ```text
//! cargo run -p auth-login --features testing --example login_with_accounts
//! ```
//!
//! and open <http://127.0.0.1:3000/me> (the port is in PORT) in a browser: the log-in page, the provider's
//! page with two users, and back again. There, another account can be linked, and payments ask for a recent log-in
//! (step-up). With ids and secrets in the environment (`GOOGLE_CLIENT_ID` and
//! `GOOGLE_CLIENT_SECRET`, `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET`), there are buttons for these
//! providers, too. The redirect addresses to register there are printed.

use std::{
    collections::HashMap,
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use auth_login::{
    Login, LoginError, Logins, Tokens,
    accounts::{Accounts as _, AccountsError, MemoryAccounts},
    descriptor::Descriptor,
    profile::Profile,
    providers,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, allow_anonymous, auth_required,
    clock::{Clock as _, SystemClock},
    guarded::{App, Router, get},
};
use axum::{Extension, http::StatusCode, response::Html};
use maud::html;

/// An application keeps its accounts in a database: see `SqliteAccounts` and `PostgresAccounts`.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    identities: MemoryAccounts,
    names: Arc<Mutex<HashMap<UserId, String>>>,
}

impl Accounts {
    /// Returns the user of an account at a provider. A new one is made at the first log-in.
    async fn find_or_create(&self, profile: &Profile) -> Result<UserId, AccountsError> {
        let user = self.identities.find_or_create(profile.account()).await?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.entry(user.clone()).or_insert_with(|| profile.display_name());
        Ok(user)
    }

    fn name_of(&self, user: &UserId) -> String {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(user).cloned().unwrap_or_default()
    }
}

/// Name and label of the ways to log in.
#[derive(Clone)]
struct Ways(Arc<[(String, String)]>);

#[allow_anonymous(reason = "it says where to log in")]
async fn index() -> Html<&'static str> {
    Html("<p>Anyone may read this. <a href=\"/me\">Your page</a></p>")
}

#[auth_required]
async fn me(
    user: UserId,
    accounts: Extension<Accounts>,
    ways: Extension<Ways>,
) -> Result<Html<String>, StatusCode> {
    let identities = accounts.identities.identities(&user).await;
    let identities = identities.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Html(
        html! {
            p { "You are " (accounts.name_of(&user)) "." }
            p { "You log in with" }
            ul { @for identity in &identities { li { (identity.subject()) " of " (identity.issuer()) } } }
            @for (id, label) in &*ways.0.0 {
                form method="post" action={ "/login/" (id) "/link" } {
                    input type="hidden" name="next" value="/me";
                    button type="submit" { "Link another account at " (label) }
                }
            }
            p { a href="/payments" { "Payments" } " ask you to log in again after ten minutes." }
            form method="post" action="/logout" { button type="submit" { "Log out" } }
        }
        .into_string(),
    ))
}

/// A step-up: a user who has authenticated longer ago is sent to the provider, and back.
#[auth_required(fresh = "10m")]
async fn payments(user: UserId, accounts: Extension<Accounts>) -> String {
    format!("{} can pay here.\n", accounts.name_of(&user))
}

/// Returns the application. `base` is its public address, never taken from `Host`.
///
/// # Errors
///
/// Fails if a way to log in is not usable.
pub fn app(
    base: &str,
    ways: Vec<Login>,
    accounts: Accounts,
    sessions: EncryptedCookie,
) -> Result<(App, Vec<String>), LoginError> {
    let mut logins = Logins::new(base)?.with_linking(accounts.identities.clone());
    let names = ways.iter().map(|way| (way.id().to_owned(), way.label().to_owned())).collect();
    for way in ways {
        logins = logins.provider(way)?;
    }
    let directory = accounts.clone();
    let login = logins.on_login(move |profile: Profile, _tokens: Tokens| {
        let directory = directory.clone();
        async move { directory.find_or_create(&profile).await }
    });
    let routes = Router::new()
        .route("/", get(index))
        .route("/me", get(me))
        .route("/payments", get(payments))
        .merge(login.routes());
    let auth = AuthLayer::new(sessions).with_login_page(LocalPath::from_static("/login"));
    let routes = routes.layer(Extension(accounts)).layer(Extension(Ways(names)));
    Ok((routes.with_auth(auth), login.redirect_uris()))
}

/// Returns a way to log in whose client id and secret are in the environment, if they are.
fn from_environment(descriptor: &Descriptor, name: &str) -> Result<Option<Login>, LoginError> {
    let value = |what: &str| env::var(format!("{name}_CLIENT_{what}")).ok();
    let (Some(id), Some(secret)) = (value("ID"), value("SECRET")) else { return Ok(None) };
    Login::provider(*descriptor, id, secret).map(Some)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Both are logged in at the provider for an hour already, so payments ask for another log-in.
    let since = SystemClock.now().minus(Duration::from_hours(1));
    let users = [
        FakeUser::new("1001").with_name("Alice Example").with_email("alice@example.com", true),
        FakeUser::new("1002").with_name("Bob Example").with_email("bob@example.com", false),
    ]
    .map(|user| user.with_session_since(since));
    let provider = FakeProvider::start(users).await?;
    let mut ways = vec![provider.login("fake")?.with_label("the provider of this example")];
    ways.extend(from_environment(&providers::GOOGLE, "GOOGLE")?);
    ways.extend(from_environment(&providers::GITHUB, "GITHUB")?);

    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let base = format!("http://{}", listener.local_addr()?);
    // Over http, and so for browsers on this machine only.
    let sessions = EncryptedCookie::new(KeyRing::random()).with_insecure_http_on_loopback()?;
    let (app, redirect_uris) = app(&base, ways, Accounts::default(), sessions)?;
    println!("open {base}/me");
    for address in redirect_uris {
        println!("redirect address: {address}");
    }
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
