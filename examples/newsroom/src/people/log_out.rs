//! Log-out of this browser.

use auth_runtime::{Auth, AuthError, allow_anonymous};
use axum::response::{Redirect, Response};
use maud::html;

use crate::pages::frame::Frame;

/// Asks, for a link that leads here: a log-out changes something, so it is a POST.
#[allow_anonymous(reason = "it only asks")]
pub(crate) async fn ask(frame: Frame) -> Response {
    let question = html! {
        h1 { "Log out" }
        p { "Do you want to log out of this browser?" }
        form method="post" action="/logout" { button.primary { "Log out" } }
    };
    frame.page("Log out", &question)
}

#[allow_anonymous(reason = "logging out has no effect on anonymous requests")]
pub(crate) async fn log_out(auth: Auth) -> Result<Redirect, AuthError> {
    auth.forget().await?;
    Ok(Redirect::to("/?done=logged-out"))
}
