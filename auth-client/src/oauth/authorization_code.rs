//! Programs that act for a person who has a browser (RFC 6749 section 4.1, RFC 8252).

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use oauth2::{
    AuthUrl, AuthorizationCode as Code, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use url::Url;

use super::{
    OAuthClient,
    endpoint::{Sender, from_library, random},
    id_token::{self, Expected},
};
use crate::{
    Environment, Error, Grant, Interaction, LoopbackListener, StoreKey, Terminal, Token,
    loopback::{Callback, read_query},
};

/// Gets tokens for a person who logs in with a browser: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636), and
/// the loopback redirect of RFC 8252.
///
/// As a [`Grant`] it does everything by itself: it listens on a loopback address, shows the person where to log in, waits,
/// and gets the token. Where the browser is elsewhere, [`begin`](Self::begin) and [`Attempt`] are the two halves.
///
/// ```
/// use auth_client::{AuthorizationCode, FileStore, OAuthClient, Provider, TokenAuthorizer};
///
/// # async fn f() -> Result<(), auth_client::Error> {
/// let provider = Provider::discover("https://login.example.com", &auth_client::Transport::new()?).await?;
/// let grant = AuthorizationCode::new(OAuthClient::new(provider, "photos-cli")?).with_scopes(["openid", "photos"]);
/// let authorizer = TokenAuthorizer::new(grant).with_store(FileStore::new("token.json"));
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Verifier, state and nonce have 256 random bits each, are made for each attempt, and are used up by it. A provider that
/// publishes its PKCE methods without S256 is refused. With a provider that names itself in its answers (RFC 9207), an
/// answer with another name is refused; with the scope `openid`, so is an `id_token` of another log-in.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizationCode {
    client: OAuthClient,
    scopes: Vec<String>,
    params: Vec<(String, String)>,
    account: String,
    path: String,
    port: u16,
    patience: Duration,
    pkce: bool,
    interaction: Arc<dyn Interaction>,
}

impl AuthorizationCode {
    /// Returns a grant that asks for no scopes, shows the address on the terminal, and waits for five minutes.
    pub fn new(client: OAuthClient) -> Self {
        Self {
            client,
            scopes: Vec::new(),
            params: Vec::new(),
            account: String::new(),
            path: "/callback".to_owned(),
            port: 0,
            patience: Duration::from_mins(5),
            pkce: true,
            interaction: Arc::new(Terminal::new()),
        }
    }

    /// Sets the scopes that are asked for.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter to the address where the person logs in, such as `prompt` or `login_hint`. Never a secret.
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Names the account, so that a store tells its token from those of others.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets the path of the redirect address as the provider knows it. The default is `/callback`.
    pub fn with_redirect_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the port of the redirect address, for providers that insist on one. The default is one of the system's choice.
    pub fn with_redirect_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how long the person may take. The default is five minutes.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Shows the person what to do in another way than on the [`Terminal`].
    pub fn with_interaction(mut self, interaction: impl Interaction + 'static) -> Self {
        self.interaction = Arc::new(interaction);
        self
    }

    /// Leaves PKCE out, for providers that answer its parameters with an error.
    ///
    /// # Security
    ///
    /// Whoever gets hold of the code can then use it.
    pub fn insecure_without_pkce(mut self) -> Self {
        self.pkce = false;
        self
    }

    /// Begins a log-in: the first half, for programs that bring the person to the address, and hear of the answer, in their
    /// own way. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A provider without an authorization endpoint, or one that publishes that it does not know S256.
    pub fn begin(&self, redirect_uri: &Url) -> Result<Attempt, Error> {
        self.attempt(redirect_uri).map_err(|error| self.client.error(error))
    }

