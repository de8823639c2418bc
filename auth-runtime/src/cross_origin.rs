//! CSRF defence: recognises cross-site requests by `Origin` and Fetch Metadata (`Sec-Fetch-Site`).
//!
//! A browser adds cookies to every request to their site, so a cookie alone does not show that the user wants
//! what the request does. A request is cross-site unless one of the following holds:
//!
//! 1. its `Origin` is one that the application trusts;
//! 2. `Sec-Fetch-Site` says `same-origin` or `none`;
//! 3. there is no `Sec-Fetch-Site`, and `Origin` is missing (not a browser) or names the request's own host.
//!
//! What a cross-site request may do depends on its method:
//!
//! - GET, HEAD and OPTIONS are safe unless they ask for a WebSocket. Their cookies count, so that links from
//!   other sites work, but they cannot change the identity: no log-in (login CSRF), no log-out, no
//!   impersonation, no rotation.
//! - With any other method, or for a WebSocket, neither the user nor the session of the cookies is used, and
//!   nothing is changed.
//!
//! A browser that sends neither header with a GET (before Chrome 76, Firefox 90 and Safari 16.4) cannot be
//! recognised here; such a request counts as the user's own, so a route that changes the identity is better a
//! POST.

use std::{error::Error, fmt};

use axum::http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts};

/// Which origins are trusted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    trusted: Vec<String>,
    all: bool,
}

/// The text is not an origin such as `https://app.example.com`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidOrigin(());

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin is a scheme and a host, such as `https://app.example.com`, without a path")
    }
}

impl Error for InvalidOrigin {}

impl Origins {
    /// Trusts one more.
    pub(crate) fn trust(&mut self, origin: &str) -> Result<(), InvalidOrigin> {
        let origin = origin.to_ascii_lowercase();
        let (scheme, host) = origin.split_once("://").ok_or(InvalidOrigin(()))?;
        let default = default_port(scheme).ok_or(InvalidOrigin(()))?;
        let authority: Authority = host.parse().map_err(|_| InvalidOrigin(()))?;
        let has_good_port = authority.host() == host || authority.port_u16().is_some();
        if authority.host().is_empty() || host.contains(['@', '*']) || !has_good_port {
            return Err(InvalidOrigin(()));
        }
        // Browsers leave the scheme's own port out.
        let host = host.strip_suffix(default).unwrap_or(host);
        self.trusted.push(format!("{scheme}://{host}"));
        Ok(())
    }

    pub(crate) fn trust_all(&mut self) {
        self.all = true;
    }

    fn trusts(&self, origin: &HeaderValue) -> bool {
        self.trusted.iter().any(|trusted| trusted.as_bytes() == origin.as_bytes())
    }
}

/// Returns whether another site made the browser send this unsafe request.
pub(crate) fn is_foreign(parts: &Parts, origins: &Origins) -> bool {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    (!safe || parts.headers.contains_key(header::UPGRADE)) && is_cross_site(parts, origins)
}

/// Returns whether another site made the browser send this request, whichever its method is.
pub(crate) fn is_cross_site(parts: &Parts, origins: &Origins) -> bool {
    if origins.all {
        return false;
    }
    let mut all_origins = parts.headers.get_all(header::ORIGIN).iter();
    let origin = all_origins.next();
    if all_origins.next().is_some() {
        return true;
    }
    if origin.is_some_and(|origin| origins.trusts(origin)) {
        return false;
    }
    let mut sites = parts.headers.get_all("sec-fetch-site").iter();
    match (sites.next(), sites.next()) {
        (Some(site), None) => !matches!(site.as_bytes(), b"same-origin" | b"none"),
        (Some(_), Some(_)) => true,
        (None, _) => origin.is_some_and(|origin| !is_own(origin, &parts.headers, &parts.uri)),
    }
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "https" => Some(":443"),
        "http" => Some(":80"),
        _ => None,
    }
}

/// Returns whether the origin names the host that the request was sent to.
fn is_own(origin: &HeaderValue, headers: &HeaderMap, uri: &Uri) -> bool {
    let Some((scheme, host)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    // HTTP/2 has `:authority` instead of `Host`.
    let mut hosts = headers.get_all(header::HOST).iter();
    let own = match (uri.authority().map(Authority::as_str), hosts.next(), hosts.next()) {
        (Some(authority), _, None) => authority,
        (None, Some(host), None) => match host.to_str() {
            Ok(host) => host,
            Err(_) => return false,
        },
        _ => return false,
    };
    let Some(default) = default_port(scheme) else { return false };
    let bare = |host: &str| host.strip_suffix(default).unwrap_or(host).to_ascii_lowercase();
    bare(host) == bare(own)
}
