//! Guards on handlers, and what a handler does with `Auth`: order, expressions, responses, effects, logs.

mod acr;
#[cfg(feature = "full")]
mod attacks;
mod auth_answers;
mod auth_effects;
mod auth_handle;
mod disabled_users;
mod extractors;
mod fresh;
mod groups;
mod guard_expressions;
mod guard_layers;
mod guard_order;
mod handler_errors;
mod hiding;
#[cfg(feature = "full")]
mod impersonation;
mod isolation;
mod late_responses;
mod logs;
mod own_identity_policy;
mod policies;
mod refusals;
#[cfg(feature = "full")]
mod request_memory;
mod resources;
mod scopes;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "full")]
mod typed_users;
