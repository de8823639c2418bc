//! Parses the query of the redirect, the authorization response (RFC 6749 section 4.1.2): [`Callback`].

use std::{collections::HashMap, fmt};

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::Denial;

/// An authorization response with the right state.
pub(crate) struct Callback {
    pub(crate) result: Result<SecretString, Denial>,
    /// The issuer of the response (RFC 9207).
    pub(crate) issuer: Option<String>,
}

impl Callback {
    pub(super) fn nothing() -> Self {
        Self { result: Ok(SecretString::default()), issuer: None }
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").finish_non_exhaustive()
    }
}

/// Parses the query of an authorization response (RFC 6749 section 4.1.2).
///
/// Returns `None` if the state differs (CSRF), a parameter is repeated, or there is not exactly one of code
/// and error. Parameters without a value count as absent (RFC 6749 section 3.1).
pub(crate) fn read_query(query: &str, state: &SecretString) -> Option<Callback> {
    let values = parameters(query)?;
    let found = values.get("state")?;
    if !bool::from(found.as_bytes().ct_eq(state.expose_secret().as_bytes())) {
        return None;
    }
    // Tokens belong to the implicit flow, which is not supported.
    if ["access_token", "id_token"].iter().any(|name| values.contains_key(*name)) {
        return None;
    }
    let text = |name: &str| values.get(name).map(String::as_str);
    let result = match (text("code"), text("error")) {
        (Some(code), None) => Ok(SecretString::from(code)),
        (None, Some(error)) => Err(Denial::new(error, text("error_description"), text("error_uri"))),
        _ => return None,
    };
    Some(Callback { result, issuer: values.get("iss").cloned() })
}

/// Parses a denial without a state. One with a state that differs belongs to another log-in.
pub(super) fn read_denial(query: &str) -> Option<Denial> {
    let values = parameters(query)?;
    let text = |name: &str| values.get(name).map(String::as_str);
    if text("state").is_some() || text("code").is_some() {
        return None;
    }
    Some(Denial::new(text("error")?, text("error_description"), text("error_uri")))
}

/// Returns the parameters that have a value, or `None` if one is repeated.
fn parameters(query: &str) -> Option<HashMap<String, String>> {
    let mut values = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if values.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    values.retain(|_, value| !value.is_empty());
    Some(values)
}