    fn attempt(&self, redirect_uri: &Url) -> Result<Attempt, Error> {
        let provider = self.client.provider();
        let Some(endpoint) = provider.authorization.clone() else {
            return Err(Error::configuration("the provider has no authorization endpoint"));
        };
        if self.pkce && provider.lacks_s256 {
            return Err(Error::configuration("the provider publishes that it does not know PKCE with S256"));
        }
        let redirect_uri = RedirectUrl::from_url(redirect_uri.clone());
        let library = self.client.library().set_auth_uri(AuthUrl::from_url(endpoint));
        let state = random()?;
        let state_of_url = CsrfToken::new(state.clone());
        let mut request = library
            .authorize_url(|| state_of_url)
            .set_redirect_uri(std::borrow::Cow::Borrowed(&redirect_uri))
            .add_scopes(self.scopes.iter().map(|scope| Scope::new(scope.clone())));
        let verifier = self.pkce.then(|| {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            (challenge, verifier.secret().clone())
        });
        let verifier = match verifier {
            Some((challenge, verifier)) => {
                request = request.set_pkce_challenge(challenge);
                Some(SecretString::from(verifier))
            }
            None => None,
        };
        let mut nonce = None;
        if self.scopes.iter().any(|scope| scope == "openid") {
            let text = random()?;
            request = request.add_extra_param("nonce", text.clone());
            nonce = Some(SecretString::from(text));
        }
        for (name, value) in &self.params {
            request = request.add_extra_param(name, value);
        }
        let (url, _) = request.url();
        Ok(Attempt { client: self.client.clone(), url, redirect_uri, state: state.into(), verifier, nonce })
    }

    /// Takes up a log-in again that was put away with [`Attempt::into_parts`].
    ///
    /// # Errors
    ///
    /// A redirect address that is none.
    pub fn resume(&self, parts: AttemptParts) -> Result<Attempt, Error> {
        let redirect_uri = RedirectUrl::new(parts.redirect_uri)
            .map_err(|_| self.client.error(Error::configuration("the redirect address is none")))?;
        let AttemptParts { url, state, verifier, nonce, .. } = parts;
        Ok(Attempt { client: self.client.clone(), url, redirect_uri, state, verifier, nonce })
    }

    async fn log_in(&self) -> Result<Token, Error> {
        // The door is open before anybody is sent there: nobody else can have taken the port in between.
        let listener = LoopbackListener::bind_to(&self.path, self.port).await?;
        let attempt = self.attempt(&listener.redirect_uri()?)?;
        let deadline = Instant::now()
            .checked_add(self.patience)
            .ok_or_else(|| Error::configuration("the patience is too long"))?;
        self.interaction.open(attempt.url(), self.patience);
        let callback = listener.wait(&attempt.state, deadline, &*self.interaction).await?;
        attempt.exchange(callback).await
    }
}

/// One log-in that has begun. It is used up by finishing it: its verifier, state and nonce serve once.
///
/// ```
/// # fn f(grant: auth_client::AuthorizationCode) -> Result<(), auth_client::Error> {
/// let attempt = grant.begin(&"https://app.example.com/callback".parse().unwrap())?;
/// println!("log in at {}", attempt.url());
/// # let _ = async move {
/// # let address_that_the_browser_came_back_to = "";
/// let token = attempt.finish(address_that_the_browser_came_back_to).await?;
/// # Ok::<(), auth_client::Error>(()) };
/// # Ok(()) }
/// ```
#[must_use]
pub struct Attempt {
    client: OAuthClient,
    url: Url,
    redirect_uri: RedirectUrl,
    state: SecretString,
    verifier: Option<SecretString>,
    nonce: Option<SecretString>,
}

impl Attempt {
    /// Returns where the person logs in.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Finishes the log-in with the address that the browser came back to, as a web server saw it or as the person copied it.
    ///
    /// # Errors
    ///
    /// Another state, a parameter twice, the provider's no, an answer of another provider, and whatever goes wrong at the
    /// token endpoint.
    pub async fn finish(self, address: &str) -> Result<Token, Error> {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let client = self.client.clone();
        match read_query(query.trim(), &self.state) {
            Some(callback) => self.exchange(callback).await,
            None => Err(Error::protocol("the address does not belong to this log-in")),
        }
        .map_err(|error| client.error(error))
    }

