//! Holds the provider's tokens of one log-in: [`Tokens`].

use std::{fmt, time::SystemTime};

use auth_client::Token;
use secrecy::SecretString;
use serde_json::{Map, Value};

#[cfg(feature = "oauth1")]
use crate::oauth1::OAuth1Token;

/// The provider's tokens of one log-in.
///
/// They are for calls to the provider's API in the user's name. The session does not keep them; an
/// application that needs them later puts them into a store of its own. `Debug` shows none of them.
#[derive(Clone)]
pub struct Tokens {
    kind: Kind,
    claims: Option<Map<String, Value>>,
}

#[derive(Clone)]
enum Kind {
    OAuth2(Box<Token>),
    #[cfg(feature = "oauth1")]
    OAuth1(Box<OAuth1Token>),
}

impl Tokens {
    pub(crate) fn new(token: Token, claims: Option<Map<String, Value>>) -> Self {
        Self { kind: Kind::OAuth2(Box::new(token)), claims }
    }

    #[cfg(feature = "oauth1")]
    pub(crate) fn of_oauth1(token: OAuth1Token) -> Self {
        Self { kind: Kind::OAuth1(Box::new(token)), claims: None }
    }

    /// Returns the access token.
    #[must_use]
    pub fn access_token(&self) -> &SecretString {
        match &self.kind {
            Kind::OAuth2(token) => token.access_token(),
            #[cfg(feature = "oauth1")]
            Kind::OAuth1(token) => token.token(),
        }
    }

    /// Returns the refresh token, if the provider issued one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.as_token()?.refresh_token()
    }

    /// Returns when the access token expires; `None` if the provider does not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.as_token()?.expires_at()
    }

    /// Returns the scopes that the provider granted; `None` if it does not say, which means all that were
    /// asked for.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        self.as_token()?.scopes()
    }

    /// Returns the `id_token` as it came, for the `id_token_hint` of a log-out at the provider.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.as_token()?.id_token()
    }

    /// Returns a claim of the validated `id_token`.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.as_ref()?.get(name)
    }

    /// Returns the tokens as `auth-client` has them, for its stores and authorizers; `None` after a log-in by
    /// OAuth 1.0a.
    #[must_use]
    pub fn as_token(&self) -> Option<&Token> {
        match &self.kind {
            Kind::OAuth2(token) => Some(token),
            #[cfg(feature = "oauth1")]
            Kind::OAuth1(_) => None,
        }
    }

    /// Returns the token and its secret after a log-in by OAuth 1.0a.
    #[cfg(feature = "oauth1")]
    #[must_use]
    pub fn as_oauth1(&self) -> Option<&OAuth1Token> {
        match &self.kind {
            Kind::OAuth1(token) => Some(token),
            Kind::OAuth2(_) => None,
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("token", &self.as_token()).finish_non_exhaustive()
    }
}
