//! Answers to the conditions of rules: [`ConditionQuestion`], [`Tenant`].
//!
//! A [`Condition`](crate::Condition) is declared as a constant, and a rule names it after `if`. The layer answers it
//! when a decision depends on it, at most once per request:
//!
//! | condition | answered by | unknown if |
//! |---|---|---|
//! | [`OWNER`](crate::OWNER) | `Resource::owner`, and the user of the request | no resource is guarded, or it has no owner |
//! | [`TENANT`](crate::TENANT) | `Resource::tenant`, and [`AuthLayer::with_tenants`] | no resource is guarded, or it or the user has no tenant |
//! | `between`, `daily` | the clock of the layer | |
//! | `network` | the address of the client: [`AuthLayer::with_client_address`] | the address is unknown |
//! | `scope` | the access token | the credential has no scopes |
//! | `max_age`, `acr` | the credential (step-up authentication) | the credential does not say |
//! | `custom` | the function of [`AuthLayer::with_condition`] | |
//!
//! An unknown answer fails closed: a rule that allows does not fire, and a rule that denies does. A function that fails
//! leads to 503, and its error is logged. A condition without a function leads to 500; an application whose
//! [`guarded::Router`](crate::guarded::Router) has a guard that needs it does not start.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{Acl, Answer, AuthLayer, Condition, KeyRing, TicketCookie, acl, acl_required};
//! use auth_runtime::conditions::ConditionQuestion;
//!
//! const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");
//! const ON_CALL: Condition = Condition::custom("on-call");
//!
//! const SERVERS: Acl = acl![
//!     (Allow, Group("operators"), ["restart"], if OFFICE_HOURS),
//!     (Allow, Group("operators"), ["restart"], if ON_CALL),
//! ];
//!
//! #[acl_required("restart", SERVERS)]
//! async fn restart() {}
//!
//! async fn is_on_call(user: &str) -> Result<bool, auth_runtime::BoxError> {
//!     Ok(user == "alice") // a look-up in the duty roster
//! }
//!
//! let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_condition(
//!     ON_CALL,
//!     |question: ConditionQuestion<'_>| {
//!         let user = question.user().cloned();
//!         Answer::later(async move {
//!             match user {
//!                 Some(user) => is_on_call(&user).await,
//!                 None => Ok(false),
//!             }
//!         })
//!     },
//! );
//! # let _ = (auth, restart);
//! ```
//!
//! [`AuthLayer::with_tenants`]: crate::AuthLayer::with_tenants
//! [`AuthLayer::with_client_address`]: crate::AuthLayer::with_client_address
//! [`AuthLayer::with_condition`]: crate::AuthLayer::with_condition

mod bound_conditions;
mod check_bindings_at_startup;
mod tenant;

use std::{any::Any, fmt};

pub(crate) use bound_conditions::BoundConditions;
pub(crate) use check_bindings_at_startup::check_bindings;
pub use tenant::Tenant;

use crate::{
    authorization::GroupQuestion,
    identity::{Identified, Incoming, UserId},
};

/// A question to the application about one request: does a condition hold, or of which tenant is its user?
#[derive(Clone, Copy)]
#[must_use]
pub struct ConditionQuestion<'a> {
    facts: GroupQuestion<'a>,
    request: Incoming<'a>,
}

impl<'a> ConditionQuestion<'a> {
    pub(crate) const fn new(facts: GroupQuestion<'a>, request: Incoming<'a>) -> Self {
        Self { facts, request }
    }

    /// Returns the user; `None` for an anonymous request.
    #[must_use]
    pub const fn user(&self) -> Option<&'a UserId> {
        self.facts.user()
    }

    /// Returns the head of the request.
    #[must_use]
    pub const fn request(&self) -> Incoming<'a> {
        self.request
    }

    /// Returns the accepted credential of the request.
    #[must_use]
    pub const fn credential(&self) -> Option<&'a Identified> {
        self.facts.credential()
    }

    /// Returns the user as `AuthLayer::with_users` has loaded it, as [`GroupQuestion::loaded_user`] does.
    #[must_use]
    pub fn loaded_user<U: Any>(&self) -> Option<&'a U> {
        self.facts.loaded_user()
    }
}

impl fmt::Debug for ConditionQuestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionQuestion").field("user", &self.user()).finish_non_exhaustive()
    }
}
