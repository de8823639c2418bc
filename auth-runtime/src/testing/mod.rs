//! Helps tests of applications: act as a user, control the clock, fake a policy, and test an identity policy
//! of the application with the [suite](mod@conformance) that those of this crate pass.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{acl, acl_required, testing, Acl};
//! use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
//! use tower::ServiceExt;
//!
//! const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
//!
//! #[acl_required("edit", ARTICLES)]
//! async fn edit() -> &'static str {
//!     "edited"
//! }
//!
//! fn routes() -> Router {
//!     Router::new().route("/edit", get(edit))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let request = || Request::get("/edit").body(Body::empty()).unwrap();
//!
//! let as_editor = routes().layer(testing::acting_as("alice", ["editors"]));
//! assert_eq!(as_editor.oneshot(request()).await.unwrap().status(), StatusCode::OK);
//!
//! let as_reader = routes().layer(testing::acting_as("bob", ["readers"]));
//! assert_eq!(as_reader.oneshot(request()).await.unwrap().status(), StatusCode::FORBIDDEN);
//!
//! let as_nobody = routes().layer(testing::anonymous());
//! assert_eq!(as_nobody.oneshot(request()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
//!
//! // The function itself can be called with a guard that decides nothing.
//! assert_eq!(edit(testing::pass()).await, "edited");
//! # }
//! ```
//!
//! The layers of [`acting_as`], [`acting_as_blocked`] and [`anonymous`] [demand
//! guards](AuthLayer::demand_guards): a test that requests a route without one gets 500, and the log says
//! what to write. If that is intended, add [`allow_unguarded`](AuthLayer::allow_unguarded).
//!
//! # Security
//!
//! This module needs the feature `testing`; enable it in `[dev-dependencies]` only.

#[cfg(feature = "ui-testing")]
mod compile_fail;
pub mod conformance;
mod fake_identity;
mod fake_policy;
mod frozen_clock;
mod unnoticed_mutations;
mod verify_access;

#[cfg(feature = "ui-testing")]
pub use compile_fail::rules_do_not_compile;
pub use conformance::conformance;
pub use fake_identity::{Call, FakeIdentity, USER_HEADER};
pub use fake_policy::FakePolicy;
pub use frozen_clock::FrozenClock;
pub use unnoticed_mutations::{UnnoticedMutation, unnoticed_mutations};

use auth_acl::__private::firsts_of;

use crate::{
    acl::{Acl, Group, Groups, Name, Permissions, Rule},
    authorization::now,
    guard::{Decided, Guard, Permit, PermitFor},
    layer::AuthLayer,
};

/// Makes every request one of this user, who is in these groups. Responses that no guard has decided about
/// are withheld.
///
/// # Panics
///
/// Panics if the name is not a user id.
pub fn acting_as<G: Group>(user: &str, groups: impl IntoIterator<Item = G>) -> AuthLayer {
    let groups: Groups = groups.into_iter().collect();
    AuthLayer::new(FakeIdentity::user(user))
        .with_groups(now(move |_| Ok(Some(groups.clone()))))
        .demand_guards()
}

/// Makes every request one of this user, who is blocked. Responses that no guard has decided about are
/// withheld.
///
/// # Panics
///
/// Panics if the name is not a user id.
pub fn acting_as_blocked(user: &str) -> AuthLayer {
    AuthLayer::new(FakeIdentity::user(user)).with_groups(now(|_| Ok(None))).demand_guards()
}

/// Makes every request anonymous. Responses that no guard has decided about are withheld.
pub fn anonymous() -> AuthLayer {
    AuthLayer::new(FakeIdentity::anonymous()).demand_guards()
}

/// Makes a list at run time as `acl!` makes a constant, for tests of many lists. Its memory is leaked.
///
/// # Example
///
/// ```
/// use auth_runtime::{testing, Group, Principals, Rule};
///
/// let list = testing::acl(vec![Rule::allow(Group("editors"), testing::names(["edit"]))]);
/// assert!(!list.decide("edit", &Principals::anonymous()).is_allow());
/// ```
#[must_use]
pub fn acl(rules: Vec<Rule<'static>>) -> Acl {
    let rules: &'static [Rule<'static>] = rules.leak();
    Acl::__new(rules, firsts_of(rules).leak(), "")
}

/// Makes permissions for [`acl`]. Their memory is leaked.
pub fn names(names: impl IntoIterator<Item = &'static str>) -> Permissions<'static> {
    let names: Vec<Name<'static>> = names.into_iter().map(Name::Text).collect();
    Permissions::Names(names.leak())
}

/// Makes a permit without a guard, so that a test can call a function that requires one.
#[must_use]
pub const fn permit<P: PermitFor<T>, T>(resource: T) -> Permit<P, T> {
    Permit::new(resource)
}

/// Makes a guard without a decision, so that a test can call a guarded function directly.
#[must_use]
pub fn pass<G: Guard>() -> G {
    G::new(Decided(()))
}
