//! The client's address, for tickets that are bound to it.

mod chain;

use std::{error::Error, fmt, net::IpAddr};

use http::{HeaderName, header};
use ipnet::IpNet;

use super::Incoming;
use crate::ticket::BoundAddress;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where the client's address is learnt, and how much of it counts.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::client_address::ClientAddress;
///
/// // Behind a load balancer of one's own, whose peers come from 10.0.0.0/8:
/// let address = ClientAddress::behind(["10.0.0.0/8"])?.with_prefixes(24, 64);
/// # let _ = address;
/// # Ok::<(), auth_runtime::identity::client_address::InvalidProxies>(())
/// ```
///
/// # Security
///
/// The address is that of the connection's other end. Only when that is one of the proxies named here, a header is
/// read, from right to left: the first address that is no such proxy is the client's. There is no address, and a
/// policy that needs one refuses, when
///
/// 1. the server does not tell who the other end is,
/// 2. a proxy sent no header, or one without an address that is not a proxy's,
/// 3. anything that is not an address stands to the right of the answer.
///
/// Addresses say little: many people share one behind a provider's or an office's gateway, and one who walks out of
/// the house changes it. Binding stops who has only copied a cookie, no more.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct ClientAddress {
    proxies: Vec<IpNet>,
    header: Header,
    v4_prefix: u8,
    v6_prefix: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Header {
    Forwarded,
    XForwardedFor,
}

impl ClientAddress {
    /// The address of the connection's other end.
    pub const fn peer() -> Self {
        Self { proxies: Vec::new(), header: Header::XForwardedFor, v4_prefix: 32, v6_prefix: 128 }
    }

    /// The address that the proxies on these addresses or networks tell in `X-Forwarded-For`.
    ///
    /// # Errors
    ///
    /// Fails when there is none, when one is no address or network, and when one is all the world.
    pub fn behind(proxies: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidProxies> {
        let proxies = proxies.into_iter().map(|proxy| network(proxy.as_ref()));
        let proxies: Vec<IpNet> = proxies.collect::<Option<_>>().ok_or(InvalidProxies(()))?;
        if proxies.is_empty() {
            return Err(InvalidProxies(()));
        }
        Ok(Self { proxies, ..Self::peer() })
    }

    /// Reads `Forwarded` (RFC 7239) instead of `X-Forwarded-For`.
    pub const fn with_forwarded_header(mut self) -> Self {
        self.header = Header::Forwarded;
        self
    }

    /// Lets only the first bits of IPv4 and IPv6 addresses count. The default is 32 and 128: all of them.
    ///
    /// With 24 and 64 a ticket survives the changes of address that happen inside of one network.
    pub const fn with_prefixes(mut self, v4: u8, v6: u8) -> Self {
        self.v4_prefix = v4;
        self.v6_prefix = v6;
        self
    }

    /// Returns the client's address; IPv4 written as IPv6 is IPv4.
    #[must_use]
    pub fn find(&self, request: &Incoming<'_>) -> Option<IpAddr> {
        let peer = request.peer()?.ip().to_canonical();
        if !self.is_proxy(peer) {
            return Some(peer);
        }
        match self.header {
            Header::Forwarded => {
                let lines = request.headers().get_all(header::FORWARDED);
                chain::forwarded(lines.iter(), |address| self.is_proxy(address))
            }
            Header::XForwardedFor => {
                let lines = request.headers().get_all(X_FORWARDED_FOR);
                chain::x_forwarded_for(lines.iter(), |address| self.is_proxy(address))
            }
        }
    }

    pub(crate) fn bound(&self, request: &Incoming<'_>) -> Option<BoundAddress> {
        self.find(request).map(|address| BoundAddress::new(address, self.v4_prefix, self.v6_prefix))
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(&address))
    }
}

/// Reads an address or a network; written as IPv6, IPv4 is IPv4.
fn network(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
            (address, Some(prefix))
        }
        Some(_) => return None,
        None => (text, None),
    };
    let written: IpAddr = address.parse().ok()?;
    let Some(prefix) = prefix else { return Some(written.to_canonical().into()) };
    let prefix: u8 = prefix.parse().ok()?;
    let network = match written.to_canonical() {
        address @ IpAddr::V4(_) if written.is_ipv6() => IpNet::new(address, prefix.checked_sub(96)?),
        address => IpNet::new(address, prefix),
    };
    network.ok().filter(|network| network.prefix_len() > 0)
}

/// The proxies' addresses cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidProxies(());

impl fmt::Display for InvalidProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("proxies must be addresses or networks such as `10.0.0.0/8` or `2001:db8::1`, and not all the world")
    }
}

impl Error for InvalidProxies {}
