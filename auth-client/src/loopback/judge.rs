//! Whether what knocks is the one that is waited for.

use secrecy::SecretString;

use super::{
    answer,
    callback::{Callback, read_denial, read_query},
    request::Head,
};
use crate::Denial;

/// Where the browser is sent at last.
pub(super) const DONE: &str = "/done";

pub(super) enum Heard {
    Callback(Callback),
    /// A denial without a state: from the provider, or from any page that the browser shows.
    StatelessDenial(Denial),
    Done,
    Stray(&'static str),
}

/// What is waited for.
pub(super) struct Rules {
    path: String,
    /// The values of `Host` that a browser sends for the redirect address.
    hosts: Vec<String>,
    /// None once the callback has come.
    state: Option<SecretString>,
}

impl Rules {
    pub(super) fn new(path: String, hosts: Vec<String>, state: SecretString) -> Self {
        Self { path, hosts, state: Some(state) }
    }

    /// The same, after the callback: only the last page is left.
    pub(super) fn closed(&self) -> Self {
        Self { path: self.path.clone(), hosts: self.hosts.clone(), state: None }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.is_none()
    }

    fn is_ours(&self, host: &[u8]) -> bool {
        self.hosts.iter().any(|name| host.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Returns path and query of a target, in origin-form or, for a host of ours, in absolute-form (RFC 9112,
    /// section 3.2.2).
    fn path_and_query<'a>(&self, target: &'a str) -> Option<&'a str> {
        let Some(rest) = target.strip_prefix("http://") else { return Some(target) };
        let (host, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        self.is_ours(host.as_bytes()).then_some(path)
    }

    pub(super) fn judge(&self, head: &Head) -> Heard {
        // A name that somebody made stand for this address is not this address.
        let Some(target) = self.path_and_query(&head.target) else {
            return Heard::Stray(answer::BAD_REQUEST);
        };
        if !matches!(head.hosts.as_slice(), [host] if self.is_ours(host)) {
            return Heard::Stray(answer::BAD_REQUEST);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path && path != DONE {
            return Heard::Stray(answer::NOT_FOUND);
        }
        if head.method != "GET" {
            return Heard::Stray(answer::NOT_ALLOWED);
        }
        if path == DONE {
            return Heard::Done;
        }
        let Some(state) = &self.state else { return Heard::Stray(answer::BAD_REQUEST) };
        match read_query(query, state) {
            Some(callback) => Heard::Callback(callback),
            None => read_denial(query).map_or(Heard::Stray(answer::BAD_REQUEST), Heard::StatelessDenial),
        }
    }
}

#[cfg(any(fuzzing, test))]
impl super::LoopbackListener {
    /// Whatever is heard was sent to this path and host, once, with the right state.
    pub(crate) fn fuzz_request(bytes: &[u8]) -> bool {
        use secrecy::ExposeSecret as _;

        use super::request::{Parsed, parse};

        let Parsed::Head(head) = parse(bytes) else { return false };
        let rules = Rules::new("/callback".to_owned(), vec!["127.0.0.1:4000".to_owned()], "right".into());
        assert!(!matches!(rules.closed().judge(&head), Heard::Callback(_)));
        let Heard::Callback(callback) = rules.judge(&head) else { return false };
        let text = String::from_utf8_lossy(bytes).into_owned();
        let first = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
        let target = first.strip_prefix("GET ").unwrap_or_default();
        let target = target.strip_prefix("http://127.0.0.1:4000").unwrap_or(target);
        let query =
            target.strip_prefix("/callback?").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let values = |wanted: &str| -> Vec<_> {
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            // Parameters without a value count as absent.
            pairs
                .filter(|(name, value)| name == wanted && !value.is_empty())
                .map(|(_, value)| value.into_owned())
                .collect()
        };
        assert_eq!(values("state"), ["right"]);
        assert_eq!(values("iss"), Vec::from_iter(callback.issuer));
        match callback.result {
            Ok(code) => {
                assert_eq!(
                    (values("code"), values("error")),
                    (vec![code.expose_secret().to_owned()], vec![])
                );
            }
            Err(denial) => {
                assert_eq!((values("code").len(), values("error").len()), (0, 1));
                let told = [Some(denial.code()), denial.description(), denial.uri()];
                assert!(!told.into_iter().flatten().any(|text| text.contains(char::is_control)));
            }
        }
        let head = text.trim_start_matches(['\r', '\n']).lines().take_while(|line| !line.is_empty());
        let hosts = head.filter(|line| line.to_ascii_lowercase().starts_with("host:"));
        assert!(hosts.map(|line| line.split_at(5).1.trim()).eq(["127.0.0.1:4000"]));
        true
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{
        super::request::{Parsed, parse},
        *,
    };

    fn rules() -> Rules {
        Rules::new("/callback".to_owned(), vec!["127.0.0.1:4000".to_owned()], "right".into())
    }

    fn hear(request: &str) -> Heard {
        match parse(request.as_bytes()) {
            Parsed::Head(head) => rules().judge(&head),
            _ => Heard::Stray(answer::BAD_REQUEST),
        }
    }

    fn get(target: &str) -> Heard {
        hear(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n"))
    }

    // RFC 9112, section 3.2.2: a server must accept absolute-form.
    #[test]
    fn a_target_in_absolute_form_is_heard_if_its_host_is_ours() {
        for target in ["/callback?state=right&code=a", "http://127.0.0.1:4000/callback?state=right&code=a"] {
            assert!(matches!(get(target), Heard::Callback(_)), "{target}");
        }
        assert!(matches!(get("http://127.0.0.1:4000/done"), Heard::Done));
        for target in [
            "http://127.0.0.1:4001/callback?state=right&code=a",
            "http://rebound.example/callback?state=right&code=a",
            "http://user@127.0.0.1:4000/callback?state=right&code=a",
            "https://127.0.0.1:4000/callback?state=right&code=a",
            "http://127.0.0.1:4000//callback?state=right&code=a",
            "http://127.0.0.1:4000?state=right&code=a",
            "http://127.0.0.1:4000.evil.example/callback?state=right&code=a",
            "http://",
        ] {
            assert!(matches!(get(target), Heard::Stray(_)), "{target}");
        }
        let elsewhere =
            "GET http://127.0.0.1:4000/callback?state=right&code=a HTTP/1.1\r\nHost: evil.example\r\n\r\n";
        assert!(matches!(hear(elsewhere), Heard::Stray(_)));
    }

    // C-D04: the code is the last parameter, and ends where it ends.
    #[test]
    fn the_right_callback_is_heard() {
        let Heard::Callback(callback) = get("/callback?state=right&iss=https%3A%2F%2Fa.example&code=a%2Bb+c")
        else {
            panic!("not heard");
        };
        assert_eq!(callback.result.unwrap().expose_secret(), "a+b c");
        assert_eq!(callback.issuer.as_deref(), Some("https://a.example"));
    }

    // RFC 6749 section 3.1: a parameter without a value is none.
    #[test]
    fn empty_parameters_are_absent() {
        let Heard::Callback(callback) = get("/callback?state=right&code=a&error=&error_description=&iss=")
        else {
            panic!("not heard");
        };
        assert_eq!(callback.result.unwrap().expose_secret(), "a");
        assert_eq!(callback.issuer, None);
        let Heard::Callback(callback) =
            get("/callback?state=right&code=&error=access_denied&error_description=")
        else {
            panic!("not heard");
        };
        assert_eq!(callback.result.unwrap_err().description(), None);
    }

    // Some providers refuse before they have read the state, as for a scope that does not exist.
    #[test]
    fn a_denial_without_a_state_is_heard_as_such() {
        for query in ["error=invalid_scope&error_description=no", "error=invalid_scope&state=&code="] {
            let Heard::StatelessDenial(denial) = get(&format!("/callback?{query}")) else {
                panic!("{query}");
            };
            assert_eq!(denial.code(), "invalid_scope");
        }
        for query in [
            "error=invalid_scope&state=wrong",
            "error=invalid_scope&code=a",
            "error=",
            "error=a&error=b",
            "code=a",
            "",
        ] {
            assert!(matches!(get(&format!("/callback?{query}")), Heard::Stray(_)), "{query}");
        }
    }

    // C-D03
    #[test]
    fn a_denial_is_heard() {
        let Heard::Callback(callback) =
            get("/callback?error=access_denied&error_description=no%0d%0away&error_uri=x&state=right")
        else {
            panic!("not heard");
        };
        let denial = callback.result.unwrap_err();
        assert_eq!(denial.code(), "access_denied");
        assert_eq!(denial.description(), Some("no\u{fffd}\u{fffd}way"));
        assert_eq!(denial.uri(), Some("x"));
    }

    // LB4, LB9: whatever is not exactly it is a stray, and the waiting goes on.
    #[test]
    fn strays_are_not_heard() {
        for target in [
            "/",
            "/favicon.ico",
            "/callback",
            "/callback/",
            "/Callback?state=right&code=a",
            "//callback?state=right&code=a",
            "/callback%3Fstate=right&code=a",
            "/callback?code=a",
            "/callback?state=wrong&code=a",
            "/callback?state=&code=a",
            "/callback?state=right",
            "/callback?state=right&code=",
            "/callback?state=right&code=a&code=b",
            "/callback?state=right&code=a&code=a",
            "/callback?state=right&state=right&code=a",
            "/callback?state=wrong&state=right&code=a",
            "/callback?state=right&code=a&error=b",
            "/callback?state=right&error=",
            "/callback?state=right&error=a&error=b",
            "/callback?state=right&code=a&access_token=b",
            "/callback?state=right&code=a&id_token=b",
            "/callback?state=right&code=a&iss=x&iss=y",
            "/callback?State=right&code=a",
        ] {
            assert!(matches!(get(target), Heard::Stray(_)), "{target}");
        }
        let query = "/callback?state=right&code=a";
        for request in [
            format!("POST {query} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n"),
            format!("HEAD {query} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\nHost: localhost:4000\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\nHost: 127.0.0.1:4001\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\nHost: rebound.example:4000\r\n\r\n"),
            format!("GET {query} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nHost: 127.0.0.1:4000\r\n\r\n"),
            format!("GET {query}\r\nHost: 127.0.0.1:4000\r\n\r\n"),
            "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(),
        ] {
            assert!(matches!(hear(&request), Heard::Stray(_)), "{request:?}");
        }
    }

    // LB6: pages are constants; nothing that came in goes out.
    #[test]
    fn pages_hold_nothing_of_a_request() {
        for page in
            [answer::SEE_DONE, answer::DONE, answer::BAD_REQUEST, answer::NOT_FOUND, answer::NOT_ALLOWED]
        {
            assert!(page.contains("Content-Security-Policy: default-src 'none'"), "{page}");
            assert!(
                page.contains("Cache-Control: no-store") && page.contains("Referrer-Policy: no-referrer"),
                "{page}"
            );
            assert!(!page.contains("<script") && !page.contains("javascript"), "{page}");
        }
    }

    proptest::proptest! {
        // F18: no bytes at all make the parser panic, and none but the right state are heard.
        #[test]
        fn nothing_else_is_ever_heard(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            if let Parsed::Head(head) = parse(&bytes) {
                let heard = rules().judge(&head);
                let is_right = head.target.starts_with("/callback?") && head.target.contains("right");
                proptest::prop_assert!(!matches!(heard, Heard::Callback(_)) || is_right);
            }
        }

        #[test]
        fn no_query_but_one_with_the_state(query in "[a-z=&%0-9+]{0,80}") {
            if read_query(&query, &SecretString::from("right")).is_some() {
                proptest::prop_assert!(query.contains("state=right") || query.contains('%'));
            }
        }
    }
}
