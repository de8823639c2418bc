//! Reads the registered claims, each with its type: [`Registered`].

use serde_json::{Map, Value};

use super::JwtError;
use crate::events;
use auth_identity::{
    clock::UnixTime,
    identity::{Acr, Confirmation, CredentialId, Scopes},
};

/// JSON parsers may round larger numbers (RFC 8259, section 6).
pub(super) const MAX_INTEGER: u64 = 1 << 53;

/// When the user last authenticated (RFC 9068, section 2.2.1).
pub(super) const AUTH_TIME: &str = "auth_time";

/// In which context the user authenticated (RFC 9068, section 2.2.1).
pub(super) const ACR: &str = "acr";

/// The claims of the specifications (RFC 7519, 8693, 9068), required or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Registered {
    pub(super) acr: Option<Acr>,
    pub(super) actor: Option<String>,
    pub(super) audiences: Vec<String>,
    pub(super) authenticated_at: Option<UnixTime>,
    pub(super) client_id: Option<String>,
    pub(super) confirmation: Option<Confirmation>,
    pub(super) expires: Option<UnixTime>,
    pub(super) id: Option<CredentialId>,
    pub(super) issued_at: Option<UnixTime>,
    pub(super) issuer: Option<String>,
    pub(super) not_before: Option<UnixTime>,
    pub(super) scopes: Option<Scopes>,
    pub(super) subject: Option<String>,
}

impl Registered {
    /// Parses the claims. A claim of a wrong type invalidates the token, even if it is not required. The
    /// exceptions are `auth_time` and `acr`, because some issuers write a time as text, or a context as a number:
    /// they count as missing, so no authentication counts as recent, or as strong.
    pub(super) fn read(claims: &Map<String, Value>, scope_claim: &str) -> Result<Self, JwtError> {
        Ok(Self {
            acr: acr(claims),
            actor: actor(claims)?,
            audiences: audiences(claims)?,
            authenticated_at: authenticated_at(claims),
            client_id: text(claims, "client_id")?,
            confirmation: claims.get("cnf").map(confirmation),
            expires: time(claims, "exp")?,
            id: text(claims, "jti")?.map(CredentialId::new).transpose().map_err(|_| wrong_type("jti"))?,
            issued_at: time(claims, "iat")?,
            issuer: text(claims, "iss")?,
            not_before: time(claims, "nbf")?,
            scopes: scopes(claims, scope_claim)?,
            subject: text(claims, "sub")?,
        })
    }
}

/// Parses non-empty text.
fn text(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, JwtError> {
    claims.get(name).map(|value| word(value, name)).transpose()
}

fn word(value: &Value, name: &str) -> Result<String, JwtError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        _ => Err(wrong_type(name)),
    }
}

fn wrong_type(name: &str) -> JwtError {
    JwtError::claim(name, "is not of the type that it must have")
}

/// Parses seconds since 1970 as an integer; fractions and exponents are rejected.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<UnixTime>, JwtError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    match value.as_u64() {
        Some(seconds) if seconds <= MAX_INTEGER => Ok(Some(UnixTime::from_secs(seconds))),
        _ => Err(wrong_type(name)),
    }
}

fn authenticated_at(claims: &Map<String, Value>) -> Option<UnixTime> {
    time(claims, AUTH_TIME).inspect_err(|_| events::claim_ignored(AUTH_TIME)).ok().flatten()
}

fn acr(claims: &Map<String, Value>) -> Option<Acr> {
    let acr = claims.get(ACR)?.as_str().and_then(|text| Acr::new(text).ok());
    if acr.is_none() {
        events::claim_ignored(ACR);
    }
    acr
}

/// Parses `cnf` (RFC 7800, section 3.1). A member that is not known here is a binding that cannot be verified.
fn confirmation(value: &Value) -> Confirmation {
    let members = value.as_object().into_iter().flatten();
    Confirmation::of_members(members.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Parses one text or a non-empty list of texts (RFC 7519, section 4.1.3).
fn audiences(claims: &Map<String, Value>) -> Result<Vec<String>, JwtError> {
    let word = |value: &Value| word(value, "aud");
    match claims.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) if !values.is_empty() => values.iter().map(word).collect(),
        Some(value) => Ok(vec![word(value)?]),
    }
}

/// Parses scope tokens separated by single spaces (RFC 8693, section 4.2), or a list of them, as some issuers
/// write.
fn scopes(claims: &Map<String, Value>, name: &str) -> Result<Option<Scopes>, JwtError> {
    let scopes = match claims.get(name) {
        None => return Ok(None),
        Some(Value::String(text)) => text.parse(),
        Some(Value::Array(values)) => {
            let tokens: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            Scopes::new(tokens.ok_or_else(|| wrong_type(name))?)
        }
        Some(_) => return Err(wrong_type(name)),
    };
    scopes.map(Some).map_err(|_| wrong_type(name))
}

/// Returns the required `sub` of `act`.
fn actor(claims: &Map<String, Value>) -> Result<Option<String>, JwtError> {
    match claims.get("act") {
        None => Ok(None),
        Some(Value::Object(actor)) => text(actor, "sub")?.map(Some).ok_or_else(|| wrong_type("act")),
        Some(_) => Err(wrong_type("act")),
    }
}
