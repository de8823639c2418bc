//! Holds the configuration of an [`AuthLayer`](crate::AuthLayer), which guards, extractors and handlers read:
//! [`Config`].

mod clear_site_data;
mod installed_policy;
mod late_response_check;
mod rejection_response;

use std::{net::SocketAddr, sync::Arc};

use auth_identity::__private::AnyUsers;
use axum::extract::ConnectInfo;
pub use clear_site_data::SiteData;
pub(crate) use clear_site_data::{CLEAR_SITE_DATA, value as clear_site_data};
use http::{HeaderValue, request::Parts};
pub(crate) use installed_policy::InstalledPolicy;
use late_response_check::LateResponseCheck;

use crate::{
    acl::OverlayRules,
    authorization::GroupSource,
    clock::{Clock, SystemClock, UnixTime},
    conditions::BoundConditions,
    cross_site_requests::Origins,
    identity::{Identified, IdentityPolicy, Incoming},
    refusal::{self, BasePath, English, Languages, LoginRedirect, Render},
    revocation::Revocation,
    watch::Watches,
};

/// What to do with a response that no guard has decided about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unjudged {
    /// There is none: everything inside the layer is on a guarded router, with a guard or a stated reason.
    Impossible,
    /// It is sent.
    Sent,
    /// It is withheld, and the client gets 500.
    Withheld,
}

/// Returns the request as policies see it.
pub(crate) fn incoming(parts: &Parts, now: UnixTime) -> Incoming<'_> {
    Incoming::of_runtime(parts, peer_of, refusal::target, now)
}

/// Returns the address of the peer.
pub(crate) fn peer_of(parts: &Parts) -> Option<SocketAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0)
}

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) identity: Arc<dyn IdentityPolicy>,
    pub(crate) authorization: Option<InstalledPolicy>,
    pub(crate) groups: Option<Arc<dyn GroupSource>>,
    pub(crate) conditions: BoundConditions,
    pub(crate) clock: Arc<dyn Clock>,
    order: Arc<LateResponseCheck>,
    pub(crate) origins: Origins,
    #[cfg(feature = "csrf")]
    pub(crate) csrf: Option<Arc<crate::csrf::CsrfTokens>>,
    pub(crate) revocation: Option<Arc<dyn Revocation>>,
    pub(crate) users: Option<Arc<dyn AnyUsers>>,
    #[cfg(feature = "throttle")]
    pub(crate) throttle: Option<crate::throttle::Throttle>,
    #[cfg(feature = "overlay")]
    pub(crate) overlay: Option<crate::overlay::Overlay>,
    pub(crate) watches: Watches,
    pub(crate) base_path: BasePath,
    pub(crate) login_page: Option<LoginRedirect>,
    pub(crate) render: Option<Render>,
    pub(crate) languages: Languages,
    pub(crate) discloses_permissions: bool,
    pub(crate) unjudged: Unjudged,
    /// The data that browsers are asked to delete at a log-out
    pub(crate) clear_site_data: Option<HeaderValue>,
}

impl Config {
    pub(crate) fn new(identity: Arc<dyn IdentityPolicy>) -> Self {
        Self {
            identity,
            authorization: None,
            groups: None,
            conditions: BoundConditions::new(),
            clock: Arc::new(SystemClock),
            order: Arc::default(),
            origins: Origins::default(),
            #[cfg(feature = "csrf")]
            csrf: None,
            revocation: None,
            users: None,
            #[cfg(feature = "throttle")]
            throttle: None,
            #[cfg(feature = "overlay")]
            overlay: None,
            watches: Watches::new(),
            base_path: BasePath::default(),
            login_page: None,
            render: None,
            languages: Arc::new([Arc::new(English)]),
            discloses_permissions: false,
            unjudged: Unjudged::Sent,
            clear_site_data: None,
        }
    }

    /// Returns the record of recent responses, if a late response could undo one. A policy that keeps its
    /// sessions in a store detects that there, and a client that sends its credential explicitly keeps it.
    pub(crate) fn late_response_check(&self) -> Option<&LateResponseCheck> {
        let is_stateless = self.identity.is_ambient() && !self.identity.ends_credentials();
        is_stateless.then_some(&*self.order)
    }

    /// Returns whether a response has ended a log-in that the request carried.
    pub(crate) fn has_ended(&self, carried: &Identified) -> bool {
        self.late_response_check().is_some_and(|order| order.has_ended(carried, self.clock.now()))
    }

    /// Returns the rules of overlays that are in force; `None` if there are none.
    #[cfg_attr(not(feature = "overlay"), expect(clippy::unused_self, reason = "callers have no second way"))]
    pub(crate) fn overlay_rules(&self) -> Option<Arc<OverlayRules>> {
        #[cfg(feature = "overlay")]
        let rules =
            self.overlay.as_ref().map(crate::overlay::Overlay::rules).filter(|rules| !rules.is_empty());
        #[cfg(not(feature = "overlay"))]
        let rules = None;
        rules
    }

    /// Returns whether something could block a user.
    pub(crate) fn may_bar(&self) -> bool {
        match &self.groups {
            Some(groups) => !groups.never_blocks(),
            None => self.authorization.is_some(),
        }
    }

    /// Returns whether a query contains the post-login redirect target, as guards write it.
    pub(crate) fn has_way_back(&self, query: Option<&str>) -> bool {
        self.login_page.as_ref().is_some_and(|page| page.has_way_back(query))
    }
}
