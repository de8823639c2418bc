//! Negotiates the content of a rejection (HTML, JSON, gRPC, htmx) from the request's headers:
//! [`ContentNegotiation`].

use axum::extract::OriginalUri;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, request::Parts};

use super::{BasePath, grpc::GrpcCall, htmx::Htmx, refusal_layer::RouterRender};
use crate::local_path::LocalPath;

/// The capabilities of the client, from its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentNegotiation {
    pub(super) html: bool,
    pub(super) navigation: bool,
    pub(super) grpc: Option<GrpcCall>,
    pub(super) htmx: Option<Htmx>,
    /// `Accept-Language`, of a client that gets a page
    pub(super) languages: Vec<HeaderValue>,
    method: Method,
    target: Uri,
    base: BasePath,
    pub(super) router: Option<RouterRender>,
}

impl ContentNegotiation {
    pub(crate) fn of(parts: &Parts) -> Self {
        let grpc = GrpcCall::of(&parts.headers);
        let has_pages = grpc.is_none() && parts.extensions.get::<NoPages>().is_none();
        let html = has_pages && prefers_html(&parts.headers);
        let languages = parts.headers.get_all(header::ACCEPT_LANGUAGE).iter().filter(|_| html);
        Self {
            html,
            navigation: html && is_navigation(&parts.method, &parts.headers),
            grpc,
            htmx: Htmx::of(&parts.headers),
            languages: languages.cloned().collect(),
            method: parts.method.clone(),
            target: target(parts).clone(),
            base: BasePath::default(),
            router: parts.extensions.get::<RouterRender>().cloned(),
        }
    }

    /// Sets the path under which the proxy exposes the application.
    pub(crate) fn under(mut self, base: &BasePath) -> Self {
        self.base = base.clone();
        self
    }

    pub(super) fn base(&self) -> &BasePath {
        &self.base
    }

    pub(super) fn return_path(&self) -> Option<LocalPath> {
        // A browser that comes back sends a GET.
        if !matches!(self.method, Method::GET | Method::HEAD) {
            return None;
        }
        let path = LocalPath::parse(self.target.path_and_query()?.as_str()).ok()?;
        self.base.public(path)
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    pub(super) fn path(&self) -> &str {
        self.target.path()
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.target.query()
    }

    /// Returns whether the method is safe: a page sends such requests by itself while it loads.
    pub(super) fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    pub(super) fn method(&self) -> &Method {
        &self.method
    }
}

/// Marks a request to an API, which gets data even if it is a navigation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoPages;

/// The target of the request. Inside `nest` its own target lacks the prefix.
pub(crate) fn target(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

/// Returns whether the request is a navigation.
pub(crate) fn asks_for_a_page(parts: &Parts) -> bool {
    is_navigation(&parts.method, &parts.headers) && prefers_html(&parts.headers)
}

/// Returns a head that contains only what a response depends on.
pub(crate) fn reduced(parts: &Parts) -> Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = parts.method.clone();
    head.uri = parts.uri.clone();
    head.headers = parts.headers.clone();
    if let Some(original) = parts.extensions.get::<OriginalUri>() {
        head.extensions.insert(original.clone());
    }
    if let Some(router) = parts.extensions.get::<RouterRender>() {
        head.extensions.insert(router.clone());
    }
    if let Some(no_pages) = parts.extensions.get::<NoPages>() {
        head.extensions.insert(*no_pages);
    }
    head
}

fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    if !matches!(*method, Method::GET | Method::HEAD)
        || headers.contains_key("hx-request")
        || headers.contains_key("x-requested-with")
        || headers.contains_key(header::UPGRADE)
    {
        return false;
    }
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode.as_bytes() == b"navigate",
        None => true,
    }
}

/// Compares the preferences for HTML and JSON in `Accept` (RFC 9110, section 12.5.1). A client that accepts
/// anything gets JSON: browsers name `text/html`.
fn prefers_html(headers: &HeaderMap) -> bool {
    let (mut html, mut json) = (0, 0);
    for line in headers.get_all(header::ACCEPT) {
        for range in line.as_bytes().split(|byte| *byte == b',') {
            let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let Some(kind) = parts.next() else { continue };
            let quality = parts.find_map(quality).unwrap_or(1000);
            if kind.eq_ignore_ascii_case(b"text/html") || kind.eq_ignore_ascii_case(b"application/xhtml+xml")
            {
                html = html.max(quality);
            } else if kind.eq_ignore_ascii_case(b"application/json")
                || kind.eq_ignore_ascii_case(b"application/problem+json")
            {
                json = json.max(quality);
            }
        }
    }
    html > json
}

/// Parses `q=0.8` as 800; an invalid value counts as 0.
pub(super) fn quality(parameter: &[u8]) -> Option<u32> {
    let value = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="))?;
    let (whole, fraction) = match value {
        [whole @ (b'0' | b'1')] => (whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
        _ => return Some(0),
    };
    let mut thousandths = if *whole == b'1' { 1000_u32 } else { 0 };
    for (digit, weight) in fraction.iter().zip([100, 10, 1]) {
        match digit {
            b'0'..=b'9' => {
                let digit = u32::from(digit.saturating_sub(b'0'));
                thousandths = thousandths.saturating_add(digit.saturating_mul(weight));
            }
            _ => return Some(0),
        }
    }
    Some(thousandths.min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(accept: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        prefers_html(&headers)
    }

    #[test]
    fn html_is_for_those_who_ask_for_it() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("TEXT/HTML;level=1;q=0.4", true),
            ("*/*", false),
            ("", false),
            ("application/json", false),
            ("application/json, text/html;q=0.9", false),
            ("application/json;q=0.5, text/html;q=0.9", true),
            ("text/html;q=0", false),
            ("text/html;q=x", false),
            ("text/html;q=0.0001", false),
            ("text/htmlx", false),
        ] {
            assert_eq!(html(accept), expected, "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
