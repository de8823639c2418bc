//! Validates claims: [`Rules`].

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value};

use super::{
    JwtError, JwtErrorKind,
    jose_header::is_same_type,
    registered_claims::{ACR, AUTH_TIME, Registered},
};
use auth_identity::clock::UnixTime;

/// The rules for claims. Configured claims are required.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one claim that may be missing, or present")]
pub(super) struct Rules {
    pub(super) audiences: Vec<String>,
    pub(super) issuers: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) required: BTreeSet<String>,
    pub(super) scope_claim: String,
    /// The issuer's maximum clock skew
    pub(super) leeway: Duration,
    pub(super) expiry_leeway: Duration,
    /// Whether the caller verifies what a token is bound to
    pub(super) with_bound: bool,
    pub(super) without_audience: bool,
    pub(super) without_expiry: bool,
    pub(super) without_issuer: bool,
    pub(super) without_subject: bool,
    pub(super) without_type: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            audiences: Vec::new(),
            issuers: Vec::new(),
            types: vec!["at+jwt".to_owned()],
            required: BTreeSet::new(),
            scope_claim: "scope".to_owned(),
            leeway: Duration::from_secs(30),
            expiry_leeway: Duration::ZERO,
            with_bound: false,
            without_audience: false,
            without_expiry: false,
            without_issuer: false,
            without_subject: false,
            without_type: false,
        }
    }
}

impl Rules {
    pub(super) fn check_type(&self, typ: Option<&str>) -> Result<(), JwtError> {
        let is_taken = match typ {
            Some(typ) => self.types.iter().any(|taken| is_same_type(taken, typ)),
            None => self.without_type,
        };
        is_taken.then_some(()).ok_or_else(|| {
            let found = typ.map_or("is missing".to_owned(), |typ| format!("is `{typ}`"));
            JwtError::because(
                JwtErrorKind::Type,
                format!("`typ` {found}; accepted are {}, see `with_type`", listed(&self.types)),
            )
        })
    }

    /// Validates the claims, and returns the registered ones.
    pub(super) fn check(&self, claims: &Map<String, Value>, now: UnixTime) -> Result<Registered, JwtError> {
        let registered = Registered::read(claims, &self.scope_claim)?;
        if registered.confirmation.is_some() && !self.with_bound {
            return Err(JwtErrorKind::Confirmation.into());
        }
        self.check_time(&registered, now)?;
        self.check_issuer(&registered)?;
        self.check_audience(&registered)?;
        if registered.subject.is_none() && !self.without_subject {
            return Err(JwtError::claim("sub", "is missing"));
        }
        let is_there = |name: &str| match name {
            // If it is not required, it may have any type.
            ACR => registered.acr.is_some(),
            AUTH_TIME => registered.authenticated_at.is_some(),
            name => claims.get(name).is_some_and(|value| !value.is_null()),
        };
        if let Some(name) = self.required.iter().find(|name| !is_there(name)) {
            return Err(JwtError::claim(name, "is required, and is missing or of the wrong type"));
        }
        Ok(registered)
    }

    fn check_time(&self, claims: &Registered, now: UnixTime) -> Result<(), JwtError> {
        match claims.expires {
            // A token is not valid from its `exp` on (RFC 7519, section 4.1.4).
            Some(expires) if now >= expires.plus(self.expiry_leeway) => {
                return Err(JwtErrorKind::Expired.into());
            }
            None if !self.without_expiry => return Err(JwtError::claim("exp", "is missing")),
            _ => {}
        }
        let latest = now.plus(self.leeway);
        let begins =
            [("nbf", claims.not_before), ("iat", claims.issued_at), (AUTH_TIME, claims.authenticated_at)];
        if let Some((name, _)) = begins.iter().find(|(_, begin)| begin.is_some_and(|begin| begin > latest)) {
            return Err(JwtError::because(JwtErrorKind::NotYetValid, format!("`{name}` is in the future")));
        }
        Ok(())
    }

    fn check_issuer(&self, claims: &Registered) -> Result<(), JwtError> {
        let is_taken = match &claims.issuer {
            _ if self.issuers.is_empty() => true,
            Some(issuer) => self.issuers.contains(issuer),
            None => self.without_issuer,
        };
        is_taken.then_some(()).ok_or_else(|| {
            let found = claims.issuer.as_ref().map_or("is missing".to_owned(), |iss| format!("is `{iss}`"));
            let accepted = listed(&self.issuers);
            JwtError::because(JwtErrorKind::Issuer, format!("`iss` {found}; accepted are {accepted}"))
        })
    }

    fn check_audience(&self, claims: &Registered) -> Result<(), JwtError> {
        let is_taken = match claims.audiences.as_slice() {
            [] => self.audiences.is_empty() || self.without_audience,
            // A verifier without an audience rejects tokens that have one (RFC 7519, section 4.1.3).
            audiences => audiences.iter().any(|audience| self.audiences.contains(audience)),
        };
        is_taken.then_some(()).ok_or(JwtErrorKind::Audience.into())
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
