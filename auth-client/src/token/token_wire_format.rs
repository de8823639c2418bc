//! Describes how a provider deviates from RFC 6749 and RFC 6750 in token responses and headers:
//! [`TokenWireFormat`].

use http::{HeaderName, header::AUTHORIZATION};
use secrecy::SecretString;

use super::Token;
use crate::{Credentials, Error, dpop::DpopKey};

/// Controls how token responses are parsed and how tokens are sent. The default is RFC 6749 and RFC 6750.
///
/// ```
/// use std::time::SystemTime;
/// use auth_client::{Token, TokenWireFormat};
///
/// let format = TokenWireFormat::default().with_header("x-client-version", "7")?;
/// let token = Token::from_json(br#"{"access_token":"abc","token_type":"bearer"}"#, SystemTime::now(), &format)?;
/// let credentials = format.credentials(&token)?;
/// assert_eq!(credentials.headers()["authorization"], "Bearer abc");
/// assert_eq!(credentials.headers()["x-client-version"], "7");
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenWireFormat {
    key: String,
    prefix: String,
    headers: Vec<(HeaderName, SecretString)>,
    /// Token types that are sent with the prefix, besides `bearer` and the prefix itself.
    types: Vec<String>,
    /// Scope names: as requested, and as the server names them in its response.
    scopes: Vec<(String, String)>,
    /// The key that tokens have to be bound to
    bound: Option<DpopKey>,
}

/// The type of tokens that are bound to a key (RFC 9449, section 5).
const DPOP: &str = "DPoP";

/// Slack's token types for bearer tokens of applications and users.
const BEARER_ALIASES: [&str; 2] = ["bot", "user"];
/// Google's names for two scopes of `OpenID` Connect.
const SCOPE_ALIASES: [(&str, &str); 2] = [
    ("email", "https://www.googleapis.com/auth/userinfo.email"),
    ("profile", "https://www.googleapis.com/auth/userinfo.profile"),
];

impl Default for TokenWireFormat {
    fn default() -> Self {
        Self {
            key: "access_token".to_owned(),
            prefix: "Bearer".to_owned(),
            headers: Vec::new(),
            types: BEARER_ALIASES.map(str::to_owned).to_vec(),
            scopes: SCOPE_ALIASES.map(|(asked, granted)| (asked.to_owned(), granted.to_owned())).to_vec(),
            bound: None,
        }
    }
}

impl TokenWireFormat {
    /// Sets the member that holds the token. The default is `access_token`.
    pub fn with_token_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Sets the prefix of the token in the header, for responses without a `token_type` or with another
    /// spelling. The default is `Bearer`.
    ///
    /// # Errors
    ///
    /// Fails if the prefix is not a single word of visible ASCII.
    pub fn with_default_prefix(mut self, prefix: &str) -> Result<Self, Error> {
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::configuration("the prefix of a token must be one word of visible ASCII"));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Accepts responses with this `token_type`, in any case, and sends their tokens with the [default
    /// prefix](Self::with_default_prefix). `bearer`, `bot` and `user` are always accepted.
    ///
    /// # Security
    ///
    /// RFC 6749 section 7.1 forbids the use of unknown token types. Add only types that the server documents
    /// to be sent like bearer tokens, not ones that need a proof of possession, such as `DPoP` or `mac`.
    pub fn with_token_type_alias(mut self, token_type: impl Into<String>) -> Self {
        self.types.push(token_type.into());
        self
    }

    /// Declares that the provider confirms the scope `asked` under the name `granted`, so that
    /// [`Token::missing_scopes`] and [`requiring_all_scopes`](crate::TokenAuthorizer::requiring_all_scopes) see it as granted.
    /// Google's names for `email` and `profile` are known.
    ///
    /// ```
    /// use auth_client::TokenWireFormat;
    ///
    /// let format = TokenWireFormat::default()
    ///     .with_scope_alias("https://graph.microsoft.com/User.Read", "User.Read");
    /// ```
    pub fn with_scope_alias(mut self, asked: impl Into<String>, granted: impl Into<String>) -> Self {
        self.scopes.push((asked.into(), granted.into()));
        self
    }

    /// Adds a header to each request.
    ///
    /// # Errors
    ///
    /// Fails for `Authorization`, which holds the token, for a repeated header, and for an invalid value.
    pub fn with_header(mut self, name: &str, value: impl Into<SecretString>) -> Result<Self, Error> {
        let name: HeaderName =
            name.parse().map_err(|_| Error::configuration("the name of an additional header is none"))?;
        if name == AUTHORIZATION {
            return Err(Error::configuration("`Authorization` is the token's own header"));
        }
        if self.headers.iter().any(|(other, _)| *other == name) {
            return Err(Error::configuration(format!("the header `{name}` is there already")));
        }
        let value = value.into();
        Credentials::header(name.clone(), value.clone())?;
        self.headers.push((name, value));
        Ok(self)
    }

    /// Demands tokens that are bound to this key.
    #[cfg(feature = "dpop")]
    pub(crate) fn bound_to(mut self, key: DpopKey) -> Self {
        self.bound = Some(key);
        self
    }

    /// Returns the key that tokens have to be bound to.
    pub(crate) const fn bound(&self) -> Option<&DpopKey> {
        self.bound.as_ref()
    }

    /// Returns the headers for a token.
    ///
    /// # Errors
    ///
    /// Fails if no header can hold the token.
    pub fn credentials(&self, token: &Token) -> Result<Credentials, Error> {
        let mut credentials =
            Credentials::prefixed(token.token_type(), token.access_token()).map_err(|error| {
                Error::protocol("the provider's token fits into no header").with_source(error)
            })?;
        for (name, value) in &self.headers {
            credentials = credentials.with_header(name.clone(), value.clone())?;
        }
        Ok(credentials.bound_to(self.bound.clone(), token.access_token()))
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Adds the names under which granted scopes were requested.
    pub(super) fn with_aliases(&self, mut scopes: Vec<String>) -> Vec<String> {
        for (asked, granted) in &self.scopes {
            if scopes.contains(granted) && !scopes.contains(asked) {
                scopes.push(asked.clone());
            }
        }
        scopes
    }

    /// Returns the header prefix for a token type.
    pub(super) fn prefix_for(&self, token_type: Option<&str>) -> Result<String, Error> {
        if self.bound.is_some() {
            // A token that is not bound could be used by a thief (RFC 9449, section 5).
            let is_bound = token_type.is_some_and(|word| word.eq_ignore_ascii_case(DPOP));
            let unbound = || Error::protocol("the provider's token is not bound to the key of the client");
            return is_bound.then(|| DPOP.to_owned()).ok_or_else(unbound);
        }
        match token_type {
            None => Ok(self.prefix.clone()),
            Some(word) if word.eq_ignore_ascii_case(&self.prefix) => Ok(self.prefix.clone()),
            Some(word) if word.eq_ignore_ascii_case("bearer") => Ok(self.prefix.clone()),
            Some(word) if self.types.iter().any(|other| word.eq_ignore_ascii_case(other)) => {
                Ok(self.prefix.clone())
            }
            Some(word) => Err(Error::protocol(format!(
                "tokens of the type `{}` are not known; they want more than a header",
                crate::error::harmless(word)
            ))),
        }
    }
}
