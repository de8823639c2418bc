//! Log-in with an identity provider: a provider of the newsroom's own on loopback, for people to choose from.
//!
//! An application replaces [`start`] by its providers: `Login::provider(providers::GITHUB, id, secret)`.

use std::sync::Arc;

use auth_login::{
    Login, LoginDecision, Logins, Tokens,
    accounts::{Accounts, PostgresAccounts, SqliteAccounts},
    profile::Profile,
    testing::{FakeProvider, FakeUser},
};
use auth_runtime::{BoxError, KeyRing, LocalPath, UserId, guarded::Router};

use crate::{
    Role,
    config::Config,
    people::person::normal_email,
    store::{Native, Store},
};

/// The providers, for the log-in page.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    buttons: Arc<[Way]>,
    /// It ends when it is dropped.
    provider: Arc<FakeProvider>,
}

/// One provider.
#[derive(Debug)]
pub(crate) struct Way {
    action: String,
    label: String,
}

impl Way {
    /// Returns where the form of the log-in page is sent.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }
}

impl Ways {
    pub(crate) fn buttons(&self) -> &[Way] {
        &self.buttons
    }

    /// Returns the origin to which forms may lead.
    pub(crate) fn origin(&self) -> &str {
        self.provider.issuer()
    }
}

/// The paths of log-ins with providers; `/login` is the newsroom's own page.
const PATH: LocalPath = LocalPath::from_static("/login/with");
/// That of the library's log-out, which the newsroom's own page replaces.
const LOGOUT_PATH: LocalPath = LocalPath::from_static("/login/with/logout");

/// Starts the provider, and returns it with the routes of its log-ins.
pub(crate) async fn start(
    config: &Config,
    store: &Store,
    keys: KeyRing,
) -> Result<(Ways, Router<()>), BoxError> {
    let provider = FakeProvider::start([
        FakeUser::new("1001").with_name("Paul Provider").with_email("paul@provider.example", true),
        FakeUser::new("1002").with_name("Petra Provider").with_email("petra@provider.example", true),
    ])
    .await?
    .with_clock(config.clock());
    let login = provider.login("house")?.with_label("the house provider");
    let way = Way { action: format!("{PATH}/{}", login.id()), label: login.label().to_owned() };
    let routes = match &store.native {
        Native::Sqlite(pool) => {
            let accounts = SqliteAccounts::new(pool.clone());
            accounts.create_tables().await?;
            routes(config, store, keys, login, accounts)?
        }
        Native::Postgres(pool) => {
            let accounts = PostgresAccounts::new(pool.clone());
            accounts.create_tables().await?;
            routes(config, store, keys, login, accounts)?
        }
    };
    Ok((Ways { buttons: Arc::new([way]), provider: Arc::new(provider) }, routes))
}

fn routes<A: Accounts + Clone>(
    config: &Config,
    store: &Store,
    keys: KeyRing,
    login: Login,
    accounts: A,
) -> Result<Router<()>, BoxError> {
    let (store, clock) = (store.clone(), Arc::clone(&config.clock));
    let logins = Logins::new(&config.base)?
        .with_path(PATH)?
        .with_logout_path(LOGOUT_PATH)?
        .with_keys(keys)
        .with_clock(config.clock())
        .provider(login)?
        .on_login(move |profile: Profile, _: Tokens| {
            let (store, accounts, now) = (store.clone(), accounts.clone(), clock.now());
            async move {
                let user = accounts.find_or_create(profile.account()).await?;
                add_person(&store, &user, &profile, now.as_secs()).await?;
                Ok::<_, BoxError>(LoginDecision::from(user))
            }
        });
    Ok(logins.routes())
}

/// Adds the person of a first log-in, as a reader. An address that another person has stays with that person:
/// accounts are never joined by their addresses.
async fn add_person(store: &Store, user: &UserId, profile: &Profile, now: u64) -> Result<(), BoxError> {
    let verified = profile.email.as_ref().filter(|email| email.is_verified());
    let own = verified.map(|email| normal_email(email.address()));
    // Nothing is inserted at a later log-in. At the first one, the second address is for a person whose own
    // is taken.
    for email in own.into_iter().chain([format!("{user}@nowhere.invalid")]) {
        sqlx::query(
            "INSERT INTO people (id, email, name, role, revision, created) VALUES ($1, $2, $3, $4, 0, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(user.as_str())
        .bind(email)
        .bind(profile.display_name())
        .bind(Role::Reader.as_str())
        .bind(i64::try_from(now)?)
        .execute(&store.pool)
        .await?;
    }
    Ok(())
}
