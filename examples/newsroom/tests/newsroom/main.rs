//! Tests of the newsroom through HTTP: instances on loopback, each with a database of its own.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod access;
mod articles;
mod browser;
mod devices;
mod headers;
mod log_in;
mod operators;
mod program;
mod provider;
#[path = "../../../../tests/support/services.rs"]
mod services;
mod several_instances;
mod site;
