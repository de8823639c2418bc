//! [`Client`]: sends requests, stores cookies as a browser does, and locates its credentials.

use std::collections::BTreeMap;

use axum::body::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts, uri::PathAndQuery};

/// A client with a credential: cookies, or a request with another kind of credential.
#[derive(Clone, Debug)]
pub(super) struct Client {
    request: Parts,
    pub(super) cookies: BTreeMap<String, String>,
}

/// A credential of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Credential {
    pub(super) place: Place,
    pub(super) value: Vec<u8>,
}

/// The place of a credential in a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// The cookie of this name
    Cookie(String),
    Header(HeaderName),
    /// The parameter of this name
    Query(String),
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

    /// Returns what distinguishes its request from one without a credential: stored cookies, headers and
    /// query parameters.
    pub(super) fn credentials(&self, plain: &Parts) -> Vec<Credential> {
        let cookies = self.cookies.iter().map(|(name, value)| Credential {
            place: Place::Cookie(name.clone()),
            value: value.clone().into_bytes(),
        });
        let headers = self.request.headers.iter().filter(|(name, _)| !plain.headers.contains_key(*name));
        let headers = headers.map(|(name, value)| Credential {
            place: Place::Header(name.clone()),
            value: value.as_bytes().to_vec(),
        });
        let plain: Vec<_> = query_of(&plain.uri).collect();
        let query = query_of(&self.request.uri).filter(|pair| !plain.contains(pair));
        let query = query.map(|(name, value)| Credential {
            place: Place::Query(name.to_owned()),
            value: value.as_bytes().to_vec(),
        });
        cookies.chain(headers).chain(query).collect()
    }

    /// Returns the client with another value in one place; `None` if a request cannot carry the value there.
    pub(super) fn with_credential(&self, place: &Place, value: &[u8]) -> Option<Self> {
        let mut client = self.clone();
        match place {
            Place::Cookie(name) => {
                client.cookies.remove(name);
                let line = [name.as_bytes(), b"=", value].concat();
                client.request.headers.append(header::COOKIE, HeaderValue::from_bytes(&line).ok()?);
            }
            Place::Header(name) => {
                client.request.headers.insert(name, HeaderValue::from_bytes(value).ok()?);
            }
            Place::Query(name) => {
                let value = std::str::from_utf8(value).ok()?;
                let pairs = query_of(&self.request.uri).map(|(key, old)| {
                    if key == name { format!("{key}={value}") } else { format!("{key}={old}") }
                });
                let query = pairs.collect::<Vec<_>>().join("&");
                client.request.uri = with_path_and_query(&self.request.uri, self.request.uri.path(), &query)?;
            }
        }
        Some(client)
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

fn query_of(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Returns the target with another path and query; `None` if they are not valid.
pub(super) fn with_path_and_query(uri: &Uri, path: &str, query: &str) -> Option<Uri> {
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}
