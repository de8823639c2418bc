//! Implements [`IdentityPolicy`] for bearer tokens.

use std::{borrow::Cow, sync::Arc};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};

use super::{BearerJwt, Presented};
use crate::{JwtError, JwtErrorKind, VerifiedClaims, events};
use auth_identity::{
    __private::Bindings,
    Answer, Identity,
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
        let found = self.getter.token(request).then(move |presented| self.find(request, presented));
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
        self.bindings.challenges(&self.challenger, self.getter.scheme(), why)
    }

    fn vary(&self) -> HeaderValue {
        self.bindings.vary(self.getter.vary())
    }
}

impl BearerJwt {
    fn find<'a>(
        &'a self,
        request: &'a Incoming<'a>,
        presented: Result<Presented<'a>, IdentityError>,
    ) -> Identification<'a> {
        let proven = self.bindings.proven_token(request.headers());
        let presented = match (presented, proven) {
            (presented, Ok(None)) => presented,
            (Ok(Presented::Absent), Ok(Some(token))) => return self.verify(request, token.into(), true),
            // One method per request (RFC 6750, section 2).
            (Ok(_), _) => Ok(Presented::Malformed),
            (Err(error), _) => Err(error),
        };
        match presented {
            Ok(Presented::Absent) => Answer::Now(Ok(Identified::anonymous())),
            Ok(Presented::Malformed) => Answer::Now(self.refused(&JwtErrorKind::Malformed.into())),
            Ok(Presented::Token(token)) => self.verify(request, token, false),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn verify<'a>(
        &'a self,
        request: &'a Incoming<'a>,
        token: Cow<'a, str>,
        is_proven: bool,
    ) -> Identification<'a> {
        let proven = is_proven.then(|| Bindings::hash_of(&token));
        let verified = self.verifier.verify(token, request.now());
        verified.then(move |verified| self.answer(request, verified, proven))
    }

    /// Checks what the token is bound to, and names its user; `proven` is the hash of a token that comes with a proof.
    fn answer<'a>(
        &'a self,
        request: &'a Incoming<'a>,
        verified: Result<VerifiedClaims, JwtError>,
        proven: Option<[u8; 32]>,
    ) -> Identification<'a> {
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) if error.kind() == JwtErrorKind::Unavailable => {
                return Answer::Now(Err(IdentityError::unavailable(error.into_source())));
            }
            Err(error) => return Answer::Now(self.refused(&error)),
        };
        if self.bindings.are_met(proven.as_ref(), claims.confirmation()) {
            return self.named(claims);
        }
        Answer::later(async move {
            match self.bindings.verify(request, proven.as_ref(), claims.confirmation()).await {
                Ok(headers) => {
                    let named = self.named(claims).await;
                    named.map(|identified| identified.with_response_headers(headers))
                }
                Err(error) if self.is_lenient && error.kind().status().is_client_error() => {
                    events::token_refused(&error.kind(), Some(&error.to_string()));
                    Ok(Identified::bad_credential())
                }
                Err(error) => Err(error),
            }
        })
    }

    fn named(&self, claims: VerifiedClaims) -> Identification<'_> {
        let identity = self.identifier.identity(&claims, self.verifier.issuers(), self.has_services);
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