    /// Takes the log-in apart, for a web server that answers and forgets: it keeps the parts where only the same browser brings
    /// them back, encrypted, once and for minutes, and goes on with [`AuthorizationCode::resume`].
    #[must_use]
    pub fn into_parts(self) -> AttemptParts {
        let Self { url, redirect_uri, state, verifier, nonce, .. } = self;
        AttemptParts { url, redirect_uri: redirect_uri.to_string(), state, verifier, nonce }
    }

    async fn exchange(self, callback: Callback) -> Result<Token, Error> {
        let provider = self.client.provider();
        match (callback.issuer.as_deref(), provider.issuer()) {
            (None, _) if provider.names_itself => {
                return Err(Error::protocol("the answer does not say which provider it is from"));
            }
            (Some(found), Some(expected)) if !bool::from(found.as_bytes().ct_eq(expected.as_bytes())) => {
                return Err(Error::protocol("the answer is from another provider"));
            }
            _ => {}
        }
        let code = callback.result.map_err(Error::denied)?;
        let library = self.client.library();
        let mut request = library
            .exchange_code(Code::new(code.expose_secret().to_owned()))
            .set_redirect_uri(std::borrow::Cow::Borrowed(&self.redirect_uri));
        if let Some(verifier) = &self.verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        for (name, value) in self.client.assertion()? {
            request = request.add_extra_param(name, value);
        }
        let send = Sender(&self.client);
        let answer = request.request_async(&send).await.map_err(from_library)?;
        let token = self.client.token(answer)?;
        if let Some(nonce) = &self.nonce {
            let id_token = token
                .id_token()
                .ok_or_else(|| Error::protocol("the scope `openid` was asked for, and no id_token came"))?;
            let now = self.client.environment().clock.now();
            let expected = Expected { issuer: provider.issuer(), client: self.client.id(), nonce, now };
            id_token::check(id_token, &expected)?;
        }
        Ok(token)
    }
}

/// What a log-in is made of.
///
/// # Security
///
/// Whoever has the parts can finish the log-in. They serve once: see that nobody can bring them back twice.
#[non_exhaustive]
pub struct AttemptParts {
    /// Where the person logs in.
    pub url: Url,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// Comes back with the browser.
    pub state: SecretString,
    /// The PKCE verifier.
    pub verifier: Option<SecretString>,
    /// Comes back in the `id_token`.
    pub nonce: Option<SecretString>,
}

impl AttemptParts {
    /// Puts parts together that were put away; the address where the person logs in is no longer needed.
    #[must_use]
    pub fn new(
        redirect_uri: Url,
        state: impl Into<SecretString>,
        verifier: Option<SecretString>,
        nonce: Option<SecretString>,
    ) -> Self {
        Self {
            redirect_uri: redirect_uri.to_string(),
            url: redirect_uri,
            state: state.into(),
            verifier,
            nonce,
        }
    }
}

// The address has state and nonce in it.
impl fmt::Debug for AttemptParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptParts").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("client", &self.client.id()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Grant for AuthorizationCode {
    fn environment(&self) -> &Environment {
        self.client.environment()
    }

    fn store_key(&self) -> StoreKey {
        self.client.store_key("authorization_code", &self.scopes, &self.account)
    }

    fn scopes(&self) -> &[String] {
        &self.scopes
    }

    fn is_interactive(&self) -> bool {
        true
    }

    async fn obtain(&self) -> Result<Token, Error> {
        let answer = self.log_in().await;
        self.interaction.finished(answer.is_ok());
        answer
    }

    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error> {
        match token.refresh_token() {
            Some(refresh_token) => self.client.refresh(refresh_token).await.map(Some),
            None => Ok(None),
        }
    }

    async fn revoke(&self, token: &Token) -> Result<bool, Error> {
        self.client.revoke(token).await
    }
}
