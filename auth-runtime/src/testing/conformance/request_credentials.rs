//! Finds the credentials of a test request, and replaces one of them: [`Credential`] at its [`Place`] in
//! cookie, header or query.

use http::{HeaderName, HeaderValue, Uri, header, request::Parts, uri::PathAndQuery};

use super::cookie_jar_client::Client;

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

impl Client {
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
