//! Log-out: a confirmation by GET, so that no link or prefetch logs out, and the log-out by POST.

use std::sync::Arc;

use auth_runtime::{Auth, allow_anonymous};
use axum::{extract::State, response::Response};
use http::HeaderMap;

use super::{App, cross_site::is_cross_site};
use crate::{Page, exchange::Stop, failure::FailureCode};

#[allow_anonymous(reason = "the page is the same for everyone")]
pub(super) async fn confirm(State(app): State<Arc<App>>) -> Response {
    app.show(&Page::LogOut { action: app.logout_path.clone() })
}

#[allow_anonymous(reason = "a log-out of an anonymous client changes nothing")]
pub(super) async fn log_out(State(app): State<Arc<App>>, auth: Auth, headers: HeaderMap) -> Response {
    if is_cross_site(&headers, &app.origin) {
        // Another site must not log users out: the page asks them.
        return app.show(&Page::LogOut { action: app.logout_path.clone() });
    }
    match auth.forget().await {
        Ok(()) => app.redirect(&app.home),
        Err(error) => {
            let stop = Stop::new(FailureCode::ServerError, format!("log-out: {error}"));
            app.failed(&stop, None, app.home.clone())
        }
    }
}
