//! Guards on handlers, and what a handler does with `Auth`: order, expressions, responses, effects, logs.

mod acr_option;
#[cfg(feature = "full")]
mod attacks_on_combinations;
#[cfg(feature = "full")]
mod attacks_on_conditions;
mod auth_effects;
mod auth_handle;
mod auth_method_results;
#[cfg(feature = "full")]
mod authorization_watch;
#[cfg(feature = "full")]
mod continued_log_ins;
#[cfg(feature = "full")]
mod credential_throttle;
#[cfg(feature = "full")]
mod csrf_tokens;
#[cfg(feature = "full")]
mod current_user_extractors;
mod decision_log_events;
mod disabled_users;
mod extractors;
mod filter_lists;
mod fresh_option;
#[cfg(feature = "full")]
mod group_questions;
mod groups_callback;
mod guard_expressions;
mod guard_layers;
mod guard_order;
mod handler_errors;
mod hidden_routes;
#[cfg(feature = "full")]
mod hostile_requests;
#[cfg(feature = "full")]
mod impersonation;
mod late_guards;
mod late_responses;
mod loaded_rules;
#[cfg(feature = "full")]
mod login_throttle;
#[cfg(feature = "full")]
mod overlays;
mod own_authorization_policy;
mod own_identity_policy;
mod policy_decisions;
mod refusals;
mod refusals_by_client;
mod request_isolation;
#[cfg(feature = "full")]
mod request_state_is_shared;
mod resource_watch;
mod resources;
#[cfg(feature = "full")]
mod route_limits;
#[cfg(feature = "full")]
mod rule_conditions;
mod scopes;
mod secrets_never_logged;
mod services;
mod step_up_support;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "full")]
mod telemetry;
#[cfg(feature = "full")]
#[expect(dead_code, reason = "a method is for other tests")]
#[path = "../../auth-identity/src/keys/test_metrics.rs"]
mod test_metrics;
mod unjudged_responses_are_withheld;
