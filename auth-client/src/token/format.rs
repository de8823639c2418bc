//! How a provider's answers are read, and how its tokens are sent.

use http::{HeaderName, header::AUTHORIZATION};
use secrecy::SecretString;

use super::Token;
use crate::{Credentials, Error};

/// How a provider's answers are read, and how its tokens are sent. The default is what RFC 6749 and RFC 6750 say.
///
/// ```
/// use std::time::SystemTime;
/// use auth_client::{Token, TokenFormat};
///
/// let format = TokenFormat::default().with_header("x-client-version", "7")?;
/// let token = Token::from_json(br#"{"access_token":"abc","token_type":"bearer"}"#, SystemTime::now(), &format)?;
/// let credentials = format.credentials(&token)?;
/// assert_eq!(credentials.headers()["authorization"], "Bearer abc");
/// assert_eq!(credentials.headers()["x-client-version"], "7");
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenFormat {
    key: String,
    prefix: String,
    headers: Vec<(HeaderName, SecretString)>,
}

impl Default for TokenFormat {
    fn default() -> Self {
        Self { key: "access_token".to_owned(), prefix: "Bearer".to_owned(), headers: Vec::new() }
    }
}

impl TokenFormat {
    /// Names the member of the answer that holds the token. The default is `access_token`.
    pub fn with_token_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Sets the word before the token in the header, for answers that do not say it or say it in another spelling. The
    /// default is `Bearer`.
    ///
    /// # Errors
    ///
    /// What is no single word of visible ASCII.
    pub fn with_default_prefix(mut self, prefix: &str) -> Result<Self, Error> {
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::configuration("the prefix of a token must be one word of visible ASCII"));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Adds a header to each request.
    ///
    /// # Errors
    ///
    /// `Authorization`, which is the token's; a header that was added already; what fits into no header.
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

    /// Returns the headers for a token.
    ///
    /// # Errors
    ///
    /// A token that fits into no header.
    pub fn credentials(&self, token: &Token) -> Result<Credentials, Error> {
        let mut credentials =
            Credentials::prefixed(token.token_type(), token.access_token()).map_err(|error| {
                Error::protocol("the provider's token fits into no header").with_source(error)
            })?;
        for (name, value) in &self.headers {
            credentials = credentials.with_header(name.clone(), value.clone())?;
        }
        Ok(credentials)
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Returns the word to send for what the answer calls the token.
    pub(super) fn prefix_for(&self, token_type: Option<&str>) -> Result<String, Error> {
        match token_type {
            None => Ok(self.prefix.clone()),
            Some(word) if word.eq_ignore_ascii_case(&self.prefix) => Ok(self.prefix.clone()),
            Some(word) if word.eq_ignore_ascii_case("bearer") => Ok(self.prefix.clone()),
            Some(word) => Err(Error::protocol(format!(
                "tokens of the type `{}` are not known; they want more than a header",
                crate::error::harmless(word)
            ))),
        }
    }
}
