//! Keeps each log-in attempt in an encrypted cookie of its own, and limits their number:
//! [`TransactionCookies`].

use std::time::Duration;

use auth_runtime::{
    KeyRing,
    clock::UnixTime,
    identity::cookie::{CookieConfig, CookieConfigError, CookieValues, SameSite},
    keys::PurposeCipher,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Transaction;
use crate::random_value::sha256_base64url;

/// How many attempts a browser may have at once.
const MAX_ATTEMPTS: usize = 8;
/// How many bytes the cookies of all attempts may have together: many servers accept 8 KiB of header lines.
const MAX_BYTES: usize = 4096;
/// How many cookies of one name are read: a sibling domain can add some.
const MAX_CANDIDATES: usize = 4;
/// How long a browser keeps the cookie: longer than an attempt may take, so that the page about an expired
/// attempt still knows the redirect target.
const KEPT: Duration = Duration::from_hours(1);

type Line = (HeaderName, HeaderValue);

/// Reads and writes the cookies of log-in attempts.
///
/// Each attempt has a cookie of its own, named by a hash of its state, so that several tabs do not overwrite
/// each other.
#[derive(Debug)]
pub(crate) struct TransactionCookies {
    cipher: PurposeCipher,
    /// `Secure`, unless the application is served on a loopback address
    is_secure: bool,
    /// The path of the log-in pages
    path: String,
}

/// One of the cookies that a browser sent.
struct Sent<'a> {
    name: &'a str,
    bytes: usize,
    /// When the attempt began; `None` if the cookie cannot be decrypted or is over
    started: Option<UnixTime>,
}

impl TransactionCookies {
    /// `application` keeps applications with the same keys apart.
    pub(crate) fn new(ring: KeyRing, application: &str, path: &str, is_secure: bool) -> Self {
        let cipher = PurposeCipher::new(ring, &format!("auth-login/transaction/{application}"));
        Self { cipher, is_secure, path: path.to_owned() }
    }

    fn prefix(&self) -> &'static str {
        if self.is_secure { "__Secure-login." } else { "login." }
    }

    fn name(&self, state: &str) -> String {
        let hash = sha256_base64url(state);
        format!("{}{}", self.prefix(), hash.get(..16).unwrap_or_default())
    }

    fn config(&self, name: &str, same_site: SameSite) -> Result<CookieConfig, CookieConfigError> {
        let config = CookieConfig::new().with_name(name)?.with_path(self.path.as_str())?;
        if self.is_secure {
            config.with_same_site(same_site)
        } else {
            config.with_insecure_http_on_loopback()?.with_same_site(same_site)
        }
    }

    /// Returns the lines that store an attempt, and remove the oldest ones that there is no room for; `None`
    /// if it does not fit into a cookie, or cannot be encrypted. The callback of a provider that answers by a
    /// cross-site POST (`is_cross_site`) needs `SameSite=None`.
    pub(crate) fn store(
        &self,
        attempt: &Transaction,
        headers: &HeaderMap,
        is_cross_site: bool,
        now: UnixTime,
    ) -> Option<Vec<Line>> {
        let name = self.name(&attempt.state.to_text());
        let value = self.cipher.encrypt(now, &attempt.encode()).ok()?;
        let same_site = if is_cross_site { SameSite::None } else { SameSite::Lax };
        let cookie = self.config(&name, same_site).ok()?.set(&value, Some(KEPT)).ok()?;
        let mut sent = self.sent(headers, now);
        // The newest first; what cannot be used is last.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.started));
        let mut room = MAX_BYTES.saturating_sub(name.len().saturating_add(value.len()));
        let mut kept: usize = 1;
        let mut lines: Vec<Line> = cookie.headers().cloned().collect();
        for cookie in sent {
            if cookie.started.is_some() && kept < MAX_ATTEMPTS && cookie.bytes <= room {
                kept = kept.saturating_add(1);
                room = room.saturating_sub(cookie.bytes);
            } else {
                room = if cookie.started.is_some() { 0 } else { room };
                lines.extend(self.removal(cookie.name));
            }
        }
        Some(lines)
    }

    /// Returns the attempt with this state, whether or not it is over.
    pub(crate) fn find(&self, headers: &HeaderMap, state: &str, now: UnixTime) -> Option<Transaction> {
        use subtle::ConstantTimeEq as _;

        let name = self.name(state);
        CookieValues::new(headers, &name)
            .take(MAX_CANDIDATES)
            .filter_map(|value| self.open(value.as_str()?, now))
            .find(|attempt| attempt.state.to_text().as_bytes().ct_eq(state.as_bytes()).into())
    }

    /// Returns the lines that remove one attempt.
    pub(crate) fn remove(&self, state: &str) -> Vec<Line> {
        self.removal(&self.name(state))
    }

    fn removal(&self, name: &str) -> Vec<Line> {
        let effects = self.config(name, SameSite::Lax).ok().and_then(|config| config.remove().ok());
        effects.map(|effects| effects.headers().cloned().collect()).unwrap_or_default()
    }

    fn open(&self, value: &str, now: UnixTime) -> Option<Transaction> {
        Transaction::decode(&self.cipher.decrypt(now, value)?)
    }

    fn sent<'a>(&self, headers: &'a HeaderMap, now: UnixTime) -> Vec<Sent<'a>> {
        names(headers, self.prefix())
            .map(|(name, value)| Sent {
                name,
                bytes: name.len().saturating_add(value.len()),
                started: self
                    .open(value, now)
                    .filter(|attempt| !attempt.is_expired(now))
                    .map(|attempt| attempt.started),
            })
            .collect()
    }
}

