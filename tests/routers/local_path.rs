//! Open redirects: a `LocalPath` leads only to this site, for every parser.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use auth_runtime::LocalPath;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use url::Url;

/// What people try, by kind; none of it is a path on this site.
const ELSEWHERE: &[&str] = &[
    // other origins
    "https://evil.example",
    "http://evil.example/",
    "HTTPS://evil.example",
    "//evil.example",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/////evil.example",
    "//evil.example/%2f..",
    "//localhost",
    "//127.0.0.1",
    "//2130706433",
    "//0x7f000001",
    "//[::1]",
    "//user@evil.example",
    "//user:pw@evil.example",
    "//example.com@evil",
    "//evil.example:80",
    "//evil%E3%80%82example",
    "//e\u{fe52}vil",
    "//evil\u{3002}example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "ftp://evil.example",
    // backslashes
    "\\evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/\\\\evil",
    "\\/\\/evil",
    "/a\\b",
    "/..\\evil",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/a/%5c..",
    "/?a\\b",
    // what parsers strip
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "\n//evil",
    " //evil",
    "\0//evil",
    "/\u{b}/evil",
    " /",
    "/ ",
    "/\t",
    "/a b",
    "/a\r\nSet-Cookie:x=y",
    "/%0d%0aLocation:x",
    "/%0A",
    "/%00",
    "/%09/evil",
    "/%1f",
    "/%7f",
    "/\u{7f}",
    // schemes
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://evil/%0aalert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://example.com/x",
    "about:blank",
    "file:///etc/passwd",
    "mailto:a@b",
    "view-source:x",
    // relative
    "",
    "evil",
    "evil.example",
    ".evil",
    "..",
    ".",
    "./a",
    "../a",
    "?next=/",
    "#a",
    ";a",
    "@evil",
    ":80",
    "*",
    // doubled and dotted
    "/a//evil",
    "/a//",
    "//",
    "///",
    "/.",
    "/..",
    "/./",
    "/../",
    "/a/.",
    "/a/..",
    "/a/./b",
    "/a/../b",
    "/..//evil",
    "/../../evil",
    "/%2e",
    "/%2E",
    "/%2e%2e",
    "/.%2e",
    "/%2e.",
    "/a/%2e%2E/b",
    "/a/%2e?x",
    "/..?x",
    "/.?",
    "/.;/../x",
    // encoded once more
    "/%2fevil.example",
    "/%2Fevil",
    "/a%2f..%2fb",
    "/%252f",
    "/%25",
    "/%25%32%66",
    "/%255c",
    // broken escapes
    "/%",
    "/%2",
    "/%g0",
    "/%0g",
    "/a%",
    "/a%2",
    "/%u2215",
    "/% 20",
    "/%-1",
    "/%+2",
    // not ASCII
    "/é",
    "/\u{2215}evil",
    "/\u{ff0f}evil",
    "/\u{2044}evil",
    "/\u{200b}",
    "/\u{202e}x",
    "/\u{feff}",
    "/?é",
    // fragments
    "/#",
    "/#a",
    "/a#//evil",
    "/?a#b",
];

const HERE: &[&str] = &[
    "/",
    "/a",
    "/a/",
    "/a/b/c.html",
    "/articles/7?page=2",
    "/?",
    "/?a=b&c=d",
    "/search?q=a%20b",
    "/?next=//evil.example",
    "/?next=https://evil.example",
    "/?a=../..",
    "/?%5c%2f%25%00%",
    "/?%",
    "/a?b?c",
    "/%20",
    "/%C3%A9",
    "/caf%c3%a9",
    "/...",
    "/a/...",
    "/.a",
    "/..a",
    "/a..",
    "/a.",
    "/a/.b/c",
    "/%2e%2e%2e",
    "/%2ea",
    "/~user",
    "/@user",
    "/a:80",
    "/a;b",
    "/a,b",
    "/a+b",
    "/a*b",
    "/a'b",
    "/a\"b",
    "/<b>",
    "/{id}",
    "/[::1]",
    "/|",
    "/^",
    "/`",
    "/!$&()=",
    "/https:evil",
    "/%3f",
    "/%23",
    "/%3A",
    "/javascript:alert(1)",
    "/.well-known/x",
    "/.%41",
];

