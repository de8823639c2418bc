//! Forms whose session has ended meanwhile: nothing that was typed is lost.
//!
//! A guard rejects such a request before its body is read, so this layer, outside of all guards, keeps the
//! body until the response is there. If that is 401, the page has a log-in form which carries what was typed,
//! and after the log-in the person sends it again by a click. Only forms of the newsroom's own pages are
//! kept: another site could otherwise put its text into a page of the newsroom (CSRF).

use auth_runtime::LocalPath;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use maud::{Markup, html};
use percent_encoding::percent_decode_str;

use super::layout::layout;

/// The longest form that is kept, in bytes.
const LONGEST: u64 = 256 * 1024;

/// The body of a form, and where it was sent.
#[derive(Debug)]
pub(super) struct Kept {
    to: LocalPath,
    body: String,
}

/// Runs the rest of the application, and keeps the form if it may be needed again.
pub(super) async fn run(base: &str, request: Request, next: Next) -> (Response, Option<Kept>) {
    let Some(to) = path_of_form(base, &request) else { return (next.run(request).await, None) };
    let (parts, body) = request.into_parts();
    // Its length was checked. A body that ends early cannot be read by the handler either.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return (StatusCode::BAD_REQUEST.into_response(), None);
    };
    let kept = String::from_utf8(bytes.to_vec()).ok().map(|body| Kept { to, body });
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    (response, kept)
}

/// Returns where a form of the newsroom's own pages was sent, if it is short enough.
fn path_of_form(base: &str, request: &Request) -> Option<LocalPath> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_own = match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == base,
        // Not a browser of these days.
        (None, None) => true,
    };
    let is_form =
        header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let length: u64 = header("content-length")?.parse().ok()?;
    let is_kept = request.method() == Method::POST && is_own && is_form && length <= LONGEST;
    let is_script = request.headers().contains_key("hx-request");
    if !is_kept || is_script {
        return None;
    }
    LocalPath::parse(request.uri().path_and_query().map(ToString::to_string).as_deref()?).ok()
}

impl Kept {
    /// Returns the page with a log-in form that carries what was typed.
    pub(super) fn page(&self) -> Response {
        let content = html! {
            h1 { "Log in to go on" }
            p { "You were away for a while. What you have written is kept: log in, and send it again." }
            form.card method="post" action="/login" {
                input type="hidden" name="kept_to" value=(self.to);
                input type="hidden" name="kept" value=(without_passwords(&self.body));
                label for="email" { "E-mail address" }
                input #email name="email" type="email" autocomplete="username" required;
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" required;
                button.primary { "Log in" }
            }
        };
        (StatusCode::UNAUTHORIZED, page("Log in to go on", &content)).into_response()
    }
}

/// Returns the page after the log-in, which sends a form again.
pub(crate) fn again(to: &LocalPath, kept: &str) -> Response {
    let content = html! {
        h1 { "Welcome back" }
        p { "What you have written has not been sent yet." }
        form.card method="post" action=(to) {
            @for (name, value) in pairs(kept) { input type="hidden" name=(name) value=(value); }
            button.primary { "Send it now" }
        }
    };
    page("Welcome back", &content).into_response()
}

fn page(title: &str, content: &Markup) -> Html<String> {
    let menu = html! { nav aria-label="Main" { a href="/" { "News" } } };
    Html(layout(title, &html! {}, &menu, content).into_string())
}

fn without_passwords(body: &str) -> String {
    body.split('&').filter(|pair| !pair.starts_with("password=")).collect::<Vec<_>>().join("&")
}

/// Reads a form (`application/x-www-form-urlencoded`).
fn pairs(body: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value)));
    body.split('&').filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let found = pairs("title=A+%26+B&body=%C3%A4%0D%0A%3D&empty=");
        let expected = [("title", "A & B"), ("body", "ä\r\n="), ("empty", "")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn passwords_are_not_kept() {
        assert_eq!(without_passwords("link=1&password=secret&name=ada"), "link=1&name=ada");
    }

    #[test]
    fn forms_of_other_sites_and_long_ones_are_not_kept() {
        let request = |headers: &[(&str, &str)]| {
            let mut request = Request::post("/articles/new");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            path_of_form("https://newsroom.example", &request.body(Body::empty()).unwrap()).is_some()
        };
        let form = [("content-type", "application/x-www-form-urlencoded"), ("content-length", "10")];
        assert!(request(&form));
        assert!(request(&[&form[..], &[("sec-fetch-site", "same-origin")]].concat()));
        assert!(request(&[&form[..], &[("origin", "https://newsroom.example")]].concat()));
        assert!(!request(&[&form[..], &[("origin", "https://evil.example")]].concat()));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!request(&[&form[..], &[("sec-fetch-site", site)]].concat()), "{site}");
        }
        assert!(!request(&[&form[..], &[("hx-request", "true")]].concat()));
        assert!(!request(&[form[0], ("content-length", "262145")]));
        assert!(!request(&[form[0]]));
        assert!(!request(&[("content-type", "application/json"), form[1]]));
    }
}