/// Returns name and value of the cookies whose names begin like this. At most 64 are read.
fn names<'a>(headers: &'a HeaderMap, prefix: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
        .filter(move |(name, _)| name.starts_with(prefix))
        .take(64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOON, attempt};
    use super::*;

    fn cookies() -> TransactionCookies {
        TransactionCookies::new(KeyRing::random(), "https://app.example.com", "/login", true)
    }

    /// A browser that keeps what it is sent.
    #[derive(Default)]
    struct Jar(Vec<(String, String)>);

    impl Jar {
        fn take(&mut self, lines: &[Line]) {
            for (name, line) in lines {
                assert_eq!(name, header::SET_COOKIE);
                let line = line.to_str().unwrap();
                let (name, rest) = line.split_once('=').unwrap();
                self.0.retain(|(other, _)| other != name);
                if !line.contains("Max-Age=0") {
                    self.0.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
                }
            }
        }

        fn headers(&self) -> HeaderMap {
            let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let line = HeaderValue::from_str(&pairs.join("; ")).unwrap();
            HeaderMap::from_iter([(header::COOKIE, line)])
        }
    }

    #[test]
    fn the_cookie_is_narrow_and_hidden_from_scripts() {
        let lines = cookies().store(&attempt("fake", "/a"), &HeaderMap::new(), false, NOON).unwrap();
        let [(_, line)] = &lines[..] else { panic!("{lines:?}") };
        let line = line.to_str().unwrap();
        for part in
            ["__Secure-login.", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/login", "; Max-Age=3600"]
        {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.len() < 500, "{} bytes", line.len());
        let lines = cookies().store(&attempt("fake", "/a"), &HeaderMap::new(), true, NOON).unwrap();
        assert!(lines[0].1.to_str().unwrap().contains("; SameSite=None; Secure"));
    }

    #[test]
    fn several_tabs_do_not_overwrite_each_other() {
        let (cookies, mut jar) = (cookies(), Jar::default());
        let attempts: Vec<_> = (0..8).map(|_| attempt("fake", "/a")).collect();
        for attempt in &attempts {
            let lines = cookies.store(attempt, &jar.headers(), false, NOON).unwrap();
            jar.take(&lines);
        }
        for attempt in &attempts {
            let found = cookies.find(&jar.headers(), &attempt.state.to_text(), NOON);
            assert_eq!(found.as_ref(), Some(attempt));
        }
    }

    #[test]
    fn cookies_do_not_pile_up() {
        let (cookies, mut jar) = (cookies(), Jar::default());
        let mut attempts = Vec::new();
        for number in 0..20 {
            let now = NOON.plus(Duration::from_secs(number));
            let attempt = Transaction { started: now, ..attempt("fake", "/a") };
            jar.take(&cookies.store(&attempt, &jar.headers(), false, now).unwrap());
            attempts.push(attempt);
            assert!(jar.0.len() <= MAX_ATTEMPTS);
        }
        let is_there =
            |attempt: &Transaction| cookies.find(&jar.headers(), &attempt.state.to_text(), NOON).is_some();
        let there: Vec<bool> = attempts.iter().map(is_there).collect();
        assert_eq!(there, [vec![false; 12], vec![true; 8]].concat(), "the oldest are evicted");
    }

    #[test]
    fn long_redirect_targets_leave_room_in_the_header() {
        let (cookies, mut jar) = (cookies(), Jar::default());
        for number in 0..8 {
            let now = NOON.plus(Duration::from_secs(number));
            let attempt = Transaction { started: now, ..attempt("fake", &format!("/{}", "x".repeat(1500))) };
            jar.take(&cookies.store(&attempt, &jar.headers(), false, now).unwrap());
            let line = jar.headers().get(header::COOKIE).unwrap().len();
            assert!(line <= 4200, "{line} bytes");
            assert!(cookies.find(&jar.headers(), &attempt.state.to_text(), now).is_some());
        }
    }

    #[test]
    fn expired_and_foreign_cookies_are_removed_at_the_next_start() {
        let (cookies, mut jar) = (cookies(), Jar::default());
        jar.take(&cookies.store(&attempt("fake", "/a"), &HeaderMap::new(), false, NOON).unwrap());
        jar.0.push(("__Secure-login.planted".to_owned(), "text".to_owned()));
        let now = NOON.plus(Duration::from_mins(10));
        let next = Transaction { started: now, ..attempt("fake", "/b") };
        jar.take(&cookies.store(&next, &jar.headers(), false, now).unwrap());
        assert_eq!(jar.0.len(), 1);
        jar.take(&cookies.remove(&next.state.to_text()));
        assert!(jar.0.is_empty());
    }

    #[test]
    fn an_attempt_is_found_by_its_own_state_only() {
        let (cookies, mut jar) = (cookies(), Jar::default());
        let attempt = attempt("fake", "/a");
        let state = attempt.state.to_text();
        jar.take(&cookies.store(&attempt, &HeaderMap::new(), false, NOON).unwrap());
        assert!(cookies.find(&jar.headers(), &state, NOON).is_some());
        assert!(cookies.find(&HeaderMap::new(), &state, NOON).is_none());
        for other in ["", "x", &state[1..], &format!("{state}A")] {
            assert!(cookies.find(&jar.headers(), other, NOON).is_none(), "{other:?}");
        }
        // Under the name of another attempt, as a sibling domain could plant it.
        let planted = format!("{}={}", cookies.name("other"), jar.0[0].1);
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&planted).unwrap())]);
        assert!(cookies.find(&headers, "other", NOON).is_none());
        // Of another application with other keys.
        assert!(tests::cookies().find(&jar.headers(), &state, NOON).is_none());
    }
}