#[test]
fn what_leads_elsewhere_is_refused() {
    assert!(ELSEWHERE.len() >= 67, "{}", ELSEWHERE.len());
    for text in ELSEWHERE {
        assert!(LocalPath::parse(text).is_err(), "{text:?}");
        assert_eq!(LocalPath::parse_or(Some(text), LocalPath::root()), "/".parse().unwrap(), "{text:?}");
    }
}

#[test]
fn what_is_here_is_taken_and_not_changed() {
    for text in HERE {
        let path = LocalPath::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(path.as_str(), *text);
        assert_eq!(path.to_string(), *text);
        assert_stays(text);
    }
    assert_eq!(LocalPath::parse_or(None, LocalPath::from_static("/start")).as_str(), "/start");
    assert_eq!(LocalPath::parse_or(Some("/a"), LocalPath::root()).as_str(), "/a");
    assert_eq!(LocalPath::default(), LocalPath::root());
}

#[test]
fn at_most_2048_bytes_are_taken() {
    let path = |length: usize| format!("/{}", "a".repeat(length - 1));
    assert!(LocalPath::parse(&path(2048)).is_ok());
    assert!(LocalPath::parse(&path(2049)).is_err());
    assert!(LocalPath::parse(&format!("/?{}", "a".repeat(2046))).is_ok());
    assert!(LocalPath::parse(&format!("/?{}", "a".repeat(2047))).is_err());
    assert!(LocalPath::parse(&path(1_000_000)).is_err());
}

/// What `GET //evil.example` and the like would capture.
#[test]
fn a_captured_target_passes_the_same_check() {
    for (target, taken) in [
        ("//evil.example", false),
        ("/\\evil.example", false),
        ("http://evil.example/", false),
        ("/a/../b", false),
        ("/articles/7?page=2", true),
        ("/", true),
    ] {
        let captured = target.parse::<http::Uri>().unwrap().to_string();
        assert_eq!(LocalPath::parse(&captured).is_ok(), taken, "{target}");
    }
}

#[test]
fn each_byte_is_allowed_or_refused_everywhere() {
    for byte in 0..=255_u8 {
        let c = char::from(byte);
        let is_visible = (0x21..=0x7e).contains(&byte) && !matches!(byte, b'\\' | b'#');
        assert_eq!(LocalPath::parse(&format!("/?{c}")).is_ok(), is_visible, "{byte:#x} in the query");
        let in_path = is_visible && !matches!(byte, b'%' | b'/' | b'.');
        let found = LocalPath::parse(&format!("/{c}")).is_ok();
        assert_eq!(found, in_path || byte == b'?', "{byte:#x}");
        for escape in [format!("/a%{byte:02x}b"), format!("/a%{byte:02X}b")] {
            let allowed = !matches!(byte, 0..=0x1f | 0x7f | b'/' | b'\\' | b'%');
            assert_eq!(LocalPath::parse(&escape).is_ok(), allowed, "{escape}");
        }
        if let Ok(path) = LocalPath::parse(&format!("/a{c}?b{c}")) {
            assert!(http::HeaderValue::try_from(path.as_str()).is_ok(), "{byte:#x}");
        }
    }
}

/// Joined to a page of ours as browsers do it, and decoded once or twice on the way, it stays with us.
fn assert_stays(text: &str) {
    let base = Url::parse("https://example.com/login?x#y").unwrap();
    let mut forms = vec![text.to_owned()];
    for _ in 0..3 {
        let last = forms.last().unwrap();
        // Only the path is decoded: what a query holds is for the page to take apart.
        let (path, query) = last.split_at(last.find('?').unwrap_or(last.len()));
        forms.push(percent_decode_str(path).decode_utf8_lossy().into_owned() + query);
    }
    for form in forms {
        let joined = base.join(&form).unwrap_or_else(|error| panic!("{form:?} of {text:?}: {error}"));
        assert_eq!(joined.origin(), base.origin(), "{form:?} of {text:?}");
        assert_eq!(joined.scheme(), "https");
        assert!(joined.username().is_empty() && joined.password().is_none());
    }
    let joined = base.join(text).unwrap();
    let path = text.split('?').next().unwrap();
    // No parser shortens it: what is checked is what is visited.
    assert_eq!(joined.path().matches('/').count(), path.matches('/').count(), "{text:?}");
}

