//! Builds and signs an access token: [`NewAccessToken`].

use std::{fmt, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{IssueError, IssueErrorKind, JwtIssuer, is_lifetime};
use crate::{base64url, compact_serialization::MAX_BYTES};
use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Acr, CredentialId, Scopes},
};

/// Claims that the issuer sets, or that verifiers interpret.
const RESERVED: [&str; 16] = [
    "acr",
    "act",
    "aud",
    "auth_time",
    "client_id",
    "cnf",
    "crit",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    ORIGINAL_ISSUE,
    "scope",
    "sub",
    "typ",
];
/// The time of the log-in of a token from a refresh: with `iat` alone, a token that is issued after a
/// revocation of the user would be valid.
pub(crate) const ORIGINAL_ISSUE: &str = "orig_iat";
/// 128 bits.
const ID_BYTES: usize = 16;

/// An access token under construction; see [`JwtIssuer::access_token`].
#[derive(Clone)]
#[must_use]
pub struct AccessToken<'a> {
    issuer: &'a JwtIssuer,
    subject: String,
    audiences: Vec<String>,
    lifetime: Duration,
    scopes: Option<Scopes>,
    client_id: Option<String>,
    actor: Option<String>,
    authenticated_at: Option<UnixTime>,
    acr: Option<Acr>,
    began: Option<UnixTime>,
    claims: Map<String, Value>,
}

impl<'a> AccessToken<'a> {
    pub(super) fn new(issuer: &'a JwtIssuer, subject: String, audience: String) -> Self {
        Self {
            issuer,
            subject,
            audiences: vec![audience],
            lifetime: issuer.lifetime,
            scopes: None,
            client_id: None,
            actor: None,
            authenticated_at: None,
            acr: None,
            began: None,
            claims: Map::new(),
        }
    }

    /// Adds an audience.
    ///
    /// # Security
    ///
    /// Each of them can use the token at the others.
    pub fn and_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Sets the scopes: `scope`. The default is none.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// Sets the lifetime of this token, in whole seconds; limited to the credential lifetime of a ring's
    /// [rotation](auth_identity::KeyRing::rotation). The default is the issuer's.
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the client: `client_id`.
    pub fn with_client_id(mut self, client: impl Into<String>) -> Self {
        self.client_id = Some(client.into());
        self
    }

    /// Sets the impersonator: `act` (RFC 8693, section 4.1).
    pub fn with_actor(mut self, subject: impl Into<String>) -> Self {
        self.actor = Some(subject.into());
        self
    }

    /// Sets when the user authenticated: `auth_time`.
    pub const fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Sets in which context the user authenticated: `acr`.
    pub fn with_acr(mut self, acr: Acr) -> Self {
        self.acr = Some(acr);
        self
    }

    /// Sets when the refresh token family began: `orig_iat`.
    pub(super) const fn with_began(mut self, time: UnixTime) -> Self {
        self.began = Some(time);
        self
    }

    /// Adds a custom claim.
    ///
    /// # Errors
    ///
    /// Fails for the claims that the issuer sets or that verifiers interpret (`exp`, `sub`, `scope` …), for a
    /// repeated one, and for values that are not JSON.
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Result<Self, IssueError> {
        let name = name.into();
        if RESERVED.contains(&name.as_str()) || self.claims.contains_key(&name) {
            return Err(IssueErrorKind::Claim.into());
        }
        let value = serde_json::to_value(value).map_err(|_| IssueErrorKind::Claim)?;
        self.claims.insert(name, value);
        Ok(self)
    }

