//! The authorizer for everything with tokens: it keeps one, tests it, and gets the next in time.

mod flight;
mod held;
mod log_out;
mod state;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{Authorizer, Credentials, Error, Grant, Token, TokenStore, TokenTester, authorizer::awaitable};
use flight::Flight;
use state::State;

/// Keeps a token, and gets the next one ahead of its end: by refreshing, or from the beginning.
///
/// - Whatever the number of tasks that ask, one request for a token is under way at a time, and all get its answer.
/// - With a [`TokenStore`], processes take turns too, and each uses what another one got.
/// - A refreshed token is stored before it is used, and is, even if the task that asked is gone by then: a rotated refresh
///   token is not lost.
/// - A token that a service refuses ([`Authorizer::reject`]) is replaced once, however good it looks. A refusal of an older
///   token changes nothing.
/// - A token that cannot be stored, as on a full disk, is used all the same; storing it is tried again for some minutes.
/// - If the provider is out of order while the token is still good for a while, the token is used for that while. Its
///   `Retry-After` is honoured, for five minutes at most: until then its error is returned without another request.
/// - If the provider refuses the refresh token, it is forgotten, here and in the store, and a new authorization begins. An error
///   of that has the refusal as its source.
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
/// It works on a tokio runtime only.
pub struct TokenAuthorizer<G> {
    setup: Arc<Setup<G>>,
    state: State,
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
    /// Returns an authorizer that keeps its token in memory.
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
            state: State::default(),
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Setup<G>)) -> Self {
        change(Arc::make_mut(&mut self.setup));
        self
    }

    /// Keeps the token in a store as well. The default is none.
    #[must_use]
    pub fn with_store(self, store: impl TokenStore + 'static) -> Self {
        self.change(|setup| setup.store = Some(Arc::new(store)))
    }

    /// Tests tokens in another way. The default is [`TokenTester::new`].
    #[must_use]
    pub fn with_tester(self, tester: TokenTester) -> Self {
        self.change(|setup| setup.tester = tester)
    }

    /// Refuses tokens that lack some of the scopes that were asked for. By default they are used, and a warning is logged.
    #[must_use]
    pub fn requiring_all_scopes(self) -> Self {
        self.change(|setup| setup.all_scopes = true)
    }

    /// Asks nobody: where somebody would have to log in, [`ErrorKind::LoginRequired`](crate::ErrorKind) comes instead.
    #[must_use]
    pub fn without_interaction(self) -> Self {
        self.change(|setup| setup.may_ask = false)
    }

    /// Returns the grant.
    #[must_use]
    pub fn grant(&self) -> &G {
        &self.setup.grant
    }

    /// Returns a token that is good, getting one if need be.
    ///
    /// # Errors
    ///
    /// As [`Authorizer::authorize`].
    pub async fn token(&self) -> Result<Token, Error> {
        Ok(self.held().await?.token.clone())
    }

    /// Returns whether the token that is kept passes the tester's tests, the live one included; false if there is none.
    ///
    /// # Errors
    ///
    /// The live test's request cannot be sent.
    pub async fn is_token_valid(&self) -> Result<bool, Error> {
        let Some(held) = self.state.current() else { return Ok(false) };
        let environment = self.setup.grant.environment();
        self.setup
            .tester
            .test(&held.token, &environment.format, &*environment.http, &*environment.clock)
            .await
    }

    /// Forgets the token, here and in the store, and revokes it at the provider. Returns false if the provider offers no way
    /// for that.
    ///
    /// A refresh that is under way is waited for, and what it brings is revoked; a log-in that waits for a person is ended.
    /// Callers that wait for either get [`ErrorKind::LoginRequired`](crate::ErrorKind). Calls of
    /// [`authorize`](Authorizer::authorize) after this begin a new authorization.
    ///
    /// # Errors
    ///
    /// The store cannot be written, or the provider does not answer; here the token is forgotten all the same.
    pub async fn log_out(&self) -> Result<bool, Error> {
        let flight = Flight::new(&self.setup, &self.state);
        flight.log_out().await.map_err(|error| error.of(self.service_name()))
    }

    async fn held(&self) -> Result<Arc<held::Held>, Error> {
        let environment = self.setup.grant.environment();
        let joined = self.state.current_or_join(
            |held| held.is_fresh(&self.setup.tester, &*environment.clock),
            || Flight::new(&self.setup, &self.state).start(),
        );
        match joined {
            Ok(held) => Ok(held),
            Err(flight) => flight.await.map_err(|error| error.of(self.service_name())),
        }
    }
}

#[async_trait]
impl<G: Grant> Authorizer for TokenAuthorizer<G> {
    async fn authorize(&self) -> Result<Credentials, Error> {
        Ok(self.held().await?.credentials.clone())
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
