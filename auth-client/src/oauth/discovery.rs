//! Discovers the endpoints of authorization servers (RFC 8414) and `OpenID` Providers.

use std::time::SystemTime;

use http::{Request, Response, StatusCode, header};
use url::Url;

use super::{provider_endpoints::Provider, server_metadata::Metadata};
use crate::{Error, ErrorKind, HttpClient, origin, retry_after, untrusted_json};

/// The reason why an address did not yield metadata.
struct Failure {
    /// The reason, shown after the address.
    text: String,
    error: Error,
}

pub(super) async fn discover(issuer: &str, http: &dyn HttpClient) -> Result<Provider, Error> {
    let url = location(issuer)?;
    ask_each(&addresses(&url), issuer, http).await
}

pub(super) async fn discover_openid(
    place: &str,
    issuer: &str,
    http: &dyn HttpClient,
) -> Result<Provider, Error> {
    let [_, openid] = addresses(&location(place)?);
    ask_each(&[openid], issuer, http).await
}

fn location(issuer: &str) -> Result<Url, Error> {
    let url = Url::parse(issuer)
        .map_err(|error| Error::configuration("an issuer must be an address").with_source(error))?;
    origin::check_secure(&url)?;
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(Error::configuration(
            "an issuer must have no query, no fragment, no name and no password",
        ));
    }
    Ok(url)
}

async fn ask_each(addresses: &[Url], issuer: &str, http: &dyn HttpClient) -> Result<Provider, Error> {
    let mut failures = Vec::new();
    for address in addresses {
        match ask(issuer, address, http).await {
            Ok(provider) => return Ok(provider),
            Err(failure) => failures.push((address.clone(), failure)),
        }
    }
    Err(summary(failures))
}

/// Combines the failures of both addresses. If one of the servers is out of order, the error is temporary.
fn summary(failures: Vec<(Url, Failure)>) -> Error {
    let texts: Vec<String> =
        failures.iter().map(|(address, failure)| format!("{address} {}", failure.text)).collect();
    let message = format!("the issuer publishes no usable metadata: {}", texts.join("; "));
    let is_outage = |error: &Error| error.kind() == ErrorKind::Transport;
    let decisive = failures.iter().position(|(_, failure)| is_outage(&failure.error)).unwrap_or_default();
    let Some((_, Failure { error: cause, .. })) = failures.into_iter().nth(decisive) else {
        return Error::protocol(message);
    };
    let error = if is_outage(&cause) { Error::transport(message) } else { Error::protocol(message) };
    let (status, wait) = (cause.status(), cause.retry_after());
    let error = error.with_source(cause).with_retry_after(wait);
    match status {
        Some(status) => error.with_status(status),
        None => error,
    }
}

/// Requests one address. Metadata of another issuer are rejected (mix-up attack), and the next address is
/// tried.
async fn ask(issuer: &str, address: &Url, http: &dyn HttpClient) -> Result<Provider, Failure> {
    let answer = fetch(address, http)
        .await
        .map_err(|error| Failure { text: format!("does not answer ({error})"), error })?;
    let status = answer.status();
    let failed = |more: &str, error: Error| Failure {
        text: format!("answers {status}{more}"),
        error: error.with_status(status),
    };
    if status != StatusCode::OK {
        let message = format!("the address answers {status}");
        let is_outage = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        let error = if is_outage { Error::transport(message) } else { Error::protocol(message) };
        let wait = retry_after::read(answer.headers(), SystemTime::now());
        return Err(failed("", error.with_retry_after(wait)));
    }
    let metadata: Metadata = untrusted_json::object(answer.body()).map_err(|error| {
        let error = Error::protocol("the answer is not what RFC 8414 asks for").with_source(error);
        failed(" without metadata (RFC 8414)", error)
    })?;
    metadata.provider(issuer).map_err(|error| failed(&format!(", but {error}"), error))
}

/// Returns both addresses: RFC 8414 puts the well-known part before the issuer's path, `OpenID` Connect puts
/// it after.
fn addresses(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/').to_owned();
    let at = |path: &str| {
        let mut url = issuer.clone();
        url.set_path(path);
        url
    };
    [
        at(&format!("/.well-known/oauth-authorization-server{path}")),
        at(&format!("{path}/.well-known/openid-configuration")),
    ]
}

async fn fetch(address: &Url, http: &dyn HttpClient) -> Result<Response<Vec<u8>>, Error> {
    let request = Request::get(address.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|error| Error::configuration("the issuer's address makes no request").with_source(error))?;
    http.send(request).await
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
mod tests;
