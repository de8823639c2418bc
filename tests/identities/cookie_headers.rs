//! What reading and writing of cookies promises: the name is compared byte for byte, no neighbour matters, and a
//! browser that took a cookie also removes it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::time::Duration;

use auth_runtime::{
    AuthErrorKind,
    identity::cookie::{CookieConfig, CookieConfigErrorKind, CookieValues, SameSite},
};
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

const NAME: &str = "__Host-sid";

fn headers(lines: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
    }
    headers
}

/// The values of our name; those that no value of ours looks like are `!`.
fn values(lines: &[&[u8]]) -> Vec<String> {
    let headers = headers(lines);
    CookieValues::new(&headers, NAME).map(|value| value.as_str().unwrap_or("!").to_owned()).collect()
}

/// Header lines with honest and hostile pairs, and the values of our name that are found in them.
#[test]
fn the_name_is_compared_byte_for_byte() {
    let rows: [(&[u8], &[&str]); 27] = [
        (b"__Host-sid=good", &["good"]),
        (b"%5F%5FHost-sid=evil", &[]),
        (b"%5f%5fHost-sid=evil", &[]),
        (b"__Host%2Dsid=evil", &[]),
        (b"__Host-sid=good; %5F%5FHost-sid=evil", &["good"]),
        (b"%5F%5FHost-sid=evil; __Host-sid=good", &["good"]),
        (b"__Host-sid=first; __Host-sid=second", &["first", "second"]),
        (b"\xe2\x80\x80__Host-sid=evil", &[]),
        (b"\xc2\xa0__Host-sid=evil", &[]),
        (b"\xa0__Host-sid=evil", &[]),
        (b"x=\xc3\xa9; __Host-sid=good", &["good"]),
        (b"x=\xff; __Host-sid=good", &["good"]),
        (b"__Host-sid =evil", &[]),
        (b"__Host-sid\t=evil", &[]),
        (b"\t__Host-sid=good", &["good"]),
        (b"  \t __Host-sid=good \t ", &["good"]),
        (b"__Host-sid= evil", &["!"]),
        (b"a=\"x; __Host-sid=evil; y\"", &["evil"]),
        (b"__Host-sid=\"good\"", &["!"]),
        (b"__Host-sid=a%00b", &["!"]),
        (b"__Host-sid=a%0d%0aSet-Cookie:x", &["!"]),
        (b"__Host-sid=a b", &["!"]),
        (b"=__Host-sid=evil", &[]),
        (b"__host-sid=evil", &[]),
        (b"a=b,__Host-sid=evil", &[]),
        (b"__Host-sid", &[]),
        (b"__Host-sid=", &[""]),
    ];
    for (line, expected) in rows {
        assert_eq!(values(&[line]), expected, "{}", line.escape_ascii());
    }
}

#[test]
fn no_partly_encoded_name_is_ours() {
    let letters = NAME.as_bytes();
    for mask in 1..1_u32 << letters.len() {
        let name: String = letters
            .iter()
            .enumerate()
            .map(
                |(at, byte)| {
                    if mask >> at & 1 == 1 { format!("%{byte:02X}") } else { char::from(*byte).into() }
                },
            )
            .collect();
        assert!(values(&[format!("{name}=evil").as_bytes()]).is_empty(), "{name}");
    }
}

#[test]
fn only_spaces_and_tabs_surround_a_pair() {
    let white: Vec<char> = (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| c.is_whitespace()).collect();
    assert_eq!(white.len(), 25);
    for c in white {
        let (code, mut forms) = (u32::from(c), vec![c.to_string().into_bytes()]);
        forms.push(c.to_string().bytes().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect());
        if let Ok(latin_1) = u8::try_from(code) {
            forms.push(vec![latin_1]);
        }
        for form in forms {
            let line = [&form[..], b"__Host-sid=v"].concat();
            let Ok(_) = HeaderValue::from_bytes(&line) else { continue };
            let expected: &[&str] = if matches!(c, ' ' | '\t') && form.len() == 1 { &["v"] } else { &[] };
            assert_eq!(values(&[&line]), expected, "U+{code:04X}");
            // After the value it belongs to the value, unless it is a space or a tab.
            let line = [b"__Host-sid=v", &form[..]].concat();
            assert_eq!(values(&[&line]), [if expected.is_empty() { "!" } else { "v" }], "U+{code:04X}");
        }
    }
}

