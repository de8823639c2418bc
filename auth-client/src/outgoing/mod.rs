//! Authorizes and retries outgoing requests: client middleware for `reqwest` and tower.

mod request_attempts;
#[cfg(feature = "middleware")]
mod reqwest_middleware;
mod retry_policy;
#[cfg(feature = "tower")]
mod tower_middleware;

#[cfg(feature = "middleware")]
pub use self::reqwest_middleware::AuthorizedClient;
#[cfg(feature = "tower")]
pub use self::tower_middleware::{Authorization, AuthorizationLayer};
pub use retry_policy::RetryPolicy;
