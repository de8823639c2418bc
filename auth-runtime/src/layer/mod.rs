//! Provides guards and handlers with the user, and writes their changes to the response: the tower layer
//! [`AuthLayer`].

mod auth_layer;
mod auth_service;
mod complete_response;
mod demand_guards;

pub use auth_layer::AuthLayer;
pub(crate) use auth_service::Begun;
pub use auth_service::{AuthService, ResponseFuture};

pub use crate::config::SiteData;