#[test]
fn nameless_and_legacy_forms_mean_nothing() {
    for line in ["=__Host-sid=evil", "; =; ;=;", "$Version=1", "$Version=\"1\", $Path=/", "", ";", "=", "a"] {
        assert!(values(&[line.as_bytes()]).is_empty(), "{line}");
        assert_eq!(values(&[format!("{line}; __Host-sid=good").as_bytes()]), ["good"], "{line}");
    }
}

#[test]
fn a_great_many_cookies_are_read() {
    let big = format!("x={}", "y".repeat(4094));
    let mut lines: Vec<&[u8]> = vec![big.as_bytes(); 180];
    assert!(values(&lines).is_empty());
    lines.insert(90, b"__Host-sid=good");
    assert_eq!(values(&lines), ["good"]);
    let many = format!("{}__Host-sid=last", "__Host-sid;".repeat(10_000));
    assert_eq!(values(&[many.as_bytes()]), ["last"]);
}

/// What is promised, in the fewest words: split at each `;`, skip spaces and tabs, compare up to `=`.
fn reference(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    let trim = |bytes: &[u8]| {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
        let end = bytes.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
        bytes[start..end].to_vec()
    };
    let joined = lines.join(&b"; "[..]);
    let pairs = joined.split(|byte| *byte == b';').map(trim);
    pairs
        .filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            (&pair[..at] == NAME.as_bytes()).then(|| pair[at + 1..].to_vec())
        })
        .collect()
}

fn a_line(ours: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(ours.to_vec()),
        Just(b"__Host-sid".to_vec()),
        Just(b";".to_vec()),
        Just(b"; ".to_vec()),
        Just(b"=".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\t".to_vec()),
        prop::collection::vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..6),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Neighbours and the splitting into lines change nothing.
    #[test]
    fn the_lines_mean_what_they_mean_joined(lines in prop::collection::vec(a_line(b"__Host-sid=ok"), 0..8)) {
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        let expected = reference(&lines);
        let headers_map = headers(&lines);
        let found: Vec<_> = CookieValues::new(&headers_map, NAME).map(|value| value.as_bytes().to_vec()).collect();
        prop_assert_eq!(&found, &expected);
        let joined = headers(&[&lines.join(&b"; "[..])]);
        let found: Vec<_> = CookieValues::new(&joined, NAME).map(|value| value.as_bytes().to_vec()).collect();
        prop_assert_eq!(&found, &expected);
    }

    #[test]
    fn no_neighbour_matters(before in a_line(b"sid=x"), after in a_line(b"__host-sid=x")) {
        // Cookies of our name are no neighbours.
        prop_assume!(reference(&[&before, &after]).is_empty());
        let line = [&before[..], b"; __Host-sid=good; ", &after[..]].concat();
        prop_assert_eq!(values(&[&line]), ["good"]);
    }

    /// For every configuration, what is written reads back unchanged.
    #[test]
    fn accepted_configurations_are_written_as_they_are(
        name in "\\PC{0,12}|[!-~]{1,12}|(__Host-|__Secure-|__hOsT-)[a-z]{0,3}",
        path in prop::option::of("/[ -~]{0,8}|\\PC{0,6}|/"),
        domain in prop::option::of("[a-z.-]{1,9}|\\PC{0,6}|example\\.com"),
        same_site in prop_oneof![Just(SameSite::Lax), Just(SameSite::None), Just(SameSite::Strict)],
        insecure in any::<bool>(),
        value in "[A-Za-z0-9._-]{1,20}",
    ) {
        let mut config = CookieConfig::new().with_name(name);
        if let Some(path) = path { config = config.and_then(|config| config.with_path(path)); }
        if let Some(domain) = domain { config = config.and_then(|config| config.with_domain(domain)); }
        config = config.and_then(|config| config.with_same_site(same_site));
        if insecure { config = config.and_then(CookieConfig::with_insecure_http_on_loopback); }
        let Ok(config) = config else { return Ok(()) };

        for effects in [config.set(&value, Some(Duration::from_secs(5))).unwrap(), config.remove().unwrap()] {
            let (_, line) = effects.headers().next().unwrap();
            let parsed = cookie::Cookie::parse(line.to_str().unwrap()).unwrap();
            prop_assert_eq!(parsed.name(), config.name());
            prop_assert_eq!(parsed.http_only(), Some(true));
            prop_assert_eq!(parsed.secure().unwrap_or(false), config.is_secure());
            prop_assert!(parsed.path().unwrap().starts_with('/'));
            prop_assert_eq!(format!("{:?}", parsed.same_site().unwrap()), format!("{same_site:?}"));
            let lower = config.name().to_lowercase();
            if lower.starts_with("__host-") {
                prop_assert!(parsed.secure() == Some(true) && parsed.path() == Some("/") && parsed.domain().is_none());
            }
            if lower.starts_with("__secure-") || same_site == SameSite::None {
                prop_assert_eq!(parsed.secure(), Some(true));
            }
        }
    }
}

