//! Implements [`IdentityPolicy`] for bearer tokens.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};

use super::{BearerJwt, Presented};
use crate::{JwtError, JwtErrorKind, VerifiedClaims, events};
use auth_identity::{
    Answer, Identity,
    clock::UnixTime,
    identity::{
        Authentication, Challenge, Challenges, ChangeContext, ConcealedCredentials, Effects, Identification,
        Identified, IdentityError, IdentityPolicy, Incoming, LoginOptions,
    },
};

const NO_LOG_IN: &str = "a bearer token cannot be given with a response's head; issue one with `JwtIssuer`";

#[async_trait]
impl IdentityPolicy for BearerJwt {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let now = request.now();
        let found = self.getter.token(request).then(move |presented| self.find(presented, now));
        // A watch that asks again does not use the token again.
        let Some(single_use) = self.single_use.as_ref().filter(|_| !request.is_asked_again()) else {
            return found;
        };
        found.then(move |found| match found {
            Ok(found) if found.identity().is_some() => Answer::later(self.used(single_use, found, now)),
            found => Answer::Now(found),
        })
    }

    /// Fails: a log-in has to issue a token, see [`JwtIssuer`](crate::JwtIssuer).
    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(NO_LOG_IN))
    }

    /// Makes the rest of the request anonymous; the client still has its token.
    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }

    fn conceal(&self, headers: &mut HeaderMap, concealed: &mut ConcealedCredentials) {
        self.getter.conceal(headers, concealed);
    }

    fn is_ambient(&self) -> bool {
        self.getter.is_ambient()
    }

    fn challenge(&self) -> HeaderValue {
        self.challenger.challenge(self.getter.scheme(), Challenge::Missing)
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        self.challenger.challenge(self.getter.scheme(), why).into()
    }

    fn vary(&self) -> HeaderValue {
        self.getter.vary()
    }
}

impl BearerJwt {
    fn find<'a>(
        &'a self,
        presented: Result<Presented<'a>, IdentityError>,
        now: UnixTime,
    ) -> Identification<'a> {
        match presented {
            Ok(Presented::Absent) => Answer::Now(Ok(Identified::anonymous())),
            Ok(Presented::Malformed) => Answer::Now(self.refused(&JwtErrorKind::Malformed.into())),
            Ok(Presented::Token(token)) => {
                self.verifier.verify(token, now).then(|verified| self.answer(verified))
            }
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn answer(&self, verified: Result<VerifiedClaims, JwtError>) -> Identification<'_> {
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) if error.kind() == JwtErrorKind::Unavailable => {
                return Answer::Now(Err(IdentityError::unavailable(error.into_source())));
            }
            Err(error) => return Answer::Now(self.refused(&error)),
        };
        let identity = self.identifier.identity(&claims, self.verifier.issuers());
        identity.map(move |identity| match identity?.and_then(|identity| self.identified(identity, claims)) {
            Some(identified) => Ok(identified),
            None => self.refused(&JwtErrorKind::Identity.into()),
        })
    }

    pub(super) fn refused(&self, error: &JwtError) -> Result<Identified, IdentityError> {
        let kind = error.kind();
        events::token_refused(&kind, error.detail());
        if self.is_lenient {
            return Ok(Identified::bad_credential());
        }
        Err(IdentityError::refuse(kind.message()))
    }

    /// Returns whether an authentication context of this token counts.
    fn trusts_acr_of(&self, claims: &VerifiedClaims) -> bool {
        match &*self.acr_issuers {
            [] => {
                let issuers = self.verifier.issuers();
                issuers.iter().all(|issuer| issuers.first() == Some(issuer))
            }
            named => named.iter().any(|issuer| claims.issuer() == Some(issuer)),
        }
    }

    fn identified(&self, identity: Identity, claims: VerifiedClaims) -> Option<Identified> {
        let mut identified = Identified::known(identity);
        if let Some(time) = claims.authenticated_at() {
            identified = identified.with_authenticated_at(time);
        }
        if let Some(acr) = claims.acr().filter(|_| self.trusts_acr_of(&claims)) {
            identified = identified.with_authentication(Authentication::new().with_acr(acr.clone()));
        }
        if let Some(time) = claims.granted_at() {
            identified = identified.with_issued_at(time);
        }
        if let Some(time) = claims.expires() {
            identified = identified.with_expires(time.plus(self.verifier.expiry_leeway()));
        }
        if let Some(id) = claims.id() {
            identified = identified.with_credential_id(id.clone());
        }
        if let Some(scopes) = claims.scopes() {
            identified = identified.with_scopes(scopes.clone());
        }
        if let Some(actor) = claims.actor() {
            // A token with an actor that is not an identity is rejected: the log could not name the actor.
            let actor = self.identifier.actor(&claims, actor, self.verifier.issuers())?;
            identified = identified.with_actor(actor);
        }
        Some(identified.with_memo(Arc::new(claims)))
    }
}
