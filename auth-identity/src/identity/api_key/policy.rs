//! Implements [`IdentityPolicy`] for API keys.

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    ApiKey, ApiKeyRecord, ApiKeyStore, Place, api_key_record,
    api_key_text::{self, Key},
};
use crate::{
    BoxError, Identity,
    answer_future::Answer,
    clock::UnixTime,
    identity::{
        ChangeContext, CredentialId, Effects, Identification, Identified, IdentityError, IdentityPolicy,
        Incoming, LoginOptions, authorization_header::token68,
    },
};

/// The same for every reason, against enumeration.
const REFUSED: IdentityError = IdentityError::refuse("the API key is not valid");

#[async_trait]
impl<S: ApiKeyStore> IdentityPolicy for ApiKey<S> {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let key = match self.presented(request.headers()) {
            Ok(Some(key)) => key,
            Ok(None) => return Answer::Now(Ok(Identified::anonymous())),
            Err(error) => return Answer::Now(Err(error)),
        };
        let Ok(id) = CredentialId::new(key.id) else { return Answer::Now(Err(REFUSED)) };
        if !self.throttle.is_some() {
            return self.store.find(id).map(move |found| answer(found, &key, request.now()));
        }
        Answer::later(async move {
            let verify = async { answer(self.store.find(id).await, &key, request.now()) };
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
            "an API key cannot be remembered; put a policy with a cookie before `ApiKey`, with `FirstOf`",
        ))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("an API key cannot be forgotten; revoke it in its store"))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }

    fn vary(&self) -> HeaderValue {
        match &self.place {
            Place::Authorization | Place::Bearer => HeaderValue::from_static("authorization"),
            Place::Header(name) => name.clone().into(),
        }
    }
}

impl<S> ApiKey<S> {
    /// Returns the key in the request, if it is well-formed.
    fn presented<'a>(&self, headers: &'a HeaderMap) -> Result<Option<Key<'a>>, IdentityError> {
        let text = match &self.place {
            Place::Header(name) => only(headers, name)?,
            Place::Authorization | Place::Bearer => token68(headers, self.place.scheme())?,
        };
        let Some(text) = text else { return Ok(None) };
        let is_ours = |key: &Key<'_>| self.prefix.as_deref().is_none_or(|prefix| prefix == key.prefix);
        match api_key_text::parse(text).filter(is_ours) {
            Some(key) => Ok(Some(key)),
            // Other bearer tokens may belong to another policy.
            None if self.place == Place::Bearer => Ok(None),
            None => Err(REFUSED),
        }
    }
}

/// Returns the value of a header, which must not be repeated.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, IdentityError> {
    let mut lines = headers.get_all(name).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(IdentityError::refuse("there is more than one API key"));
    }
    line.to_str().map(Some).map_err(|_| REFUSED)
}

fn answer(
    found: Result<Option<ApiKeyRecord>, BoxError>,
    key: &Key<'_>,
    now: UnixTime,
) -> Result<Identified, IdentityError> {
    let found = found.map_err(IdentityError::unavailable)?;
    let record = api_key_record::checked(found, key, now).ok_or(REFUSED)?;
    let identified = Identified::known(record.owner().clone())
        .with_credential_id(record.id().clone())
        .with_issued_at(record.created())
        .with_scopes(record.scopes().clone());
    Ok(match record.expires() {
        Some(time) => identified.with_expires(time),
        None => identified,
    })
}
