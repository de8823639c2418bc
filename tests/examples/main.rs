//! The examples do what their first lines say, and what their access tables say.

#[cfg(feature = "full")]
mod article_list;
#[cfg(feature = "full")]
mod client_examples;
mod examples;
#[cfg(feature = "full")]
mod examples_of_stores;
#[cfg(feature = "full")]
mod jwks_example;
#[cfg(feature = "full")]
mod jwt_example;
#[cfg(feature = "full")]
mod live_feed;
mod programs;
#[cfg(feature = "full")]
#[path = "../support/mod.rs"]
mod support;
