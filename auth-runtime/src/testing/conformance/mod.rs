//! Tests identity policies for conformance with their trait: [`conformance!`](crate::testing::conformance!)
//! generates a module of tests from a function that sets a policy up, and [`Subject`] declares the properties
//! of the policy.
//!
//! Each test gets a policy of its own and passes it whole requests: method, target, version, headers and
//! extensions. Most go through a real router; the policies of this crate pass the same tests. Several tests
//! send a credential more than once, so a policy with one-time credentials fails; test it without that
//! option.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{KeyRing, TicketCookie, testing::{self, FrozenClock, conformance::Subject}};
//!
//! // In a file of tests:
//! testing::conformance!(tickets, || async {
//!     // A ticket that the user has given back is valid until it expires.
//!     Subject::new(TicketCookie::new(KeyRing::random())).stateless()
//! });
//! # fn main() {}
//! ```
//!
//! A policy that cannot log users in declares how a valid request looks:
//!
//! ```
//! use auth_runtime::{Answer, async_trait, Identity, testing::{self, conformance::Subject}};
//! use auth_runtime::identity::{
//!     Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming, ChangeContext, LoginOptions,
//! };
//! use axum::http::{HeaderValue, Request};
//!
//! /// A trusted gateway in front of the application names the user.
//! struct Gateway;
//!
//! #[async_trait]
//! impl IdentityPolicy for Gateway {
//!     fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
//!         let Some(name) = request.headers().get("x-gateway-user") else {
//!             return Answer::Now(Ok(Identified::anonymous()));
//!         };
//!         Answer::Now(Ok(match name.to_str().ok().and_then(|name| Identity::new(name).ok()) {
//!             Some(identity) => Identified::known(identity),
//!             None => Identified::bad_credential(),
//!         }))
//!     }
//!
//!     async fn remember(&self, _: &ChangeContext<'_>, _: &Identity, _: &LoginOptions) -> Result<Effects, IdentityError> {
//!         Err(IdentityError::misconfigured("the gateway logs users in; this application cannot"))
//!     }
//!
//!     async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
//!         Err(IdentityError::misconfigured("the gateway logs users out; this application cannot"))
//!     }
//!
//!     fn is_ambient(&self) -> bool {
//!         false
//!     }
//!
//!     fn vary(&self) -> HeaderValue {
//!         HeaderValue::from_static("x-gateway-user")
//!     }
//! }
//!
//! testing::conformance!(gateway, || async {
//!     let presenting = |identity: Identity, _now| async move {
//!         let value = HeaderValue::from_str(identity.as_str()).ok().filter(|value| value.to_str().is_ok())?;
//!         Some(Request::builder().header("x-gateway-user", value).body(()).ok()?.into_parts().0)
//!     };
//!     // A client that could write another name into the header would be that user: the gateway removes such headers.
//!     Subject::presenting(Gateway, presenting).trusting()
//! });
//! # fn main() {}
//! ```

mod app_under_test;
mod checks_over_time;
mod compare_results;
mod cookie_jar_client;
mod make_invalid_credentials;
mod policy_under_test;
mod request_checks;
mod request_credentials;
mod request_variations;
mod response_checks;
mod session_data_checks;
mod user_checks;

#[doc(hidden)]
pub use checks_over_time::{
    a_store_that_fails_is_unavailable, another_application_takes_no_credentials,
    another_log_in_replaces_the_first, renewal_changes_no_user_and_no_limit,
    two_valid_credentials_are_no_choice, what_is_forgotten_is_gone,
};
pub use policy_under_test::Subject;
#[doc(hidden)]
pub use request_checks::{
    a_cookie_is_found_in_every_header, a_dropped_request_leaves_nothing_behind,
    headers_that_vary_does_not_name_change_nothing, hostile_headers_cause_no_server_error,
    identifying_changes_nothing, the_address_of_the_client_changes_nothing, the_request_line_changes_nothing,
};
#[doc(hidden)]
pub use response_checks::{
    ambience_is_declared_correctly, challenges_ask_for_what_there_is, cookies_are_safe,
    nothing_secret_is_printed, vary_names_what_is_read,
};
#[doc(hidden)]
pub use session_data_checks::{
    a_log_in_drops_what_another_user_kept, a_rotation_gives_another_credential, what_is_stored_is_found_again,
};
#[doc(hidden)]
pub use user_checks::{
    a_request_without_a_credential_is_anonymous, all_identities_come_back_as_they_were,
    effects_are_on_every_kind_of_response, invalid_credentials_are_anonymous_and_indistinguishable,
    two_users_at_once_stay_apart,
};

/// Generates a module of tests that an identity policy must pass.
///
/// `conformance!(name, setup)`: `name` is that of the module; `setup` is a closure without arguments whose future is a
/// [`Subject`], called once for each test. See the [module](self) for examples.
pub use crate::__conformance as conformance;

/// Runs one of the tests.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a test that cannot begin must stop")]
pub fn run<S: Future<Output = Subject>, C: Future<Output = ()>>(
    setup: impl FnOnce() -> S,
    check: impl FnOnce(Subject) -> C,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("there is no runtime for the test: {error}"));
    runtime.block_on(async { check(setup().await).await });
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance {
    ($name:ident, $setup:expr) => {
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "the setup may name anything")]
            use super::*;

            $crate::__conformance! { @tests $setup;
                a_cookie_is_found_in_every_header
                a_dropped_request_leaves_nothing_behind
                a_log_in_drops_what_another_user_kept
                a_request_without_a_credential_is_anonymous
                a_rotation_gives_another_credential
                a_store_that_fails_is_unavailable
                all_identities_come_back_as_they_were
                ambience_is_declared_correctly
                another_application_takes_no_credentials
                another_log_in_replaces_the_first
                invalid_credentials_are_anonymous_and_indistinguishable
                challenges_ask_for_what_there_is
                cookies_are_safe
                effects_are_on_every_kind_of_response
                headers_that_vary_does_not_name_change_nothing
                hostile_headers_cause_no_server_error
                identifying_changes_nothing
                nothing_secret_is_printed
                renewal_changes_no_user_and_no_limit
                the_address_of_the_client_changes_nothing
                the_request_line_changes_nothing
                two_users_at_once_stay_apart
                two_valid_credentials_are_no_choice
                vary_names_what_is_read
                what_is_forgotten_is_gone
                what_is_stored_is_found_again
            }
        }
    };
    (@tests $setup:expr; $first:ident $($rest:ident)*) => {
        #[test]
        fn $first() {
            $crate::testing::conformance::run($setup, $crate::testing::conformance::$first);
        }

        $crate::__conformance! { @tests $setup; $($rest)* }
    };
    (@tests $setup:expr;) => {};
}
