//! What a token's claims have to say.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value};

use super::{JwtErrorKind, header::is_same_type, registered::Registered};
use crate::clock::UnixTime;

/// The rules by which claims are judged. What is configured is required.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one claim that may be missing")]
pub(super) struct Rules {
    pub(super) audiences: Vec<String>,
    pub(super) issuers: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) required: BTreeSet<String>,
    pub(super) scope_claim: String,
    /// How far ahead the issuer's clock may be
    pub(super) leeway: Duration,
    pub(super) expiry_leeway: Duration,
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
            without_audience: false,
            without_expiry: false,
            without_issuer: false,
            without_subject: false,
            without_type: false,
        }
    }
}

impl Rules {
    pub(super) fn check_type(&self, typ: Option<&str>) -> Result<(), JwtErrorKind> {
        let is_taken = match typ {
            Some(typ) => self.types.iter().any(|taken| is_same_type(taken, typ)),
            None => self.without_type,
        };
        is_taken.then_some(()).ok_or(JwtErrorKind::Type)
    }

    /// Judges the claims, and returns those that the specifications name.
    pub(super) fn check(
        &self,
        claims: &Map<String, Value>,
        now: UnixTime,
    ) -> Result<Registered, JwtErrorKind> {
        let registered = Registered::read(claims, &self.scope_claim)?;
        self.check_time(&registered, now)?;
        self.check_issuer(&registered)?;
        self.check_audience(&registered)?;
        if registered.subject.is_none() && !self.without_subject {
            return Err(JwtErrorKind::Claim);
        }
        let is_there = |name: &String| claims.get(name).is_some_and(|value| !value.is_null());
        if !self.required.iter().all(is_there) {
            return Err(JwtErrorKind::Claim);
        }
        Ok(registered)
    }

    fn check_time(&self, claims: &Registered, now: UnixTime) -> Result<(), JwtErrorKind> {
        match claims.expires {
            // From its `exp` on, a token is not valid (RFC 7519, section 4.1.4).
            Some(expires) if now >= expires.plus(self.expiry_leeway) => return Err(JwtErrorKind::Expired),
            None if !self.without_expiry => return Err(JwtErrorKind::Claim),
            _ => {}
        }
        let latest = now.plus(self.leeway);
        let begins = [claims.not_before, claims.issued_at, claims.authenticated_at];
        if begins.into_iter().flatten().any(|begin| begin > latest) {
            return Err(JwtErrorKind::NotYetValid);
        }
        Ok(())
    }

    fn check_issuer(&self, claims: &Registered) -> Result<(), JwtErrorKind> {
        let is_taken = match &claims.issuer {
            _ if self.issuers.is_empty() => true,
            Some(issuer) => self.issuers.contains(issuer),
            None => self.without_issuer,
        };
        is_taken.then_some(()).ok_or(JwtErrorKind::Issuer)
    }

    fn check_audience(&self, claims: &Registered) -> Result<(), JwtErrorKind> {
        let is_taken = match claims.audiences.as_slice() {
            [] => self.audiences.is_empty() || self.without_audience,
            // A token for somebody is refused by whoever does not know to be that somebody.
            audiences => audiences.iter().any(|audience| self.audiences.contains(audience)),
        };
        is_taken.then_some(()).ok_or(JwtErrorKind::Audience)
    }
}
