//! Implements [`IdentityPolicy`] for bearer tokens.

use std::{borrow::Cow, sync::Arc};

use async_trait::async_trait;
use http::HeaderValue;

use super::{BearerJwt, Presented};
use crate::{
    Identity,
    answer::Answer,
    events,
    identity::{
        Challenge, Challenges, ChangeContext, Effects, Identification, Identified, IdentityError,
        IdentityPolicy, Incoming, LoginOptions,
    },
    jwt::{JwtError, JwtErrorKind, VerifiedClaims},
};

const NO_LOG_IN: &str = "a bearer token cannot be given with a response's head; issue one with `JwtIssuer`";

#[async_trait]
impl IdentityPolicy for BearerJwt {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let (token, now) = match self.token(request) {
            Ok(token) => (token, request.now()),
            Err(answer) => return Answer::Now(answer),
        };
        // A repeated check by a watch is not a further use of the token.
        let single_use = self.single_use.as_ref().filter(|_| !request.is_asked_again());
        let found = self.verifier.verify(token, now).map(|verified| self.answer(verified));
        match single_use {
            None => found,
            Some(single_use) => Answer::later(async move { self.used(single_use, found.await?, now).await }),
        }
    }

    /// Fails: a log-in has to issue a token, see [`JwtIssuer`](crate::jwt::JwtIssuer).
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
    /// Returns the request's token, or the result without one.
    fn token<'r>(
        &'r self,
        request: &Incoming<'r>,
    ) -> Result<Cow<'r, str>, Result<Identified, IdentityError>> {
        match self.getter.token(request) {
            Presented::Absent => Err(Ok(Identified::anonymous())),
            Presented::Malformed => Err(self.refused(&JwtErrorKind::Malformed.into())),
            Presented::Token(token) => Ok(token),
        }
    }

    fn answer(&self, verified: Result<VerifiedClaims, JwtError>) -> Result<Identified, IdentityError> {
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) if error.kind() == JwtErrorKind::Unavailable => {
                return Err(IdentityError::unavailable(error.into_source()));
            }
            Err(error) => return self.refused(&error),
        };
        match self.identified(claims) {
            Some(identified) => Ok(identified),
            None => self.refused(&JwtErrorKind::Identity.into()),
        }
    }

    pub(super) fn refused(&self, error: &JwtError) -> Result<Identified, IdentityError> {
        let kind = error.kind();
        events::token_refused(&kind, error.detail());
        if self.is_lenient {
            return Ok(Identified::bad_credential());
        }
        Err(IdentityError::refuse(kind.message()))
    }

    fn identified(&self, claims: VerifiedClaims) -> Option<Identified> {
        let issuers = self.verifier.issuers();
        let mut identified = Identified::known(self.identifier.identity(&claims, issuers)?);
        if let Some(time) = claims.authenticated_at() {
            identified = identified.with_authenticated_at(time);
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
            // An impersonator that cannot be identified: reject the token.
            identified = identified.with_actor(self.identifier.actor(&claims, actor, issuers)?);
        }
        Some(identified.with_memo(Arc::new(claims)))
    }
}
