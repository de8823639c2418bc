//! Sessions in encrypted cookies.

mod content;
mod limits;
mod lookup;
mod policy;
mod session;

use std::{collections::BTreeSet, time::Duration};

use http::HeaderValue;

pub use session::EncryptedSession;

use super::{
    InvalidRealm,
    cookie::{CookieConfig, CookieConfigError, SameSite, cookie_options},
    realm,
};
use crate::{
    KeyRing,
    keys::{AeadKeys, Purpose, credential_lifetime},
};
use limits::Limits;

/// The version of the format; others are refused.
const VERSION: u8 = 1;

/// Keeps the identity and the session's data in a cookie that the server has encrypted; nothing is stored on the server.
///
/// | option | default |
/// |---|---|
/// | cookie | `__Host-session`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` |
/// | idle limit: how long a session lives without requests | 8 hours |
/// | absolute limit, which no request extends | 7 days |
/// | write-back: how old the cookie is when a request extends it | a tenth of the idle limit |
/// | keys that an anonymous visitor's data keep at a log-in | none |
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing};
/// use std::time::Duration;
///
/// let policy = EncryptedCookie::new(KeyRing::random())
///     .with_idle_limit(Duration::from_secs(30 * 60))
///     .with_carried_keys(["cart"]);
/// let auth = AuthLayer::new(policy);
/// # let _ = auth;
/// ```
///
/// The data of a user is dropped at each log-in, whoever logs in, and at a log-out; an anonymous visitor's is too, but for
/// the keys that are carried. Name, value and data must fit into 4,096 bytes, or the change fails and what was there stays:
/// there is room for about 2,800 bytes. Of two requests that change data at the same time the later answer wins.
///
/// # Order of responses
///
/// The cookie holds all data, so a response that writes it undoes what another one wrote since the request was sent. Each
/// instance therefore remembers for five minutes which sessions its responses have ended, and which revision of each they
/// wrote last:
///
/// - A request that only reads extends the session with the data that it read, and only while these are the newest. After
///   a write of another request it sets no cookie, and the next request extends the session.
/// - A write or rotation of a session that was ended meanwhile, by a log-out or another log-in, fails with 401. Where it was
///   made before the end and its response is later, its cookie is not sent.
///
/// What this does not cover: requests to different instances, responses that overtake each other on the network, and a first
/// write without any cookie beside a log-in. Route a client to one instance, or use sessions in a store, where that matters.
/// The time of the last use is not kept in a cookie of its own: that one would have to be set as often, and a session would
/// end with the key that wrote its data, which a renewal now replaces.
///
/// # Security
///
/// XChaCha20-Poly1305 with keys that are derived for this purpose, application and cookie name, a random nonce of 192 bits
/// for each cookie, and the same scope, the format's version and the key's id as associated data: nobody without a key of
/// the ring can read, change or make a cookie, or use it in another place. Its length is rounded up to 32 bytes, so it
/// tells the size of the data roughly.
///
/// Limits are judged by what was encrypted, whatever the browser keeps. What cannot be decrypted, or is too old, is no
/// session, and the request is anonymous.
///
/// A request with more than four cookies of this name is anonymous; a log-out ends them as that of a
/// [`TicketCookie`](super::TicketCookie) does.
///
/// What this does not protect against: a copy of an *earlier* cookie serves until its time is over, also after a log-out
/// without a list of revocations, and brings its data back as they were then. What must not return (a used voucher, a balance, a right that was taken
/// away) belongs in a database. Each session has a [name](super::CredentialId) that only log-ins and rotations change
/// and a [revision](EncryptedSession::revision) that grows with each change, so a server that remembers can refuse.
#[derive(Debug)]
#[must_use]
pub struct EncryptedCookie {
    ring: KeyRing,
    application: String,
    cookie: CookieConfig,
    keys: AeadKeys,
    limits: Limits,
    carried: BTreeSet<String>,
    challenge: HeaderValue,
}

impl EncryptedCookie {
    /// Makes a policy that encrypts with the keys of this ring.
    pub fn new(ring: KeyRing) -> Self {
        // The name is a good one, so the default never takes its place.
        let cookie = CookieConfig::new().with_name("__Host-session").unwrap_or_default();
        Self {
            keys: keys(&ring, "", &cookie),
            limits: Limits::within(credential_lifetime(&ring)),
            ring,
            application: String::new(),
            cookie,
            carried: BTreeSet::new(),
            challenge: realm::of_cookies(),
        }
    }

    /// Names the application, or one of its tenants: applications of different names do not take each other's cookies,
    /// even with the same keys. The default is the empty name.
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self.with_new_keys()
    }

    /// Sets everything about the cookie. The default is [`CookieConfig::new`] with the name `__Host-session`.
    pub fn with_cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self.with_new_keys()
    }

    cookie_options!("__Host-session", with_new_keys);

    /// Sets how long a session lives without requests, in whole seconds. The default is 8 hours; more than 400 days, the
    /// longest that browsers keep a cookie, counts as 400 days, and more than the credential lifetime of the ring's
    /// [rotation](crate::keys::Rotation) as that. A shorter limit holds for earlier cookies, too.
    pub const fn with_idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// Sets after what time a user has to log in again, however busy the session is. The default is 7 days.
    ///
    /// For an anonymous visitor it counts from when the first data were kept.
    pub const fn with_absolute_limit(mut self, limit: Duration) -> Self {
        self.limits.absolute = limit;
        self
    }

    /// Sets how old the cookie is when a request extends it; younger ones are not written anew. The default is a tenth of
    /// the idle limit.
    ///
    /// A session may therefore end by so much earlier than its idle limit after its last request.
    pub const fn with_write_back_after(mut self, age: Duration) -> Self {
        self.limits.write_back = Some(age);
        self
    }

    /// Sets how far ahead the clocks of other machines may be. The default is 60 seconds.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.limits.skew = skew;
        self
    }

    /// Names the keys under which an anonymous visitor's data stays after a log-in, such as a shopping cart. The default
    /// is none.
    ///
    /// # Security
    ///
    /// Somebody else may have put the data there and then left the browser, or planted the cookie.
    pub fn with_carried_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.carried = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the realm of the challenge `Cookie realm="…"`. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails when it holds anything but visible ASCII and spaces.
    pub fn with_realm(mut self, text: &str) -> Result<Self, InvalidRealm> {
        self.challenge = realm::challenge("Cookie", text, "")?;
        Ok(self)
    }

    fn with_new_keys(mut self) -> Self {
        self.keys = keys(&self.ring, &self.application, &self.cookie);
        self
    }
}

fn keys(ring: &KeyRing, application: &str, cookie: &CookieConfig) -> AeadKeys {
    AeadKeys::new(ring.clone(), Purpose::new(VERSION, "encrypted-cookie", application, cookie.name()))
}
