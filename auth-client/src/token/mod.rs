//! Holds an access token and tests whether it has expired: [`Token`].

mod token_response;
mod token_tester;
mod token_wire_format;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

pub(crate) use token_response::TokenResponse;
pub use token_tester::TokenTester;
pub use token_wire_format::TokenWireFormat;

use crate::{Error, untrusted_json};

/// An access token and the rest of the token response.
///
/// `Debug` shows no secrets, and only a [`TokenStore`](crate::TokenStore) can serialize it.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "these are the names of RFC 6749")]
pub struct Token {
    pub(crate) access_token: SecretString,
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) id_token: Option<SecretString>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) granted_at: SystemTime,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) extra: Map<String, Value>,
}

impl Token {
    /// Parses the JSON of a token response (RFC 6749 section 5.1), received at `granted_at`.
    ///
    /// It accepts some deviations from the RFC. `expires_in` may be a number or a text (the maximum is ten
    /// years), `scope` a text with blanks or commas, or an array. An empty text counts as absent, except for
    /// `scope`, where it means that no scope was granted.
    ///
    /// # Errors
    ///
    /// Fails if there is no token, a value has a wrong type, a member is repeated, the lifetime is negative,
    /// or `format` does not know the token type.
    pub fn from_json(text: &[u8], granted_at: SystemTime, format: &TokenWireFormat) -> Result<Self, Error> {
        let answer: TokenResponse = untrusted_json::object(text).map_err(|error| {
            // The message of serde_json may quote the response.
            Error::protocol(format!(
                "the token answer is not what RFC 6749 asks for, at column {}",
                error.column()
            ))
        })?;
        answer.into_token(granted_at, format)
    }

    /// Returns the access token.
    ///
    /// # Security
    ///
    /// Anyone who has it can use it.
    #[must_use]
    pub fn access_token(&self) -> &SecretString {
        &self.access_token
    }

    /// Returns the prefix in the header, such as `Bearer`.
    #[must_use]
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// Returns the refresh token.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// Returns the `OpenID` Connect `id_token`. Only its claims `iss`, `aud`, `exp` and `nonce` were
    /// validated, and only after an authorization code log-in.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.id_token.as_ref()
    }

    /// Returns the granted scopes, with their aliases ([`TokenWireFormat::with_scope_alias`]); `None` if the
    /// server omits them, which means all that were requested.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// Returns which of the scopes were not granted.
    ///
    /// Many servers omit `openid` and `offline_access`: they count as granted if there is an `id_token` or a
    /// refresh token. A scope with commas counts as granted if all its parts are.
    pub fn missing_scopes<'a>(&self, asked: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let Some(granted) = &self.scopes else { return Vec::new() };
        let is_named = |scope: &str| granted.iter().any(|other| other == scope);
        let is_granted = |scope: &str| {
            is_named(scope)
                || (scope.contains(',') && scope.split(',').all(|part| part.is_empty() || is_named(part)))
                || match scope {
                    "openid" => self.id_token.is_some(),
                    "offline_access" => self.refresh_token.is_some(),
                    _ => false,
                }
        };
        asked.into_iter().filter(|scope| !is_granted(scope)).collect()
    }

    /// Returns when the token was received.
    #[must_use]
    pub fn granted_at(&self) -> SystemTime {
        self.granted_at
    }

    /// Returns when the token expires; `None` if the server omits it.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.granted_at.checked_add(self.lifetime?)
    }

    /// Returns the lifetime from [`granted_at`](Self::granted_at).
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }

    /// Returns another member of the response.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.get(name)
    }

    /// Returns the other members of the provider's answer: all but those of RFC 6749 section 5.1 and the
    /// `id_token`.
    #[must_use]
    pub fn extras(&self) -> &Map<String, Value> {
        &self.extra
    }

    /// Returns `self` refreshed with `next`: members that the new response omits are kept, above all the
    /// refresh token (RFC 6749 section 6).
    #[must_use]
    pub fn replaced_by(&self, next: Self) -> Self {
        Self {
            refresh_token: next.refresh_token.or_else(|| self.refresh_token.clone()),
            id_token: next.id_token.or_else(|| self.id_token.clone()),
            scopes: next.scopes.or_else(|| self.scopes.clone()),
            ..next
        }
    }

    pub(crate) fn without_refresh_token(&self) -> Self {
        Self { refresh_token: None, ..self.clone() }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq as _;
        let (one, two) = (self.access_token.expose_secret(), other.access_token.expose_secret());
        one.as_bytes().ct_eq(two.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |present: bool| if present { "[redacted]" } else { "none" };
        f.debug_struct("Token")
            .field("access_token", &"[redacted]")
            .field("token_type", &self.token_type)
            .field("refresh_token", &hidden(self.refresh_token.is_some()))
            .field("id_token", &hidden(self.id_token.is_some()))
            .field("scopes", &self.scopes)
            .field("granted_at", &self.granted_at)
            .field("lifetime", &self.lifetime)
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish()
    }
}
