//! Rejects forms that another site made the browser send (CSRF), and makes and verifies the tokens of forms where the
//! layer demands them.

use auth_runtime::{
    Auth, AuthErrorKind,
    csrf::{CsrfToken, FIELD},
};
use http::{HeaderMap, header};

use crate::callback_decision::Parameters;

/// Returns the token for the forms of a page; `None` if the layer demands none.
///
/// It must not be called in a cross-site request with an unsafe method: the browser leaves its cookie out there, and
/// would get another one, with which its open forms fail.
pub(super) async fn page_token(auth: &Auth) -> Option<CsrfToken> {
    if !auth.demands_csrf_tokens() {
        return None;
    }
    // Without a token the form is rejected, and the user is asked again.
    auth.csrf_token().await.ok()
}

/// Verifies the token of a form, if the layer demands one, so that the request may use the user's session. Returns
/// whether it must not, for want of a right token.
pub(super) async fn lacks_token(auth: &Auth, form: &Parameters) -> bool {
    if !auth.demands_csrf_tokens() {
        return false;
    }
    let verified = auth.check_csrf_token(form.get(FIELD).unwrap_or_default()).await;
    verified.is_err_and(|error| error.kind() == AuthErrorKind::CsrfToken)
}

/// Returns whether a request may come from a page of another site. `origin` is that of the public base
/// address.
///
/// `Sec-Fetch-Site` decides; without it, `Origin` does. A client that sends neither is not a browser with
/// forms.
pub(super) fn is_cross_site(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => !matches!(site.as_bytes(), b"same-origin" | b"none"),
        None => headers.get_all(header::ORIGIN).iter().any(|found| found.as_bytes() != origin.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn requests_of_other_sites_are_recognised() {
        for (site, origin, expected) in [
            (None, None, false),
            (Some("same-origin"), None, false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("https://app.example.com"), false),
            (Some("same-site"), None, true),
            (Some("cross-site"), None, true),
            (Some("cross-site"), Some("https://app.example.com"), true),
            (Some(""), None, true),
            (None, Some("https://app.example.com"), false),
            (None, Some("https://evil.example"), true),
            (None, Some("https://app.example.com.evil.example"), true),
            (None, Some("http://app.example.com"), true),
            (None, Some("null"), true),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            let found = is_cross_site(&headers, "https://app.example.com");
            assert_eq!(found, expected, "{site:?} {origin:?}");
        }
    }
}