/// All settings, with what is written; a removal differs in value and age only.
#[test]
fn setting_and_removal_are_written_alike() {
    let mut written = Vec::new();
    for secure in [true, false] {
        for name in ["__Host-a", "__Secure-a", "a"] {
            for domain in [None, Some("example.com")] {
                for path in ["/", "/app"] {
                    for same_site in [SameSite::Lax, SameSite::Strict, SameSite::None] {
                        let mut config = CookieConfig::new().with_name(name);
                        if !secure {
                            config = config.and_then(CookieConfig::with_insecure_http_on_loopback);
                        }
                        config = config.and_then(|config| config.with_same_site(same_site));
                        config = config.and_then(|config| config.with_path(path));
                        if let Some(domain) = domain {
                            config = config.and_then(|config| config.with_domain(domain));
                        }
                        let is_host = name == "__Host-a" && secure;
                        let contradicts = is_host && (domain.is_some() || path != "/")
                            || same_site == SameSite::None && !secure;
                        assert_eq!(
                            config.is_err(),
                            contradicts,
                            "{secure} {name} {domain:?} {path} {same_site:?}"
                        );
                        let Ok(config) = config else { continue };
                        let line = |effects: auth_runtime::identity::Effects| {
                            let (name, line) = effects.headers().next().unwrap();
                            assert_eq!(name, header::SET_COOKIE);
                            line.to_str().unwrap().to_owned()
                        };
                        let expected = format!(
                            "{}=V; HttpOnly; SameSite={same_site:?}{}; Path={path}{}",
                            config.name(),
                            if secure { "; Secure" } else { "" },
                            domain.map_or(String::new(), |domain| format!("; Domain={domain}")),
                        );
                        let set = line(config.set("V", None).unwrap());
                        assert_eq!(set, expected);
                        let gone = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
                        assert_eq!(line(config.remove().unwrap()), set.replace("=V;", "=;") + gone);
                        assert_eq!(
                            line(config.set("V", Some(Duration::from_secs(9))).unwrap()),
                            set + "; Max-Age=9"
                        );
                        written.push(expected);
                    }
                }
            }
        }
    }
    assert_eq!(written.len(), 3 + 12 + 12 + 3 * 8);
}

