//! Keeps identities in signed cookies: [`TicketCookie`].

mod combine_tickets;
mod find_ticket;
mod legacy_import;
mod policy;
mod renewal_schedule;
mod ticket_data;

use std::time::Duration;

use http::HeaderValue;

pub use ticket_data::TicketData;

use super::{
    client_address::ClientAddress,
    cookie::{CookieConfig, CookieConfigError, CookieConfigErrorKind, SameSite},
    realm,
};
use crate::{
    KeyRing,
    keys::{IntoKeyRing, credential_lifetime},
    ticket::{TicketScope, TicketSealer, legacy::LegacyTickets},
};
use legacy_import::Import;
use renewal_schedule::{Renewal, RenewalSchedule};

/// Stores the identity in a signed cookie, without storage on the server.
///
/// | option | default |
/// |---|---|
/// | cookie | `__Host-auth`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` |
/// | lifetime | 8 hours |
/// | renewal | when half of the lifetime is over |
/// | absolute timeout | 7 days |
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
/// Without a key of the ring a ticket cannot be forged or changed. It is not valid for another application,
/// under another cookie name, or after its expiry.
///
/// A request has an identity if
///
/// 1. it has one to four cookies of this name,
/// 2. one of them is a valid ticket, signed by a key of the ring for this application and cookie,
/// 3. no other one is a valid ticket of another identity; such a request is rejected.
///
/// A request with more than four cookies of this name is anonymous. A log-out removes the configured cookie,
/// with and without the domain, for its path and for `/`. With a denylist it also revokes every valid ticket
/// among up to 64 cookies. If valid tickets may still be left in the browser, it fails with 401.
///
/// A renewal that is later than a log-out, or than another log-in of the same browser, is not sent: each
/// instance remembers for five minutes which log-ins its responses have ended. With several instances and no
/// shared denylist, a slow request on one instance can undo a log-out on another, if a renewal was due. A
/// shared denylist makes such a ticket invalid.
///
/// A ticket is readable in the cookie. A stolen one is valid until it expires, even after a log-out, unless
/// the layer has a denylist (session hijacking). The denylist identifies it by its user and the second of the
/// log-in, so the tickets of one log-in are revoked together. Other instances need the same ring and
/// synchronized clocks.
#[derive(Debug)]
#[must_use]
pub struct TicketCookie {
    ring: KeyRing,
    application: String,
    cookie: CookieConfig,
    sealer: TicketSealer,
    schedule: RenewalSchedule,
    address: Option<ClientAddress>,
    import: Option<Import>,
    challenge: HeaderValue,
}

impl TicketCookie {
    /// Creates a policy that signs with the keys of this ring.
    pub fn new(ring: impl IntoKeyRing) -> Self {
        let ring = ring.into_key_ring();
        let cookie = CookieConfig::new();
        Self {
            sealer: sealer(&ring, "", &cookie),
            schedule: RenewalSchedule::within(credential_lifetime(&ring)),
            ring,
            application: String::new(),
            cookie,
            address: None,
            import: None,
            challenge: realm::of_cookies(),
        }
    }

    /// Sets the name of the application or tenant: applications with different names do not accept each
    /// other's tickets, even with the same keys. The default is empty.
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self.with_new_sealer()
    }

    /// Sets the whole cookie configuration. The default is [`CookieConfig::new`].
    pub fn with_cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self.with_new_sealer()
    }

    crate::cookie_options!("__Host-auth", with_new_sealer);

    /// Sets the lifetime of a ticket, in whole seconds. The default is 8 hours. It is limited to 400 days,
    /// the maximum of browsers, and to the credential lifetime of the ring's [rotation](KeyRing::rotation).
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.schedule.lifetime = lifetime;
        self
    }

    /// Renews tickets of this age or more. The default is half the lifetime.
    ///
    /// With zero each response renews; with at least the lifetime, none does.
    pub const fn with_renewal_after(mut self, age: Duration) -> Self {
        self.schedule.renewal = Renewal::After(age);
        self
    }

    /// Disables renewal: tickets expire one lifetime after the log-in.
    pub const fn without_renewal(mut self) -> Self {
        self.schedule.renewal = Renewal::Never;
        self
    }

    /// Sets the absolute timeout, after which a user has to log in again. The default is 7 days.
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.schedule.absolute = lifetime;
        self
    }

    /// Sets the maximum clock skew of other instances. The default is 60 seconds.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.schedule.skew = skew;
        self
    }

    /// Binds tickets to the client's address. The default is not to.
    ///
    /// If the address is unknown, the request is anonymous and a log-in fails.
    pub fn with_client_address(mut self, address: ClientAddress) -> Self {
        self.address = Some(address);
        self
    }

    /// Also accepts tickets of the older `ticket_auth` format, and replaces them.
    ///
    /// The old cookie is removed at a replacement, a log-in and a log-out: with its domain and without, for
    /// its path and for `/`. Set both as the old application did; otherwise the browser keeps the cookie and
    /// the user is logged in again: [`with_cookie_domain`](LegacyTickets::with_cookie_domain),
    /// [`with_cookie_path`](LegacyTickets::with_cookie_path).
    ///
    /// # Errors
    ///
    /// Fails if name, domain or path of their cookie are not valid.
    ///
    /// # Security
    ///
    /// These tickets are only as secure as the old application's secret. Remove this when the last of them
    /// has expired. A denylist identifies an old ticket and its replacement by the same id, so a log-out
    /// revokes both.
    pub fn with_legacy_tickets(mut self, tickets: LegacyTickets) -> Result<Self, CookieConfigError> {
        self.import = Some(Import::new(tickets)?);
        Ok(self)
    }

    /// Sets the realm of the challenge `Cookie realm="…"`. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
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
