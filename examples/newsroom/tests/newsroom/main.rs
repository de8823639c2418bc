//! Tests of the newsroom through HTTP: instances on loopback, each with a database of its own.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod access;
mod api;
mod api_keys;
mod articles;
mod attacks;
mod browser;
mod comments;
mod devices;
mod email;
mod feed;
mod headers;
mod impersonation;
mod log_in;
mod operators;
mod passwords;
mod people;
mod program;
mod provider;
mod registration;
mod resume;
#[path = "../../../../tests/support/services.rs"]
mod services;
mod several_instances;
mod site;
mod transfers;
