//! Keeps sessions on the server, [`SessionIdentity`](session::SessionIdentity), or in a cookie,
//! [`EncryptedCookie`].
//!
//! Both are identity policies of [`auth-runtime`](https://docs.rs/auth-runtime), which re-exports them; the examples are
//! written for an application that depends on it. Depend on this crate in a library that implements a store or an index of
//! sessions: the traits are `SessionIndex` of the module `session`, and `SessionStore` of `tower-sessions-core`.
//!
//! # Features
//!
//! | name | what it adds |
//! |---|---|
//! | `encrypted-cookie` | `EncryptedCookie`: sessions that live in an encrypted cookie |
//! | `server-side` | `SessionIdentity`: sessions in memory or any `tower-sessions` store |
//! | `postgres`, `redis`, `sqlite` | sessions in these stores |
//! | `tower-sessions-014` | sessions in stores that implement `tower-sessions-core` 0.14 |

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

#[cfg(feature = "encrypted-cookie")]
mod encrypted_cookie;
#[cfg(feature = "server-side")]
mod events;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "server-side")]
pub mod session;

#[cfg(feature = "encrypted-cookie")]
pub use encrypted_cookie::{EncryptedCookie, EncryptedSession};

/// The README's example is compiled with those of the documentation.
#[cfg(all(doctest, feature = "server-side"))]
#[doc = include_str!("../README.md")]
struct Readme;
