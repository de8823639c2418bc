//! Where the client's address comes from: the connection, or the proxies that are named, read from right to left.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::net::{IpAddr, SocketAddr};

use auth_runtime::{
    clock::UnixTime,
    identity::{Incoming, client_address::ClientAddress},
    ticket::BoundAddress,
};
use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;

const PROXY: &str = "10.0.0.1";

fn find(address: &ClientAddress, peer: Option<&str>, headers: &[(&str, &[u8])]) -> Option<String> {
    let mut request = Request::builder();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request = request.header(name, HeaderValue::from_bytes(value).unwrap());
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let peer = peer.map(|peer| SocketAddr::new(peer.parse().unwrap(), 50_000));
    let incoming = Incoming::new(&parts, peer, UnixTime::from_secs(0));
    address.find(&incoming).map(|address| address.to_string())
}

fn behind() -> ClientAddress {
    ClientAddress::behind(["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.99"]).unwrap()
}

#[test]
fn nothing_that_a_client_sends_changes_its_address() {
    let headers: Vec<(&str, &[u8])> = [
        "x-forwarded-for",
        "x_forwarded_for",
        "forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "client-ip",
        "cf-connecting-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "x-forwarded",
        "forwarded-for",
        "via",
    ]
    .map(|name| (name, if name == "forwarded" { &b"for=9.9.9.9"[..] } else { b"9.9.9.9" }))
    .to_vec();
    for address in [ClientAddress::peer(), behind(), behind().with_forwarded_header()] {
        for peer in ["192.0.2.1", "2001:db8::1", "11.0.0.1"] {
            assert_eq!(find(&address, Some(peer), &headers).as_deref(), Some(peer));
        }
    }
    // Without proxies no peer is special.
    assert_eq!(find(&ClientAddress::peer(), Some(PROXY), &headers).as_deref(), Some(PROXY));
}

#[test]
fn what_stands_left_of_the_answer_does_not_matter() {
    for length in 0..=10 {
        for lie in ["9.9.9.9", "10.0.0.7", "garbage", "", "unknown", "for=9.9.9.9", "\"", "\u{1}x", "::1"] {
            let lies = vec![lie.replace('\u{1}', "~"); length].join(", ");
            let chain = format!("{lies}{}192.0.2.1, 10.2.2.2", if length > 0 { ", " } else { "" });
            let found = find(&behind(), Some(PROXY), &[("x-forwarded-for", chain.as_bytes())]);
            assert_eq!(found.as_deref(), Some("192.0.2.1"), "{chain}");
        }
    }
}

