//! Identifies the users of requests: [`Identity`], the [`IdentityPolicy`] that finds one in a request, and
//! the policies that keep it in a signed cookie, a password or an API key.
//!
//! This is the part of [`auth-runtime`](https://docs.rs/auth-runtime) below its guards. It knows HTTP's types, but neither
//! a router nor a middleware. Applications depend on `auth-runtime`, which re-exports everything here; the examples are
//! written for such an application. Depend on this crate in a library that implements an identity policy, an
//! authorization policy or a store.
//!
//! | module | what it holds |
//! |---|---|
//! | [`identity`] | policies: [`TicketCookie`], [`Basic`], [`ApiKey`], [`FirstOf`]; passwords, client addresses, cookies |
//! | [`authorization`] | groups of users, and policies that grant permissions at run time |
//! | [`users`] | the application's own users |
//! | [`revocation`] | denylist of credentials, not-valid-before times of users |
//! | [`keys`], `key_store` | rotation of signing keys, and keys that instances share |
//! | `audit` | a log of events that shows changes |
//! | `overlay` | rules of an operator that tighten constant lists |
//! | `throttle` | limits of attempts, against brute force and credential stuffing |
//! | [`ticket`] | the signed content of a cookie |
//! | [`clock`] | the time in seconds, replaceable in tests |
//!
//! # Features
//!
//! | name | what it adds |
//! |---|---|
//! | `audit` | a log of events that shows changes |
//! | `cache` | caches of groups and users |
//! | `csrf` | CSRF tokens, for applications with old browsers |
//! | `encrypted-cookie` | encryption with the keys of a ring |
//! | `json` | groups from the claims of tokens and the data of sessions |
//! | `key-store` | keys that several instances share through a store; with `redis`, on a Redis server |
//! | `key-store-file`, `key-store-postgres`, `key-store-sqlite` | such stores in a file and in databases |
//! | `metrics` | counters and gauges of keys for the `metrics` facade |
//! | `overlay` | rules of an operator that tighten constant lists, from a file, and with `redis`, `overlay-postgres` or `overlay-sqlite` from a store |
//! | `password` | `PasswordHasher`: Argon2id hashes, created and verified |
//! | `redis` | revocations, and caches, that instances share |
//! | `redis-config`, `redis-tls` | the address of a Redis server, and TLS to it |
//! | `serde` | `Deserialize` for [`Password`](identity::Password) |
//! | `throttle` | limits of attempts, in memory, and with `redis` on a Redis server |
//! | `uuid` | user ids made of `Uuid`s |

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

#[cfg(feature = "cache")]
#[macro_use]
mod cache;

#[doc(hidden)]
pub mod answer_future;
#[cfg(feature = "audit")]
pub mod audit;
pub mod authorization;
pub mod clock;
#[cfg(feature = "csrf")]
pub mod csrf;
mod events;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
#[cfg(feature = "key-store")]
pub mod key_store;
pub mod keys;
#[doc(hidden)]
pub mod missing_feature;
#[cfg(feature = "overlay")]
pub mod overlay;
#[cfg(feature = "redis-config")]
mod parse_redis_address;
pub mod revocation;
#[cfg(feature = "throttle")]
pub mod throttle;
pub mod ticket;
mod user_id_extractor;
pub mod users;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use answer_future::{Answer, AnswerFuture};
pub use identity::{
    ApiKey, AuthErrorKind, Basic, FirstOf, Identity, IdentityPolicy, LoginOptions, TicketCookie, UserId,
};
pub use keys::{Key, KeyRing};
#[cfg(feature = "redis-config")]
pub use parse_redis_address::redis_config;

/// An error of the application's own making, as group callbacks and policies return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

use auth_acl as acl;

/// The README's example is compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
