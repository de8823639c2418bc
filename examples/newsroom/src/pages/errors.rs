//! Pages for requests that are rejected, or that fail.

use auth_runtime::{Refusal, allow_anonymous};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::layout::layout;

/// Responds to a rejected request as the library does, with the newsroom's page where that has a page.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    let response = refusal.default_response();
    if refusal.prefers_html() && !response.status().is_redirection() { with_page(response) } else { response }
}

/// Responds for paths without a route; [`super::headers`] adds the page.
#[allow_anonymous(reason = "there is nothing to see")]
pub(crate) async fn missing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// Replaces the body of a response that failed by a page. Headers stay.
pub(crate) fn with_page(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let page = page(parts.status);
    parts.headers.remove(header::CONTENT_LENGTH);
    // That of the newsroom is set by the layer, and allows the stylesheet.
    parts.headers.remove(header::CONTENT_SECURITY_POLICY);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, page.into())
}

fn page(status: StatusCode) -> String {
    let (title, text) = match status {
        StatusCode::UNAUTHORIZED => ("You are not logged in", "Log in, and try again."),
        StatusCode::FORBIDDEN => ("You may not do this", "Your role in the newsroom does not include it."),
        StatusCode::NOT_FOUND => ("There is no such page", "It may have moved, or you may not see it."),
        StatusCode::METHOD_NOT_ALLOWED => ("This does not work here", "The page exists, but not for this."),
        StatusCode::CONFLICT => {
            ("Another person was faster", "Go back, look at the new state, and try again.")
        }
        StatusCode::TOO_MANY_REQUESTS => ("Too many attempts", "Wait a little, and try again."),
        StatusCode::SERVICE_UNAVAILABLE => ("The newsroom is not available", "Try again in a minute."),
        status if status.is_client_error() => ("The request cannot be read", "Go back, and try again."),
        _ => ("Something went wrong", "We have a note of it in the log."),
    };
    let content = html! {
        h1 { (title) }
        p { (text) }
        p {
            a href="/" { "To the news" }
            @if status == StatusCode::UNAUTHORIZED { " · " a href="/login" { "Log in" } }
        }
    };
    let menu = html! { nav aria-label="Main" { a href="/" { "News" } } };
    layout(title, &html! {}, &menu, &content).into_string()
}
