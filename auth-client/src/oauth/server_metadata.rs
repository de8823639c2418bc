//! Reads the metadata of an authorization server (RFC 8414): [`Metadata`].

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::provider_endpoints::{Provider, endpoint};
use crate::{Error, error::harmless};

/// Issuer and token endpoint are required. The other members are read one by one, so that an invalid one does
/// not invalidate the rest.
#[derive(Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    authorization_endpoint: Value,
    #[serde(default)]
    device_authorization_endpoint: Value,
    #[serde(default)]
    introspection_endpoint: Value,
    #[serde(default)]
    revocation_endpoint: Value,
    #[serde(default)]
    userinfo_endpoint: Value,
    #[serde(default)]
    jwks_uri: Value,
    #[serde(default)]
    end_session_endpoint: Value,
    #[serde(default)]
    pushed_authorization_request_endpoint: Value,
    #[serde(default)]
    require_pushed_authorization_requests: Value,
    #[serde(default)]
    code_challenge_methods_supported: Value,
    #[serde(default)]
    authorization_response_iss_parameter_supported: Value,
}

impl Metadata {
    /// Returns the provider, if the metadata are those of this issuer and its addresses are safe.
    pub(super) fn provider(&self, issuer: &str) -> Result<Provider, Error> {
        // Compare byte by byte (RFC 8414 section 3.3), against impersonation of the issuer.
        if self.issuer != issuer {
            return Err(Error::protocol(format!(
                "the metadata are those of another issuer, `{}` instead of `{}`",
                harmless(&self.issuer),
                harmless(issuer)
            )));
        }
        let methods = names(&self.code_challenge_methods_supported);
        Ok(Provider {
            issuer: Some(issuer.to_owned()),
            token: safe("token", &self.token_endpoint)?,
            token_text: self.token_endpoint.clone(),
            refresh: None,
            authorization: optional("authorization", &self.authorization_endpoint)?,
            device: optional("device authorization", &self.device_authorization_endpoint)?,
            introspection: optional("introspection", &self.introspection_endpoint)?,
            revocation: optional("revocation", &self.revocation_endpoint)?,
            userinfo: optional("userinfo", &self.userinfo_endpoint)?,
            jwks: optional("keys", &self.jwks_uri)?,
            end_session: optional("end of session", &self.end_session_endpoint)?,
            pushed_authorization: optional(
                "pushed authorization",
                &self.pushed_authorization_request_endpoint,
            )?,
            requires_pushed: is_true(&self.require_pushed_authorization_requests),
            names_itself: is_true(&self.authorization_response_iss_parameter_supported),
            lacks_s256: methods.is_some_and(|methods| !methods.contains(&"S256")),
        })
    }
}

/// Reads a flag, which some providers write as a text.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text == "true",
        _ => false,
    }
}

fn safe(what: &str, address: &str) -> Result<Url, Error> {
    endpoint(what, address).map_err(|error| {
        Error::protocol(format!("the {what} endpoint's address is not safe")).with_source(error)
    })
}

/// Parses an optional endpoint. An invalid address is omitted with a warning; an unsafe address is an error,
/// because a client must not connect there.
fn optional(what: &str, value: &Value) -> Result<Option<Url>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if Url::parse(text).is_ok() => safe(what, text).map(Some),
        _ => {
            tracing::warn!(target: "auth_client", endpoint = what,
                "the issuer publishes an endpoint that is not an address; it is left out");
            Ok(None)
        }
    }
}

/// Reads a list of names, or names in one text; other types yield `None`.
fn names(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(values) => Some(values.iter().filter_map(Value::as_str).collect()),
        Value::String(text) if !text.is_empty() => Some(text.split([' ', ',']).collect()),
        _ => None,
    }
}
