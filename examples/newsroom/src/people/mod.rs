//! People: who they are, how they log in and out, and where they are logged in.

pub(crate) mod account;
pub(crate) mod devices;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod person;

use auth_runtime::guarded::{Router, get, post};

use crate::state::Newsroom;

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/login", get(log_in::page).post(log_in::log_in))
        .route("/logout", get(log_out::ask).post(log_out::log_out))
        .route("/account", get(account::page))
        .route("/account/devices/{id}/end", post(devices::end))
        .route("/account/devices/end-others", post(devices::end_others))
        .route("/account/devices/end-all", post(devices::end_all))
}
