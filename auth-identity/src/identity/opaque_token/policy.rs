//! Implements [`IdentityPolicy`] for opaque tokens.

use std::{borrow::Cow, fmt::Write as _};

use async_trait::async_trait;
use http::HeaderValue;

use super::{ActiveToken, OpaqueToken, TokenIntrospector};
use crate::{
    BoxError, Identity,
    answer_future::Answer,
    identity::{
        Challenge, Challenges, ChangeContext, CredentialId, Effects, Identification, Identified,
        IdentityError, IdentityPolicy, Incoming, LoginOptions, authorization_header::token68,
    },
    keys::digest::sha256,
};

/// Longer tokens are rejected without a question.
const MAX_TOKEN: usize = 4096;

/// The same for every reason, against enumeration.
const REFUSED: IdentityError = IdentityError::refuse("the access token is not valid");

#[async_trait]
impl<I: TokenIntrospector> IdentityPolicy for OpaqueToken<I> {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let headers = request.headers();
        // There is one `Authorization` header, so a request has a token with one of the schemes.
        let found = self.bindings.proven_token(headers).and_then(|proven| match proven {
            Some(token) => Ok(Some((token, true))),
            None => Ok(token68(headers, "Bearer")?.map(|token| (token, false))),
        });
        let (token, is_proven) = match found {
            Ok(Some((token, is_proven))) if token.len() <= MAX_TOKEN => (token, is_proven),
            Ok(Some(_)) => return Answer::Now(Err(REFUSED)),
            Ok(None) => return Answer::Now(Ok(Identified::anonymous())),
            Err(error) => return Answer::Now(Err(error)),
        };
        if !self.throttle.is_some() {
            return self.verify(token, is_proven, request);
        }
        Answer::later(async move {
            let verify = async { self.verify(token, is_proven, request).await };
            self.throttle.around(None, request, verify).await
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "the authorization server issues tokens; put a policy with a cookie before `OpaqueToken`, with `FirstOf`",
        ))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        // The rest of the request is anonymous; the client still has its token.
        Ok(Effects::none())
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn challenge(&self) -> HeaderValue {
        self.challenger.challenge("Bearer", Challenge::Missing)
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        self.bindings.challenges(&self.challenger, "Bearer", why)
    }

    fn vary(&self) -> HeaderValue {
        self.bindings.vary(HeaderValue::from_static("authorization"))
    }
}

impl<I: TokenIntrospector> OpaqueToken<I> {
    fn verify<'a>(
        &'a self,
        token: &'a str,
        is_proven: bool,
        request: &'a Incoming<'a>,
    ) -> Identification<'a> {
        let hash = sha256(&[token.as_bytes()]);
        let found = self.kept.get(Cow::Owned(hash), move || self.introspector.introspect(token));
        found.then(move |found: Result<Option<ActiveToken>, BoxError>| {
            let active = match found {
                Ok(active) => active,
                Err(error) => return Answer::Now(Err(IdentityError::unavailable(error))),
            };
            let is_valid = |token: &ActiveToken| token.is_valid(self.audience.as_deref(), request.now());
            let Some(active) = active.filter(is_valid) else { return Answer::Now(Err(REFUSED)) };
            let proven = is_proven.then_some(hash);
            if self.bindings.are_met(proven.as_ref(), active.confirmation()) {
                return Answer::Now(Ok(active.identified(|| id_of(&hash))));
            }
            Answer::later(async move {
                let headers = self.bindings.verify(request, proven.as_ref(), active.confirmation()).await?;
                Ok(active.identified(|| id_of(&hash)).with_response_headers(headers))
            })
        })
    }
}

/// Returns the id by which a token without one of its own is revoked here.
fn id_of(hash: &[u8; 32]) -> Option<CredentialId> {
    let mut id = "opaque-".to_owned();
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    CredentialId::new(&id).ok()
}
