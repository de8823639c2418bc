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
        let token = match token68(request.headers(), "Bearer") {
            Ok(Some(token)) if token.len() <= MAX_TOKEN => token,
            Ok(Some(_)) => return Answer::Now(Err(REFUSED)),
            Ok(None) => return Answer::Now(Ok(Identified::anonymous())),
            Err(error) => return Answer::Now(Err(error)),
        };
        if !self.throttle.is_some() {
            return self.verify(token, request);
        }
        Answer::later(async move {
            let verify = async { self.verify(token, request).await };
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
        self.challenger.challenge("Bearer", why).into()
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

impl<I: TokenIntrospector> OpaqueToken<I> {
    fn verify<'a>(&'a self, token: &'a str, request: &'a Incoming<'a>) -> Identification<'a> {
        let hash = sha256(&[token.as_bytes()]);
        let found = self.kept.get(Cow::Owned(hash), move || self.introspector.introspect(token));
        found.map(move |found: Result<Option<ActiveToken>, BoxError>| {
            let active = found.map_err(IdentityError::unavailable)?;
            let is_valid = |token: &ActiveToken| token.is_valid(self.audience.as_deref(), request.now());
            Ok(active.filter(is_valid).ok_or(REFUSED)?.identified(|| id_of(&hash)))
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
