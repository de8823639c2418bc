//! Restricts cookies without `Secure` to requests from this host.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{events, identity::Incoming};
use http::{HeaderMap, header};

/// The error of a log-in by a client that is, or may be, on another host.
pub const NOT_LOOPBACK: &str = "cookies without https are for clients on this machine only, without a proxy \
    between; leave out `with_insecure_http_on_loopback`";

/// The error of a log-in if the server does not pass on peer addresses.
pub const NO_PEER: &str = "the client's address is not known, and cookies without https are for clients on this \
    machine only; serve with `into_make_service_with_connect_info::<SocketAddr>()`";

/// Returns the reason why a cookie without `Secure` must not be read or set for this request, if there is
/// one.
///
/// The peer address decides. `Host` comes from the client and can only add a rejection, as for a page of
/// another site whose name resolves to 127.0.0.1 (DNS rebinding).
pub fn obstacle(request: &Incoming<'_>) -> Option<&'static str> {
    let Some(peer) = request.peer() else {
        // Otherwise a log-in would be lost without an explanation in the log.
        if request.headers().contains_key(header::COOKIE) {
            events::misconfigured(NO_PEER);
        }
        return Some(NO_PEER);
    };
    let is_local =
        peer.ip().to_canonical().is_loopback() && !is_forwarded(request.headers()) && names_loopback(request);
    (!is_local).then_some(NOT_LOOPBACK)
}

/// Returns whether a proxy forwarded the request: then its client may be on any host.
fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        matches!(name.as_str(), "forwarded" | "via" | "x-real-ip") || name.as_str().starts_with("x-forwarded")
    })
}

/// Returns whether the request names only loopback hosts: `localhost`, 127.0.0.0/8 or `[::1]`.
fn names_loopback(request: &Incoming<'_>) -> bool {
    let lines = request.headers().get_all(header::HOST).iter().map(http::HeaderValue::as_bytes);
    let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let mut hosts = lines.chain(target).peekable();
    hosts.peek().is_some() && hosts.all(is_loopback_host)
}

fn is_loopback_host(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let (name, port) = match host.rsplit_once(':') {
        // Colons inside brackets belong to the address.
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_port = port.is_none_or(|port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()));
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    is_port
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
            || address
                .and_then(|text| text.parse().ok())
                .is_some_and(|address: Ipv6Addr| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in [
            "localhost",
            "LocalHost:3000",
            "127.0.0.1",
            "127.8.9.10:80",
            "[::1]",
            "[::1]:65535",
            "localhost:",
        ] {
            assert!(is_loopback_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "localhost.example.com",
            "localhost.",
            "xlocalhost",
            "127.0.0.1.example.com",
            "127.1",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "128.0.0.1",
            "::1",
            "[::1",
            "::1]",
            "[::2]",
            "[127.0.0.1]",
            "localhost:80x",
            "localhost:123456",
            "user@localhost",
            "localhost/",
            "local\u{17f}ost",
            "[::1]x",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(!is_loopback_host(host.as_bytes()), "{host}");
        }
        assert!(!is_loopback_host(b"localhost\xff"));
    }
}
