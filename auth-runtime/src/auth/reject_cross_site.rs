//! Rejects changes of the identity on cross-site requests (CSRF), and lifts that for one handle.

use http::request::Parts;

use super::{Auth, AuthError, request_state::RequestState};
use crate::{
    cross_site_requests,
    error_kind::AuthErrorKind,
    identity::{Effects, Identified},
};

impl Auth {
    /// Returns a handle whose log-ins and log-outs are accepted on cross-site requests: for the callback of
    /// an identity provider, and for magic links in mails.
    ///
    /// Without it every change of the identity on a cross-site request fails with
    /// [`CrossOrigin`](crate::AuthErrorKind::CrossOrigin), with any method; a redirect from another site
    /// is such a request. The identity and the session of the request are available as before: on a GET, but
    /// not on a POST. A provider that responds by POST (`response_mode=form_post`) to a handler that reads
    /// the session needs [`AuthLayer::with_trusted_origin`](crate::AuthLayer::with_trusted_origin).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError};
    /// use axum::{extract::Query, response::Redirect};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Callback {
    ///     code: String,
    ///     state: String,
    /// }
    ///
    /// async fn callback(auth: Auth, Query(query): Query<Callback>) -> Result<Redirect, AuthError> {
    ///     // the application checks `state` against what it gave this browser, and redeems `code`
    ///     # let (user, _) = ("alice", (query.code, query.state));
    ///     auth.allowing_cross_site().remember(user).await?;
    ///     Ok(Redirect::to("/"))
    /// }
    /// ```
    ///
    /// # Security
    ///
    /// The handler must defend itself against login CSRF: an attacker can make a browser send this request
    /// with the attacker's own code or link. For OAuth 2.0 and OIDC, bind `state` to the browser (RFC 6749,
    /// section 10.12; RFC 9700, section 4.7). For a magic link, use a cookie that was set when the link was
    /// requested, or a page that asks for confirmation.
    #[must_use]
    pub fn allowing_cross_site(&self) -> Self {
        Self { allows_cross_site: true, ..self.clone() }
    }

    /// Returns whether the response will set a cookie with `SameSite=Strict`, after the changes so far.
    ///
    /// A browser does not send such a cookie on the navigation that follows a redirect, if another site
    /// started the chain of redirects (RFC 6265bis, section 5.2). So the callback of an identity provider
    /// then has to respond with a page that navigates by itself instead of a redirect; otherwise the user
    /// appears anonymous after the log-in.
    #[must_use]
    pub fn sets_strict_cookie(&self) -> bool {
        self.state.changes().effects.as_ref().is_some_and(|effects| effects.sets_strict_cookie())
    }

    /// Fails on a cross-site request and without a CSRF token that is needed, unless this handle allows it.
    pub(super) fn check_site(&self) -> Result<(), AuthError> {
        if !self.allows_cross_site && self.state.is_cross_site(&self.head) {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        if !self.allows_cross_site && self.state.carried().csrf().lacks_proof() {
            return Err(AuthError::new(AuthErrorKind::CsrfToken));
        }
        Ok(())
    }

    /// Fails on an unsafe cross-site request, whose credential is ignored, and on one without a CSRF token that it needs.
    pub(super) fn check_use(&self) -> Result<(), AuthError> {
        if self.state.carried().is_withheld() {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        if self.state.carried().csrf().withholds_credential() {
            return Err(AuthError::new(AuthErrorKind::CsrfToken));
        }
        Ok(())
    }

    /// Returns whether this request may start a new session for an anonymous client. A cookie with
    /// `SameSite=Strict` is not sent with a cross-site request, so the new cookie might overwrite that of a
    /// user.
    pub(super) fn may_begin(&self, effects: &Effects) -> bool {
        let is_cross_site = !self.allows_cross_site && self.state.is_cross_site(&self.head);
        !is_cross_site || !effects.sets_strict_cookie()
    }
}

impl RequestState {
    /// Returns whether the request is cross-site. Only credentials that browsers attach by themselves need
    /// this defence.
    fn is_cross_site(&self, head: &Parts) -> bool {
        let config = self.config();
        let found = self.carried().found();
        let is_ambient = config.identity.is_ambient() || found.and_then(Identified::ambient) == Some(true);
        self.carried().is_withheld()
            || (is_ambient && cross_site_requests::is_cross_site(head, &config.origins))
    }
}
