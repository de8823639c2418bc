//! A custom identity policy and a custom authorization policy behind the same guards.
//!
//! Run with
//!
//! ```text
//! cargo run -p custom-policy   # http://127.0.0.1:3001, or the address in ADDR
//! ```
//!
//! and try
//!
//! ```text
//! curl -i http://127.0.0.1:3001/                                        # 200: everyone may look
//! curl -i http://127.0.0.1:3001/settings                                # 401: who are you?
//! curl -i -H 'x-api-key: alice-key' http://127.0.0.1:3001/settings      # 403: alice is not an administrator
//! curl -i -H 'x-api-key: admin-key' http://127.0.0.1:3001/settings      # 200
//! ```

use std::{env, error::Error};

use auth_runtime::{
    Answer, AuthLayer, BoxError, Identity, IdentityPolicy, LoginOptions, Permission, UserId, async_trait,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
    guarded::{App, Router, get},
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, Incoming},
    permission_required,
};
use axum::http::HeaderValue;

/// Authenticates users by an API key in a header.
///
/// The keys are in the source to keep the example short. An application stores hashes of keys and compares
/// those.
struct ApiKey;

#[async_trait]
impl IdentityPolicy for ApiKey {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let user = match request.headers().get("x-api-key").map(HeaderValue::as_bytes) {
            None => return Answer::Now(Ok(Identified::anonymous())),
            Some(b"alice-key") => "alice",
            Some(b"admin-key") => "admin",
            Some(_) => return Answer::Now(Ok(Identified::bad_credential())),
        };
        // A policy that queries a store returns `Answer::later(async move { … })`.
        Answer::Now(Ok(Identity::new(user).map_or_else(|_| Identified::bad_credential(), Identified::known)))
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("keys are handed out by the administrator, not by a log-in"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("keys are taken back by the administrator, not by a log-out"))
    }

    /// Returns `false`: browsers do not send this header by themselves, so CSRF is not possible.
    fn is_ambient(&self) -> bool {
        false
    }

    fn challenge(&self) -> HeaderValue {
        HeaderValue::from_static("ApiKey realm=\"custom_policy\"")
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("x-api-key")
    }
}

/// Allows one administrator everything and all others to view.
struct OneAdmin;

/// The permissions that the policy answers for. A misspelt one does not build.
#[derive(Clone, Copy, Permission)]
enum Can {
    Look,
    Change,
}

#[async_trait]
impl AuthorizationPolicy for OneAdmin {
    type Permission = Can;

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let is_admin = question.user().is_some_and(|user| *user == "admin");
        Ok(match question.permission_as::<Can>() {
            Some(Can::Look) => PolicyDecision::Allow,
            Some(Can::Change) if is_admin => PolicyDecision::Allow,
            // The reason is logged. The response does not contain it.
            Some(Can::Change) => PolicyDecision::deny("only the administrator changes settings"),
            None => PolicyDecision::Abstain,
        })
    }
}

#[permission_required(Can::Look)]
async fn look(user: Option<UserId>) -> String {
    match user {
        Some(user) => format!("{user} is looking\n"),
        None => "an anonymous visitor is looking\n".to_owned(),
    }
}

#[permission_required(all(Can::Look, Can::Change))]
async fn settings(user: UserId) -> String {
    format!("{user} may change this\n")
}

/// The routes.
pub(crate) fn routes() -> Router {
    Router::new().route("/", get(look)).route("/settings", get(settings))
}

/// The application.
pub(crate) fn app() -> App {
    routes().with_auth(AuthLayer::new(ApiKey).with_policy(OneAdmin))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3001".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app()).await?;
    Ok(())
}
