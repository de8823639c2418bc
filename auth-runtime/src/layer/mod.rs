//! The tower layer that provides guards and handlers with the user, and writes their changes to the response.

mod apply;
mod builder;
mod cache_control;
mod clear_site_data;
mod config;
mod demand;
mod future;
mod service;

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
pub use builder::AuthLayer;
pub(crate) use cache_control::remove_targeted;
pub(crate) use clear_site_data::CLEAR_SITE_DATA;
pub use clear_site_data::SiteData;
pub(crate) use config::Config;
pub(crate) use demand::Unjudged;
pub use future::ResponseFuture;
use http::request::Parts;
pub use service::AuthService;

/// Returns the address of the peer.
pub(crate) fn peer_of(parts: &Parts) -> Option<SocketAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0)
}
