//! Programs that act for a person who has a browser (RFC 6749 section 4.1, RFC 8252).

use std::{sync::Arc, time::Duration};

use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope, basic::BasicClient};
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    Attempt, AttemptParts, OAuthClient,
    attempt::redirect_address,
    endpoint::random,
    personal::{deliver, personal_grant},
};
use crate::{Error, Interaction, LoopbackListener, Terminal, Token};

/// Gets tokens for a person who logs in with a browser: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636), and
/// the loopback redirect of RFC 8252.
///
/// As a [`Grant`](crate::Grant) it does everything by itself: it listens on a loopback address, shows the person where to log in, waits,
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
    is_named: bool,
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
            is_named: false,
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

    /// Uses `http://localhost` in the redirect address, for providers that accept no `http://127.0.0.1`.
    ///
    /// # Security
    ///
    /// As [`LoopbackListener::bind_localhost`]: RFC 8252 section 8.3 advises against it.
    pub fn with_localhost_redirect(mut self) -> Self {
        self.is_named = true;
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
    /// Write the redirect address as it is registered: the provider compares it byte for byte (RFC 6749 section 3.1.2.3), and it
    /// is sent like that in both requests. A `Url` has lost how it was written: `https://app.example.com` becomes
    /// `https://app.example.com/`.
    ///
    /// # Errors
    ///
    /// A provider without an authorization endpoint, or one that publishes that it does not know S256; a redirect address that
    /// is not one, or has a fragment.
    pub fn begin(&self, redirect_uri: impl AsRef<str>) -> Result<Attempt, Error> {
        self.attempt(redirect_uri.as_ref()).map_err(|error| self.client.error(error))
    }

    fn attempt(&self, redirect_uri: &str) -> Result<Attempt, Error> {
        let provider = self.client.provider();
        let Some(endpoint) = provider.authorization.clone() else {
            return Err(Error::configuration("the provider has no authorization endpoint"));
        };
        if self.pkce && provider.lacks_s256 {
            return Err(Error::configuration("the provider publishes that it does not know PKCE with S256"));
        }
        let (redirect_uri, _) = redirect_address(redirect_uri)?;
        let redirect = RedirectUrl::new(redirect_uri.clone())
            .map_err(|error| Error::configuration("the redirect address is not one").with_source(error))?;
        let library = BasicClient::new(ClientId::new(self.client.id().to_owned()))
            .set_auth_uri(AuthUrl::from_url(endpoint));
        let state = random()?;
        let state_of_url = CsrfToken::new(state.clone());
        let mut request = library
            .authorize_url(|| state_of_url)
            .set_redirect_uri(std::borrow::Cow::Borrowed(&redirect))
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
    /// A redirect address that is not one.
    pub fn resume(&self, parts: AttemptParts) -> Result<Attempt, Error> {
        let AttemptParts { url, redirect_uri, state, verifier, nonce } = parts;
        redirect_address(&redirect_uri).map_err(|error| self.client.error(error))?;
        Ok(Attempt { client: self.client.clone(), url, redirect_uri, state, verifier, nonce })
    }

    async fn log_in(&self) -> Result<Token, Error> {
        // The door is open before anybody is sent there: nobody else can have taken the port in between.
        let listener = if self.is_named {
            LoopbackListener::bind_localhost(&self.path, self.port).await?
        } else {
            LoopbackListener::bind_to(&self.path, self.port).await?
        };
        let attempt = self.attempt(listener.redirect_uri()?.as_str())?;
        let deadline = Instant::now()
            .checked_add(self.patience)
            .ok_or_else(|| Error::configuration("the patience is too long"))?;
        self.interaction.open(attempt.url(), self.patience);
        let callback = listener.wait(&attempt.state, deadline, &*self.interaction).await?;
        deliver(&self.client, attempt.exchange(callback)).await
    }
}

personal_grant!(AuthorizationCode, "authorization_code");
