//! The headers `X-Forwarded-For` and `Forwarded` (spoofed client addresses).

use std::net::{IpAddr, SocketAddr};

use auth_runtime::identity::{Incoming, client_address::ClientAddress};
use axum::http::{HeaderName, HeaderValue, header::FORWARDED, request::Parts};

use super::request_parts::{NOON, parts};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The result is never a proxy's address, and hops before the client change nothing. If the peer is not a
/// trusted proxy, no header is read.
pub fn check(bytes: &[u8]) -> bool {
    let behind = || ClientAddress::behind(["10.0.0.0/8", "2001:db8::/32"]).unwrap();
    let mut is_found = false;
    for (name, address, further) in [
        (X_FORWARDED_FOR, behind(), "198.51.100.66, "),
        (FORWARDED, behind().with_forwarded_header(), "for=198.51.100.66, "),
    ] {
        let parts = parts(&name, bytes);
        let found = find(&address, &parts, [10, 0, 0, 1]);
        if let Some(found) = found {
            assert!(!is_proxy(found) && found == found.to_canonical());
            assert_eq!(find(&address, &with_first(&parts, &name, further), [10, 0, 0, 1]), Some(found));
            is_found = true;
        }
        if name == X_FORWARDED_FOR
            && let Some(hops) = reference(&parts)
        {
            assert_eq!(found, hops.into_iter().rev().find(|hop| !is_proxy(*hop)));
        }
        assert_eq!(find(&address, &parts, [192, 0, 2, 1]), Some([192, 0, 2, 1].into()));
    }
    is_found
}

fn find(address: &ClientAddress, parts: &Parts, peer: [u8; 4]) -> Option<IpAddr> {
    address.find(&Incoming::new(parts, Some(SocketAddr::from((peer, 4000))), NOON))
}

fn is_proxy(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[0] == 10,
        IpAddr::V6(address) => address.segments()[..2] == [0x2001, 0xdb8],
    }
}

/// Returns the same request with one more hop at the far end.
fn with_first(parts: &Parts, name: &HeaderName, further: &str) -> Parts {
    let mut changed = parts.clone();
    changed.headers.remove(name);
    for (at, line) in parts.headers.get_all(name).iter().enumerate() {
        let line =
            if at == 0 { [further.as_bytes(), line.as_bytes()].concat() } else { line.as_bytes().to_vec() };
        changed.headers.append(name, HeaderValue::from_bytes(&line).unwrap());
    }
    changed
}

/// Parses the hops with the standard library; returns `None` if one of them is not an address.
fn reference(parts: &Parts) -> Option<Vec<IpAddr>> {
    let mut hops = Vec::new();
    for line in parts.headers.get_all(X_FORWARDED_FOR) {
        for hop in line.to_str().ok()?.split(',') {
            hops.push(hop.trim_matches([' ', '\t']).parse::<IpAddr>().ok()?.to_canonical());
        }
    }
    Some(hops)
}
