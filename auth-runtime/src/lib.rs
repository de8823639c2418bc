//! Guards routes of axum: declare above a handler who may call it, and let the compiler check the rules.
//!
//! ```
//! use auth_runtime::{acl, acl_required, Acl, AuthLayer, KeyRing, TicketCookie};
//! use axum::{Router, extract::Path, routing::get};
//!
//! const ARTICLES: Acl = acl![
//!     (Allow, Everyone, ["view"]),
//!     (Allow, Group("editors"), ["view", "edit"]),
//! ];
//!
//! #[acl_required("view", ARTICLES)]
//! async fn view(Path(id): Path<u64>) -> String {
//!     format!("article {id}")
//! }
//!
//! #[acl_required("edit", ARTICLES)]
//! async fn edit(Path(id): Path<u64>) -> String {
//!     format!("edited {id}")
//! }
//!
//! let app: Router = Router::new()
//!     .route("/articles/{id}", get(view).put(edit))
//!     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
//! ```
//!
//! # How routes are guarded
//!
//! A guard is an attribute on a handler: [`auth_required`], [`acl_required`], [`permission_required`],
//! [`scope_required`], or [`allow_anonymous`] for what is public on purpose. It becomes the handler's first
//! extractor, so
//!
//! 1. a rejected request has run no other extractor, and its body has not been read;
//! 2. routers can be combined in any way without losing it;
//! 3. the function cannot be called without the value that the guard constructs.
//!
//! A [`guarded::Router`] accepts nothing else. Services and routers are guarded by a layer ([`guard`]), and
//! resources with rules of their own by naming the argument ([`Resource`]; object-level authorization). A
//! data layer can require the guard's proof ([`guard::Permit`]).
//!
//! # When a request passes
//!
//! 1. Its credential is valid, for [`auth_required`]; or the first rule of the list that matches one of the
//!    request's principals and the permission allows it, for [`acl_required`]; or the application's own
//!    policy grants it, for [`permission_required`]; or its access token has the scopes, for
//!    [`scope_required`].
//! 2. The groups callback has not blocked the user.
//! 3. The last log-in is recent and strong enough, if the guard says `fresh` or `acr` (step-up authentication).
//! 4. For cookies: a request that might change something is not cross-site (CSRF).
//!
//! Everything else is rejected (fail closed): 401 if the request is anonymous or the log-in too old or weak, 403 for
//! other users, 503 if the decision failed. [`refusal`] describes the responses and how to replace them.
//!
//! # What it does not protect against
//!
//! A stolen cookie is valid until it expires or its key is retired; with a [`revocation`] list it can be
//! revoked earlier. A user who passes a guard may do what the handler does; rules about single objects need
//! [`Resource`].
//!
//! # Where to read on
//!
//! | about | see |
//! |---|---|
//! | rules, and their compile-time checks | [`acl!`], [`acl`](mod@acl) |
//! | conditions of rules: owner, tenant, time, network | [`conditions`] |
//! | identity policies: cookies, passwords, API keys | [`TicketCookie`], [`Basic`], [`ApiKey`], [`FirstOf`], [`identity`], [`KeyRing`] |
//! | who may call what, in the whole application | [`access`], [`guarded`] |
//! | the application's own groups and policies | [`authorization`] |
//! | the application's own users | [`users`] |
//! | revocation of credentials | [`revocation`] |
//! | log-in, log-out and impersonation | [`Auth`] |
//! | pages for visitors, in applications that serve pages beside an API | [`gate`] |
//! | sockets and streams that end when the permission does | [`watch`] |
//! | responses to rejected requests, and the log-in page | [`refusal`], [`AuthLayer`] |
//! | rules of an operator that tighten constant lists | `overlay` |
//! | limits of attempts and requests (brute force) | `throttle` |
//! | log events, metrics, spans | [`events`], [`telemetry`] |
//! | tests of applications | the feature `testing` |
//!
//! # Features
//!
//! | name | what it adds | default |
//! |---|---|---|
//! | `access-reports` | the [table of who may call what](access) as JSON, SARIF and a page | no |
//! | `audit` | an audit log that shows changes | no |
//! | `cache` | caches of groups and users | no |
//! | `csrf` | `csrf`: CSRF tokens in forms, for applications with old browsers | no |
//! | `encrypted-cookie` | `EncryptedCookie`: sessions in an encrypted cookie | no |
//! | `jwks` | the keys of other issuers, fetched from their JWKS | no |
//! | `jwt` | bearer tokens (JWT), verified and issued | no |
//! | `key-store` | keys shared by several instances through a store; with `redis`, on a Redis server | no |
//! | `key-store-file`, `key-store-postgres`, `key-store-sqlite` | such stores in a file and in databases | no |
//! | `macros` | the attributes, `acl!` and the derives | yes |
//! | `metrics` | [metrics](telemetry) of decisions, log-ins, look-ups and keys for the `metrics` facade | no |
//! | `openapi` | the security of an OpenAPI document, filled in from the guards | no |
//! | `overlay`, `overlay-postgres`, `overlay-sqlite` | rules of an operator that tighten constant lists at run time, from a file or a store; with `redis`, from a Redis server | no |
//! | `password` | `PasswordHasher`: Argon2id hashes, created and verified | no |
//! | `redis` | revocations and caches shared by several instances | no |
//! | `redis-tls` | TLS to Redis (`rediss://`), for `redis` and `session-redis` | no |
//! | `rule-hits` | `hits`: how often each rule decided, which rules tests cover, which grants are unused | no |
//! | `serde` | `Deserialize` for [`LocalPath`] and `Password` | no |
//! | `serve` | `axum::serve` takes a [`guarded::App`]; switches on HTTP/1 in axum, as axum's own default features do | yes |
//! | `session` | `SessionIdentity`: sessions in memory or any `tower-sessions` store; the `Session` extractor | no |
//! | `session-postgres`, `session-redis`, `session-sqlite` | sessions in these stores | no |
//! | `testing` | act as a user, control the clock, call a guarded function in a test | no |
//! | `throttle` | limits of attempts to log in and of requests; with `redis`, shared by several instances | no |
//! | `ui-testing` | pin the compile errors of an application's own rules | no |
//! | `tower-sessions-014` | sessions in stores that implement `tower-sessions-core` 0.14 | no |
//! | `uuid` | user ids made of `Uuid`s | no |
//!
//! No feature relaxes a check.

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod access;
pub mod acl;
pub mod auth;
mod cache_control;
pub mod conditions;
mod config;
mod cross_site_requests;
#[cfg(feature = "csrf")]
pub mod csrf;
pub mod events;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
pub mod guard;
mod guard_probe;
pub mod guarded;
#[cfg(feature = "rule-hits")]
pub mod hits;
pub mod identity;
mod layer;
pub mod local_path;
#[cfg(feature = "macros")]
mod macros;
mod missing_feature;
pub mod refusal;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod watch;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

