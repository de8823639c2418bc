//! The application's own users, loaded by their ids.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{auth_required, users, AuthLayer, CurrentUser, KeyRing, TicketCookie};
//! use axum::{Router, routing::get};
//!
//! struct Person {
//!     name: String,
//! }
//!
//! #[auth_required]
//! async fn profile(CurrentUser(person): CurrentUser<Person>) -> String {
//!     format!("hello {}", person.name)
//! }
//!
//! let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_users(users::by_id(|id: i64| async move {
//!     // a look-up in a table of people
//!     Ok((id == 7).then(|| Person { name: "Ada".to_owned() }))
//! }));
//!
//! let app: Router = Router::new().route("/profile", get(profile)).layer(auth);
//! ```
//!
//! # Who is let pass
//!
//! A user whom the loader does not find is signed out: the request is anonymous, and the browser is told to drop its cookie.
//! So that this holds for every guard, the loader is asked once for each request whose user somebody wants to know; put a
//! `CachedUsers` around it where that is too much, or [`Users::on_demand`] where a deleted user may go on until a handler
//! takes a `CurrentUser`.

#[cfg(feature = "cache")]
mod cached;
mod erased;
mod loader;
mod options;

#[cfg(feature = "cache")]
pub use cached::CachedUsers;
pub(crate) use erased::{Account, AnyUsers};
pub use loader::{ById, UserLoader, by_id};
pub use options::Users;
