//! Fetches a document from an issuer, with all limits.

use std::{error::Error, iter::successors, time::Duration};

use http::{HeaderMap, StatusCode, header};
use reqwest::{Certificate, Client, ClientBuilder, Response, Url, redirect::Policy};

use super::{
    JwksError, JwksErrorKind,
    address_filter::{AddressFilter, NotPublic, PublicOnly, System, is_loopback},
};
use crate::key_set::MAX_BYTES;

/// The maximum `Retry-After` that is honored.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// The maximum number of characters of a quotation in an error.
const MAX_QUOTED: usize = 200;

/// A fetched document.
pub(super) struct Fetched {
    pub(super) body: Vec<u8>,
    /// How long the response may be cached; zero for `no-store`.
    pub(super) keep: Option<Duration>,
}

/// The HTTP clients: no redirects, no cookies, restricted addresses (SSRF protection).
#[derive(Clone, Debug)]
pub(super) struct Clients {
    any: Client,
    /// For loopback addresses, without a proxy.
    direct: Client,
}

impl Clients {
    pub(super) fn new(roots: &[Certificate], filter: AddressFilter) -> Result<Self, JwksError> {
        let build = |builder: ClientBuilder| {
            builder.build().map_err(|error| {
                JwksError::new(JwksErrorKind::Unreachable, "the HTTPS client cannot be set up").because(error)
            })
        };
        Ok(Self { any: build(settings(roots, filter))?, direct: build(settings(roots, filter).no_proxy())? })
    }

    /// Uses one client for every address.
    #[cfg(test)]
    pub(super) fn only(client: Client) -> Self {
        Self { any: client.clone(), direct: client }
    }

    fn client_for(&self, url: &Url) -> &Client {
        if is_loopback(url) { &self.direct } else { &self.any }
    }
}

fn settings(roots: &[Certificate], filter: AddressFilter) -> ClientBuilder {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .https_only(filter != AddressFilter::Loopback)
        .user_agent(concat!("auth-runtime/", env!("CARGO_PKG_VERSION")));
    builder = match filter {
        AddressFilter::Any | AddressFilter::Loopback => builder,
        // A proxy would resolve the name itself and bypass the address filter.
        AddressFilter::Public => builder.no_proxy().dns_resolver(PublicOnly(System)),
    };
    for root in roots {
        builder = builder.add_root_certificate(root.clone());
    }
    builder
}

/// Fetches a JSON document of at most 256 KiB. The caller sets the timeout.
pub(super) async fn get(clients: &Clients, url: &Url) -> Result<Fetched, JwksError> {
    let place = place(url);
    let unreachable = |error: reqwest::Error| unreachable(&place, &error);
    let mut response = clients
        .client_for(url)
        .get(url.clone())
        .header(header::ACCEPT, "application/json")
        .send()
        .await
        .map_err(unreachable)?;
    check(&response, &place)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len().saturating_add(chunk.len()) > MAX_BYTES {
            return Err(answer(&place, "is longer than 256 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { body, keep: keep(response.headers()) })
}

fn unreachable(place: &str, error: &reqwest::Error) -> JwksError {
    // The outer message quotes the address with its query, which may be secret.
    let causes = || successors(error.source(), |error| (*error).source());
    if causes().any(<dyn Error>::is::<NotPublic>) {
        return JwksError::new(JwksErrorKind::Address, format!("{place} has no public address"));
    }
    let causes: Vec<_> = causes().map(ToString::to_string).collect();
    JwksError::new(JwksErrorKind::Unreachable, format!("{place} does not answer")).because(causes.join(": "))
}

fn check(response: &Response, place: &str) -> Result<(), JwksError> {
    let headers = response.headers();
    if response.status() != StatusCode::OK {
        let message = format!("{place} answers with status {}", response.status().as_u16());
        return Err(JwksError::new(JwksErrorKind::Unreachable, message).retry_after(retry_after(headers)));
    }
    if response
        .content_length()
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > MAX_BYTES))
    {
        return Err(answer(place, "is longer than 256 KiB"));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(answer(place, "is compressed, which was not asked for"));
    }
    if let Some(kind) = headers.get(header::CONTENT_TYPE)
        && !kind.to_str().is_ok_and(may_be_json)
    {
        let kind = foreign(&String::from_utf8_lossy(kind.as_bytes()));
        return Err(answer(place, &format!("is not JSON: its `Content-Type` is `{kind}`")));
    }
    Ok(())
}

/// Makes text from outside safe for an error.
pub(super) fn foreign(text: &str) -> String {
    text.chars().take(MAX_QUOTED).flat_map(char::escape_debug).collect()
}

/// Accepts JSON, and the types that file servers use for unknown files; invalid JSON is rejected later. HTML
/// error pages of proxies are detected by their type.
fn may_be_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "application/octet-stream" | "text/json" | "text/plain")
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// RFC 9111: `max-age` minus the time that the response has spent in caches.
fn keep(headers: &HeaderMap) -> Option<Duration> {
    let mut keep = None;
    for line in headers.get_all(header::CACHE_CONTROL) {
        for directive in line.to_str().unwrap_or_default().split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if matches!(directive.as_str(), "no-store" | "no-cache") {
                return Some(Duration::ZERO);
            }
            if let Some(seconds) = directive.strip_prefix("max-age=") {
                keep = keep.or(seconds.trim_matches('"').parse().ok());
            }
        }
    }
    let age = headers.get(header::AGE).and_then(seconds).unwrap_or(0);
    keep.map(|keep: u64| Duration::from_secs(keep.saturating_sub(age)))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get(header::RETRY_AFTER)
        .and_then(seconds)
        .map(|wait| Duration::from_secs(wait).min(MAX_RETRY_AFTER))
}

fn seconds(value: &http::HeaderValue) -> Option<u64> {
    value.to_str().ok()?.trim().parse().ok()
}

pub(super) fn answer(place: &str, message: &str) -> JwksError {
    JwksError::new(JwksErrorKind::Answer, format!("the answer of {place} {message}"))
}

/// Returns an address without its query, for logs.
pub(super) fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        keep(&headers).map(|keep| keep.as_secs())
    }

    #[test]
    fn how_long_an_answer_may_be_kept() {
        assert_eq!(kept(&[]), None);
        assert_eq!(kept(&[("cache-control", "public, max-age=600, must-revalidate")]), Some(600));
        assert_eq!(kept(&[("cache-control", "Max-Age=\"600\"")]), Some(600));
        assert_eq!(kept(&[("cache-control", "max-age=600"), ("age", "100")]), Some(500));
        assert_eq!(kept(&[("cache-control", "max-age=600"), ("age", "700")]), Some(0));
        assert_eq!(kept(&[("cache-control", "max-age=600"), ("cache-control", "no-store")]), Some(0));
        assert_eq!(kept(&[("cache-control", "no-cache")]), Some(0));
        for nonsense in
            ["max-age", "max-age=", "max-age=-1", "max-age=1e9", "max-age=99999999999999999999", "s-maxage=5"]
        {
            assert_eq!(kept(&[("cache-control", nonsense)]), None, "{nonsense}");
        }
    }

    #[test]
    fn which_answers_are_json() {
        for json in [
            "application/json",
            "application/JSON; charset=utf-8",
            "application/jwk-set+json",
            "application/json;x",
            "application/octet-stream",
            "text/plain; charset=utf-8",
            "text/json",
        ] {
            assert!(may_be_json(json), "{json}");
        }
        for other in ["text/html", "text/javascript", "application/jsonp", "", "x+json", "image/svg+json"] {
            assert!(!may_be_json(other), "{other}");
        }
    }
}
