//! People: who they are, how they log in and out, where they are logged in, and what they may do.

mod account;
pub(crate) mod devices;
mod email;
pub(crate) mod impersonate;
mod list;
mod log_in;
mod log_out;
mod password;
pub(crate) mod person;
mod register;

use auth_runtime::guarded::{Router, get, post};

use crate::state::Newsroom;

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/login", get(log_in::page).post(log_in::log_in))
        .route("/logout", get(log_out::ask).post(log_out::log_out))
        .route("/register", get(register::page).post(register::register))
        .route("/register/confirm", get(register::confirm_page).post(register::confirm))
        .route("/password/forgotten", get(password::forgotten_page).post(password::forgotten))
        .route("/password/reset", get(password::reset_page).post(password::reset))
        .route("/account", get(account::page))
        .route("/account/password", get(password::change_page).post(password::change))
        .route("/account/email", get(email::page).post(email::ask))
        .route("/account/email/confirm", get(email::confirm_page).post(email::confirm))
        .route("/account/devices/{id}/end", post(devices::end))
        .route("/account/devices/end-others", post(devices::end_others))
        .route("/account/devices/end-all", post(devices::end_all))
        .route("/people", get(list::page))
        .route("/people/{id}/role", post(list::set_role))
        .route("/people/{id}/block", post(list::block))
        .route("/people/{id}/unblock", post(list::unblock))
        .route("/people/{id}/impersonate", post(impersonate::begin))
        .route("/impersonation/end", post(impersonate::end))
}
