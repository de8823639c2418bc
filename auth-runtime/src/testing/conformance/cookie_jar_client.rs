//! Sends requests, and stores cookies as a browser does: [`Client`].

use std::collections::BTreeMap;

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};

/// A client with a credential: cookies, or a request with another kind of credential.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) request: Parts,
    pub(super) cookies: BTreeMap<String, String>,
}

/// A complete response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// Returns the user of the request; `None` if it is anonymous or rejected.
    pub(super) fn known(&self) -> Option<&str> {
        if !self.status.is_success() {
            return None;
        }
        std::str::from_utf8(&self.body).ok()?.strip_prefix("known ")
    }

    pub(super) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()).collect()
    }
}

impl Client {
    pub(super) const fn of(request: Parts) -> Self {
        Self { request, cookies: BTreeMap::new() }
    }

    /// Returns the request that it sends.
    pub(super) fn parts(&self) -> Parts {
        let mut parts = self.request.clone();
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            if let Ok(line) = HeaderValue::try_from(pairs.collect::<Vec<_>>().join("; ")) {
                parts.headers.append(header::COOKIE, line);
            }
        }
        parts
    }

    /// Stores cookies as a browser does.
    pub(super) fn keep(&mut self, reply: &Reply) {
        for line in reply.set_cookies() {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
