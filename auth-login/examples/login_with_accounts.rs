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
//! page with two users, and back again. With ids and secrets in the environment (`GOOGLE_CLIENT_ID` and
//! `GOOGLE_CLIENT_SECRET`, `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET`), there are buttons for these
//! providers, too. The redirect addresses to register there are printed.

use std::{
    collections::HashMap,
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use auth_login::{
    Login, LoginError, Logins, Tokens,
    descriptor::Descriptor,
    profile::{AccountKey, Profile},
    providers,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, LocalPath, UserId, allow_anonymous, auth_required,
    guarded::{App, Router, get},
    identity::InvalidId,
};
use axum::{Extension, response::Html};

/// An application keeps its accounts in a database, with a unique index on issuer and subject.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<HashMap<AccountKey, (UserId, String)>>>);

impl Accounts {
    /// Returns the account of a user at a provider. A new one is made at the first log-in.
    fn find_or_create(&self, profile: &Profile) -> Result<UserId, InvalidId> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((user, _)) = accounts.get(profile.account()) {
            return Ok(user.clone());
        }
        let user = UserId::new(format!("user-{}", accounts.len().saturating_add(1)))?;
        accounts.insert(profile.account().clone(), (user.clone(), profile.display_name()));
        Ok(user)
    }

    fn name_of(&self, user: &UserId) -> Option<String> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().find(|(found, _)| found == user).map(|(_, name)| name.clone())
    }
}

#[allow_anonymous(reason = "it says where to log in")]
async fn index() -> Html<&'static str> {
    Html("<p>Anyone may read this. <a href=\"/me\">Your page</a></p>")
}

#[auth_required]
async fn me(user: UserId, accounts: Extension<Accounts>) -> String {
    let name = accounts.name_of(&user).unwrap_or_default();
    format!("You are {user} ({name}). Log out at /logout.\n")
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
    let mut logins = Logins::new(base)?;
    for way in ways {
        logins = logins.provider(way)?;
    }
    let directory = accounts.clone();
    let login = logins.on_login(move |profile: Profile, _tokens: Tokens| {
        let user = directory.find_or_create(&profile);
        async move { user }
    });
    let routes = Router::new().route("/", get(index)).route("/me", get(me)).merge(login.routes());
    let auth = AuthLayer::new(sessions).with_login_page(LocalPath::from_static("/login"));
    Ok((routes.layer(Extension(accounts)).with_auth(auth), login.redirect_uris()))
}

/// Returns a way to log in whose client id and secret are in the environment, if they are.
fn from_environment(descriptor: &Descriptor, name: &str) -> Result<Option<Login>, LoginError> {
    let value = |what: &str| env::var(format!("{name}_CLIENT_{what}")).ok();
    let (Some(id), Some(secret)) = (value("ID"), value("SECRET")) else { return Ok(None) };
    Login::provider(*descriptor, id, secret).map(Some)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let users = [
        FakeUser::new("1001").with_name("Alice Example").with_email("alice@example.com", true),
        FakeUser::new("1002").with_name("Bob Example").with_email("bob@example.com", false),
    ];
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