#[test]
fn contradictions_are_refused_at_once() {
    use CookieConfigErrorKind as Kind;
    let new = CookieConfig::new;
    let plain = || new().with_name("a").unwrap();
    let rows = [
        (new().with_domain("example.com"), Kind::HostPrefixDomain),
        (new().with_path("/app"), Kind::HostPrefixPath),
        (plain().with_domain("a.b").unwrap().with_name("__Host-a"), Kind::HostPrefixDomain),
        (plain().with_domain("a.b").unwrap().with_name("__hOST-a"), Kind::HostPrefixDomain),
        (plain().with_path("/x").unwrap().with_name("__Host-a"), Kind::HostPrefixPath),
        (new().with_insecure_http_on_loopback().unwrap().with_name("__Host-a"), Kind::PrefixInsecure),
        (new().with_insecure_http_on_loopback().unwrap().with_name("__SECURE-a"), Kind::PrefixInsecure),
        (
            new().with_insecure_http_on_loopback().unwrap().with_same_site(SameSite::None),
            Kind::SameSiteNoneInsecure,
        ),
        (
            new().with_same_site(SameSite::None).unwrap().with_insecure_http_on_loopback(),
            Kind::SameSiteNoneInsecure,
        ),
        // Nothing is left of the name.
        (new().with_name("__Host-").unwrap().with_insecure_http_on_loopback(), Kind::Name),
    ];
    for (found, kind) in rows {
        assert_eq!(found.unwrap_err().kind(), kind);
    }
    for name in ["", "a b", "a=b", "a;b", "a,b", "a\"b", "a\r\nb", "é", "a\0", "(a)", "a/b", &"a".repeat(129)]
    {
        assert_eq!(new().with_name(name).unwrap_err().kind(), Kind::Name, "{name}");
    }
    for path in ["", "app", "/a;b", "/a\r\nSet-Cookie: b=c", "/é", "/a b", &"/".repeat(1025)] {
        assert_eq!(plain().with_path(path).unwrap_err().kind(), Kind::Path, "{path}");
    }
    for domain in [
        "",
        ".",
        "example..com",
        ".example.com",
        "example.com.",
        "-a.com",
        "a-.com",
        "a b",
        "a;b",
        "a\nb",
        "é.com",
        "a_b.com",
        "http://a.com",
        "a.com:80",
        "[::1]",
        &"a".repeat(64),
        &"a.".repeat(200),
    ] {
        assert_eq!(plain().with_domain(domain).unwrap_err().kind(), Kind::Domain, "{domain}");
    }
}

#[test]
fn no_value_breaks_the_header() {
    let config = CookieConfig::new();
    for value in ["a b", "a;b", "a\r\nb", "a=b", "a,b", "\"a\"", "é", "\0", "a%20"] {
        assert_eq!(config.set(value, None).unwrap_err().kind(), AuthErrorKind::Misconfigured, "{value:?}");
    }
}

#[test]
fn ages_are_bounded() {
    let config = CookieConfig::new();
    for (age, written) in [
        (Duration::ZERO, "Max-Age=0;"),
        (Duration::from_millis(1999), "Max-Age=1"),
        (Duration::from_hours(400 * 24), "Max-Age=34560000"),
        (Duration::from_hours(400 * 24 + 1), "Max-Age=34560000"),
        (Duration::MAX, "Max-Age=34560000"),
    ] {
        let effects = config.set("v", Some(age)).unwrap();
        let line = effects.headers().next().unwrap().1.to_str().unwrap();
        assert!(line.contains(written), "{line}");
    }
}

#[test]
fn name_and_value_fit_into_4096_bytes() {
    let config = CookieConfig::new();
    let longest = 4096 - config.name().len();
    assert!(config.set(&"v".repeat(longest), None).is_ok());
    assert_eq!(config.set(&"v".repeat(longest + 1), None).unwrap_err().kind(), AuthErrorKind::TooLarge);
}
