//! Filters the addresses of fetches (SSRF protection): [`AddressFilter`].

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// The addresses that a fetch may connect to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AddressFilter {
    /// Any address over `https`
    Any,
    /// Also loopback addresses over `http`
    Loopback,
    /// Public addresses over `https`
    Public,
}

/// IPv4 networks that are not globally reachable, or not unicast (RFC 6890 and the IANA registry of
/// special-purpose addresses).
const RESERVED_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    // Shared by the customers of an internet provider (RFC 6598).
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    // Link-local, with the metadata services of clouds.
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];
/// The global unicast range of IPv6 (RFC 4291, section 2.4); it excludes loopback, unique local, link-local,
/// site-local and multicast addresses.
const UNICAST_V6: Ipv6Net = v6([0x2000, 0, 0], 3);
/// Reserved ranges within it.
const RESERVED_V6: [Ipv6Net; 4] = [
    // Protocols such as Teredo, which embeds an IPv4 address (RFC 2928, RFC 4380).
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0x0db8, 0], 32),
    // 6to4, likewise (RFC 3056).
    v6([0x2002, 0, 0], 16),
    v6([0x3fff, 0, 0], 20),
];
/// IPv4 addresses as seen from a network without IPv4 (NAT64; RFC 6052, section 2.1).
const TRANSLATED_V6: Ipv6Net = v6([0x0064, 0xff9b, 0], 96);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c]: [u16; 3], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Returns whether an address is public.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match inner(address) {
            Some(inner) => is_public_v4(inner),
            None => {
                UNICAST_V6.contains(&address)
                    && !RESERVED_V6.iter().any(|reserved| reserved.contains(&address))
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !RESERVED_V4.iter().any(|reserved| reserved.contains(&address))
}

/// Returns the embedded IPv4 address, if there is one.
fn inner(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    let translated = TRANSLATED_V6.contains(&address).then(|| Ipv4Addr::new(a, b, c, d));
    address.to_ipv4_mapped().or(translated)
}

/// Returns the literal address in a URL, in any spelling.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

/// Returns whether a URL is of this host, by its address or by the name `localhost` (RFC 6761, section 6.3).
pub(super) fn is_loopback(url: &Url) -> bool {
    let is_local = |host: &str| host == "localhost" || host.ends_with(".localhost");
    literal(url).map_or_else(
        || url.host_str().is_some_and(|host| is_local(host.trim_end_matches('.'))),
        |address| address.to_canonical().is_loopback(),
    )
}

/// Returns whether a URL's host is a name or a public address; names are checked when they are resolved.
pub(super) fn may_be_public(url: &Url) -> bool {
    literal(url).is_none_or(is_public)
}

/// A name resolves to no public address.
#[derive(Debug)]
pub(super) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name has no address of the public internet")
    }
}

impl Error for NotPublic {}

/// Resolves names and returns public addresses only.
///
/// A connection uses one of these addresses. The name is not resolved again, so a changing DNS response has
/// no effect (DNS rebinding).
pub(super) struct PublicOnly<R>(pub(super) R);