    /// Signs the token.
    ///
    /// # Errors
    ///
    /// Fails if a name is empty, too long or not visible text, the lifetime is too long or zero, the token
    /// would be longer than 8 KiB, or the operating system gives no random bytes.
    pub fn issue(self) -> Result<IssuedToken, IssueError> {
        let issued = self.issuer.clock.now();
        // A token must not outlive its verification key.
        let lifetime =
            self.issuer.signer.longest().map_or(self.lifetime, |longest| self.lifetime.min(longest));
        let expires = issued.plus(lifetime);
        let id = random_id()?;
        let key = self.issuer.signer.key(issued).map_err(|_| IssueErrorKind::Key)?;
        let mut header = json!({ "alg": key.algorithm().as_str(), "typ": self.issuer.typ });
        if let (Some(kid), Some(members)) = (key.kid(), header.as_object_mut()) {
            members.insert("kid".to_owned(), kid.into());
        }
        let scopes = self.scopes.clone();
        let claims = Value::Object(self.into_claims(&id, issued, expires)?);
        let mut text = Zeroizing::new(format!(
            "{}.{}",
            base64url::encode(header.to_string()),
            base64url::encode(claims.to_string())
        ));
        let signature = key.sign(text.as_bytes()).map_err(|_| IssueErrorKind::Key)?;
        text.push('.');
        text.push_str(&base64url::encode(signature));
        if text.len() > MAX_BYTES {
            return Err(IssueErrorKind::TooLong.into());
        }
        Ok(IssuedToken { text, id, issued, expires, scopes })
    }

    fn into_claims(
        self,
        id: &CredentialId,
        issued: UnixTime,
        expires: UnixTime,
    ) -> Result<Map<String, Value>, IssueErrorKind> {
        let visible =
            |text: String, kind| if Identity::from_stored(&text).is_ok() { Ok(text) } else { Err(kind) };
        if !is_lifetime(self.lifetime) {
            return Err(IssueErrorKind::Lifetime);
        }
        let mut claims = self.claims;
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", self.issuer.issuer.as_str().into());
        Identity::new(&self.subject).map_err(|_| IssueErrorKind::Subject)?;
        set("sub", self.subject.into());
        set("iat", issued.as_secs().into());
        set("exp", expires.as_secs().into());
        set("jti", id.as_str().into());
        let audiences =
            self.audiences.into_iter().map(|audience| visible(audience, IssueErrorKind::Audience));
        let mut audiences = audiences.collect::<Result<Vec<_>, _>>()?;
        // Write a single audience as text, which every parser understands.
        set("aud", if audiences.len() == 1 { audiences.pop().into() } else { audiences.into() });
        if let Some(scopes) = self.scopes {
            set("scope", scopes.to_string().into());
        }
        if let Some(client) = self.client_id {
            set("client_id", visible(client, IssueErrorKind::Client)?.into());
        }
        if let Some(actor) = self.actor {
            set("act", json!({ "sub": visible(actor, IssueErrorKind::Client)? }));
        }
        if let Some(time) = self.authenticated_at {
            set("auth_time", time.as_secs().into());
        }
        if let Some(acr) = self.acr {
            set("acr", acr.as_str().into());
        }
        if let Some(time) = self.began {
            set(ORIGINAL_ISSUE, time.as_secs().into());
        }
        Ok(claims)
    }
}

fn random_id() -> Result<CredentialId, IssueErrorKind> {
    let mut bytes = [0; ID_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| IssueErrorKind::NoRandomness)?;
    CredentialId::new(base64url::encode(bytes)).map_err(|_| IssueErrorKind::NoRandomness)
}

impl fmt::Debug for AccessToken<'_> {
    /// Shows the names of custom claims, but not their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("audiences", &self.audiences)
            .field("lifetime", &self.lifetime)
            .field("scopes", &self.scopes)
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A signed token. It cannot be printed; [`as_str`](Self::as_str) returns the text for the client.
#[derive(Clone)]
pub struct IssuedToken {
    text: Zeroizing<String>,
    id: CredentialId,
    issued: UnixTime,
    expires: UnixTime,
    scopes: Option<Scopes>,
}

impl IssuedToken {
    /// Returns the text, as in the header after `Bearer`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the token's id (`jti`), by which it can be revoked.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns the expiry.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Returns the lifetime.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.expires.since(self.issued)
    }

    /// Returns the scopes.
    #[must_use]
    pub const fn scopes(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
