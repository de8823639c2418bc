//! Tokens: what an answer of a token endpoint becomes, and whether it is still good.

mod format;
mod response;
mod tester;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

pub use format::TokenFormat;
pub(crate) use response::Answer;
pub use tester::TokenTester;

use crate::{Error, json};

/// An access token with what came with it.
///
/// `Debug` shows none of its secrets, and there is no way to serialize it but a [`TokenStore`](crate::TokenStore).
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
    /// Reads the JSON of a token endpoint's answer (RFC 6749 section 5.1), received at `granted_at`.
    ///
    /// The form may differ from the RFC's where nothing depends on it: `expires_in` may be a number or a text with one (more
    /// than ten years are taken for ten years), `scope` a text with blanks or commas, or a list. An empty text is the same as
    /// none, except for `scope`, where it means that no scope was granted.
    ///
    /// # Errors
    ///
    /// No token, values of a wrong type, a member twice, a negative lifetime, a kind of token other than the `format` knows.
    pub fn from_json(text: &[u8], granted_at: SystemTime, format: &TokenFormat) -> Result<Self, Error> {
        let answer: Answer = json::object(text).map_err(|error| {
            // serde_json's own text may quote the answer.
            Error::protocol(format!(
                "the token answer is not what RFC 6749 asks for, at column {}",
                error.column()
            ))
        })?;
        answer.into_token(granted_at, format)
    }

    /// Returns the token itself.
    ///
    /// # Security
    ///
    /// Whoever has it may do what it allows.
    #[must_use]
    pub fn access_token(&self) -> &SecretString {
        &self.access_token
    }

    /// Returns the word before the token in the header, such as `Bearer`.
    #[must_use]
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// Returns the token that gets the next access token.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// Returns the `OpenID` Connect `id_token`. Of its claims only `iss`, `aud`, `exp` and `nonce` were checked, and those only
    /// after a log-in by authorization code.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.id_token.as_ref()
    }

    /// Returns the scopes that the provider says it granted, and the names that stand for them
    /// ([`TokenFormat::with_scope_alias`]); `None` where it says nothing, which means all that were asked.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// Returns which of the scopes were not granted.
    ///
    /// Many providers do not name `openid` and `offline_access` in their answers: these count as granted, too, where an
    /// `id_token` and a refresh token came. A scope with commas counts as granted where all its parts are.
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

    /// Returns when the token ends; `None` where the provider did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.granted_at.checked_add(self.lifetime?)
    }

    /// Returns how long the token is good from [`granted_at`](Self::granted_at) on.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }

    /// Returns another member of the provider's answer.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.get(name)
    }

    /// Returns what `self` becomes by a refresh that gave `next`: what the new answer does not say stays as it was, the
    /// refresh token above all (RFC 6749 section 6).
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
