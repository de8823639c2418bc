//! One log-in with a browser, from the address that it begins with to the token (RFC 6749 section 4.1).

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{
    OAuthClient,
    id_token::{self, Expected},
};
use crate::{
    Error, Token,
    loopback::{Callback, read_query},
};

/// One log-in that has begun. It is used up by finishing it: its verifier, state and nonce serve once.
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
pub struct Attempt {
    pub(super) client: OAuthClient,
    pub(super) url: Url,
    /// As it was written: the provider compares it byte for byte (RFC 6749 section 3.1.2.3).
    pub(super) redirect_uri: String,
    pub(super) state: SecretString,
    pub(super) verifier: Option<SecretString>,
    pub(super) nonce: Option<SecretString>,
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
    /// them back, encrypted, once and for minutes, and goes on with [`AuthorizationCode::resume`](super::AuthorizationCode::resume).
    #[must_use]
    pub fn into_parts(self) -> AttemptParts {
        let Self { url, redirect_uri, state, verifier, nonce, .. } = self;
        AttemptParts { url, redirect_uri, state, verifier, nonce }
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
        let mut values = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &self.redirect_uri),
        ];
        if let Some(verifier) = &self.verifier {
            values.push(("code_verifier", verifier.expose_secret()));
        }
        let token = self.client.request_token(&values).await?;
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
    ///
    /// # Errors
    ///
    /// A redirect address that is not one.
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

/// Checks a redirect address and returns it unchanged, beside its parsed form.
pub(super) fn redirect_address(text: &str) -> Result<(String, Url), Error> {
    let url = Url::parse(text)
        .map_err(|error| Error::configuration("the redirect address is not an address").with_source(error))?;
    // RFC 6749 section 3.1.2. The parser would drop blanks around it, which the provider would not.
    if url.fragment().is_some() || text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    {
        return Err(Error::configuration("a redirect address must have no fragment and no blanks"));
    }
    Ok((text.to_owned(), url))
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
