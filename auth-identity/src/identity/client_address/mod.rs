//! Determines the client's address, to bind tickets to it and to limit attempts by it: [`ClientAddress`].

mod proxy_headers;
mod trusted_proxies;

use std::{error::Error, fmt, net::IpAddr};

use http::{HeaderName, header};

use super::Incoming;
use crate::ticket::BoundAddress;
pub(crate) use trusted_proxies::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The source of the client's address, and the number of its bits that count.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::client_address::ClientAddress;
///
/// // Behind your own load balancer, whose peers come from 10.0.0.0/8:
/// let address = ClientAddress::behind(["10.0.0.0/8"])?.with_prefixes(24, 64);
/// # let _ = address;
/// # Ok::<(), auth_runtime::identity::client_address::InvalidProxies>(())
/// ```
///
/// # Security
///
/// The address is the peer address of the connection. A header is read only if that is one of the trusted
/// proxies: from right to left, the first address that is not a trusted proxy is the client's. A client
/// therefore cannot spoof its address. There is no address, and a policy that needs one rejects the request,
/// if
///
/// 1. the server does not pass on the peer address,
/// 2. a proxy sent no header, or only addresses of proxies,
/// 3. an invalid address is to the right of the result.
///
/// Binding to an address has limits: many users share one behind a gateway, and mobile users change it. It
/// stops only attackers who have a copied cookie and another address (session hijacking).
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct ClientAddress {
    proxies: TrustedProxies,
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
    /// Uses the peer address of the connection.
    pub const fn peer() -> Self {
        Self { proxies: TrustedProxies::none(), header: Header::XForwardedFor, v4_prefix: 32, v6_prefix: 128 }
    }

    /// Uses the address that these proxies, given as addresses or networks, send in `X-Forwarded-For`.
    ///
    /// # Errors
    ///
    /// Fails if the list is empty, or one of them is not a valid address or network, or covers all addresses.
    pub fn behind(proxies: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidProxies> {
        Ok(Self { proxies: TrustedProxies::new(proxies)?, ..Self::peer() })
    }

    /// Reads `Forwarded` (RFC 7239) instead of `X-Forwarded-For`.
    pub const fn with_forwarded_header(mut self) -> Self {
        self.header = Header::Forwarded;
        self
    }

    /// Compares only the first bits of IPv4 and IPv6 addresses. The default is 32 and 128: all of them.
    ///
    /// With 24 and 64 a ticket survives changes of the address within one network.
    pub const fn with_prefixes(mut self, v4: u8, v6: u8) -> Self {
        self.v4_prefix = v4;
        self.v6_prefix = v6;
        self
    }

    /// Compares no more than so many bits.
    #[cfg(feature = "throttle")]
    pub(crate) fn with_prefixes_up_to(self, v4: u8, v6: u8) -> Self {
        let (v4, v6) = (self.v4_prefix.min(v4), self.v6_prefix.min(v6));
        self.with_prefixes(v4, v6)
    }

    /// Returns the client's address; an IPv4-mapped IPv6 address counts as IPv4.
    #[must_use]
    pub fn find(&self, request: &Incoming<'_>) -> Option<IpAddr> {
        let peer = request.peer()?.ip().to_canonical();
        if !self.is_proxy(peer) {
            return Some(peer);
        }
        match self.header {
            Header::Forwarded => {
                let lines = request.headers().get_all(header::FORWARDED);
                proxy_headers::forwarded(lines.iter(), |address| self.is_proxy(address))
            }
            Header::XForwardedFor => {
                let lines = request.headers().get_all(X_FORWARDED_FOR);
                proxy_headers::x_forwarded_for(lines.iter(), |address| self.is_proxy(address))
            }
        }
    }

    pub(crate) fn bound(&self, request: &Incoming<'_>) -> Option<BoundAddress> {
        self.find(request).map(|address| BoundAddress::new(address, self.v4_prefix, self.v6_prefix))
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.contain(address)
    }
}

/// The addresses of the proxies are not valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidProxies(());

impl fmt::Display for InvalidProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("proxies must be addresses or networks such as `10.0.0.0/8` or `2001:db8::1`, and not all the world")
    }
}

impl Error for InvalidProxies {}