#[test]
fn the_chain_is_read_from_the_right() {
    // The lines of `X-Forwarded-For` that a proxy sends, and the address; none means that the request is rejected.
    let rows: [(&[&[u8]], Option<&str>); 51] = [
        (&[], None),
        (&[b""], None),
        (&[b" "], None),
        (&[b","], None),
        (&[b"192.0.2.1"], Some("192.0.2.1")),
        (&[b" \t192.0.2.1\t "], Some("192.0.2.1")),
        (&[b"9.9.9.9, 192.0.2.1"], Some("192.0.2.1")),
        (&[b"9.9.9.9,192.0.2.1"], Some("192.0.2.1")),
        (&[b"192.0.2.1, 10.0.0.2"], Some("192.0.2.1")),
        (&[b"192.0.2.1, 10.0.0.2, 10.9.9.9"], Some("192.0.2.1")),
        (&[b"192.0.2.1, 192.0.2.99"], Some("192.0.2.1")),
        (&[b"10.0.0.2"], None),
        (&[b"10.0.0.3, 10.0.0.2"], None),
        (&[b"9.9.9.9", b"192.0.2.1"], Some("192.0.2.1")),
        (&[b"192.0.2.1", b"10.0.0.2"], Some("192.0.2.1")),
        (&[b"192.0.2.1, 10.0.0.3", b"10.0.0.2"], Some("192.0.2.1")),
        (&[b"garbage", b"192.0.2.1"], Some("192.0.2.1")),
        (&[b"192.0.2.1", b"garbage"], None),
        (&[b"192.0.2.1", b""], None),
        (&[b"192.0.2.1,"], None),
        (&[b",192.0.2.1"], Some("192.0.2.1")),
        (&[b"192.0.2.1,,10.0.0.2"], None),
        (&[b"192.0.2.1, unknown"], None),
        (&[b"192.0.2.1, _hidden"], None),
        (&[b"192.0.2.1, unknown, 10.0.0.2"], None),
        (&[b"unknown, 192.0.2.1"], Some("192.0.2.1")),
        (&[b"192.0.2.1:4711"], Some("192.0.2.1")),
        (&[b"192.0.2.1:0"], Some("192.0.2.1")),
        (&[b"192.0.2.1:"], None),
        (&[b"192.0.2.1:x"], None),
        (&[b"192.0.2.1:_x"], None),
        (&[b"192.0.2.1:123456"], None),
        (&[b"192.0.2.1:80:80"], None),
        (&[b"2001:db8::1"], Some("2001:db8::1")),
        (&[b"[2001:db8::1]"], Some("2001:db8::1")),
        (&[b"[2001:db8::1]:4711"], Some("2001:db8::1")),
        (&[b"[2001:db8::1"], None),
        (&[b"2001:db8::1]"], None),
        (&[b"[2001:db8::1]4711"], None),
        (&[b"[192.0.2.1]"], None),
        (&[b"2001:DB8:0::0001"], Some("2001:db8::1")),
        (&[b"192.0.2.1, 2001:db8:ffff::7"], Some("192.0.2.1")),
        (&[b"fe80::1%eth0"], Some("fe80::1")),
        (&[b"[fe80::1%25eth0]:80"], Some("fe80::1")),
        (&[b"fe80::1%"], None),
        (&[b"192.0.2.1%eth0"], None),
        (&[b"192.0.2.1 192.0.2.2"], None),
        (&[b"\"192.0.2.1\""], None),
        (&[b"for=192.0.2.1"], None),
        (&[b"192.0.2.1, \xff"], None),
        (&[b"\xff, 192.0.2.1"], Some("192.0.2.1")),
    ];
    for (lines, expected) in rows {
        let headers: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        let shown = lines.iter().map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>();
        assert_eq!(find(&behind(), Some(PROXY), &headers).as_deref(), expected, "{shown:?}");
    }
}

