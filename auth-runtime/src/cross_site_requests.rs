//! Recognizes cross-site requests (CSRF) by `Origin` and Fetch Metadata (`Sec-Fetch-Site`): [`Origins`].
//!
//! Browsers attach cookies to every request to their site, so a cookie does not show that the user intends
//! the request. A request is cross-site unless one of the following holds:
//!
//! 1. its `Origin` is one that the application trusts;
//! 2. `Sec-Fetch-Site` says `same-origin` or `none`;
//! 3. there is no `Sec-Fetch-Site`, and `Origin` is missing (not a browser) or names the request's own host.
//!
//! What a cross-site request may do depends on its method:
//!
//! - GET, HEAD and OPTIONS are safe unless they open a WebSocket. Their cookies authenticate, so that links
//!   from other sites work, but they cannot change the identity: no log-in (login CSRF), log-out,
//!   impersonation or rotation.
//! - With any other method, or for a WebSocket, cookies do not authenticate: neither the user nor the session
//!   is used or changed.
//!
//! A browser that sends neither header with a GET (before Chrome 76, Firefox 90 and Safari 16.4) cannot be
//! recognized; its requests count as same-origin. Use POST for routes that change the identity.

use std::{
    error::Error,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use axum::http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts};

/// The trusted origins.
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
        f.write_str(
            "an origin is a scheme and a host, such as `https://app.example.com` or `tauri://localhost`, without a path; \
             write an international host name as `xn--…`",
        )
    }
}

impl Error for InvalidOrigin {}

impl Origins {
    /// Trusts one more origin.
    pub(crate) fn trust(&mut self, origin: &str) -> Result<(), InvalidOrigin> {
        self.trusted.push(serialized(origin).ok_or(InvalidOrigin(()))?);
        Ok(())
    }

    pub(crate) fn trust_all(&mut self) {
        self.all = true;
    }

    fn trusts(&self, origin: &HeaderValue) -> bool {
        // Scheme and host are case-insensitive (RFC 3986, section 6.2.2.1). Browsers send those of the web in
        // lower case, but keep the capitals of a host such as `safari-web-extension://52E6…`.
        self.trusted.iter().any(|trusted| trusted.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
    }
}

/// Returns whether this is an unsafe cross-site request.
pub(crate) fn is_foreign(parts: &Parts, origins: &Origins) -> bool {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    (!safe || parts.headers.contains_key(header::UPGRADE)) && is_cross_site(parts, origins)
}

/// Returns whether this is a cross-site request, with any method.
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

/// Formats an origin as browsers do in `Origin` (RFC 6454, section 6.2); `None` if the text is not one.
fn serialized(origin: &str) -> Option<String> {
    let origin = origin.to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://").filter(|(scheme, _)| is_scheme(scheme))?;
    let (host, port) = match authority.rsplit_once(':') {
        // Colons inside brackets belong to the address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port_number(port)?)),
        _ => (authority, None),
    };
    let host = serialized_host(scheme, host)?;
    // Browsers omit the scheme's default port.
    let port = port.map(|port| format!(":{port}")).filter(|port| default_port(scheme) != Some(port.as_str()));
    Some(format!("{scheme}://{host}{}", port.unwrap_or_default()))
}

/// Returns whether this is a scheme (RFC 3986, section 3.1).
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn port_number(port: &str) -> Option<u16> {
    port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn serialized_host(scheme: &str, host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        return Some(serialized_v6(address.strip_suffix(']')?.parse().ok()?));
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_name = host.len() <= 253 && name.split('.').all(is_label);
    // Browsers parse a host that ends in a number as an IPv4 address, and send all four of its parts.
    let is_web = default_port(scheme).is_some();
    (is_name && (!is_web || is_name_or_v4(host))).then(|| host.to_owned())
}

/// Returns whether the host is a canonical IPv4 address, or ends in a label that is not a number.
fn is_name_or_v4(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_hexadecimal =
        last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_number = is_hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit());
    !is_number || host.parse::<Ipv4Addr>().is_ok()
}

/// Formats an IPv6 address; browsers write an embedded IPv4 address as hexadecimal digits.
fn serialized_v6(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("[::ffff:{high:x}:{low:x}]"),
        _ => format!("[{address}]"),
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
