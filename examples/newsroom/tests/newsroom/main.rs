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
mod load;
mod log_in;
mod operators;
mod passwords;
mod people;
#[path = "../../../../tests/support/postgres_server.rs"]
mod postgres_server;
mod program;
mod provider;
#[path = "../../../../tests/support/redis_server.rs"]
#[expect(dead_code, reason = "this test wants a server that keeps what it was told, with no more arguments")]
mod redis_server;
mod registration;
mod resume;
#[path = "../../../../tests/support/services.rs"]
mod services;
mod several_instances;
mod site;
mod transfers;
