//! Identities in signed cookies.

mod data;
mod found;
mod import;
mod lookup;
mod policy;
mod schedule;

use std::time::Duration;

use http::HeaderValue;

pub use data::TicketData;

use super::{
    client_address::ClientAddress,
    cookie::{CookieConfig, CookieConfigError, CookieConfigErrorKind, SameSite, cookie_options},
    realm,
};
use crate::{
    KeyRing,
    keys::credential_lifetime,
    ticket::{TicketScope, TicketSealer, legacy::LegacyTickets},
};
use import::Import;
use schedule::{Renewal, Schedule};

/// Keeps the identity in a cookie that the server has signed; nothing is stored on the server.
///
/// | option | default |
/// |---|---|
/// | cookie | `__Host-auth`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` |
/// | lifetime | 8 hours |
/// | renewal | when half of the lifetime is over |
/// | absolute lifetime, which no renewal extends | 7 days |
/// | binding to the client's address | none |
///
/// # Example
///
/// ```
/// use auth_runtime::{KeyRing, TicketCookie};
/// use std::time::Duration;
///
/// let policy = TicketCookie::new(KeyRing::random())
///     .with_application("shop")
///     .with_lifetime(Duration::from_secs(3600))
///     .with_renewal_after(Duration::from_secs(600));
/// # let _ = policy;
/// ```
///
/// # Security
///
/// What is protected: nobody without a key of the ring can make or change a ticket, and a ticket is worth nothing
/// for another application, under another cookie name, or after its time.
///
/// A request has an identity if
///
/// 1. it carries one to four cookies of this name,
/// 2. one of them is a ticket, signed by a key of the ring for this application and cookie, and valid now,
/// 3. no other one is a valid ticket for another identity; such a request is refused.
///
/// A request with more than four cookies of this name is anonymous. A log-out removes the cookie as it is configured, with
/// and without the domain, for the path and for `/`. With a list of revocations it also revokes every valid ticket among
/// up to 64 cookies. Where valid tickets may be left in the browser all the same, it fails with 401.
///
/// A renewal that is ready after a log-out, or after another log-in of the same browser, is not sent: each instance
/// remembers for five minutes what its responses have ended. What this does not protect against: with several instances
/// and no list of revocations, a slow request on one of them undoes a log-out on another, where a renewal was due. A list
/// of revocations that the instances share makes such a ticket worthless.
///
/// A ticket can be read by everyone who has the cookie; a stolen one serves until it expires, also after a log-out, unless
/// the layer has a list of revocations. There it is named by its user and the second of the log-in, so the tickets of one
/// log-in are revoked together. Other instances must have the same ring and nearly the same time.
#[derive(Debug)]
#[must_use]
pub struct TicketCookie {
    ring: KeyRing,
    application: String,
    cookie: CookieConfig,
    sealer: TicketSealer,
    schedule: Schedule,
    address: Option<ClientAddress>,
    import: Option<Import>,
    challenge: HeaderValue,
}

impl TicketCookie {
    /// Makes a policy that signs with the keys of this ring.
    pub fn new(ring: KeyRing) -> Self {
        let cookie = CookieConfig::new();
        Self {
            sealer: sealer(&ring, "", &cookie),
            schedule: Schedule::within(credential_lifetime(&ring)),
            ring,
            application: String::new(),
            cookie,
            address: None,
            import: None,
            challenge: realm::of_cookies(),
        }
    }

    /// Names the application, or one of its tenants: applications of different names do not take each other's
    /// tickets, even with the same keys. The default is the empty name.
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self.with_new_sealer()
    }

    /// Sets everything about the cookie at once. The default is [`CookieConfig::new`].
    pub fn with_cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self.with_new_sealer()
    }

    cookie_options!("__Host-auth", with_new_sealer);

    /// Sets for how long a ticket is valid, in whole seconds. The default is 8 hours; more than 400 days, the
    /// longest that browsers keep a cookie, counts as 400 days, and more than the credential lifetime of the ring's
    /// [rotation](KeyRing::rotation) as that.
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.schedule.lifetime = lifetime;
        self
    }

    /// Renews tickets of this age or more. The default is half the lifetime.
    ///
    /// With zero each response renews; when the age is not less than the ticket's lifetime, none does.
    pub const fn with_renewal_after(mut self, age: Duration) -> Self {
        self.schedule.renewal = Renewal::After(age);
        self
    }

    /// Renews no tickets: they expire one lifetime after the log-in.
    pub const fn without_renewal(mut self) -> Self {
        self.schedule.renewal = Renewal::Never;
        self
    }

    /// Sets after what time a user has to log in again, however often the ticket was renewed. The default is 7 days.
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.schedule.absolute = lifetime;
        self
    }

    /// Sets how far ahead the clocks of other machines may be. The default is 60 seconds.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.schedule.skew = skew;
        self
    }

    /// Binds tickets to the client's address. The default is not to.
    ///
    /// Where the address is not known, nobody is found and remembering fails.
    pub fn with_client_address(mut self, address: ClientAddress) -> Self {
        self.address = Some(address);
        self
    }

    /// Accepts tickets of the older `ticket_auth` format, too, and replaces them.
    ///
    /// The old cookie is removed at a replacement, a log-in and a log-out: with its domain and without, for its path and
    /// for `/`. Set both as the old application did, or the browser keeps the cookie and the user is back:
    /// [`with_cookie_domain`](LegacyTickets::with_cookie_domain), [`with_cookie_path`](LegacyTickets::with_cookie_path).
    ///
    /// # Errors
    ///
    /// Fails when name, domain or path of their cookie are not those of a cookie.
    ///
    /// # Security
    ///
    /// These tickets are as strong as the old application's secret. Switch this off when the last of them has expired.
    /// A list of revocations knows an old ticket and the one in its place by the same name, so a log-out revokes both.
    pub fn with_legacy_tickets(mut self, tickets: LegacyTickets) -> Result<Self, CookieConfigError> {
        self.import = Some(Import::new(tickets)?);
        Ok(self)
    }

    /// Sets the realm of the challenge `Cookie realm="…"`. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails when it holds anything but visible ASCII and spaces.
    pub fn with_realm(mut self, text: &str) -> Result<Self, CookieConfigError> {
        self.challenge = realm::challenge("Cookie", text, "")
            .map_err(|_| CookieConfigError::new(CookieConfigErrorKind::Realm))?;
        Ok(self)
    }

    fn with_new_sealer(mut self) -> Self {
        self.sealer = sealer(&self.ring, &self.application, &self.cookie);
        self
    }
}

fn sealer(ring: &KeyRing, application: &str, cookie: &CookieConfig) -> TicketSealer {
    TicketSealer::new(ring.clone(), &TicketScope { purpose: "identity", application, name: cookie.name() })
}
