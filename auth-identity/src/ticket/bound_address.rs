//! Binds tickets to the client's address: [`BoundAddress`].

use std::net::IpAddr;

/// A network address or prefix, in the form that a ticket's signature covers.
///
/// An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) counts as the IPv4 address.
///
/// # Example
///
/// ```
/// use auth_runtime::ticket::BoundAddress;
///
/// let network = |address: &str| BoundAddress::new(address.parse().unwrap(), 24, 64);
/// assert_eq!(network("192.0.2.1"), network("192.0.2.99"));
/// assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
/// assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BoundAddress([u8; 17]);

impl BoundAddress {
    /// Keeps the first `v4_prefix` or `v6_prefix` bits of an address; a longer prefix keeps all bits.
    #[must_use]
    pub fn new(address: IpAddr, v4_prefix: u8, v6_prefix: u8) -> Self {
        // The first byte encodes family and prefix length: 0 to 32 and 64 to 192.
        let (first, kept) = match address.to_canonical() {
            IpAddr::V4(address) => {
                let prefix = v4_prefix.min(32);
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
                (prefix, u128::from(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let prefix = v6_prefix.min(128);
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
                (prefix.saturating_add(64), address.to_bits() & mask)
            }
        };
        let mut bytes = [first; 17];
        for (byte, kept) in bytes.iter_mut().skip(1).zip(kept.to_be_bytes()) {
            *byte = kept;
        }
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
