//! Encodes the content of a session cookie canonically, before encryption: [`CookieContent`].

use std::time::Duration;

use auth_identity::__private::ByteReader;
use zeroize::Zeroizing;

use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Authentication, CredentialId, Data, IdentityError},
};

/// Lengths are padded to a multiple of this.
const BLOCK: usize = 32;

const USER: u8 = 1;
const ACTOR: u8 = 1 << 1;
const BROWSER_SESSION: u8 = 1 << 2;
const OWN_IDLE: u8 = 1 << 3;
/// How the user authenticated differs from the default
const AUTHENTICATION: u8 = 1 << 4;
/// The log-in has an id
const LOGIN: u8 = 1 << 5;
/// The log-in began earlier, and ends before the absolute timeout
const LOGIN_ENDS: u8 = 1 << 6;
const ALL: u8 = (1 << 7) - 1;

#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(any(fuzzing, test), derive(Debug))]
pub(super) struct CookieContent {
    pub(super) id: [u8; 16],
    pub(super) revision: u64,
    /// When the user logged in, or the first data were stored
    pub(super) since: UnixTime,
    pub(super) written: UnixTime,
    /// The idle timeout, if it was chosen at log-in
    pub(super) own_idle: Option<Duration>,
    /// A session cookie: the browser removes it when it closes
    pub(super) browser_session: bool,
    pub(super) user: Option<User>,
    pub(super) data: Data,
}

#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(any(fuzzing, test), derive(Debug))]
pub(super) struct User {
    pub(super) identity: Identity,
    pub(super) actor: Option<Identity>,
    pub(super) authentication: Authentication,
    pub(super) login: Option<NamedLogin>,
    pub(super) tokens: Vec<String>,
    pub(super) public_data: String,
}

/// A log-in with an id, which rotation keeps
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(any(fuzzing, test), derive(Debug))]
pub(super) struct NamedLogin {
    pub(super) id: CredentialId,
    /// When it ends at the latest, if it began before this session
    pub(super) ends: Option<UnixTime>,
}

const TOO_LARGE: IdentityError =
    IdentityError::too_large("identity and data are too long for a cookie, which holds 4,096 bytes");

impl CookieContent {
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        // Allocate the size of the longest cookie: a growing buffer would leave copies behind.
        let mut out = Writer(Zeroizing::new(Vec::with_capacity(4096)));
        let actor = self.user.as_ref().and_then(|user| user.actor.as_ref());
        let authentication = self.user.as_ref().map(|user| &user.authentication);
        let authentication = authentication.filter(|authentication| !authentication.is_default());
        let login = self.user.as_ref().and_then(|user| user.login.as_ref());
        let marks = [
            (self.user.is_some(), USER),
            (actor.is_some(), ACTOR),
            (self.browser_session, BROWSER_SESSION),
            (self.own_idle.is_some(), OWN_IDLE),
            (authentication.is_some(), AUTHENTICATION),
            (login.is_some(), LOGIN),
            (login.is_some_and(|login| login.ends.is_some()), LOGIN_ENDS),
        ];
        out.bytes(&[marks.iter().filter(|(present, _)| *present).fold(0, |all, (_, mark)| all | mark)]);
        out.bytes(&self.id);
        for number in [self.revision, self.since.as_secs(), self.written.as_secs()] {
            out.bytes(&number.to_be_bytes());
        }
        if let Some(idle) = self.own_idle {
            out.bytes(&idle.as_secs().to_be_bytes());
        }
        if let Some(user) = &self.user {
            out.text(&user.identity)?;
            if let Some(actor) = actor {
                out.text(actor)?;
            }
            if let Some(authentication) = authentication {
                out.bytes(&authentication.encode());
            }
            if let Some(login) = login {
                out.text(login.id.as_str())?;
                if let Some(ends) = login.ends {
                    out.bytes(&ends.as_secs().to_be_bytes());
                }
            }
            out.number(user.tokens.len())?;
            for text in user.tokens.iter().chain([&user.public_data]) {
                out.text(text)?;
            }
        }
        out.number(self.data.iter().count())?;
        for (key, value) in self.data.iter() {
            out.text(key)?;
            out.text(value)?;
        }
        let length = out.0.len().next_multiple_of(BLOCK);
        out.0.resize(length, 0);
        Ok(out.0)
    }

    /// Decodes exactly what [`encode`](Self::encode) writes.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if !bytes.len().is_multiple_of(BLOCK) {
            return None;
        }
        let mut from = ByteReader(bytes);
        let [marks] = from.array()?;
        let has = |mark: u8| marks & mark != 0;
        let is_of_user = has(ACTOR) || has(AUTHENTICATION) || has(LOGIN);
        if marks & !ALL != 0 || (is_of_user && !has(USER)) || (has(LOGIN_ENDS) && !has(LOGIN)) {
            return None;
        }
        let id = from.array()?;
        let revision = from.long()?;
        let [since, written] = [from.time()?, from.time()?];
        let own_idle = if has(OWN_IDLE) { Some(Duration::from_secs(from.long()?)) } else { None };
        let user = if has(USER) { Some(read_user(&mut from, has)?) } else { None };
        let data = read_data(&mut from)?;
        let is_padding = from.0.len() < BLOCK && from.0.iter().all(|byte| *byte == 0);
        let browser_session = has(BROWSER_SESSION);
        is_padding.then_some(Self { id, revision, since, written, own_idle, browser_session, user, data })
    }
}

struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: usize) -> Result<(), IdentityError> {
        self.bytes(&u16::try_from(number).map_err(|_| TOO_LARGE)?.to_be_bytes());
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), IdentityError> {
        self.number(text.len())?;
        self.bytes(text.as_bytes());
        Ok(())
    }
}

fn read_user(from: &mut ByteReader<'_>, has: impl Fn(u8) -> bool) -> Option<User> {
    let identity = Identity::from_stored(from.measured_text()?).ok()?;
    let actor = if has(ACTOR) { Some(Identity::from_stored(from.measured_text()?).ok()?) } else { None };
    let authentication =
        if has(AUTHENTICATION) { Authentication::decode(from)? } else { Authentication::new() };
    let mut login = None;
    if has(LOGIN) {
        let id = CredentialId::new(from.measured_text()?).ok()?;
        login = Some(NamedLogin { id, ends: if has(LOGIN_ENDS) { Some(from.time()?) } else { None } });
    }
    let mut tokens = Vec::new();
    for _ in 0..from.number()? {
        tokens.push(from.measured_text()?.to_owned());
    }
    let public_data = from.measured_text()?.to_owned();
    Some(User { identity, actor, authentication, login, tokens, public_data })
}

fn read_data(from: &mut ByteReader<'_>) -> Option<Data> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for _ in 0..from.number()? {
        let (key, value) = (from.measured_text()?, from.measured_text()?);
        // Sorted and unique, so that the encoding is canonical.
        if pairs.last().is_some_and(|(last, _)| last.as_str() >= key) {
            return None;
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Some(pairs.into_iter().collect())
}

#[cfg(any(fuzzing, test))]
impl super::EncryptedCookie {
    /// Property: what is decoded is what would be encoded.
    pub(crate) fn fuzz_content(bytes: &[u8]) -> bool {
        let Some(content) = CookieContent::decode(bytes) else { return false };
        assert_eq!(content.encode().ok().as_deref().map(Vec::as_slice), Some(bytes));
        true
    }
}

#[cfg(test)]
mod tests {
    use auth_identity::identity::{Acr, AuthTime};

    use super::*;

    fn contents() -> Vec<CookieContent> {
        let time = UnixTime::from_secs;
        let identity = |name: &str| Identity::new(name).unwrap();
        let pairs = |pairs: &[(&str, &str)]| -> Data {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let bare = CookieContent {
            id: [7; 16],
            revision: 3,
            since: time(1),
            written: time(2),
            own_idle: None,
            browser_session: false,
            user: None,
            data: Data::default(),
        };
        let user = User {
            identity: identity("alice"),
            actor: None,
            authentication: Authentication::new(),
            login: None,
            tokens: Vec::new(),
            public_data: String::new(),
        };
        let full = User {
            actor: Some(identity("root")),
            authentication: Authentication::new()
                .with_acr(Acr::new("phr").unwrap())
                .with_time(AuthTime::At(time(1))),
            login: CredentialId::new("log-in").ok().map(|id| NamedLogin { id, ends: Some(time(9)) }),
            tokens: vec![String::new(), "mfa".to_owned()],
            public_data: "é".to_owned(),
            ..user.clone()
        };
        let named = User {
            login: CredentialId::new("log-in").ok().map(|id| NamedLogin { id, ends: None }),
            ..user.clone()
        };
        vec![
            bare.clone(),
            CookieContent { data: pairs(&[("", "1"), ("a", ""), ("b", "[1,2]")]), ..bare.clone() },
            CookieContent { user: Some(user), browser_session: true, ..bare.clone() },
            CookieContent { user: Some(named), ..bare.clone() },
            CookieContent {
                user: Some(full),
                own_idle: Some(Duration::from_mins(1)),
                data: pairs(&[("cart", "{\"a\":1}")]),
                ..bare
            },
        ]
    }

    // What is decoded is what would be encoded.
    #[test]
    fn only_what_the_encoder_writes_is_read() {
        for content in contents() {
            let good = content.encode().unwrap();
            assert_eq!(good.len() % BLOCK, 0);
            assert_eq!(CookieContent::decode(&good).as_ref(), Some(&content));
            for end in 0..good.len() {
                assert_eq!(CookieContent::decode(&good[..end]), None);
            }
            assert_eq!(CookieContent::decode(&[&good[..], &[0; BLOCK]].concat()), None);
            for at in 0..good.len() {
                for byte in 0..=255 {
                    let mut changed = good.to_vec();
                    changed[at] = byte;
                    if let Some(content) = CookieContent::decode(&changed) {
                        assert_eq!(*content.encode().unwrap(), changed);
                    }
                }
            }
        }
    }

    #[test]
    fn data_out_of_order_or_twice_is_refused() {
        let content = contents().remove(1);
        let good = content.encode().unwrap();
        let at = good.windows(3).position(|window| window == b"\0\x01a").unwrap() + 2;
        for key in [b'b', b'c'] {
            let mut changed = good.to_vec();
            changed[at] = key;
            assert_eq!(CookieContent::decode(&changed), None);
        }
    }

    #[test]
    fn longer_fields_than_their_lengths_can_say_are_refused() {
        let mut content = contents().remove(0);
        content.data = [("k".to_owned(), "x".repeat(65_536))].into_iter().collect();
        assert_eq!(content.encode().unwrap_err().kind(), auth_identity::AuthErrorKind::TooLarge);
    }
}
