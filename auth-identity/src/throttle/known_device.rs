//! Recognizes by a device cookie a browser in which an account has logged in before (OWASP, "Slow Down Online
//! Guessing Attacks with Device Cookies").

use std::{fmt::Write as _, time::Duration};

use crate::{
    KeyRing,
    clock::UnixTime,
    identity::{
        Effects, Identity, IdentityError, Incoming,
        cookie::{CookieConfig, CookieValues, MAX_CANDIDATES, insecure_on_loopback},
    },
    keys::credential_lifetime,
    ticket::{Ticket, TicketScope, TicketSealer},
};

/// How long a device is known after a log-in.
const LIFETIME: Duration = Duration::from_hours(90 * 24);
/// The accepted clock skew between two instances.
const SKEW: Duration = Duration::from_mins(1);

/// Signs and reads the cookies of known devices.
#[derive(Debug)]
pub(super) struct KnownDevices {
    sealer: TicketSealer,
    cookie: CookieConfig,
    lifetime: Duration,
}

/// Returns the default cookie.
pub(super) fn cookie() -> CookieConfig {
    let cookie = CookieConfig::new().with_name("__Host-device");
    cookie.unwrap_or_default()
}

impl KnownDevices {
    pub(super) fn new(keys: KeyRing, cookie: CookieConfig) -> Self {
        let lifetime = credential_lifetime(&keys).map_or(LIFETIME, |lifetime| lifetime.min(LIFETIME));
        let scope = TicketScope { purpose: "known-device", application: "", name: cookie.name() };
        Self { sealer: TicketSealer::new(keys, &scope), cookie, lifetime }
    }

    /// Returns the id of the device, if the account has logged in on it.
    pub(super) fn find(&self, account: &str, request: &Incoming<'_>) -> Option<String> {
        if !self.cookie.is_secure() && insecure_on_loopback::obstacle(request).is_some() {
            return None;
        }
        let values = CookieValues::new(request.headers(), self.cookie.name()).take(MAX_CANDIDATES);
        values.into_iter().find_map(|value| {
            let opened = self.sealer.open_at(request.now(), value.as_bytes(), None).ok()?;
            let ticket = opened.into_ticket();
            ticket.check(request.now(), SKEW, self.lifetime).ok()?;
            (ticket.identity().as_str() == account).then(|| ticket.public_data().to_owned())
        })
    }

    /// Returns the cookie of a device on which the account has logged in. A known device keeps its id.
    pub(super) fn remember(
        &self,
        account: &str,
        device: Option<&str>,
        now: UnixTime,
    ) -> Result<Effects, IdentityError> {
        let device = device.map_or_else(new_id, |device| Ok(device.to_owned()))?;
        let account = Identity::from_stored(account).map_err(IdentityError::unavailable)?;
        let ticket = Ticket::new(account, now, now.plus(self.lifetime)).with_public_data(device);
        let text = self.sealer.seal_at(now, &ticket, None).map_err(IdentityError::unavailable)?;
        self.cookie.set(&text, Some(self.lifetime))
    }
}

fn new_id() -> Result<String, IdentityError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| IdentityError::unavailable("the system gives no randomness"))?;
    let mut id = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id)
}
