//! Requests of clients: who gets credentials, and what is sent again.

mod plan;
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
