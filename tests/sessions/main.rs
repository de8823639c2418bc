//! Sessions: the life of one, races, a model, every store, load.

mod contract;
#[path = "../support/lots.rs"]
mod lots;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../support/redis_server.rs"]
mod redis_server;
#[path = "../support/services.rs"]
mod services;
#[path = "../support/sessions.rs"]
mod session_support;
mod sessions;
mod sessions_load;
mod sessions_model;
mod sessions_policy;
mod sessions_races;
#[path = "../support/mod.rs"]
mod support;
