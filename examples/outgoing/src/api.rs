//! A guarded service for the examples; it introspects tokens at the authorization server (RFC 7662).

use auth_client::OAuthClient;
use auth_runtime::{
    Acl, Answer, AuthLayer, Identity, IdentityPolicy, LoginOptions, UserId, acl, acl_required, async_trait,
    guarded::{App, Router, get},
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
};
use axum::http::{HeaderValue, header};

const INVOICES: Acl = acl![(Allow, User("alice"), ["list"]), (Allow, User("billing"), ["list", "send"]),];

/// Authenticates requests by token introspection.
struct Introspected(OAuthClient);

#[async_trait]
impl IdentityPolicy for Introspected {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move {
            let Some(value) = request.headers().get(header::AUTHORIZATION) else {
                return Ok(Identified::anonymous());
            };
            let Some(token) = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")) else {
                return Ok(Identified::bad_credential());
            };
            let facts = self.0.introspect(&token.into()).await.map_err(IdentityError::unavailable)?;
            let subject =
                facts.subject.filter(|_| facts.active).and_then(|subject| Identity::new(&subject).ok());
            Ok(subject.map_or_else(Identified::bad_credential, Identified::known))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("tokens are given by the provider"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("tokens are taken back by the provider"))
    }

    /// Returns `false`: browsers do not send this header by themselves, so CSRF is not possible.
    fn is_ambient(&self) -> bool {
        false
    }

    fn challenge(&self) -> HeaderValue {
        HeaderValue::from_static("Bearer")
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

#[acl_required("list", INVOICES)]
async fn list(user: UserId) -> String {
    format!("the invoices of {user}\n")
}

#[acl_required("send", INVOICES)]
async fn send(user: UserId) -> String {
    format!("{user} has sent them\n")
}

/// Returns the service; `client` authenticates it to the authorization server.
pub(crate) fn app(client: OAuthClient) -> App {
    Router::new().route("/invoices", get(list).post(send)).with_auth(AuthLayer::new(Introspected(client)))
}
