//! Loads the application's own users by their ids: [`UserLoader`], [`Users`] and
//! `CurrentUser`.
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
//! # Deleted and disabled users
//!
//! If the loader does not find a user, the user is logged out: the request is anonymous, and the browser
//! removes its cookie. To ensure this for every guard, the loader runs once for each request whose user is
//! needed. Add `CachedUsers` if that is too expensive, or use [`Users::on_demand`] if deleted users may
//! continue until a handler takes a `CurrentUser`.

#[cfg(feature = "cache")]
mod cached_users;
mod loader_options;
pub(crate) mod type_erased;
mod user_loader;

#[cfg(feature = "cache")]
pub use cached_users::CachedUsers;
pub use loader_options::Users;
pub use user_loader::{ById, UserLoader, by_id};

#[cfg(not(feature = "cache"))]
crate::names_of_feature!(FeatureCache: CachedUsers);
