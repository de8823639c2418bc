//! Routers: `guarded::Router` beside axum's, page gates, post-login redirect targets, cross-site requests, client addresses.

mod build_on_both_routers;
mod client_address;
mod composed_routers_stay_guarded;
mod cross_origin;
mod guarded_route_records;
mod guarded_router;
mod guarded_services;
mod local_path;
mod login_page;
mod page_gate;
mod page_gate_paths;
mod path_parameters;
mod preflight;
mod random_axum_routers;
mod random_guarded_routers;
#[path = "../support/mod.rs"]
mod support;