impl<R: Resolve> Resolve for PublicOnly<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let public: Vec<SocketAddr> = found.await?.filter(|found| is_public(found.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Resolves names with the system's resolver.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use reqwest::Client;
    use tokio::net::TcpListener;

    use super::{
        super::{JwksErrorKind, fetch_document},
        *,
    };

    /// The first and the last address of each reserved block, and their neighbours.
    #[test]
    fn addresses_of_ipv4() {
        let table = "
            0.0.0.0 - 0.255.255.255 -, 1.0.0.0 + 9.255.255.255 +, 10.0.0.0 - 10.255.255.255 -,
            11.0.0.0 + 100.63.255.255 +, 100.64.0.0 - 100.100.100.200 - 100.127.255.255 -,
            100.128.0.0 + 126.255.255.255 +, 127.0.0.0 - 127.0.0.1 - 127.255.255.255 -,
            128.0.0.0 + 169.253.255.255 +, 169.254.0.0 - 169.254.169.254 - 169.254.255.255 -,
            169.255.0.0 + 172.15.255.255 +, 172.16.0.0 - 172.31.255.255 -, 172.32.0.0 + 191.255.255.255 +,
            192.0.0.0 - 192.0.0.255 -, 192.0.1.0 + 192.0.1.255 +, 192.0.2.0 - 192.0.2.255 -, 192.0.3.0 +
            192.88.98.255 +, 192.88.99.0 - 192.88.99.255 -, 192.88.100.0 + 192.167.255.255 +,
            192.168.0.0 - 192.168.255.255 -, 192.169.0.0 + 198.17.255.255 +, 198.18.0.0 - 198.19.255.255 -,
            198.20.0.0 + 198.51.99.255 +, 198.51.100.0 - 198.51.100.255 -, 198.51.101.0 + 203.0.112.255 +,
            203.0.113.0 - 203.0.113.255 -, 203.0.114.0 + 223.255.255.255 +, 224.0.0.0 - 239.255.255.255 -,
            240.0.0.0 - 255.255.255.254 - 255.255.255.255 -
        ";
        let words: Vec<&str> = table.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
        assert_eq!(words.len(), 2 * 60);
        for pair in words.chunks(2) {
            let address: Ipv4Addr = pair[0].parse().unwrap();
            let expected = pair[1] == "+";
            assert_eq!(is_public(address.into()), expected, "{address}");
            // An IPv4 address inside an IPv6 address counts if a connection would go there; otherwise none is
            // made.
            for (form, expected) in [
                (format!("::ffff:{address}"), expected),
                (format!("64:ff9b::{address}"), expected),
                (format!("64:ff9b:1::{address}"), false),
                (format!("::{address}"), false),
                (format!("fe80::{address}"), false),
            ] {
                assert_eq!(is_public(form.parse().unwrap()), expected, "{form}");
            }
            let [a, b, c, d] = address.octets();
            let around = Ipv6Addr::from([0x20, 2, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            assert!(!is_public(around.into()), "{around}");
        }
    }

    #[test]
    fn addresses_of_ipv6() {
        for (address, expected) in [
            ("::", false),
            ("::1", false),
            ("::2", false),
            ("64:ff9b::1:0:0:1", false),
            ("100::1", false),
            ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2000::", true),
            ("2000:ffff::1", true),
            ("2001::1", false),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", false),
            ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:200::", true),
            ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8::", false),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:db9::", true),
            ("2001:4860:4860::8888", true),
            ("2002::", false),
            ("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("2003::", true),
            ("2606:4700:4700::1111", true),
            ("3ffe:ffff::1", true),
            ("3fff::", false),
            ("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("3fff:1000::", true),
            ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("4000::", false),
            ("5f00::1", false),
            ("fc00::", false),
            ("fd00:ec2::254", false),
            ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
            ("ff0e::1", false),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    /// A name server with a different response each time; the last response repeats.
    struct Script(Mutex<Vec<Vec<&'static str>>>);

    impl Script {
        fn new(answers: &[&[&'static str]]) -> Self {
            Self(Mutex::new(answers.iter().rev().map(|answer| answer.to_vec()).collect()))
        }
    }

    impl Resolve for Script {
        fn resolve(&self, _: Name) -> Resolving {
            let mut answers = self.0.lock().unwrap();
            let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
            let found = answer.into_iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0));
            Box::pin(std::future::ready(Ok(Box::new(found) as Addrs)))
        }
    }

    async fn addresses(names: &impl Resolve) -> Option<Vec<String>> {
        match names.resolve("issuer.example".parse().unwrap()).await {
            Ok(found) => Some(found.map(|found| found.ip().to_string()).collect()),
            Err(error) => {
                assert!(error.is::<NotPublic>());
                None
            }
        }
    }

    /// Each response and each address is checked separately.
    #[tokio::test]
    async fn names_stand_for_public_addresses_only() {
        let names = PublicOnly(Script::new(&[
            &["8.8.8.8", "2606:4700:4700::1111"],
            &["127.0.0.1"],
            &["10.0.0.1", "8.8.8.8", "::1", "::ffff:192.168.0.1"],
            &["169.254.169.254", "fd00:ec2::254"],
            &[],
        ]));
        let found = |addresses: &[&str]| Some(addresses.iter().map(ToString::to_string).collect());
        assert_eq!(addresses(&names).await, found(&["8.8.8.8", "2606:4700:4700::1111"]));
        assert_eq!(addresses(&names).await, None, "the name was bound to another address");
        assert_eq!(addresses(&names).await, found(&["8.8.8.8"]));
        assert_eq!(addresses(&names).await, None);
        assert_eq!(addresses(&names).await, None);
        // This host's own names are real ones.
        let here = "localhost".parse().unwrap();
        assert!(System.resolve(here).await.unwrap().all(|found| found.ip().is_loopback()));
        assert!(PublicOnly(System).resolve("localhost".parse().unwrap()).await.is_err());
    }

    /// The connection uses the checked address; without the filter the request reaches the trap.
    #[tokio::test]
    async fn a_rebound_name_connects_nowhere() {
        let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = trap.local_addr().unwrap().port();
        let caught = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&caught);
        let counting = tokio::spawn(async move {
            while trap.accept().await.is_ok() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        let url = Url::parse(&format!("https://rebound.example:{port}/keys?secret=canary")).unwrap();
        let client = || Client::builder().no_proxy();
        let names = || Script::new(&[&["127.0.0.1"]]);

        let filtered =
            fetch_document::Clients::only(client().dns_resolver(PublicOnly(names())).build().unwrap());
        for _ in 0..3 {
            let error = fetch_document::get(&filtered, &url).await.err().unwrap();
            assert_eq!(error.kind(), JwksErrorKind::Address);
            assert_eq!(
                error.to_string(),
                format!("https://rebound.example:{port}/keys has no public address")
            );
        }
        assert_eq!(caught.load(Ordering::SeqCst), 0);

        let open = fetch_document::Clients::only(client().dns_resolver(names()).build().unwrap());
        let error = fetch_document::get(&open, &url).await.err().unwrap();
        assert_eq!(error.kind(), JwksErrorKind::Unreachable);
        assert_eq!(caught.load(Ordering::SeqCst), 1);
        assert!(!format!("{error:?}").contains("canary"));
        counting.abort();
    }
}
