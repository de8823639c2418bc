//! Who sends a request: a person with a session, or under `/api/` a program with a key: [`policy`].

use auth_runtime::{
    Answer, ApiKey, BoxError, FirstOf, Identity, IdentityPolicy, LoginOptions, SessionIdentity, async_trait,
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
};
use axum::http::HeaderValue;

use super::{PREFIX, keys};
use crate::store::Store;

/// Returns the policy of all requests. The key comes first: with a cookie of the same person beside it, the scopes are
/// those of the key.
pub(crate) fn policy(sessions: SessionIdentity, store: Store) -> Result<FirstOf, BoxError> {
    let find = move |id| {
        let store = store.clone();
        async move { keys::find(&store, id).await }
    };
    let keys = ApiKey::new(find).with_prefix(keys::PREFIX)?.with_realm("newsroom")?.in_bearer_token();
    Ok(FirstOf::new(OfApi(keys)).then_log_in(sessions))
}

/// A policy that reads credentials under `/api/` only: pages require no scopes, which would limit a key.
struct OfApi<P>(P);

#[async_trait]
impl<P: IdentityPolicy> IdentityPolicy for OfApi<P> {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        if request.original_uri().path().starts_with(PREFIX) {
            self.0.identify(request)
        } else {
            Answer::Now(Ok(Identified::anonymous()))
        }
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        self.0.remember(context, identity, options).await
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        self.0.forget(context).await
    }

    fn is_ambient(&self) -> bool {
        self.0.is_ambient()
    }

    fn challenge(&self) -> HeaderValue {
        self.0.challenge()
    }

    fn vary(&self) -> HeaderValue {
        self.0.vary()
    }
}
