//! Parses networks in CIDR notation in constants: [`Network`].

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers are of a few digits, and each is compared with its limit"
)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where IPv4 addresses are among those of IPv6 (RFC 4291, section 2.5.5.2).
const V4_MAPPED: u128 = 0xffff << 32;

/// A network. IPv4 addresses are mapped to IPv6, so that both forms of an address are the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Network {
    address: u128,
    mask: u128,
}

impl Network {
    /// Parses an address, or an address and the length of its prefix. Bits beyond the prefix must be zero: they are
    /// usually a typing error for a longer prefix.
    pub(super) const fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = split(text.as_bytes(), b'/');
        let (address, bits) = match v4(address) {
            Some(v4) => (V4_MAPPED | v4 as u128, 32),
            None => match v6(address) {
                Some(v6) => (v6, 128),
                None => return None,
            },
        };
        let length = match prefix {
            None => bits,
            Some(digits) => match decimal(digits, 3) {
                Some(length) if length > 0 && length <= bits => length,
                _ => return None,
            },
        };
        // The prefix has at least one bit, so fewer than 128 are left.
        let mask = u128::MAX.wrapping_shl(bits.wrapping_sub(length));
        if address & !mask == 0 { Some(Self { address, mask }) } else { None }
    }

    pub(super) fn contains(self, address: IpAddr) -> bool {
        let address = match address {
            IpAddr::V4(v4) => V4_MAPPED | u128::from(Ipv4Addr::to_bits(v4)),
            IpAddr::V6(v6) => Ipv6Addr::to_bits(v6),
        };
        address & self.mask == self.address
    }
}

/// Returns what is before and behind the first of these bytes.
const fn split(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let mut length = 0;
    let mut rest = text;
    while let [byte, others @ ..] = rest {
        if *byte == at {
            return (text.split_at(length).0, Some(others));
        }
        length += 1;
        rest = others;
    }
    (text, None)
}

/// Parses a number of at most so many digits, without leading zeros.
const fn decimal(digits: &[u8], most: usize) -> Option<u32> {
    if digits.is_empty() || digits.len() > most || (digits.len() > 1 && matches!(digits, [b'0', ..])) {
        return None;
    }
    let mut number = 0_u32;
    let mut rest = digits;
    while let [digit, others @ ..] = rest {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + (*digit - b'0') as u32;
        rest = others;
    }
    Some(number)
}

const fn v4(text: &[u8]) -> Option<u32> {
    let mut address = 0_u32;
    let mut rest = Some(text);
    let mut parts = 0;
    while let Some(text) = rest {
        let (part, others) = split(text, b'.');
        match decimal(part, 3) {
            Some(number) if number <= 255 && parts < 4 => address = address << 8 | number,
            _ => return None,
        }
        parts += 1;
        rest = others;
    }
    if parts == 4 { Some(address) } else { None }
}

/// Parses groups of hexadecimal digits, of which one run may be left out as `::`.
const fn v6(text: &[u8]) -> Option<u128> {
    let (mut address, mut groups) = (0_u128, 0_u32);
    // How many groups were before `::`.
    let mut gap = None;
    let mut rest = text;
    if let [b':', b':', others @ ..] = rest {
        gap = Some(0);
        rest = others;
    }
    while !rest.is_empty() {
        let (group, others) = split(rest, b':');
        match hexadecimal(group) {
            Some(number) if groups < 8 => address = address << 16 | number as u128,
            _ => return None,
        }
        groups += 1;
        rest = match others {
            None => &[],
            Some([]) => return None,
            Some([b':', others @ ..]) => {
                if gap.is_some() {
                    return None;
                }
                gap = Some(groups);
                others
            }
            Some(others) => others,
        };
    }
    match gap {
        None if groups == 8 => Some(address),
        Some(before) if groups < 8 => {
            let behind = (groups - before) * 16;
            let low = address & !u128::MAX.wrapping_shl(behind);
            let high = address >> behind;
            if before == 0 { Some(low) } else { Some(high << (128 - before * 16) | low) }
        }
        _ => None,
    }
}

const fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let mut number = 0;
    let mut rest = digits;
    while let [digit, others @ ..] = rest {
        let value = match digit {
            b'0'..=b'9' => *digit - b'0',
            b'a'..=b'f' => *digit - b'a' + 10,
            b'A'..=b'F' => *digit - b'A' + 10,
            _ => return None,
        };
        number = number << 4 | value as u32;
        rest = others;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn addresses_are_parsed_as_the_standard_library_does() {
        let parts = ["", "0", "1", "ff", "FFFF", "12345", "g", "00", "256"];
        let v6_texts = [
            "::",
            "::1",
            "1::",
            "1::2",
            "2001:db8::",
            "2001:db8::8:800:200c:417a",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8:9",
            "1::2::3",
            ":::",
            ":1",
            "1:",
            "1:2",
            "::ffff:0:1",
            "",
            ":",
            "fe80::1%eth0",
        ];
        for text in v6_texts {
            let expected = text.parse::<Ipv6Addr>().ok().map(u128::from);
            assert_eq!(v6(text.as_bytes()), expected, "{text}");
        }
        for a in parts {
            for b in parts {
                let text = format!("{a}::{b}");
                assert_eq!(v6(text.as_bytes()), text.parse::<Ipv6Addr>().ok().map(u128::from), "{text}");
                for text in [format!("{a}.2.{b}.4"), format!("{a}.{b}"), format!("1.2.3.{a}.{b}")] {
                    assert_eq!(v4(text.as_bytes()), text.parse::<Ipv4Addr>().ok().map(u32::from), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_network_holds_the_addresses_with_its_prefix() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("192.0.2.6/31", "192.0.2.7", "192.0.2.8"),
            ("128.0.0.0/1", "255.0.0.1", "127.255.255.255"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("8000::/1", "ffff::", "7fff::"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?} {outside}");
        }
    }

    #[test]
    fn what_is_not_a_network_is_rejected() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/0",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/08",
            "10.0.0.0/8/8",
            "10.0.0/8",
            "::/0",
            "::/129",
            "2001:db8::1/32",
            "localhost",
            "10.0.0.0/+8",
            " 10.0.0.0/8",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
