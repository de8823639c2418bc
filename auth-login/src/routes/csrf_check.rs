//! Rejects forms that another site made the browser send (CSRF).

use http::{HeaderMap, header};

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
