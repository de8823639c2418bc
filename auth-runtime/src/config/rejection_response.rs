//! Responds to rejected requests as the application has configured it.

use std::sync::Arc;

use axum::response::Response;
use http::request::Parts;

use super::Config;
use crate::{
    error_kind::AuthErrorKind,
    guard_probe::Probe,
    refusal::{self, ContentNegotiation, Lacking, Refusal},
};

impl Config {
    /// Responds to a rejected request.
    pub(crate) fn respond(&self, kind: AuthErrorKind, parts: &Parts) -> Response {
        self.respond_with(kind, parts, Lacking::default(), None)
    }

    /// Responds to a rejected request; `own` is the guard's own renderer.
    pub(crate) fn respond_with(
        &self,
        kind: AuthErrorKind,
        parts: &Parts,
        lacking: Lacking,
        own: Option<&dyn Fn(&Refusal) -> Response>,
    ) -> Response {
        let refusal = self.refusal(kind, ContentNegotiation::of(parts), lacking);
        Probe::rejected(parts, refusal.render(own, self.render.as_ref()))
    }

    /// Converts the response to a handler's error to the form that a guard would use. Without a known request,
    /// the defaults are used.
    pub(crate) fn renegotiate(&self, head: Option<&Parts>, mut response: Response) -> Response {
        let Some(kind) = refusal::take_unnegotiated(&mut response) else { return response };
        let refusal =
            self.refusal(kind, head.map(ContentNegotiation::of).unwrap_or_default(), Lacking::default());
        refusal::with_headers_of(response, kind, refusal.render(None, self.render.as_ref()))
    }

    pub(crate) fn refusal(
        &self,
        kind: AuthErrorKind,
        facts: ContentNegotiation,
        lacking: Lacking,
    ) -> Refusal {
        let challenge = kind.challenge(lacking.wanted_scopes(), lacking.step_up());
        let challenges = challenge.map(|challenge| self.identity.challenges(challenge)).unwrap_or_default();
        Refusal::new(
            kind,
            facts.under(&self.base_path),
            challenges,
            self.identity.vary(),
            self.login_page.clone(),
            if self.discloses_permissions { lacking } else { lacking.undisclosed() },
            Arc::clone(&self.languages),
        )
    }
}
