//! Reads form-encoded responses and the callback (RFC 5849 sections 2.1 to 2.3): [`OAuth1Token`].

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::{OAuth1Error, percent_encoding::pairs};

/// A token with its secret, and what else the provider said.
#[derive(Clone)]
pub struct OAuth1Token {
    pub(super) token: SecretString,
    pub(super) secret: SecretString,
    pub(super) extras: Map<String, Value>,
}

impl OAuth1Token {
    /// Returns a token that was kept.
    pub fn new(token: impl Into<SecretString>, secret: impl Into<SecretString>) -> Self {
        Self { token: token.into(), secret: secret.into(), extras: Map::new() }
    }

    /// Returns the token.
    #[must_use]
    pub const fn token(&self) -> &SecretString {
        &self.token
    }

    /// Returns the token's secret.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Returns the other parameters of the provider's response.
    #[must_use]
    pub const fn extras(&self) -> &Map<String, Value> {
        &self.extras
    }
}

impl fmt::Debug for OAuth1Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Token").field("extras", &self.extras.keys()).finish_non_exhaustive()
    }
}

/// Reads a form in which each name occurs once. The media type does not matter: some providers say
/// `text/html`.
fn form(text: &str) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for (name, value) in pairs(text) {
        let value = Value::String(String::from_utf8(value).ok()?);
        if members.insert(String::from_utf8(name).ok()?, value).is_some() {
            return None;
        }
    }
    Some(members)
}

fn take(members: &mut Map<String, Value>, name: &str) -> Option<SecretString> {
    match members.remove(name)? {
        Value::String(text) if !text.is_empty() => Some(SecretString::from(text)),
        _ => None,
    }
}

/// Reads the response of the token endpoint.
pub(super) fn token(body: &[u8]) -> Result<OAuth1Token, OAuth1Error> {
    let members = str::from_utf8(body).ok().and_then(|text| form(text.trim()));
    let mut members = members.ok_or(OAuth1Error::Response("the token response is not a form"))?;
    let missing = OAuth1Error::Response("the token response has no `oauth_token` with `oauth_token_secret`");
    match (take(&mut members, "oauth_token"), take(&mut members, "oauth_token_secret")) {
        (Some(token), Some(secret)) => Ok(OAuth1Token { token, secret, extras: members }),
        _ => Err(missing),
    }
}

/// Reads the response of the endpoint of temporary credentials: the callback must be confirmed.
pub(super) fn temporary(body: &[u8]) -> Result<OAuth1Token, OAuth1Error> {
    let token = token(body)?;
    match token.extras.get("oauth_callback_confirmed").and_then(Value::as_str) {
        Some("true") => Ok(token),
        _ => Err(OAuth1Error::Response("the provider did not confirm the callback; it is not OAuth 1.0a")),
    }
}

/// Reads the callback's query and returns the verifier, if the callback belongs to this token.
pub(super) fn verifier(query: &str, expected: &SecretString) -> Result<SecretString, OAuth1Error> {
    let members = form(query.strip_prefix('?').unwrap_or(query));
    let mut members = members.ok_or(OAuth1Error::Callback("the callback has a parameter twice"))?;
    // Trello and X say so with the token as the value.
    if members.contains_key("denied") && !members.contains_key("oauth_verifier") {
        return Err(OAuth1Error::Denied);
    }
    let found =
        take(&mut members, "oauth_token").ok_or(OAuth1Error::Callback("the callback has no token"))?;
    let (found, expected) = (found.expose_secret().as_bytes(), expected.expose_secret().as_bytes());
    if !bool::from(found.ct_eq(expected)) {
        return Err(OAuth1Error::Callback("the callback belongs to another attempt"));
    }
    take(&mut members, "oauth_verifier").ok_or(OAuth1Error::Callback("the callback has no verifier"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_that_break_the_protocol_are_errors() {
        for body in [
            &b""[..],
            b"{}",
            b"oauth_token=a",
            b"oauth_token_secret=b",
            b"oauth_token=&oauth_token_secret=b",
            b"oauth_token=a&oauth_token=c&oauth_token_secret=b",
            b"oauth_token=a&oauth_token_secret=%FF",
            b"\xff",
            b"<html>",
            b"oauth_problem=timestamp_refused",
        ] {
            assert!(token(body).is_err(), "{}", body.escape_ascii());
        }
        let good = token(b" oauth_token=a%2Bb&oauth_token_secret=&oauth_token_secret2=c\n");
        assert!(good.is_err());
        let good = token(b"oauth_token=a%2Bb&oauth_token_secret=s&user_nsid=21207597%40N07\n").unwrap();
        assert_eq!(good.token().expose_secret(), "a+b");
        assert_eq!(good.extras()["user_nsid"], "21207597@N07");
        assert!(!good.extras().contains_key("oauth_token_secret"));
    }

    // Session fixation: OAuth 1.0 without the `a`.
    #[test]
    fn the_callback_must_be_confirmed() {
        for end in [
            "",
            "&oauth_callback_confirmed=",
            "&oauth_callback_confirmed=false",
            "&oauth_callback_confirmed=1",
        ] {
            assert!(
                temporary(format!("oauth_token=a&oauth_token_secret=b{end}").as_bytes()).is_err(),
                "{end}"
            );
        }
        assert!(temporary(b"oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true").is_ok());
    }

    #[test]
    fn a_callback_of_another_attempt_is_rejected() {
        let expected = SecretString::from("token");
        let read = |query: &str| verifier(query, &expected);
        assert_eq!(read("?oauth_token=token&oauth_verifier=v").unwrap().expose_secret(), "v");
        for query in [
            "",
            "oauth_token=token",
            "oauth_verifier=v",
            "oauth_token=other&oauth_verifier=v",
            "oauth_token=token&oauth_verifier=",
            "oauth_token=token&oauth_token=token&oauth_verifier=v",
            "oauth_token=token&oauth_verifier=v&oauth_verifier=w",
        ] {
            assert!(matches!(read(query), Err(OAuth1Error::Callback(_))), "{query}");
        }
        assert!(matches!(read("denied=token"), Err(OAuth1Error::Denied)));
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", token(b"oauth_token=CANARY&oauth_token_secret=CANARY&x=CANARY").unwrap());
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}
