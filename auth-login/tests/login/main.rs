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
mod attacks;
mod browser;
mod csrf;
mod descriptors;
mod example;
mod flow;
mod hostile;
mod instances;
mod keys;
mod linking;
mod logout;
#[cfg(feature = "oauth1")]
mod oauth1;
mod oauth2;
mod outages;
mod peer;
mod provider_errors;
mod secrets;
mod setup;
mod step_up;
