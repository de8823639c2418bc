//! Holds one log-in attempt by OAuth 1.0a while the user is at the provider: [`OAuth1Attempt`].

use secrecy::SecretString;
use url::Url;

use super::OAuth1Token;

/// A log-in that has begun.
#[derive(Debug)]
#[must_use]
pub struct OAuth1Attempt {
    pub(super) url: Url,
    pub(super) parts: OAuth1Parts,
}

/// What [`OAuth1Client::finish`](super::OAuth1Client::finish) needs of the beginning: temporary credentials.
///
/// # Security
///
/// They bind the callback to the browser. Keep them encrypted in a cookie of this browser, for at most ten
/// minutes, and use them once.
#[derive(Debug)]
pub struct OAuth1Parts(pub(super) OAuth1Token);

impl OAuth1Attempt {
    /// Returns where the user authorizes.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Returns where the user authorizes, and what has to be kept meanwhile.
    #[must_use]
    pub fn into_parts(self) -> (Url, OAuth1Parts) {
        (self.url, self.parts)
    }
}

impl OAuth1Parts {
    /// Puts the parts together again.
    pub fn new(token: impl Into<SecretString>, secret: impl Into<SecretString>) -> Self {
        Self(OAuth1Token::new(token, secret))
    }

    /// Returns the temporary token.
    #[must_use]
    pub const fn token(&self) -> &SecretString {
        self.0.token()
    }

    /// Returns the secret of the temporary token.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        self.0.secret()
    }
}
