//! Runs one log-in by authorization code, from the authorization request to the token: [`LoginAttempt`] (RFC
//! 6749 section 4.1).

use std::{fmt, time::Duration};

use secrecy::SecretString;
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use url::Url;

use super::{
    OAuthClient,
    revoke_undelivered_token::deliver,
    validate_id_token_claims::{self, Expected},
};
use crate::{
    Error, Interaction, LoopbackListener, Token,
    loopback::{Callback, read_query},
};

/// A pending log-in. [`finish`](Self::finish) consumes it, because its verifier, state and nonce are for one
/// use.
///
/// ```
/// # fn f(grant: auth_client::AuthorizationCode) -> Result<(), auth_client::Error> {
/// let attempt = grant.begin("https://app.example.com/callback")?;
/// println!("log in at {}", attempt.url());
/// # let _ = async move {
/// # let address_that_the_browser_came_back_to = "";
/// let token = attempt.finish(address_that_the_browser_came_back_to).await?;
/// # Ok::<(), auth_client::Error>(()) };
/// # Ok(()) }
/// ```
#[must_use]
pub struct LoginAttempt {
    pub(super) client: OAuthClient,
    pub(super) url: Url,
    /// The redirect address as written: the server compares it byte for byte (RFC 6749 section 3.1.2.3).
    pub(super) redirect_uri: String,
    pub(super) state: SecretString,
    pub(super) verifier: Option<SecretString>,
    pub(super) nonce: Option<SecretString>,
}

impl LoginAttempt {
    /// Returns the address where the user logs in.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Finishes the log-in with the address that the browser was redirected to.
    ///
    /// # Errors
    ///
    /// Fails if the state differs (CSRF), a parameter is repeated, the response is from another issuer
    /// (mix-up attack), the server denied the request, or the token request failed.
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

    /// Waits on a loopback listener for the redirect, and finishes the log-in with it.
    ///
    /// This is what [`AuthorizationCode`](super::AuthorizationCode) does as a grant, for programs that open the
    /// browser themselves. `interaction` is notified while the log-in is pending.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_client::{AuthorizationCode, Error, LoopbackListener, Terminal, Token};
    ///
    /// async fn log_in(grant: &AuthorizationCode) -> Result<Token, Error> {
    ///     let listener = LoopbackListener::bind().await?;
    ///     let attempt = grant.begin(listener.redirect_uri()?)?;
    ///     println!("log in at {}", attempt.url());
    ///     attempt.receive(listener, Duration::from_mins(5), &Terminal::new()).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as [`finish`](Self::finish) does, and if no redirect with this state arrives before the timeout.
    pub async fn receive(
        self,
        listener: LoopbackListener,
        timeout: Duration,
        interaction: &dyn Interaction,
    ) -> Result<Token, Error> {
        let client = self.client.clone();
        let received = async {
            let deadline = Instant::now()
                .checked_add(timeout)
                .ok_or_else(|| Error::configuration("the timeout is too long"))?;
            let callback = listener.wait(&self.state, deadline, interaction).await?;
            deliver(&client, self.exchange(callback)).await
        };
        received.await.map_err(|error| client.error(error))
    }

    /// Returns the parts of the log-in, for a stateless web server. Store them for minutes, encrypted and for
    /// one use, where only the same browser can return them. Continue with
    /// [`AuthorizationCode::resume`](super::AuthorizationCode::resume).
    #[must_use]
    pub fn into_parts(self) -> LoginAttemptParts {
        let Self { url, redirect_uri, state, verifier, nonce, .. } = self;
        LoginAttemptParts { url, redirect_uri, state, verifier, nonce }
    }

    pub(super) async fn exchange(self, callback: Callback) -> Result<Token, Error> {
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
        let token = self.client.redeem_code(&code, &self.redirect_uri, self.verifier.as_ref(), &[]).await?;
        if let Some(nonce) = &self.nonce {
            let id_token = token
                .id_token()
                .ok_or_else(|| Error::protocol("the scope `openid` was asked for, and no id_token came"))?;
            let now = self.client.environment().clock.now();
            let expected = Expected { issuer: provider.issuer(), client: self.client.id(), nonce, now };
            validate_id_token_claims::check(id_token, &expected)?;
        }
        Ok(token)
    }
}

/// The parts of a pending log-in.
///
/// # Security
///
/// Anyone who has the parts can finish the log-in. Make sure that they cannot be used twice (replay).
#[non_exhaustive]
pub struct LoginAttemptParts {
    /// Where the user logs in.
    pub url: Url,
    /// Where the browser is redirected to.
    pub redirect_uri: String,
    /// Returned by the browser; protects against CSRF.
    pub state: SecretString,
    /// The PKCE verifier.
    pub verifier: Option<SecretString>,
    /// Returned in the `id_token`; protects against replay.
    pub nonce: Option<SecretString>,
}

impl LoginAttemptParts {
    /// Restores stored parts; the authorization address is no longer needed.
    ///
    /// # Errors
    ///
    /// Fails if the redirect address is not valid.
    pub fn new(
        redirect_uri: impl AsRef<str>,
        state: impl Into<SecretString>,
        verifier: Option<SecretString>,
        nonce: Option<SecretString>,
    ) -> Result<Self, Error> {
        let (redirect_uri, url) = redirect_address(redirect_uri.as_ref())?;
        Ok(Self { redirect_uri, url, state: state.into(), verifier, nonce })
    }
}

/// Validates a redirect address and returns it unchanged, with its parsed form.
pub(super) fn redirect_address(text: &str) -> Result<(String, Url), Error> {
    let url = Url::parse(text)
        .map_err(|error| Error::configuration("the redirect address is not an address").with_source(error))?;
    // RFC 6749 section 3.1.2. The parser would strip surrounding blanks, which the server would not.
    if url.fragment().is_some() || text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    {
        return Err(Error::configuration("a redirect address must have no fragment and no blanks"));
    }
    Ok((text.to_owned(), url))
}

// The address contains state and nonce.
impl fmt::Debug for LoginAttemptParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttemptParts").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt").field("client", &self.client.id()).finish_non_exhaustive()
    }
}
