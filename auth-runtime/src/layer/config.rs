//! What an [`AuthLayer`](super::AuthLayer) was told.

use std::sync::Arc;

use axum::response::Response;

use crate::{
    authorization::{AuthorizationPolicy, GroupSource},
    clock::Clock,
    cross_origin::Origins,
    identity::IdentityPolicy,
    refusal::{Facts, LoginPage, Refusal, RefusalKind, Render},
};

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) identity: Arc<dyn IdentityPolicy>,
    pub(crate) authorization: Option<Arc<dyn AuthorizationPolicy>>,
    pub(crate) groups: Option<Arc<dyn GroupSource>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) origins: Origins,
    pub(super) login_page: Option<LoginPage>,
    pub(super) render: Option<Render>,
    pub(super) discloses_permissions: bool,
}

impl Config {
    /// Returns whether there is somebody who could bar a user.
    pub(crate) fn may_bar(&self) -> bool {
        match &self.groups {
            Some(groups) => !groups.never_bars(),
            None => self.authorization.is_some(),
        }
    }

    pub(crate) fn refusal(
        &self,
        kind: RefusalKind,
        facts: Facts,
        permission: Option<&'static str>,
    ) -> Refusal {
        Refusal::new(
            kind,
            facts,
            self.identity.challenge(),
            self.identity.vary(),
            self.login_page.clone(),
            permission.filter(|_| self.discloses_permissions),
        )
    }

    pub(crate) fn render(&self, refusal: &Refusal) -> Response {
        match &self.render {
            Some(render) => render(refusal),
            None => refusal.default_response(),
        }
    }
}