fn a_path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/",
        "//",
        "\\",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "%25",
        "%00",
        "%09",
        "%0a",
        "%7f",
        "%20",
        "%C3%A9",
        "%",
        "?",
        "#",
        "@",
        ":",
        ";",
        "&",
        "=",
        "a",
        "evil.example",
        "example.com",
        "https:",
        "javascript:",
        "\t",
        "\n",
        " ",
        "é",
        "\u{3002}",
        "\u{ff0f}",
        "[",
        "]",
        "0",
        "%3f",
        "%23",
        "%3a",
        "%40",
        "<",
        "\"",
        "|",
        "^",
        "\0",
        "\u{7f}",
    ]);
    (any::<bool>(), prop::collection::vec(piece, 0..9))
        .prop_map(|(slash, pieces)| if slash { "/".to_owned() + &pieces.concat() } else { pieces.concat() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40_000))]

    #[test]
    fn what_is_taken_stays_on_this_site(text in prop_oneof![6 => a_path(), 1 => "/[ -~]{0,30}", 1 => "\\PC{0,20}"]) {
        let parsed = LocalPath::parse(&text);
        prop_assert_eq!(parsed.is_ok(), reference(&text), "{:?}", text);
        if let Ok(path) = parsed {
            prop_assert_eq!(path.as_str(), &text);
            assert_stays(&text);
        }
    }

    #[test]
    fn a_query_value_reads_back_and_never_ends_early(text in a_path()) {
        let Ok(path) = LocalPath::parse(&text) else { return Ok(()) };
        let value = path.to_query_value();
        prop_assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)));
        let login = Url::parse(&format!("https://example.com/login?next={value}&x=y")).unwrap();
        let next: Vec<_> = login.query_pairs().filter(|(name, _)| name == "next").collect();
        prop_assert_eq!(next.len(), 1);
        prop_assert_eq!(&next[0].1, path.as_str());
        prop_assert_eq!(login.query_pairs().count(), 2);
    }
}

/// The rule, in the words of its documentation.
fn reference(text: &str) -> bool {
    let (path, _) = text.split_at(text.find('?').unwrap_or(text.len()));
    let escapes: Vec<&str> = path.split('%').skip(1).collect();
    text.len() <= 2048
        && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\' && byte != b'#')
        && path.starts_with('/')
        && !path.contains("//")
        && !path.replace("%2e", ".").replace("%2E", ".").split('/').any(|part| part == "." || part == "..")
        && escapes.iter().all(|escape| {
            let digits =
                escape.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            digits.is_some_and(|digits| {
                let byte = u8::from_str_radix(digits, 16).unwrap();
                byte >= 0x20 && !matches!(byte, 0x7f | b'/' | b'\\' | b'%')
            })
        })
}

#[test]
fn nesting_ends_at_the_limit() {
    let mut path = LocalPath::from_static("/login");
    for _ in 0..100 {
        let nested = format!("/login?next={}", path.to_query_value());
        path = LocalPath::parse_or(Some(&nested), LocalPath::root());
        assert!(path.as_str().len() <= 2048);
    }
}

const START: LocalPath = LocalPath::from_static("/start?a=b");

#[test]
fn a_path_is_made_of_other_types_too() {
    assert_eq!("/a".parse::<LocalPath>().unwrap().as_ref(), "/a");
    assert_eq!(LocalPath::try_from("/a").unwrap(), LocalPath::try_from("/a".to_owned()).unwrap());
    assert!(LocalPath::try_from("//a".to_owned()).is_err());
    assert_eq!(START.to_query_value(), "%2Fstart%3Fa%3Db");
    for (bad, message) in [
        ("a", "a local path must start with `/`"),
        ("//a", "a local path must not hold `//`"),
        ("/a/..", "a local path must not hold the segments `.` and `..`"),
        ("/%2f", "a local path must not hold broken escapes, or escaped controls, `/`, `\\` or `%`"),
        ("/ ", "a local path must be visible ASCII without `\\` and `#`"),
    ] {
        assert_eq!(LocalPath::parse(bad).unwrap_err().to_string(), message);
    }
}
