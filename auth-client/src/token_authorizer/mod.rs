//! Caches and refreshes a token: [`TokenAuthorizer`].

mod acquire_token;
mod cached_token;
mod log_out;
mod shared_state;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{Authorizer, Credentials, Error, Grant, Token, TokenStore, TokenTester, authorizer::awaitable};
use acquire_token::Acquisition;
use shared_state::SharedState;

/// Caches a token and obtains the next one before it expires, by refreshing or by a new grant.
///
/// - Concurrent callers share one token request (single acquisition).
/// - With a [`TokenStore`], processes also take turns and use each other's tokens.
/// - A refreshed token is stored before it is used, even if the caller is cancelled: a rotated refresh token
///   is not lost.
/// - A token that a service rejects ([`Authorizer::reject`]) is replaced once. A rejection of an older token
///   is ignored.
/// - A token that cannot be stored, as with a full disk, is used; saving it is retried for some minutes.
/// - If the server is out of order, a token that is still valid is used. `Retry-After` is honored for five
///   minutes at most: until then the error is returned without another request.
/// - If the server denies the refresh token, it is dropped here and in the store, and a new grant begins. An
///   error of that grant has the denial as its source.
///
/// ```
/// use auth_client::{Authorizer, ClientCredentials, FileStore, OAuthClient, Provider, TokenAuthorizer};
///
/// # async fn f() -> Result<(), auth_client::Error> {
/// let provider = Provider::new("https://login.example.com/token")?;
/// let client = OAuthClient::new(provider, "billing")?.with_secret("…").with_service_name("billing");
/// let authorizer = TokenAuthorizer::new(ClientCredentials::new(client)).with_store(FileStore::new("token.json"));
/// let credentials = (&authorizer).await?;
/// # Ok(()) }
/// ```
///
/// Requires a tokio runtime.
pub struct TokenAuthorizer<G> {
    setup: Arc<Setup<G>>,
    state: SharedState,
}

pub(crate) struct Setup<G> {
    grant: Arc<G>,
    store: Option<Arc<dyn TokenStore>>,
    tester: TokenTester,
    all_scopes: bool,
    may_ask: bool,
}

impl<G> Clone for Setup<G> {
    fn clone(&self) -> Self {
        Self {
            grant: Arc::clone(&self.grant),
            store: self.store.clone(),
            tester: self.tester.clone(),
            all_scopes: self.all_scopes,
            may_ask: self.may_ask,
        }
    }
}

impl<G: Grant> TokenAuthorizer<G> {
    /// Creates an authorizer that keeps its token in memory.
    #[must_use]
    pub fn new(grant: G) -> Self {
        Self {
            setup: Arc::new(Setup {
                grant: Arc::new(grant),
                store: None,
                tester: TokenTester::new(),
                all_scopes: false,
                may_ask: true,
            }),
            state: SharedState::default(),
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Setup<G>)) -> Self {
        change(Arc::make_mut(&mut self.setup));
        self
    }

    /// Stores the token as well. The default is none.
    #[must_use]
    pub fn with_store(self, store: impl TokenStore + 'static) -> Self {
        self.change(|setup| setup.store = Some(Arc::new(store)))
    }

    /// Sets how tokens are tested. The default is [`TokenTester::new`].
    #[must_use]
    pub fn with_tester(self, tester: TokenTester) -> Self {
        self.change(|setup| setup.tester = tester)
    }

    /// Rejects tokens that lack a requested scope. By default they are used, and a warning is logged.
    #[must_use]
    pub fn requiring_all_scopes(self) -> Self {
        self.change(|setup| setup.all_scopes = true)
    }

    /// Disables prompts: if a user would have to log in, it returns
    /// [`ErrorKind::LoginRequired`](crate::ErrorKind).
    #[must_use]
    pub fn without_interaction(self) -> Self {
        self.change(|setup| setup.may_ask = false)
    }

    /// Returns the grant.
    #[must_use]
    pub fn grant(&self) -> &G {
        &self.setup.grant
    }

    /// Returns a valid token, obtaining one if needed.
    ///
    /// # Errors
    ///
    /// Fails as [`Authorizer::authorize`] does.
    pub async fn token(&self) -> Result<Token, Error> {
        Ok(self.cached().await?.token.clone())
    }

    /// Returns whether the cached token passes the tester, including its live test; `false` if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the request of the live test cannot be sent.
    pub async fn is_token_valid(&self) -> Result<bool, Error> {
        let Some(cached) = self.state.current() else { return Ok(false) };
        let environment = self.setup.grant.environment();
        self.setup
            .tester
            .test(&cached.token, &environment.format, &*environment.http, &*environment.clock)
            .await
    }

    /// Removes the token here and in the store, and revokes it at the server. Returns `false` if the server
    /// does not support revocation.
    ///
    /// It waits for a running refresh and revokes its token; it cancels a log-in that waits for a user.
    /// Callers that wait for either get [`ErrorKind::LoginRequired`](crate::ErrorKind). Later calls of
    /// [`authorize`](Authorizer::authorize) begin a new grant.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written or the server does not respond; the token is removed here in any
    /// case.
    pub async fn log_out(&self) -> Result<bool, Error> {
        let acquisition = Acquisition::new(&self.setup, &self.state);
        acquisition.log_out().await.map_err(|error| error.of(self.service_name()))
    }

    async fn cached(&self) -> Result<Arc<cached_token::CachedToken>, Error> {
        let environment = self.setup.grant.environment();
        let joined = self.state.current_or_join(
            |cached| cached.is_fresh(&self.setup.tester, &*environment.clock),
            || Acquisition::new(&self.setup, &self.state).start(),
        );
        match joined {
            Ok(cached) => Ok(cached),
            Err(acquisition) => acquisition.await.map_err(|error| error.of(self.service_name())),
        }
    }
}

#[async_trait]
impl<G: Grant> Authorizer for TokenAuthorizer<G> {
    async fn authorize(&self) -> Result<Credentials, Error> {
        Ok(self.cached().await?.credentials.clone())
    }

    async fn reject(&self, rejected: &Credentials) -> bool {
        self.state.reject(rejected);
        true
    }

    fn service_name(&self) -> &str {
        &self.setup.grant.environment().service
    }
}

impl<G: Grant> fmt::Debug for TokenAuthorizer<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAuthorizer")
            .field("grant", &self.setup.grant)
            .field("store", &self.setup.store)
            .field("tester", &self.setup.tester)
            .finish_non_exhaustive()
    }
}

awaitable!(TokenAuthorizer<G: Grant>);
