//! Keeps and refreshes providers' tokens, apart from the session, [`ProviderTokens`], and calls APIs with
//! them, [`ProviderClient`].
//!
//! ```no_run
//! use auth_client::MemoryStore;
//! use auth_login::{Login, Tokens, profile::Profile, providers, tokens::ProviderTokens};
//!
//! # async fn f(login: Login, profile: Profile, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
//! let kept = ProviderTokens::new(&login, MemoryStore::new())?;
//! // In `on_login`:
//! if let Some(token) = tokens.as_token() {
//!     kept.save(profile.account(), token).await?;
//! }
//! // In any later request of this user:
//! let client = kept.client(profile.account())?;
//! let repositories = client.get("user/repos").await?;
//! # let _ = repositories;
//! # Ok(()) }
//! ```
//!
//! The features `postgres` and `sqlite` add `PostgresTokens` and `SqliteTokens`: encrypted stores that
//! several instances share.
//!
//! # Security
//!
//! - No token is in the session, so none reaches the browser.
//! - A token is refreshed ahead of its end, by one request, for all tasks and all instances that share the
//!   store: a refresh token that is used twice can end the whole grant (RFC 9700 section 4.14.2).
//! - A refresh that brings the `id_token` of another user is rejected (OpenID Connect Core 1.0 section 12.2).
//! - Tokens go to the origin of the provider's API and to no other.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[macro_use]
mod sql;

mod compare_refreshed_id_token;
#[cfg(feature = "postgres")]
mod postgres;
mod provider_client;
mod refresh_grant;
mod reload_profile;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod ring_cipher;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use auth_client::{Error, HttpClient, StoreKey, Token, TokenAuthorizer, TokenStore, Transport};
use auth_runtime::clock::{Clock, SystemClock};
use url::Url;

#[cfg(feature = "postgres")]
pub use postgres::PostgresTokens;
pub use provider_client::ProviderClient;
use refresh_grant::RefreshGrant;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use ring_cipher::RingCipher;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteTokens;

use crate::{Login, LoginError, connection::Connector, profile::AccountKey};

/// The default maximum length of a response of a provider's API, in bytes.
const MAX_RESPONSE: usize = 1024 * 1024;
/// So many accounts are remembered before those that are not in use are forgotten.
const FIRST_SWEEP: usize = 64;

/// Keeps the tokens of one provider's users in a store. Clones share them.
#[must_use]
pub struct ProviderTokens<S> {
    connector: Arc<Connector>,
    api: Option<Url>,
    http: Arc<dyn HttpClient>,
    store: S,
    in_use: Arc<Mutex<InUse>>,
}

/// The authorizers that clients hold at the moment: all clients of one account share one.
#[derive(Default)]
struct InUse {
    authorizers: HashMap<AccountKey, Weak<TokenAuthorizer<RefreshGrant>>>,
    sweep_at: usize,
}

