//! Route guards for axum: say who may call a handler, above the handler.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod clock;
pub mod identity;
pub mod keys;
pub mod local_path;
pub mod ticket;

pub use async_trait::async_trait;
pub use identity::{Identity, IdentityPolicy, Remember, TicketCookie, UserId};
pub use keys::{Key, KeyRing};
pub use local_path::LocalPath;

/// An error of the application's own making, as groups callbacks and policies return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
