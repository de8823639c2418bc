//! Log-ins of an application with a fake provider, from the start to the session.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it finds what it does not expect"
)]

#[cfg(feature = "cache")]
mod accounts;
mod app_and_fake_provider;
mod back_channel_logout;
mod browser_with_cookies;
mod client_keys_and_pushed_requests;
mod completed_logins;
mod csrf;
mod csrf_tokens;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
#[path = "../support/databases.rs"]
mod databases;
mod deviating_descriptors;
mod hostile_provider;
mod independent_providers;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod index;
mod intercepted_index;
mod linking;
mod login_limits;
mod login_with_accounts_example;
mod logout_at_provider;
mod logout_failures;
mod logout_races;
mod logout_setup;
#[cfg(feature = "oauth1")]
mod oauth1;
mod oauth2;
mod other_credentials;
mod provider_errors;
mod provider_outages;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
#[path = "../support/redis.rs"]
mod redis;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod replay;
mod secrets_never_logged;
mod several_instances;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod shared_stores;
mod ssrf_and_forged_targets;
mod start_values;
mod step_up;
mod unlinking;