use auth_identity::__private::{answer_future, error_kind};

pub use acl::{
    Acl, Action,
    Action::{Allow, Deny},
    Condition, Decision, Denial, Grant, Group, Groups, Name, OWNER, Permission, Permissions, Principal,
    Principal::{Authenticated, Everyone},
    Principals, Resource, Rule, TENANT, User, decide, decide_for,
};
pub use async_trait::async_trait;
#[cfg(feature = "jwt")]
pub use auth::Claims;
#[cfg(feature = "throttle")]
pub use auth::LoginAttempt;
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
pub use auth::Session;
pub use auth::{Auth, AuthError, AuthErrorKind, CurrentUser, CurrentUserId};
#[doc(inline)]
pub use auth_acl::ALL;
#[cfg(feature = "audit")]
#[doc(inline)]
pub use auth_identity::audit;
#[cfg(feature = "key-store")]
#[doc(inline)]
pub use auth_identity::key_store;
#[cfg(feature = "overlay")]
#[doc(inline)]
pub use auth_identity::overlay;
#[cfg(any(feature = "redis", feature = "session-redis"))]
pub use auth_identity::redis_config;
#[cfg(feature = "throttle")]
#[doc(inline)]
pub use auth_identity::throttle;
#[doc(inline)]
pub use auth_identity::{
    Answer, AnswerFuture, ApiKey, Basic, BoxError, FirstOf, Identity, IdentityPolicy, Key, KeyRing,
    LoginOptions, TicketCookie, UserId, authorization, clock, keys, revocation, ticket, users,
};
#[cfg(feature = "jwt")]
#[doc(inline)]
pub use auth_jwt as jwt;
#[cfg(feature = "macros")]
pub use auth_macros::{
    Group, Permission, acl_required, allow_anonymous, auth_required, guards, permission_required,
    scope_required,
};
pub use cross_site_requests::InvalidOrigin;
#[cfg(feature = "encrypted-cookie")]
pub use identity::EncryptedCookie;
#[cfg(feature = "session")]
pub use identity::session::{SessionIdentity, Sessions};
pub use layer::{AuthLayer, AuthService, ResponseFuture, SiteData};
pub use local_path::LocalPath;
pub use refusal::Refusal;

#[cfg(not(feature = "encrypted-cookie"))]
auth_identity::names_of_feature!(FeatureEncryptedCookie: EncryptedCookie);
#[cfg(not(any(feature = "encrypted-cookie", feature = "session")))]
auth_identity::names_of_feature!(FeatureSession: Session);
#[cfg(not(feature = "session"))]
auth_identity::names_of_feature!(FeatureSession: SessionIdentity Sessions);
#[cfg(not(feature = "throttle"))]
auth_identity::names_of_feature!(FeatureThrottle: LoginAttempt);
#[cfg(not(feature = "audit"))]
#[doc(hidden)]
pub use missing_feature::audit;
#[cfg(not(feature = "jwt"))]
#[doc(hidden)]
pub use missing_feature::jwt;
#[cfg(not(feature = "key-store"))]
#[doc(hidden)]
pub use missing_feature::key_store;
#[cfg(not(feature = "throttle"))]
#[doc(hidden)]
pub use missing_feature::throttle;

/// The examples of the README are compiled with those of the documentation.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../README.md")]
struct Readme;
