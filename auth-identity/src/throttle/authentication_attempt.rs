//! Counts one attempt to authenticate, until it succeeds or fails: [`Attempt`].

use std::fmt;

use super::{Counter, Standing, Throttle, ThrottleKey, limit_parallel_attempts::Permit};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::{Effects, IdentityError, Incoming},
};

/// Names that are longer are cut; further characters make no other account.
const MAX_NAME: usize = 256;

pub(super) const NO_PEER: &str = "the client's address is not known, and attempts are limited by it; serve with \
    `into_make_service_with_connect_info::<SocketAddr>()`";

/// An attempt to authenticate that is within the limits.
#[must_use = "an attempt stays counted as a failure unless it succeeds"]
pub struct Attempt {
    throttle: Throttle,
    /// With an account, the first is that of the account and the client, or of the account and the device
    counters: Vec<Counter>,
    /// The account, as a hash of its exact name
    account: Option<String>,
    device: Option<String>,
    /// While a credential is verified
    permits: Vec<Permit>,
}

impl Throttle {
    /// Counts an attempt to log in, before the credential is verified. It stays counted unless it
    /// [succeeds](Attempt::succeed).
    ///
    /// # Errors
    ///
    /// Fails with [`Throttled`](crate::AuthErrorKind::Throttled) if there were too many attempts, with
    /// [`Misconfigured`](crate::AuthErrorKind::Misconfigured) if the client's address is not known, and with
    /// [`Unavailable`](crate::AuthErrorKind::Unavailable) if the store is.
    pub async fn begin(&self, account: &str, request: &Incoming<'_>) -> Result<Attempt, IdentityError> {
        let attempt = self.attempt(Some(account), request)?;
        let standing = self.store.take(&attempt.counters, request.now()).await.map_err(unavailable)?;
        within_limits("log-in", standing).map(|()| attempt)
    }

    /// Looks whether an attempt with a credential that every request carries is within the limits, and counts
    /// nothing: requests at the same time with a valid credential must not use up its limit. Without an account, only the
    /// client has a limit.
    ///
    /// Waits while as many credentials are verified as attempts are left.
    pub(crate) async fn admit(
        &self,
        account: Option<&str>,
        request: &Incoming<'_>,
    ) -> Result<Attempt, IdentityError> {
        let mut attempt = self.attempt(account, request)?;
        let mut permits = Vec::with_capacity(attempt.counters.len());
        // In this order: one that waits for its account must not keep others of its client waiting.
        for counter in &attempt.counters {
            permits.push(self.gate.enter(&*self.store, counter, request.now()).await?);
        }
        attempt.permits = permits;
        Ok(attempt)
    }

    fn attempt(&self, account: Option<&str>, request: &Incoming<'_>) -> Result<Attempt, IdentityError> {
        let client = self.client_of(request).ok_or(IdentityError::misconfigured(NO_PEER))?;
        // A device is known to the exact name: another account may have one that differs only in case.
        let exact = account.map(hash);
        let device = exact.as_ref().and_then(|exact| self.devices.as_ref()?.find(exact, request));
        let account = if self.compares_exactly { exact.clone() } else { account.map(folded_hash) };
        let counter = |parts: &[&[u8]], limit| Counter::new(ThrottleKey::new(parts), limit);
        let owner = |what: &[u8], of: &[u8]| ThrottleKey::new(&[b"series of", what, of]);
        let mut series = None;
        let mut others = Vec::with_capacity(2);
        match (&account, &device) {
            (Some(account), Some(device)) => {
                let parts: [&[u8]; 3] = [b"device", account.as_bytes(), device.as_bytes()];
                // An account has as many devices as it has log-ins.
                series = Some(counter(&parts, self.attempts).of_owner(owner(b"devices", account.as_bytes())));
            }
            (account, _) => {
                if let Some(account) = account {
                    let parts: [&[u8]; 3] = [b"pair", account.as_bytes(), client.as_bytes()];
                    series =
                        Some(counter(&parts, self.attempts).of_owner(owner(b"client", client.as_bytes())));
                }
                others.push(counter(&[b"client", client.as_bytes()], self.client));
                if let (Some(account), Some(limit)) = (account, self.account) {
                    others.push(counter(&[b"account", cell(account).as_bytes()], limit));
                }
            }
        }
        let counters = series.into_iter().chain(others).collect();
        Ok(Attempt { throttle: self.clone(), counters, account: exact, device, permits: Vec::new() })
    }
}

/// Returns the hash of an account's name for counting: names that differ in case are counted together.
fn folded_hash(name: &str) -> String {
    hash(&name.trim().chars().flat_map(char::to_lowercase).take(MAX_NAME).collect::<String>())
}

/// Returns which of the 65,536 counters of accounts is that of an account: clients name as many as they like.
fn cell(account: &str) -> &str {
    account.get(..4).unwrap_or(account)
}

fn hash(name: &str) -> String {
    ThrottleKey::new(&[b"name", name.as_bytes()]).to_string()
}

pub(super) fn unavailable(error: BoxError) -> IdentityError {
    IdentityError::unavailable(error)
}

pub(super) fn within_limits(what: &'static str, standing: Standing) -> Result<(), IdentityError> {
    if standing.wait().is_zero() {
        return Ok(());
    }
    events::throttled(what, standing.wait());
    Err(IdentityError::throttled(standing.wait()))
}

impl Attempt {
    /// Records a success: the series of failures of this account and client ends, and the attempt does not count for the
    /// client. Returns the cookie of the device, if devices are [recognized](Throttle::with_known_devices).
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable. The attempt then stays counted.
    pub async fn succeed(self, now: UnixTime) -> Result<Effects, IdentityError> {
        self.throttle.store.succeed(&self.counters, now).await.map_err(unavailable)?;
        match (&self.throttle.devices, &self.account) {
            (Some(devices), Some(account)) => devices.remember(account, self.device.as_deref(), now),
            _ => Ok(Effects::none()),
        }
    }

    /// Counts a failure of an attempt that was only looked at.
    ///
    /// It fails if others have used up the limit meanwhile: the response then does not show whether this guess was
    /// wrong.
    pub(crate) async fn failed(&self, now: UnixTime) -> Result<(), IdentityError> {
        let standing = self.throttle.store.take(&self.counters, now).await.map_err(unavailable)?;
        within_limits("credential", standing)
    }

    /// Records a success of an attempt that was only looked at.
    ///
    /// It fails if others have failed meanwhile and used up the limit: of many guesses at the same time, no more get an
    /// answer than one after another.
    pub(crate) async fn succeeded(&self, now: UnixTime) -> Result<(), IdentityError> {
        let store = &self.throttle.store;
        let standing = store.look(&self.counters, now).await.map_err(unavailable)?;
        within_limits("credential", standing)?;
        if standing.is_used() && self.account.is_some() {
            // Nothing was taken from the other counters, so nothing is given back.
            let series = self.counters.get(..1).unwrap_or_default();
            store.succeed(series, now).await.map_err(unavailable)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("counters", &self.counters).finish_non_exhaustive()
    }
}
