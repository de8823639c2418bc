//! CSRF tokens for applications with old browsers: [`CsrfTokens`], [`CsrfToken`], [`CsrfForm`].
//!
//! Without them, a cross-site request is recognized by `Sec-Fetch-Site` and `Origin`, and forms need no token. Every browser
//! since 2020 sends one of them with each request that may change something. Where older ones have to be supported, or where
//! a policy demands tokens, [`AuthLayer::with_csrf_tokens`](crate::AuthLayer::with_csrf_tokens) adds them. Both defences
//! then have to hold.
//!
//! | request | where the token is |
//! |---|---|
//! | of a script | the header `X-CSRF-Token`; nothing else is to do |
//! | of a plain form | the field `csrf_token`, with `csrf_form` at the guard and [`CsrfForm`] as the last argument |
//! | of a form with files | the field `csrf_token`, for [`Auth::check_csrf_token`](crate::Auth::check_csrf_token) in a public handler |
//!
//! A guard decides before the body is read, so it finds the header only. With `csrf_form` it leaves the token to the
//! handler's last argument: the compiler demands that this is a [`CsrfForm`], so the body of the handler never runs without
//! a verified token.
//!
//! # Which requests need one
//!
//! - Requests with an unsafe method (not GET, HEAD or OPTIONS) that use the user or the session of a cookie. Without the
//!   token they get 403 ([`CsrfToken`](crate::AuthErrorKind::CsrfToken)).
//! - Log-ins, log-outs and other changes of the identity, with any method, unless the handle
//!   [allows cross-site requests](crate::Auth::allowing_cross_site).
//!
//! The pages of `auth-login` have tokens where they are demanded. A library with forms of its own asks
//! [`Auth::demands_csrf_tokens`](crate::Auth::demands_csrf_tokens), and reads them with [`CsrfBytes`].
//!
//! Credentials that browsers do not attach by themselves, such as bearer tokens and API keys, need none, and neither do
//! requests that use no identity, such as webhooks.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{
//!     Auth, AuthError, AuthLayer, KeyRing, SessionIdentity, UserId, allow_anonymous, auth_required,
//!     csrf::{CsrfForm, CsrfToken, CsrfTokens},
//!     guarded::{App, Router, get},
//! };
//! use axum::response::{Html, Redirect};
//!
//! #[derive(serde::Deserialize)]
//! struct Transfer {
//!     amount: u32,
//! }
//!
//! #[auth_required]
//! async fn page(token: CsrfToken) -> Html<String> {
//!     Html(format!("<form method=\"post\">{token}<input name=\"amount\"><button>Send</button></form>"))
//! }
//!
//! #[auth_required(csrf_form)]
//! async fn transfer(user: UserId, CsrfForm(form): CsrfForm<Transfer>) -> String {
//!     format!("{user} sends {}", form.amount)
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     name: String,
//! }
//!
//! #[allow_anonymous(reason = "users log in here", csrf_form)]
//! async fn login(auth: Auth, CsrfForm(form): CsrfForm<Login>) -> Result<Redirect, AuthError> {
//!     // the application checks the password here
//!     auth.remember(&form.name).await?;
//!     Ok(Redirect::to("/transfer"))
//! }
//!
//! fn app() -> App {
//!     let keys = KeyRing::random(); // the same on every instance
//!     let auth = AuthLayer::new(SessionIdentity::memory()).with_csrf_tokens(CsrfTokens::new(keys));
//!     let routes = Router::new().route("/transfer", get(page).post(transfer));
//!     routes.route("/login", auth_runtime::guarded::post(login)).with_auth(auth)
//! }
//! # let _ = app();
//! ```
//!
//! # Tabs, and the back button
//!
//! A token stays valid until the user logs in again, or the browser closes. So the forms of several tabs work, and so does
//! a form that the back button shows. A form from before a log-in does not: the page of the 403 asks to load it again.
//!
//! # Security
//!
//! A token is bound to a random value in the cookie `__Host-csrf`, which each log-in replaces, and to the user of the
//! request. A token of another user or another browser, and one of before the log-in, are rejected. It is masked anew in
//! each response, since compression would otherwise show it (BREACH). It is never in an address, and neither `Debug` nor the
//! log shows it. A page with a token is not cached.

mod csrf_form;
mod csrf_token;

pub use auth_identity::csrf::CsrfTokens;
#[doc(hidden)]
pub use csrf_form::VerifiesCsrfToken;
pub use csrf_form::{CsrfBytes, CsrfForm};
pub(crate) use csrf_token::HEADER;
pub use csrf_token::{CsrfToken, FIELD};
