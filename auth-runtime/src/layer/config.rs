//! The configuration of an [`AuthLayer`](super::AuthLayer).

use std::sync::Arc;

use auth_identity::__private::AnyUsers;
use axum::response::Response;
use http::HeaderValue;

use super::Unjudged;
use crate::{
    auth::ResponseOrder,
    authorization::{AuthorizationPolicy, GroupSource},
    clock::{Clock, SystemClock},
    cross_origin::Origins,
    error_kind::AuthErrorKind,
    identity::{Identified, IdentityPolicy},
    refusal::{BasePath, Facts, Lacking, LoginPage, Refusal, Render},
    revocation::Revocation,
    watch::Watches,
};

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) identity: Arc<dyn IdentityPolicy>,
    pub(crate) authorization: Option<Arc<dyn AuthorizationPolicy>>,
    pub(crate) groups: Option<Arc<dyn GroupSource>>,
    pub(crate) clock: Arc<dyn Clock>,
    order: Arc<ResponseOrder>,
    pub(crate) origins: Origins,
    pub(crate) revocation: Option<Arc<dyn Revocation>>,
    pub(crate) users: Option<Arc<dyn AnyUsers>>,
    pub(crate) watches: Watches,
    pub(crate) base_path: BasePath,
    pub(super) login_page: Option<LoginPage>,
    pub(super) render: Option<Render>,
    pub(super) discloses_permissions: bool,
    pub(super) unjudged: Unjudged,
    /// The data that browsers are asked to delete at a log-out
    pub(crate) clear_site_data: Option<HeaderValue>,
}

impl Config {
    pub(super) fn new(identity: Arc<dyn IdentityPolicy>) -> Self {
        Self {
            identity,
            authorization: None,
            groups: None,
            clock: Arc::new(SystemClock),
            order: Arc::default(),
            origins: Origins::default(),
            revocation: None,
            users: None,
            watches: Watches::new(),
            base_path: BasePath::default(),
            login_page: None,
            render: None,
            discloses_permissions: false,
            unjudged: Unjudged::Sent,
            clear_site_data: None,
        }
    }

    /// Returns the record of recent responses, if a late response could undo one. A policy that keeps its
    /// sessions in a store detects that there, and a client that sends its credential explicitly keeps it.
    pub(crate) fn response_order(&self) -> Option<&ResponseOrder> {
        let is_stateless = self.identity.is_ambient() && !self.identity.ends_credentials();
        is_stateless.then_some(&*self.order)
    }

    /// Returns whether a response has ended a log-in that the request carried.
    pub(crate) fn has_ended(&self, carried: &Identified) -> bool {
        self.response_order().is_some_and(|order| order.has_ended(carried, self.clock.now()))
    }

    /// Returns whether something could block a user.
    pub(crate) fn may_bar(&self) -> bool {
        match &self.groups {
            Some(groups) => !groups.never_blocks(),
            None => self.authorization.is_some(),
        }
    }

    pub(crate) fn refusal(&self, kind: AuthErrorKind, facts: Facts, lacking: Lacking) -> Refusal {
        let challenge = kind.challenge(lacking.wanted_scopes());
        let challenges = challenge.map(|challenge| self.identity.challenges(challenge)).unwrap_or_default();
        Refusal::new(
            kind,
            facts.under(&self.base_path),
            challenges,
            self.identity.vary(),
            self.login_page.clone(),
            if self.discloses_permissions { lacking } else { lacking.undisclosed() },
        )
    }

    /// Returns whether a query contains the post-login redirect target, as guards write it.
    pub(crate) fn has_way_back(&self, query: Option<&str>) -> bool {
        self.login_page.as_ref().is_some_and(|page| page.has_way_back(query))
    }

    pub(crate) fn render(&self, refusal: &Refusal) -> Response {
        match &self.render {
            Some(render) => render(refusal),
            None => refusal.default_response(),
        }
    }
}
