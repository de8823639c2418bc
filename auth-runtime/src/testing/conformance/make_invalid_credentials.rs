//! Generates invalid credentials: modified ones of the policy's own kind, and headers of every kind.

use http::{HeaderMap, HeaderValue, header};

use super::{
    app_under_test::App,
    cookie_jar_client::Client,
    request_credentials::{Credential, Place},
};

/// How many are generated from each credential.
const CHANGED: usize = 1_000;

/// A random number generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0.wrapping_shl(13);
        self.0 ^= self.0.wrapping_shr(7);
        self.0 ^= self.0.wrapping_shl(17);
        self.0
    }

    /// A number below `end`, or zero.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.next().checked_rem(end).unwrap_or_default()).unwrap_or_default()
    }

    /// A character of credentials, most of the time.
    fn byte(&mut self) -> u8 {
        const COMMON: &[u8] = b"ABCXYZabcxyz0189-_.=+/:~%";
        const ODD: &[u8] = b"!#$&'()*<>?@[]^`{|}\x80\xc3\xa9\xff";
        let set = if self.below(4) == 0 { ODD } else { COMMON };
        set.get(self.below(set.len())).copied().unwrap_or(b'x')
    }
}

/// Returns clients with invalid credentials, made from that of `good` by all known modifications.
pub(super) fn bad_clients(app: &App, good: &Client) -> Vec<Client> {
    let mut clients = Vec::new();
    for Credential { place, value } in good.credentials(&app.subject.request) {
        // The scheme before the credential may be spelled in several ways, so it is not modified.
        let start = match (&place, value.iter().position(|byte| *byte == b' ')) {
            (Place::Header(_), Some(blank)) => blank.saturating_add(1),
            _ => 0,
        };
        let (scheme, credential) = value.split_at(start);
        for changed in changed(credential) {
            if changed != credential {
                clients.extend(good.with_credential(&place, &[scheme, &changed].concat()));
            }
        }
    }
    clients.extend(strange_headers().into_iter().map(|headers| {
        let mut parts = app.subject.request.clone();
        for (name, value) in &headers {
            parts.headers.append(name, value.clone());
        }
        Client::of(parts)
    }));
    clients
}

fn changed(value: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"x".to_vec(),
        b"null".to_vec(),
        b"undefined".to_vec(),
        b"alice".to_vec(),
        b"..".to_vec(),
        b"=".repeat(40),
        b"A".repeat(8_000),
        value.repeat(2),
        value.iter().rev().copied().collect(),
        [b"\"", value, b"\""].concat(),
        value.iter().skip(1).copied().collect(),
        value.iter().take(value.len().saturating_sub(1)).copied().collect(),
        value.iter().take(value.len().div_euclid(2)).copied().collect(),
        [value, b"="].concat(),
        [value, b"."].concat(),
        [b".", value].concat(),
        value.to_ascii_uppercase(),
        value.to_ascii_lowercase(),
    ];
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    while all.len() < CHANGED {
        let mut bytes = value.to_vec();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len());
            let byte = dice.byte();
            match dice.below(4) {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => {
                    bytes.remove(at);
                }
                2 => bytes.truncate(at),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|place| *place = byte),
            }
        }
        all.push(bytes);
    }
    all
}

/// Headers that may carry credentials, with values that are not credentials.
fn strange_headers() -> Vec<HeaderMap> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut values: Vec<Vec<u8>> = [
        "",
        "=",
        ";",
        ";;;",
        "a",
        "a=",
        "=a",
        "a=b;",
        "Bearer",
        "Bearer ",
        "Bearer  x",
        "Bearer a.b.c",
        "bearer null",
        "Basic",
        "Basic !",
        "Basic Og==",
        "Basic YWxpY2U=",
        "Digest username=\"alice\"",
        "Negotiate x",
        "ApiKey",
        "__Host-auth=",
        "__Host-auth=x; __Host-auth=y",
        "session=alice",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    values.extend((0..100).map(|length| (0..length).map(|_| dice.byte()).collect()));
    let names = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];
    let mut all = Vec::new();
    for value in &values {
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        for name in &names {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.clone());
            all.push(headers.clone());
            headers.append(name, value.clone());
            all.push(headers);
        }
    }
    all
}
