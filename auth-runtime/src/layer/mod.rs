//! The tower layer that provides guards and handlers with the user, and writes their changes to the response.

mod builder;
mod complete_response;
mod demand;
mod service;

pub use builder::AuthLayer;
pub use service::{AuthService, ResponseFuture};

pub use crate::config::SiteData;
