//! Helps tests of applications: [`FakeProvider`], an `OpenID` Provider in the test's own process.
//!
//! # Example
//!
//! ```
//! use auth_login::{Logins, Tokens, profile::Profile, testing::{FakeProvider, FakeUser}};
//! use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, UserId, guarded};
//! use axum::{body::Body, http::{Request, header}};
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = FakeProvider::start([FakeUser::new("alice")]).await?;
//! let login = Logins::new("https://app.example.com")?
//!     .provider(provider.login("fake")?)?
//!     .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
//! let app: guarded::App = guarded::Router::new()
//!     .merge(login.routes())
//!     .with_auth(AuthLayer::new(EncryptedCookie::new(KeyRing::random())));
//!
//! let start = Request::post("/login/fake").body(Body::from("next=/profile"))?;
//! let started = app.clone().oneshot(start).await?;
//! let cookie = started.headers()[header::SET_COOKIE].to_str()?.split(';').next().unwrap_or_default();
//! let callback = provider.sign_in(started.headers()[header::LOCATION].to_str()?, "alice")?;
//!
//! let back = Request::get(&callback.address).header(header::COOKIE, cookie).body(Body::empty())?;
//! let done = app.oneshot(back).await?;
//! assert_eq!(done.headers()[header::LOCATION], "/profile");
//! # Ok(()) }
//! ```
//!
//! # Security
//!
//! This module is behind the feature `testing`; name it in `[dev-dependencies]` only.

mod authorization_request;
mod error;
mod fake_provider;
mod fake_user;
mod provider_endpoints;
mod provider_pages;
mod signed_in_as;

pub use error::FakeProviderError;
pub use fake_provider::{Callback, FakeProvider, Step};
pub use fake_user::FakeUser;
pub use signed_in_as::signed_in_as;
