//! Route guards for axum: say who may call a handler, above the handler, and let the compiler read the rules.
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
//! # What is guarded, and how
//!
//! A guard is an attribute on a handler: [`auth_required`], [`acl_required`], [`permission_required`],
//! [`scope_required`], or [`allow_anonymous`] for what is public on purpose. It becomes the handler's first extractor, so
//!
//! 1. a refused request has run no other extractor, and no byte of its body has been read;
//! 2. routers can be put together in any way without losing it;
//! 3. the function cannot be called without the value that the guard makes.
//!
//! On a [`guarded::Router`] nothing else is accepted. What is not a handler is guarded by a layer ([`guard`]), and things
//! that have rules of their own by naming the argument ([`Resource`]). A data layer can demand the guard's proof ([`guard::Permit`]).
//!
//! # A request is let pass if
//!
//! 1. its credential is valid, for [`auth_required`]; or the first rule of the list that names one of the request's
//!    principals and the permission allows it, for [`acl_required`]; or the application's own policy says yes, for
//!    [`permission_required`]; or its access token was issued for what is asked, for [`scope_required`];
//! 2. the groups callback did not bar the user;
//! 3. the user logged in recently enough, where the guard says `fresh`;
//! 4. for cookies: no other site made the browser send a request that might change something.
//!
//! Everything else is refused: 401 when no user is known, or the log-in is too long ago, 403 when one is, 503 when the question could not be answered.
//! [`refusal`] has the form of the answers and the ways to replace them.
//!
//! # What it does not protect against
//!
//! A stolen cookie works until it expires or its key is retired; with a list of [`revocation`]s it can be taken back earlier.
//! Whoever passes a guard may do what the handler does; rules about single things need [`Resource`].
//!
//! # Where to read on
//!
//! | about | see |
//! |---|---|
//! | rules, and what the compiler says of them | [`acl!`], [`acl`](mod@acl) |
//! | who a request is | [`TicketCookie`], [`Basic`], [`ApiKey`], [`FirstOf`], [`identity`], [`KeyRing`] |
//! | who may call what, in the whole application | [`access`], [`guarded`] |
//! | groups and policies of one's own | [`authorization`] |
//! | the application's own users | [`users`] |
//! | taking credentials back | [`revocation`] |
//! | asking and changing who the user is, acting for another user | [`Auth`] |
//! | which page a visitor gets, in applications that serve pages beside an API | [`gate`] |
//! | sockets and streams that end with the right to them | [`watch`] |
//! | refusals and the log-in page | [`refusal`], [`AuthLayer`] |
//! | what is logged | [`events`] |
//! | tests of applications | the feature `testing` |
//!
//! # Features
//!
//! | name | what it adds | default |
//! |---|---|---|
//! | `access-reports` | the [table of who may call what](access) as JSON, SARIF and a page | no |
//! | `cache` | groups and users that are looked up once and kept for a while | no |
//! | `encrypted-cookie` | `EncryptedCookie`: sessions that live in an encrypted cookie | no |
//! | `jwks` | the keys of other issuers, fetched | no |
//! | `jwt` | bearer tokens, checked and issued | no |
//! | `key-store` | keys that several machines share through a store | no |
//! | `macros` | the attributes, `acl!` and the derives | yes |
//! | `metrics` | counters and gauges of keys and shadow lists for the `metrics` facade | no |
//! | `openapi` | the security of an OpenAPI document, filled in from the guards | no |
//! | `password` | `PasswordHasher`: Argon2id hashes, made and checked | no |
//! | `redis` | revocations, and caches, that many machines share | no |
//! | `redis-tls` | TLS to Redis (`rediss://`), for `redis` and `session-redis` | no |
//! | `rule-hits` | `hits`: what each rule decided, which rules tests reach, which grants nobody uses | no |
//! | `serde` | `Deserialize` for [`LocalPath`] and `Password` | no |
//! | `serve` | `axum::serve` takes a [`guarded::App`]; switches on HTTP/1 in axum, as axum's own default features do | yes |
//! | `session` | `SessionIdentity`: sessions in memory or any `tower-sessions` store; the `Session` extractor | no |
//! | `session-postgres`, `session-redis`, `session-sqlite` | sessions in these stores | no |
//! | `testing` | act as a user, stop the clock, call a guarded function in a test | no |
//! | `ui-testing` | pin the compile errors of an application's own rules | no |
//! | `uuid` | user ids made of `Uuid`s | no |
//!
//! No feature relaxes a check.

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod access;
pub mod acl;
pub mod auth;
mod cross_origin;
pub mod events;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
pub mod guard;
pub mod guarded;
#[cfg(feature = "rule-hits")]
pub mod hits;
pub mod identity;
#[cfg(feature = "jwt")]
pub mod jwt;
mod layer;
pub mod local_path;
#[cfg(feature = "macros")]
mod macros;
mod probe;
pub mod refusal;
#[cfg(feature = "testing")]
pub mod testing;
pub mod watch;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

use auth_identity::__private::{answer, error_kind};

pub use acl::{
    Acl, Action,
    Action::{Allow, Deny},
    Decision, Denial, Grant, Group, Groups, Name, Permission, Permissions, Principal,
    Principal::{Authenticated, Everyone},
    Principals, Resource, Rule, User, decide, decide_for,
};
pub use async_trait::async_trait;
#[cfg(feature = "jwt")]
pub use auth::Claims;
#[cfg(any(feature = "encrypted-cookie", feature = "session"))]
pub use auth::Session;
pub use auth::{Auth, AuthError, AuthErrorKind, CurrentUser, CurrentUserId};
#[doc(inline)]
pub use auth_acl::ALL;
#[cfg(feature = "key-store")]
#[doc(inline)]
pub use auth_identity::key_store;
#[cfg(any(feature = "redis", feature = "session-redis"))]
pub use auth_identity::redis_config;
#[doc(inline)]
pub use auth_identity::{
    Answer, AnswerFuture, ApiKey, Basic, BoxError, FirstOf, Identity, IdentityPolicy, Key, KeyRing,
    LoginOptions, TicketCookie, UserId, authorization, clock, keys, revocation, ticket, users,
};
#[cfg(feature = "macros")]
pub use auth_macros::{
    Group, Permission, acl_required, allow_anonymous, auth_required, permission_required, scope_required,
};
pub use cross_origin::InvalidOrigin;
#[cfg(feature = "encrypted-cookie")]
pub use identity::EncryptedCookie;
#[cfg(feature = "session")]
pub use identity::session::{SessionIdentity, Sessions};
pub use layer::{AuthLayer, AuthService, ResponseFuture, SiteData};
pub use local_path::LocalPath;
pub use refusal::Refusal;

/// The examples of the README are compiled with those of the documentation.
#[cfg(all(
    doctest,
    feature = "jwks",
    feature = "macros",
    feature = "redis",
    feature = "session-sqlite",
    feature = "testing"
))]
#[doc = include_str!("../../README.md")]
struct Readme;
