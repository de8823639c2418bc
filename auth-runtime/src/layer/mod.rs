//! The tower layer that provides guards and handlers with the user, and writes their changes to the response.

mod builder;
mod cache_control;
mod complete_response;
mod demand;
mod service;

pub use builder::AuthLayer;
pub(crate) use cache_control::remove_targeted;
pub use service::{AuthService, ResponseFuture};

pub use crate::config::SiteData;