#[test]
fn the_standard_header_is_read_from_the_right() {
    let rows: [(&[&[u8]], Option<&str>); 52] = [
        (&[], None),
        (&[b""], None),
        (&[b"for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"For=192.0.2.1"], Some("192.0.2.1")),
        (&[b"FOR=192.0.2.1;proto=https"], Some("192.0.2.1")),
        (&[b"proto=https;by=10.0.0.1;for=192.0.2.1;host=example.com"], Some("192.0.2.1")),
        (&[b"for=\"192.0.2.1\""], Some("192.0.2.1")),
        (&[b"for=\"192.0.2.1:4711\""], Some("192.0.2.1")),
        (&[b"for=\"192.0.2.1:_port\""], Some("192.0.2.1")),
        (&[b"for=\"192.0.2.1:_\""], None),
        (&[b"for=\"192.0.2.1:port\""], None),
        (&[b"for=\"[2001:db8:cafe::17]:4711\""], Some("2001:db8:cafe::17")),
        (&[b"for=\"[2001:db8:cafe::17]\""], Some("2001:db8:cafe::17")),
        (&[b"for=\"2001:db8:cafe::17\""], None),
        (&[b"for=[2001:db8:cafe::17]"], None),
        (&[b"for=192.0.2.1:80"], None),
        (&[b"for=192.0.2.43, for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.43,for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.1, for=10.0.0.2"], Some("192.0.2.1")),
        (&[b"for=192.0.2.1;proto=http;by=203.0.113.43, for=10.0.0.2;by=10.0.0.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.43", b"for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.1", b"for=10.0.0.2"], Some("192.0.2.1")),
        (&[b"for=\"broken", b"for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.1", b"for=\"broken"], None),
        (&[b"for=unknown"], None),
        (&[b"for=_gazonk"], None),
        (&[b"for=\"_gazonk\""], None),
        (&[b"for=unknown, for=192.0.2.1"], Some("192.0.2.1")),
        (&[b"for=192.0.2.1, for=unknown"], None),
        (&[b"for=192.0.2.1, for=_SEVKISEK, for=10.0.0.2"], None),
        (&[b"for=10.0.0.2"], None),
        (&[b"proto=https"], None),
        (&[b"for=192.0.2.1, proto=https"], None),
        (&[b"for=192.0.2.43;for=192.0.2.1"], None),
        (&[b"for=192.0.2.1;"], None),
        (&[b"for=192.0.2.1,"], None),
        (&[b",for=192.0.2.1"], None),
        (&[b"for=192.0.2.1 ; proto=https"], Some("192.0.2.1")),
        (&[b"for =192.0.2.1"], None),
        (&[b"for= 192.0.2.1"], None),
        (&[b"for"], None),
        (&[b"for="], None),
        (&[b"for=\"\""], None),
        (&[b"192.0.2.1"], None),
        (&[b"for=\"192.0.2.1\"x"], None),
        (&[b"for=\"192.0.2.\\1\""], Some("192.0.2.1")),
        (&[b"for=\"192.0.2.1\\"], None),
        // Quotes hide commas and semicolons: what is in them is not an element.
        (&[b"for=192.0.2.1;by=\", for=9.9.9.9\""], Some("192.0.2.1")),
        (&[b"by=\"a;for=9.9.9.9\";for=192.0.2.1"], Some("192.0.2.1")),
        // A client's open quote, closed by the one that the proxy writes.
        (&[b"for=9.9.9.9;by=\", for=\"[2001:db8::1]\""], None),
        (&[b"for=\", for=192.0.2.1"], None),
        (&[b"for=192.0.2.1;x=\xff"], None),
    ];
    let address = behind().with_forwarded_header();
    for (lines, expected) in rows {
        let headers: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
        let shown = lines.iter().map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>();
        assert_eq!(find(&address, Some(PROXY), &headers).as_deref(), expected, "{shown:?}");
    }
}

#[test]
fn an_address_has_one_form() {
    for (written, expected) in [
        ("::ffff:192.0.2.1", Some("192.0.2.1")),
        ("::FFFF:c000:0201", Some("192.0.2.1")),
        ("[::ffff:192.0.2.1]:80", Some("192.0.2.1")),
        ("::ffff:10.0.0.2", None),
        ("::192.0.2.1", Some("::c000:201")),
        ("0192.0.2.1", None),
        ("192.0.2.01", None),
        ("0300.0.2.1", None),
        ("0xc0.0.2.1", None),
        ("192.0.513", None),
        ("3221225985", None),
        ("192.0.2.256", None),
        ("192.0.2.1.", None),
        ("\u{ff11}92.0.2.1", None),
    ] {
        let found = find(&behind(), Some(PROXY), &[("x-forwarded-for", written.as_bytes())]);
        assert_eq!(found.as_deref(), expected, "{written}");
    }
    assert_eq!(find(&ClientAddress::peer(), Some("::ffff:192.0.2.1"), &[]).as_deref(), Some("192.0.2.1"));
    // A proxy that is reached over IPv6 with an IPv4 address is that proxy.
    let found = find(&behind(), Some("::ffff:10.0.0.1"), &[("x-forwarded-for", b"192.0.2.1")]);
    assert_eq!(found.as_deref(), Some("192.0.2.1"));
}

#[test]
fn without_a_peer_the_address_is_unknown() {
    for address in [ClientAddress::peer(), behind(), behind().with_forwarded_header()] {
        for headers in [&[][..], &[("x-forwarded-for", &b"192.0.2.1"[..]), ("forwarded", b"for=192.0.2.1")]] {
            assert_eq!(find(&address, None, headers), None);
        }
    }
}

#[test]
fn only_the_chosen_header_is_read() {
    let lies: [(&str, &[u8]); 4] = [
        ("x_forwarded_for", b"9.9.9.9"),
        ("x-real-ip", b"9.9.9.9"),
        ("connection", b"x-forwarded-for"),
        ("x-forwarded-host", b"9.9.9.9"),
    ];
    // The expected header is missing: no address, not that of another host.
    let x_forwarded = [&lies[..], &[("x-forwarded-for", b"192.0.2.1")]].concat();
    let forwarded = [&lies[..], &[("forwarded", b"for=192.0.2.1")]].concat();
    let standard = behind().with_forwarded_header();
    assert_eq!(find(&behind(), Some(PROXY), &lies), None);
    assert_eq!(find(&behind(), Some(PROXY), &forwarded), None);
    assert_eq!(find(&standard, Some(PROXY), &x_forwarded), None);
    assert_eq!(find(&behind(), Some(PROXY), &x_forwarded).as_deref(), Some("192.0.2.1"));
    assert_eq!(find(&standard, Some(PROXY), &forwarded).as_deref(), Some("192.0.2.1"));
}

#[test]
fn proxies_are_checked_when_they_are_named() {
    let behind = |proxy: &str| ClientAddress::behind([proxy]);
    for good in
        ["10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "10.0.0.0/32", "::1", "2001:db8::/32", "::ffff:10.0.0.0/104"]
    {
        assert!(behind(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "x",
        "10.0.0.0/33",
        "10.0.0.0/",
        "/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        " 10.0.0.1",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/129",
        "::ffff:10.0.0.0/95",
        "::ffff:0.0.0.0/96",
        "example.com",
        "10.0.0.0/256",
        "10.0.0.0/0000000008x",
    ] {
        assert!(behind(bad).is_err(), "{bad}");
    }
    assert!(ClientAddress::behind([""; 0]).is_err());
    let mapped = ClientAddress::behind(["::ffff:10.0.0.0/104"]).unwrap();
    assert_eq!(
        find(&mapped, Some("10.7.7.7"), &[("x-forwarded-for", b"192.0.2.1")]).as_deref(),
        Some("192.0.2.1")
    );
    assert_eq!(
        find(&mapped, Some("11.7.7.7"), &[("x-forwarded-for", b"192.0.2.1")]).as_deref(),
        Some("11.7.7.7")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The answer is the peer or stands in the chain with only proxies to its right.
    #[test]
    fn the_client_is_the_rightmost_address_that_is_not_a_proxy(
        chain in prop::collection::vec(prop_oneof![
            any::<IpAddr>().prop_map(|address| address.to_string()),
            any::<u8>().prop_map(|last| format!("10.0.0.{last}")),
            Just("unknown".to_owned()),
        ], 0..8),
        cuts in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mut lines = vec![String::new()];
        for (hop, cut) in chain.iter().zip(cuts) {
            let line = lines.last_mut().unwrap();
            if line.is_empty() { line.push_str(hop) } else if cut { lines.push(hop.clone()) } else { *line += ", "; *line += hop }
        }
        let headers: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", line.as_bytes())).collect();
        let is_proxy = |hop: &String| {
            let address: Option<IpAddr> = hop.parse().ok();
            let networks = ["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.99/32"];
            address.is_some_and(|address| networks.iter().any(|network| {
                let (network, bits) = network.split_once('/').unwrap();
                let bits = bits.parse().unwrap();
                let network: IpAddr = network.parse().unwrap();
                network.is_ipv4() == address.to_canonical().is_ipv4()
                    && BoundAddress::new(network, bits, bits) == BoundAddress::new(address, bits, bits)
            }))
        };
        let expected = chain.iter().rev().find(|hop| !is_proxy(hop)).and_then(|hop| hop.parse::<IpAddr>().ok());
        let found = find(&behind(), Some(PROXY), &headers);
        prop_assert_eq!(found, expected.map(|address| address.to_canonical().to_string()));
    }

    /// Bound addresses are equal when their first bits are, and never across families.
    #[test]
    fn same_prefix_same_binding(
        one in any::<IpAddr>(), flip in 0_u32..128, v4 in 0_u8..=40, v6 in 0_u8..=140,
    ) {
        let (bits, prefix, other): (u32, u32, IpAddr) = match one.to_canonical() {
            IpAddr::V4(address) => {
                let flip = flip % 32;
                (31 - flip, v4.into(), std::net::Ipv4Addr::from_bits(address.to_bits() ^ 1 << flip).into())
            }
            IpAddr::V6(address) => {
                (127 - flip, v6.into(), std::net::Ipv6Addr::from_bits(address.to_bits() ^ 1 << flip).into())
            }
        };
        let bound = |address| BoundAddress::new(address, v4, v6);
        prop_assume!(one.to_canonical().is_ipv4() == other.to_canonical().is_ipv4());
        prop_assert_eq!(bound(one) == bound(other), bits >= prefix);
        prop_assert_eq!(bound(one), bound(one.to_canonical()));
        if let IpAddr::V4(address) = one {
            prop_assert_eq!(bound(one), bound(address.to_ipv6_mapped().into()));
            prop_assert_ne!(bound(one), bound(IpAddr::V6(address.to_ipv6_compatible())));
        }
    }
}