impl<S: TokenStore + Clone + 'static> ProviderTokens<S> {
    /// Returns the tokens of this log-in's provider, kept in this store.
    ///
    /// # Errors
    ///
    /// Fails if TLS cannot be set up.
    pub fn new(login: &Login, store: S) -> Result<Self, LoginError> {
        Ok(Self {
            connector: Arc::new(Connector::new(login.clone(), Arc::new(SystemClock))?),
            api: login.provider.api().cloned(),
            http: login.transport_from(Transport::builder().with_max_response(MAX_RESPONSE))?,
            store,
            in_use: Arc::default(),
        })
    }

    /// Sets the base address of the provider's API. The default is that of the descriptor.
    ///
    /// # Errors
    ///
    /// Fails unless the address is `https`, or `http` on a loopback address.
    pub fn with_api(mut self, address: &str) -> Result<Self, LoginError> {
        auth_client::Origin::parse(address)?;
        let url = Url::parse(address).map_err(|_| {
            LoginError::new("the address of the API is not valid; write `https://…`".to_owned())
        })?;
        self.api = Some(url);
        Ok(self)
    }

    /// Sets the maximum length of a response of the API, in bytes. The default is 1 MiB. It has no effect
    /// with [`Login::with_http_client`].
    ///
    /// # Errors
    ///
    /// Fails if TLS cannot be set up.
    pub fn with_max_response(mut self, bytes: usize) -> Result<Self, LoginError> {
        self.http = self.connector.login().transport_from(Transport::builder().with_max_response(bytes))?;
        Ok(self)
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`].
    ///
    /// # Errors
    ///
    /// Fails if TLS cannot be set up.
    pub fn with_clock(mut self, clock: impl Clock) -> Result<Self, LoginError> {
        self.connector = Arc::new(Connector::new(self.connector.login().clone(), Arc::new(clock))?);
        Ok(self)
    }

    /// Saves the tokens of a log-in; they replace those of an earlier one.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written.
    pub async fn save(&self, account: &AccountKey, token: &Token) -> Result<(), Error> {
        let key = self.key(account);
        // A refresh that is under way would otherwise write the old grant's tokens over these.
        let _lock = self.store.lock(&key).await?;
        self.store.save(&key, token).await?;
        self.in_use().authorizers.remove(account);
        Ok(())
    }

    /// Returns a client of the provider's API that acts for this account.
    ///
    /// It reads the token from the store when it sends its first request, and keeps it: make one for each
    /// request of the user.
    ///
    /// # Errors
    ///
    /// Fails if the descriptor has no API; see [`with_api`](Self::with_api).
    pub fn client(&self, account: &AccountKey) -> Result<ProviderClient, Error> {
        let base = self.api.clone().ok_or_else(|| {
            Error::configuration("the provider has no known API; call `ProviderTokens::with_api`")
        })?;
        Ok(ProviderClient::new(base, self.authorizer(account), Arc::clone(&self.http)))
    }

    /// Forgets the tokens of an account and revokes them at the provider. Returns false if the provider
    /// offers no revocation.
    ///
    /// Clients on other instances use the access token that they hold until it ends.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written or the provider does not answer. The tokens are forgotten here in
    /// any case.
    pub async fn forget(&self, account: &AccountKey) -> Result<bool, Error> {
        self.authorizer(account).log_out().await
    }

    fn key(&self, account: &AccountKey) -> StoreKey {
        let login = self.connector.login();
        StoreKey::of(&["auth-login", account.issuer(), &login.client_id, account.subject()])
    }

    fn authorizer(&self, account: &AccountKey) -> Arc<TokenAuthorizer<RefreshGrant>> {
        let mut in_use = self.in_use();
        if let Some(found) = in_use.authorizers.get(account).and_then(Weak::upgrade) {
            return found;
        }
        let grant = RefreshGrant::new(Arc::clone(&self.connector), self.key(account));
        let authorizer = TokenAuthorizer::new(grant).with_store(self.store.clone()).without_interaction();
        let authorizer = Arc::new(authorizer);
        in_use.insert(account, &authorizer);
        authorizer
    }

    fn in_use(&self) -> std::sync::MutexGuard<'_, InUse> {
        // Nothing in here panics half-way through a change.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InUse {
    fn insert(&mut self, account: &AccountKey, authorizer: &Arc<TokenAuthorizer<RefreshGrant>>) {
        if self.authorizers.len() >= self.sweep_at.max(FIRST_SWEEP) {
            self.authorizers.retain(|_, authorizer| authorizer.strong_count() > 0);
            self.sweep_at = self.authorizers.len().saturating_mul(2);
        }
        self.authorizers.insert(account.clone(), Arc::downgrade(authorizer));
    }
}

impl<S: Clone> Clone for ProviderTokens<S> {
    fn clone(&self) -> Self {
        Self {
            connector: Arc::clone(&self.connector),
            api: self.api.clone(),
            http: Arc::clone(&self.http),
            store: self.store.clone(),
            in_use: Arc::clone(&self.in_use),
        }
    }
}

impl<S> fmt::Debug for ProviderTokens<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderTokens").field("login", self.connector.login()).finish_non_exhaustive()
    }
}
