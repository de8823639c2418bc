//! Sessions: the life of one, races, a model, every store, load.

#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../support/redis_server.rs"]
mod redis_server;
#[path = "../support/seeded_scheduler.rs"]
mod seeded_scheduler;
#[path = "../support/services.rs"]
mod services;
mod session_groups;
mod session_store_contract;
#[path = "../support/sessions.rs"]
mod session_support;
mod sessions;
mod sessions_load;
mod sessions_model;
mod sessions_policy;
mod sessions_races;
#[path = "../support/mod.rs"]
mod support;
