//! Routers: `guarded::Router` beside axum's, page gates, post-login redirect targets, cross-site requests, client addresses.

mod both;
mod client_address;
mod cross_origin;
mod demanded_guards;
mod guarded_records;
mod guarded_router;
mod guarded_services;
mod guarded_trees;
mod local_path;
mod login_page;
mod page_gate;
mod page_gate_paths;
mod router_trees;
mod routers;
#[path = "../support/mod.rs"]
mod support;
