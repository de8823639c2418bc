//! Client middleware that authorizes and retries requests, for `reqwest` and tower.

mod attempts;
#[cfg(feature = "middleware")]
mod reqwest;
mod retry;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "middleware")]
pub use self::reqwest::AuthorizedClient;
#[cfg(feature = "tower")]
pub use self::tower::{Authorization, AuthorizationLayer};
pub use retry::RetryPolicy;
