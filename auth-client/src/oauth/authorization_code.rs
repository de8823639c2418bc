//! Gets a token by the authorization code grant, with the user's browser: [`AuthorizationCode`] (RFC 6749
//! section 4.1, RFC 8252).

use std::{sync::Arc, time::Duration};

use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope, basic::BasicClient};
use secrecy::SecretString;

use super::{
    LoginAttempt, LoginAttemptParts, OAuthClient, interactive_grant_macro::personal_grant,
    login_attempt::redirect_address, oauth_client::DPOP_JKT, random_text::random_text,
};
use crate::{Error, Interaction, LoopbackListener, Terminal, Token};

/// Obtains tokens for a user who logs in with a browser: authorization code (RFC 6749 section 4.1) with PKCE
/// (RFC 7636) and the loopback redirect of RFC 8252.
///
/// As a [`Grant`](crate::Grant) it listens on a loopback address, prompts the user, waits, and requests the
/// token. If the browser is on another device, use [`begin`](Self::begin) and [`LoginAttempt`].
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
/// Each attempt has a verifier, a state (CSRF) and a nonce (replay) of 256 random bits, for one use. A server
/// that publishes its PKCE methods without S256 is rejected (downgrade attack). If the server identifies
/// itself in its responses (RFC 9207), a response of another issuer is rejected (mix-up attack). With the
/// scope `openid`, an `id_token` of another log-in is rejected.
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
    timeout: Duration,
    pkce: bool,
    interaction: Arc<dyn Interaction>,
}

impl AuthorizationCode {
    /// Creates a grant without scopes that prompts on the terminal and waits for five minutes.
    pub fn new(client: OAuthClient) -> Self {
        Self {
            client,
            scopes: Vec::new(),
            params: Vec::new(),
            account: String::new(),
            path: "/callback".to_owned(),
            port: 0,
            is_named: false,
            timeout: Duration::from_mins(5),
            pkce: true,
            interaction: Arc::new(Terminal::new()),
        }
    }

    /// Sets the requested scopes.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter to the authorization request, such as `prompt` or `login_hint`. It must not be a
    /// secret.
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Sets the account, which separates its stored token from those of other accounts.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets the path of the redirect address as registered. The default is `/callback`.
    pub fn with_redirect_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the port of the redirect address, if the server requires one. The default is ephemeral.
    pub fn with_redirect_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Uses `http://localhost` as the redirect address, for servers that reject `http://127.0.0.1`.
    ///
    /// # Security
    ///
    /// See [`LoopbackListener::bind_localhost`]: RFC 8252 section 8.3 advises against it.
    pub fn with_localhost_redirect(mut self) -> Self {
        self.is_named = true;
        self
    }

    /// Sets the timeout of the log-in. The default is five minutes.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how the user is prompted. The default is [`Terminal`].
    pub fn with_interaction(mut self, interaction: impl Interaction + 'static) -> Self {
        self.interaction = Arc::new(interaction);
        self
    }

    /// Disables PKCE, for servers that reject its parameters.
    ///
    /// # Security
    ///
    /// Anyone who intercepts the code can then use it.
    pub fn insecure_without_pkce(mut self) -> Self {
        self.pkce = false;
        self
    }

    /// Begins a log-in for programs that redirect the user and receive the response themselves. No request is
    /// sent.
    ///
    /// Pass the redirect address exactly as registered: the server compares it byte for byte (RFC 6749
    /// section 3.1.2.3), and both requests contain it. A `Url` normalizes it: `https://app.example.com`
    /// becomes `https://app.example.com/`.
    ///
    /// # Errors
    ///
    /// Fails if the server has no authorization endpoint or publishes PKCE methods without S256, or if the
    /// redirect address is not valid or has a fragment.
    pub fn begin(&self, redirect_uri: impl AsRef<str>) -> Result<LoginAttempt, Error> {
        self.attempt(redirect_uri.as_ref()).map_err(|error| self.client.error(error))
    }

    fn attempt(&self, redirect_uri: &str) -> Result<LoginAttempt, Error> {
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
        let state = random_text()?;
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
            let text = random_text()?;
            request = request.add_extra_param("nonce", text.clone());
            nonce = Some(SecretString::from(text));
        }
        if let Some(thumbprint) = self.client.dpop_thumbprint() {
            request = request.add_extra_param(DPOP_JKT, thumbprint);
        }
        for (name, value) in &self.params {
            request = request.add_extra_param(name, value);
        }
        let (url, _) = request.url();
        Ok(LoginAttempt {
            client: self.client.clone(),
            url,
            redirect_uri,
            state: state.into(),
            verifier,
            nonce,
        })
    }

    /// Resumes a log-in from the stored parts of [`LoginAttempt::into_parts`].
    ///
    /// # Errors
    ///
    /// Fails if the redirect address is not valid.
    pub fn resume(&self, parts: LoginAttemptParts) -> Result<LoginAttempt, Error> {
        let LoginAttemptParts { url, redirect_uri, state, verifier, nonce } = parts;
        redirect_address(&redirect_uri).map_err(|error| self.client.error(error))?;
        Ok(LoginAttempt { client: self.client.clone(), url, redirect_uri, state, verifier, nonce })
    }

    async fn log_in(&self) -> Result<Token, Error> {
        // Bind before the user is sent to the server: otherwise another program could take the port.
        let listener = if self.is_named {
            LoopbackListener::bind_localhost(&self.path, self.port).await?
        } else {
            LoopbackListener::bind_to(&self.path, self.port).await?
        };
        let attempt = self.attempt(listener.redirect_uri()?.as_str())?;
        self.interaction.open(attempt.url(), self.timeout);
        attempt.receive(listener, self.timeout, &*self.interaction).await
    }
}

personal_grant!(AuthorizationCode, "authorization_code");
