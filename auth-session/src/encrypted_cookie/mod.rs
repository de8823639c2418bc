//! Keeps sessions in encrypted cookies: [`EncryptedCookie`].

mod cookie_content;
mod encrypted_session;
mod find_session;
mod policy;
mod timeouts;

use std::{collections::BTreeSet, time::Duration};

use http::HeaderValue;

use auth_identity::__private::{AeadKeys, Purpose, cookie_options, credential_lifetime, realm};
pub use encrypted_session::EncryptedSession;

use auth_identity::identity::{
    InvalidRealm,
    cookie::{CookieConfig, CookieConfigError, SameSite},
};
use auth_identity::{KeyRing, keys::IntoKeyRing};
use timeouts::Timeouts;

/// The version of the format; others are rejected.
const VERSION: u8 = 1;

/// Stores the identity and the session's data in an encrypted cookie, without storage on the server.
///
/// | option | default |
/// |---|---|
/// | cookie | `__Host-session`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` |
/// | idle timeout | 8 hours |
/// | absolute timeout | 7 days |
/// | write-back: age of the cookie at which a request renews it | a tenth of the idle timeout |
/// | keys of anonymous data that survive a log-in | none |
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
/// A user's data are dropped at each log-in, of any user, and at a log-out. Anonymous data are dropped too,
/// except for the carried keys. Name, value and data must fit into 4,096 bytes, which leaves about 2,800
/// bytes for data; otherwise the change fails and the old data are kept. Of two concurrent changes the later
/// response wins.
///
/// # Concurrent responses
///
/// The cookie holds all data, so a response could overwrite a newer one. Each instance therefore remembers
/// for five minutes which sessions its responses have ended, and which revision of each they wrote last:
///
/// - A read-only request renews the session with the data that it read, only while these are the newest.
///   After a write of another request it sets no cookie, and the next request renews the session.
/// - A write or rotation of a session that was ended meanwhile, by a log-out or another log-in, fails with
///   401. If it was made before the end but its response is later, its cookie is not sent.
///
/// This does not cover requests to different instances, responses that overtake each other on the network,
/// and a first write without a cookie concurrent with a log-in. If that matters, route a client to one
/// instance or use sessions in a store. The time of the last use has no separate cookie, because that one
/// would have to be set as often, and because a renewal also re-encrypts the data with the present key.
///
/// # Security
///
/// XChaCha20-Poly1305 with subkeys for this purpose, application and cookie name, a random nonce of 192 bits
/// per cookie, and as associated data the same scope, the format version and the key's id. Without a key of
/// the ring a cookie cannot be read, changed, forged, or used elsewhere. Its length is padded to 32 bytes, so
/// it reveals the approximate size of the data.
///
/// Timeouts are enforced by the encrypted times, regardless of the browser. A cookie that cannot be decrypted
/// or has expired is not a session, and the request is anonymous.
///
/// A request with more than four cookies of this name is anonymous; a log-out ends them like that of a
/// [`TicketCookie`](auth_identity::TicketCookie).
///
/// Replay: a copy of an *earlier* cookie is valid until it expires, even after a log-out without a denylist,
/// and restores its data. Store data that must not be restored (a used voucher, a balance, a revoked
/// permission) in a database. Each session has an [id](auth_identity::identity::CredentialId) that only log-ins and rotations
/// change, and a [revision](EncryptedSession::revision) that grows with each change, so a server can detect a
/// replay.
#[derive(Debug)]
#[must_use]
pub struct EncryptedCookie {
    ring: KeyRing,
    application: String,
    cookie: CookieConfig,
    keys: AeadKeys,
    limits: Timeouts,
    carried: BTreeSet<String>,
    challenge: HeaderValue,
}

impl EncryptedCookie {
    /// Creates a policy that encrypts with the keys of this ring.
    pub fn new(ring: impl IntoKeyRing) -> Self {
        let ring = ring.into_key_ring();
        // The name is valid, so the default is never used.
        let cookie = CookieConfig::new().with_name("__Host-session").unwrap_or_default();
        Self {
            keys: keys(&ring, "", &cookie),
            limits: Timeouts::within(credential_lifetime(&ring)),
            ring,
            application: String::new(),
            cookie,
            carried: BTreeSet::new(),
            challenge: realm::of_cookies(),
        }
    }

    /// Sets the name of the application or tenant: applications with different names do not accept each
    /// other's cookies, even with the same keys. The default is empty.
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self.with_new_keys()
    }

    /// Sets the whole cookie configuration. The default is [`CookieConfig::new`] with the name
    /// `__Host-session`.
    pub fn with_cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self.with_new_keys()
    }

    cookie_options!("__Host-session", with_new_keys);

    /// Sets the idle timeout, in whole seconds. The default is 8 hours. It is limited to 400 days, the
    /// maximum of browsers, and to the credential lifetime of the ring's [rotation](auth_identity::keys::Rotation). A
    /// shorter timeout applies to existing cookies too.
    pub const fn with_idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// Sets the absolute timeout, after which a user has to log in again. The default is 7 days.
    ///
    /// For anonymous data it counts from when the first were stored.
    pub const fn with_absolute_limit(mut self, limit: Duration) -> Self {
        self.limits.absolute = limit;
        self
    }

    /// Sets the age of the cookie at which a request renews it. The default is a tenth of the idle timeout.
    ///
    /// A session may therefore end this much earlier than its idle timeout after its last request.
    pub const fn with_write_back_after(mut self, age: Duration) -> Self {
        self.limits.write_back = Some(age);
        self
    }

    /// Sets the maximum clock skew of other instances. The default is 60 seconds.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.limits.skew = skew;
        self
    }

    /// Sets the keys of anonymous data that survive a log-in, such as a shopping cart. The default is none.
    ///
    /// # Security
    ///
    /// An attacker may have set the data in this browser, or planted the cookie (session fixation).
    pub fn with_carried_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.carried = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the realm of the challenge `Cookie realm="…"`. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
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
