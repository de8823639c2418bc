//! Matches requests of the loopback server against the expected redirect: [`ExpectedRequest`].

use secrecy::SecretString;

use super::{
    callback_query::{Callback, read_denial, read_query},
    constant_pages,
    request_head::Head,
};
use crate::{Denial, Error};

/// The path of the last page.
pub(super) const DONE: &str = "/done";

pub(super) enum Matched {
    Callback(Callback),
    /// A denial without a state: from the authorization server, or from any page in the browser.
    StatelessDenial(Denial),
    Done,
    Stray(&'static str),
}

/// The request that the listener waits for.
pub(super) struct ExpectedRequest {
    path: String,
    /// The accepted values of `Host` (protects against DNS rebinding).
    hosts: Vec<String>,
    /// `None` after the callback.
    state: Option<SecretString>,
}

impl ExpectedRequest {
    pub(super) fn new(path: String, hosts: Vec<String>, state: SecretString) -> Self {
        Self { path, hosts, state: Some(state) }
    }

    /// Returns the same without the state, which accepts only the last page.
    pub(super) fn closed(&self) -> Self {
        Self { path: self.path.clone(), hosts: self.hosts.clone(), state: None }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.is_none()
    }

    fn is_expected_host(&self, host: &[u8]) -> bool {
        self.hosts.iter().any(|name| host.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Returns the path and query of a target in origin-form or, for an accepted host, in absolute-form (RFC
    /// 9112 section 3.2.2).
    fn path_and_query<'a>(&self, target: &'a str) -> Option<&'a str> {
        let Some(rest) = target.strip_prefix("http://") else { return Some(target) };
        let (host, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        self.is_expected_host(host.as_bytes()).then_some(path)
    }

    pub(super) fn match_request(&self, head: &Head) -> Matched {
        // DNS rebinding: reject a name that an attacker resolves to this address.
        let Some(target) = self.path_and_query(&head.target) else {
            return Matched::Stray(constant_pages::BAD_REQUEST);
        };
        if !matches!(head.hosts.as_slice(), [host] if self.is_expected_host(host)) {
            return Matched::Stray(constant_pages::BAD_REQUEST);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path && path != DONE {
            return Matched::Stray(constant_pages::NOT_FOUND);
        }
        if head.method != "GET" {
            return Matched::Stray(constant_pages::NOT_ALLOWED);
        }
        if path == DONE {
            return Matched::Done;
        }
        let Some(state) = &self.state else { return Matched::Stray(constant_pages::BAD_REQUEST) };
        match read_query(query, state) {
            Some(callback) => Matched::Callback(callback),
            None => read_denial(query)
                .map_or(Matched::Stray(constant_pages::BAD_REQUEST), Matched::StatelessDenial),
        }
    }
}

#[cfg(any(fuzzing, test))]
impl super::LoopbackListener {
    /// An accepted callback has this path and host, and the right state exactly once.
    pub(crate) fn fuzz_request(bytes: &[u8]) -> bool {
        use secrecy::ExposeSecret as _;

        use super::request_head::{Parsed, parse};

        let Parsed::Head(head) = parse(bytes) else { return false };
        let expected =
            ExpectedRequest::new("/callback".to_owned(), vec!["127.0.0.1:4000".to_owned()], "right".into());
        assert!(!matches!(expected.closed().match_request(&head), Matched::Callback(_)));
        let Matched::Callback(callback) = expected.match_request(&head) else { return false };
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

/// Checks that the path of a redirect address is plain.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !path.starts_with('/') || !path.bytes().all(is_plain) || path == DONE {
        return Err(Error::configuration("the path of a redirect address must be plain, and begin with `/`"));
    }
    Ok(())
}

/// Returns the accepted values of `Host`; browsers omit the default port (RFC 9110 section 7.2).
pub(super) fn hosts(name: &str, port: u16) -> Vec<String> {
    let mut hosts = vec![format!("{name}:{port}")];
    if port == 80 {
        hosts.push(name.to_owned());
    }
    hosts
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{
        super::request_head::{Parsed, parse},
        *,
    };

    fn expected() -> ExpectedRequest {
        ExpectedRequest::new("/callback".to_owned(), vec!["127.0.0.1:4000".to_owned()], "right".into())
    }

    fn matched(request: &str) -> Matched {
        match parse(request.as_bytes()) {
            Parsed::Head(head) => expected().match_request(&head),
            _ => Matched::Stray(constant_pages::BAD_REQUEST),
        }
    }

    fn get(target: &str) -> Matched {
        matched(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n"))
    }

    // RFC 9112 section 3.2.2: a server must accept absolute-form.
    #[test]
    fn a_target_in_absolute_form_is_accepted_if_its_host_is_expected() {
        for target in ["/callback?state=right&code=a", "http://127.0.0.1:4000/callback?state=right&code=a"] {
            assert!(matches!(get(target), Matched::Callback(_)), "{target}");
        }
        assert!(matches!(get("http://127.0.0.1:4000/done"), Matched::Done));
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
            assert!(matches!(get(target), Matched::Stray(_)), "{target}");
        }
        let elsewhere =
            "GET http://127.0.0.1:4000/callback?state=right&code=a HTTP/1.1\r\nHost: evil.example\r\n\r\n";
        assert!(matches!(matched(elsewhere), Matched::Stray(_)));
    }

    // The code is the last parameter and ends with the query.
    #[test]
    fn the_right_callback_is_accepted() {
        let Matched::Callback(callback) =
            get("/callback?state=right&iss=https%3A%2F%2Fa.example&code=a%2Bb+c")
        else {
            panic!("not accepted");
        };
        assert_eq!(callback.result.unwrap().expose_secret(), "a+b c");
        assert_eq!(callback.issuer.as_deref(), Some("https://a.example"));
    }

    // RFC 6749 section 3.1: a parameter without a value is omitted.
    #[test]
    fn empty_parameters_are_absent() {
        let Matched::Callback(callback) = get("/callback?state=right&code=a&error=&error_description=&iss=")
        else {
            panic!("not accepted");
        };
        assert_eq!(callback.result.unwrap().expose_secret(), "a");
        assert_eq!(callback.issuer, None);
        let Matched::Callback(callback) =
            get("/callback?state=right&code=&error=access_denied&error_description=")
        else {
            panic!("not accepted");
        };
        assert_eq!(callback.result.unwrap_err().description(), None);
    }

    // Some servers deny before they read the state, for example for an unknown scope.
    #[test]
    fn a_denial_without_a_state_is_distinguished() {
        for query in ["error=invalid_scope&error_description=no", "error=invalid_scope&state=&code="] {
            let Matched::StatelessDenial(denial) = get(&format!("/callback?{query}")) else {
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
            assert!(matches!(get(&format!("/callback?{query}")), Matched::Stray(_)), "{query}");
        }
    }

    #[test]
    fn a_denial_is_accepted() {
        let Matched::Callback(callback) =
            get("/callback?error=access_denied&error_description=no%0d%0away&error_uri=x&state=right")
        else {
            panic!("not accepted");
        };
        let denial = callback.result.unwrap_err();
        assert_eq!(denial.code(), "access_denied");
        assert_eq!(denial.description(), Some("no\u{fffd}\u{fffd}way"));
        assert_eq!(denial.uri(), Some("x"));
    }

    // Any other request is a stray, and the listener keeps waiting.
    #[test]
    fn stray_requests_are_rejected() {
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
            assert!(matches!(get(target), Matched::Stray(_)), "{target}");
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
            assert!(matches!(matched(&request), Matched::Stray(_)), "{request:?}");
        }
    }

    // Pages are constants: nothing from a request is in them (XSS).
    #[test]
    fn pages_hold_nothing_of_a_request() {
        for page in [
            constant_pages::SEE_DONE,
            constant_pages::DONE,
            constant_pages::BAD_REQUEST,
            constant_pages::NOT_FOUND,
            constant_pages::NOT_ALLOWED,
        ] {
            assert!(page.contains("Content-Security-Policy: default-src 'none'"), "{page}");
            assert!(
                page.contains("Cache-Control: no-store") && page.contains("Referrer-Policy: no-referrer"),
                "{page}"
            );
            assert!(!page.contains("<script") && !page.contains("javascript"), "{page}");
        }
    }

    proptest::proptest! {
        // Property: no input panics, and only the right state is accepted.
        #[test]
        fn only_the_right_state_is_accepted(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            if let Parsed::Head(head) = parse(&bytes) {
                let matched = expected().match_request(&head);
                let is_right = head.target.starts_with("/callback?") && head.target.contains("right");
                proptest::prop_assert!(!matches!(matched, Matched::Callback(_)) || is_right);
            }
        }

        #[test]
        fn no_query_but_one_with_the_state(query in "[a-z=&%0-9+]{0,80}") {
            if read_query(&query, &SecretString::from("right")).is_some() {
                proptest::prop_assert!(query.contains("state=right") || query.contains('%'));
            }
        }
    }

    // RFC 9110 section 7.2: browsers omit the default port.
    #[test]
    fn the_default_port_may_be_left_out() {
        assert_eq!(hosts("127.0.0.1", 80), ["127.0.0.1:80", "127.0.0.1"]);
        assert_eq!(hosts("localhost", 8080), ["localhost:8080"]);
    }
}
