//! Parses proxy headers from right to left.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderValue;

use crate::identity::http_syntax::is_tchar;

/// Returns the rightmost address of `X-Forwarded-For` that is not a proxy's.
pub(super) fn x_forwarded_for<'a>(
    lines: impl DoubleEndedIterator<Item = &'a HeaderValue>,
    is_proxy: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    for line in lines.rev() {
        for hop in line.as_bytes().rsplit(|byte| *byte == b',') {
            // An invalid address ends the search: the rest may be spoofed.
            let address = address_of(std::str::from_utf8(hop).ok()?.trim_matches([' ', '\t']), Style::Loose)?;
            if !is_proxy(address) {
                return Some(address);
            }
        }
    }
    None
}

/// Returns the rightmost address of `Forwarded` that is not a proxy's.
pub(super) fn forwarded<'a>(
    lines: impl DoubleEndedIterator<Item = &'a HeaderValue>,
    is_proxy: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    for line in lines.rev() {
        // Quoted strings can only be parsed from the left, so parse each line as a whole and reverse it.
        let elements = elements(line.to_str().ok()?)?;
        for hop in elements.iter().rev() {
            let address = address_of(hop.as_deref()?, Style::Rfc7239)?;
            if !is_proxy(address) {
                return Some(address);
            }
        }
    }
    None
}

/// Returns the `for` of each element of a line, or `None` if the line violates RFC 7239.
fn elements(line: &str) -> Option<Vec<Option<String>>> {
    let mut elements = Vec::new();
    let mut hop = None;
    let mut rest = line;
    loop {
        let name;
        (name, rest) = token(rest.trim_start_matches([' ', '\t']))?;
        let value;
        (value, rest) = value_of(rest.strip_prefix('=')?)?;
        if name.eq_ignore_ascii_case("for") && hop.replace(value).is_some() {
            return None;
        }
        rest = rest.trim_start_matches([' ', '\t']);
        let mut chars = rest.chars();
        match chars.next() {
            Some(';') => {}
            Some(',') => elements.push(hop.take()),
            Some(_) => return None,
            None => {
                elements.push(hop);
                return Some(elements);
            }
        }
        rest = chars.as_str();
    }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(|byte| is_tchar(*byte)).count();
    text.split_at_checked(length).filter(|_| length > 0)
}

/// Parses a token or a quoted string, and unquotes it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Style {
    /// IPv6 with or without brackets, as in `X-Forwarded-For`
    Loose,
    /// IPv6 in brackets; the port may be a token
    Rfc7239,
}

/// Parses the address of a hop: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address_of(hop: &str, style: Style) -> Option<IpAddr> {
    let (address, port): (IpAddr, _) = if let Some(bracketed) = hop.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']')?;
        (v6(address)?.into(), rest)
    } else if hop.bytes().filter(|byte| *byte == b':').count() > 1 {
        if style == Style::Rfc7239 {
            return None;
        }
        (v6(hop)?.into(), "")
    } else {
        let (address, port) = hop.split_at_checked(hop.find(':').unwrap_or(hop.len()))?;
        // The standard library rejects octal numbers and short forms.
        (address.parse::<Ipv4Addr>().ok()?.into(), port)
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| is_port(port, style));
    is_port.then(|| address.to_canonical())
}

/// Parses an IPv6 address and drops its zone, which is meaningful only to the proxy.
fn v6(text: &str) -> Option<Ipv6Addr> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let is_zone = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~');
    if zone.is_empty() || !zone.bytes().all(is_zone) {
        return None;
    }
    address.parse().ok()
}

fn is_port(port: &str, style: Style) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match port.strip_prefix('_') {
        Some(word) => style == Style::Rfc7239 && !word.is_empty() && word.bytes().all(is_word),
        None => (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
