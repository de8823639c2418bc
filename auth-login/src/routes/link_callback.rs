//! Completes an attempt to link: the identity is linked to the user who began it, if they are still signed
//! in.

use auth_runtime::LocalPath;
use axum::response::Response;

use super::{callback::Callback, form_csrf_protection::is_cross_site, link_account::FRESH};
use crate::{
    Page,
    accounts::{AccountsError, AccountsErrorKind, ReauthenticatedUser, ReauthenticatedUserError},
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    profile::AccountKey,
    transaction::{LIFETIME, Purpose, Transaction},
};

impl Callback<'_> {
    /// Links the identity to the user who began the attempt, if they are still signed in in this browser.
    pub(super) async fn link(
        &self,
        user: &str,
        attempt: &Transaction,
        identity: &AccountKey,
    ) -> Result<Response, LoginFailure> {
        let Some(accounts) = &self.app.accounts else {
            return Err(LoginFailure::new(FailureCode::ServerError, "identities are not linked here"));
        };
        // The user was fresh when the attempt began.
        let fresh = ReauthenticatedUser::of(&self.auth, FRESH.saturating_add(LIFETIME)).await;
        let fresh = fresh.map_err(|error| match error {
            ReauthenticatedUserError::Impersonated => {
                LoginFailure::new(FailureCode::Impersonated, error.to_string())
            }
            ReauthenticatedUserError::Auth(error) if error.status().is_server_error() => {
                LoginFailure::new(FailureCode::ServerError, error.to_string())
            }
            ReauthenticatedUserError::Auth(error) => {
                LoginFailure::new(FailureCode::OtherUser, error.to_string())
            }
        })?;
        if fresh.id().as_str() != user {
            return Err(LoginFailure::new(FailureCode::OtherUser, "the attempt is of another user"));
        }
        accounts.link(&fresh, identity).await.map_err(|error| stop(&error))?;
        tracing::info!(target: "auth_login", provider = attempt.provider, "identity linked");
        Ok(self.lead_on(&self.auth, &attempt.target))
    }

    /// Returns a page that sends the callback again, if the browser has left the cookie of the session out:
    /// it does so in a form of the provider, and with `SameSite=Strict`. Logging in needs no session, linking
    /// does. Where the layer demands CSRF tokens, a form is sent twice: the first page is shown without the cookie that
    /// its token would belong to.
    pub(super) async fn resumption(
        &self,
        connector: &Connector,
        attempt: Option<&Transaction>,
    ) -> Option<Response> {
        let attempt = attempt.filter(|attempt| matches!(attempt.purpose, Purpose::Link { .. }))?;
        let is_without_session = is_cross_site(self.headers, &self.app.origin) || self.lacks_token;
        if !is_without_session || self.is_logged_in().await {
            return None;
        }
        let own = ["code", "state", "iss", "error", "oauth_token", "oauth_verifier", "denied"];
        let names = own.iter().chain(connector.login().provider.descriptor().callback_parameters);
        let fields =
            names.filter_map(|name| Some(((*name).to_owned(), self.parameters.get(name)?.to_owned())));
        let action = format!("{}/{}/callback", self.app.path, attempt.provider);
        Some(self.app.show(&Page::Resume {
            action: LocalPath::parse(&action).ok()?,
            is_post: self.is_post,
            fields: fields.collect(),
            csrf_token: if self.is_post { self.page_token().await } else { None },
        }))
    }
}

pub(super) fn stop(error: &AccountsError) -> LoginFailure {
    let code = match error.kind() {
        AccountsErrorKind::Taken => FailureCode::IdentityInUse,
        AccountsErrorKind::LastIdentity => FailureCode::LastIdentity,
        AccountsErrorKind::NotLinked => FailureCode::NotLinked,
        AccountsErrorKind::Unavailable => FailureCode::ServerError,
    };
    LoginFailure::new(code, error.to_string())
}
