//! Logs users of axum applications in with other identity providers: OpenID Connect, OAuth 2, OAuth 1.0a.
//!
//! ```
//! use auth_login::{Login, Logins, Tokens, profile::Profile, providers};
//! use auth_login::accounts::{Accounts as _, MemoryAccounts};
//! use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, UserId, auth_required, guarded::{self, get}};
//!
//! #[auth_required]
//! async fn me(user: UserId) -> String {
//!     user.to_string()
//! }
//!
//! # fn f(accounts: MemoryAccounts, id: &str, secret: &str) -> Result<guarded::App, auth_login::LoginError> {
//! let google = Login::provider(providers::GOOGLE, id, secret)?;
//! let github = Login::provider(providers::GITHUB, id, secret)?;
//! let login = Logins::new("https://app.example.com")? // the public base address, never taken from `Host`
//!     .provider(google)?
//!     .provider(github)?
//!     .on_login(move |profile: Profile, _tokens: Tokens| {
//!         let accounts = accounts.clone();
//!         async move { accounts.find_or_create(profile.account()).await }
//!     });
//! let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random()));
//! let app = guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth);
//! # Ok(app) }
//! ```
//!
//! | about | see |
//! |---|---|
//! | the ways to log in, and the routes | [`Login`], [`Logins`], [`LoginRoutes`] |
//! | what the application decides | [`LoginDecision`], [`Tokens`] |
//! | log-out by the provider, and at the provider | [`Logins::with_back_channel_logout_of_sessions`], [`LoginIndex`], [`Login::with_logout_at_provider`] |
//! | pages, and the codes on them | [`Page`], [`FailureCode`] |
//! | what tells one provider from another | [`descriptor`] |
//! | the providers that this crate knows | [`providers`] |
//! | who logged in: account key, e-mail address, names | [`profile`] |
//! | which user of the application an identity belongs to | [`accounts`], [`Logins::with_linking`] |
//! | tokens for the provider's API, apart from the session | [`tokens`] |
//! | profiles without a call to the provider for each request | `profile_cache`, with the feature `cache` |
//! | OAuth 1.0a | the feature `oauth1` |
//! | tests of applications | `testing`, with the feature of this name |
//!
//! # How a log-in goes
//!
//! 1. `POST /login/{provider}` makes an attempt: state, nonce, PKCE verifier and redirect target in an
//!    encrypted cookie of its own, good for ten minutes. The browser is sent to the provider.
//! 2. The callback is compared with the attempt: state, provider, issuer (RFC 9207), time. Then the attempt
//!    is used up, and the code is redeemed, once.
//! 3. With OpenID Connect, the `id_token` is validated: signature by the issuer's keys, and every claim of
//!    Core 1.0 section 3.1.3.7. The userinfo response must be about the same subject.
//! 4. The application decides about the profile. A session with a new id begins (session fixation
//!    protection), and the browser is sent to the redirect target, a path of the application.
//!
//! A guard with `fresh` or `acr` sends a user who is signed in to such a log-in, too (step-up). The query of the log-in
//! page says what is required; the provider is asked for it, the `id_token` must confirm it, and the user must be the
//! same.
//!
//! What goes wrong is a calm page with a [stable code](FailureCode). No page starts a log-in by itself.
//!
//! # Security
//!
//! | attack | protection |
//! |---|---|
//! | login CSRF, forged or injected callbacks | state, nonce and PKCE, bound to the browser by a cookie |
//! | mix-up of providers | a callback path for each provider, and `iss` |
//! | replayed callbacks | an attempt is used once, before the code is sent |
//! | open redirect | targets are [`LocalPath`](auth_runtime::LocalPath)s, validated twice |
//! | host header injection | the base address is configured |
//! | linking CSRF | an attempt to link carries the id of the user who began it |
//! | CSRF with browsers before 2020 | the forms have tokens, where the layer [demands them](auth_runtime::csrf) |
//! | step-up bypass | `fresh` counts from the provider's `auth_time`; a link makes a log-in only stricter |
//! | stolen accounts by e-mail address | accounts are found by issuer and subject |
//! | log-in or log-out by a link | both are POSTs of the same site; a GET asks |
//!
//! The cookies of attempts have the path of the log-in pages, and so cannot have the prefix `__Host-`:
//! another host of the same domain that an attacker controls can plant an attempt of the attacker's own.
//! Serve such hosts from another domain.
//!
//! Events go to `tracing`, with the target `auth_login`. No secret is in them.
//!
//! # Features
//!
//! | name | what it adds | default |
//! |---|---|---|
//! | `postgres` | accounts, tokens, the index of log-ins and the replay cache in PostgreSQL | no |
//! | `redis` | the index of log-ins in Redis | no |
//! | `sqlite` | accounts, tokens, the index of log-ins and the replay cache in SQLite | no |
//! | `cache` | profiles that are kept for a while | no |
//! | `oauth1` | OAuth 1.0a, for providers that have nothing newer | no |
//! | `testing` | a fake provider for tests of applications | no |
#![forbid(unsafe_code)]

pub mod accounts;
mod authorization_request;
mod callback_decision;
mod client_authentication_key;
mod connection;
pub mod descriptor;
mod error;
mod failure_code;
mod login_decision;
mod login_failure;
mod login_http_client;
mod login_index;
mod login_routes;
mod login_tokens;
mod logins;
#[cfg(feature = "oauth1")]
pub mod oauth1;
mod pages;
pub mod profile;
#[cfg(feature = "cache")]
pub mod profile_cache;
mod profile_from_code;
mod provider_config;
pub mod providers;
mod random_value;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod replay_cache;
mod routes;
mod step_up_query;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tokens;
mod transaction;
mod user_info;
mod validate_id_token_claims;
mod validate_logout_token_claims;

pub use error::LoginError;
pub use failure_code::FailureCode;
pub use login_decision::LoginDecision;
#[cfg(feature = "postgres")]
pub use login_index::PostgresLoginIndex;
#[cfg(feature = "redis")]
pub use login_index::RedisLoginIndex;
#[cfg(feature = "sqlite")]
pub use login_index::SqliteLoginIndex;
pub use login_index::{LoggedOut, LoginIndex, LoginRecord, MemoryLoginIndex, TooManyLogins};
pub use login_routes::LoginRoutes;
pub use login_tokens::Tokens;
pub use logins::Logins;
pub use pages::{Button, LinkAction, LogoutForm, Page};
pub use provider_config::Login;
#[cfg(feature = "postgres")]
pub use replay_cache::PostgresReplayCache;
#[cfg(feature = "sqlite")]
pub use replay_cache::SqliteReplayCache;

/// The examples of the README are compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
