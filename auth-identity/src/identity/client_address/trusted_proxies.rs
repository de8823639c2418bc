//! Lists the proxies whose headers are believed: [`TrustedProxies`].

use std::net::IpAddr;

use ipnet::IpNet;

use super::InvalidProxies;

/// The addresses and networks of trusted proxies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Parses addresses or networks.
    pub(crate) fn new(proxies: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidProxies> {
        let proxies = proxies.into_iter().map(|proxy| network(proxy.as_ref()));
        let proxies: Vec<IpNet> = proxies.collect::<Option<_>>().ok_or(InvalidProxies(()))?;
        if proxies.is_empty() { Err(InvalidProxies(())) } else { Ok(Self(proxies)) }
    }

    /// Returns whether this is the address of one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses an address or a network; IPv4-mapped IPv6 counts as IPv4.
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
