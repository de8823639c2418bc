//! Throttles log-ins, credentials and routes, against brute force and credential stuffing: [`Throttle`].
//!
//! | what | counted by | default limit |
//! |---|---|---|
//! | attempts to log in to one account from one client | account and client | five, then a pause of a second that doubles up to 15 minutes |
//! | attempts from a [known device](Throttle::with_known_devices) | account and device | the same, and no other limit |
//! | failed attempts of one client, for all accounts | client | 30 at once, then one every 20 seconds |
//! | failed attempts for one account from unknown devices | account | [none](Throttle::with_account_limit) |
//! | requests to a route with a limit of its own | route, and user or client | as the guard says |
//!
//! An attempt that is over a limit gets 429 with `Retry-After`. It is not counted, so a client that waits for so
//! long may try again.
//!
//! # Where it applies
//!
//! 1. Log-in handlers of the application: `Auth::begin_log_in`, before the password is verified.
//! 2. [`Basic::with_throttle`](crate::Basic::with_throttle) and [`ApiKey::with_throttle`](crate::ApiKey::with_throttle):
//!    before the credential is verified. Only failures count, so valid credentials use up no limit. No more credentials
//!    are verified at the same time than attempts are left; others wait for their turn.
//! 3. Guards with a limit, such as `#[auth_required(limit = "30/1m")]`: after the credential was verified, before
//!    a resource is loaded.
//!
//! # Locking out others
//!
//! A lock-out of an account is a denial of service in the hands of an attacker who knows its name (OWASP
//! Authentication Cheat Sheet). Here an attacker's failures count for the attacker's own client. With
//! [known devices](Throttle::with_known_devices), a user whose browser has logged in before gets in even if an
//! attacker has the same address.
//!
//! # Number of counters
//!
//! A client that names many accounts makes no more than [16 counters](Counter::MAX_OF_ONE_OWNER): one with few failures
//! gives way, and none whose pause is not over. The limit of an account has 65,536 counters for all names. So neither can
//! be filled or reset by attempts for many accounts.
//!
//! # Clients
//!
//! A client is the peer address of the connection: the address of IPv4, and the first 64 bits of IPv6. Behind proxies
//! it is that of the header that these proxies write, if [they are named](Throttle::with_client_address). No
//! header is read otherwise, since clients can write it, too.

mod authentication_attempt;
mod bounded_failure_series;
mod count_request;
mod known_device;
mod limit;
mod limit_parallel_attempts;
mod memory_counter;
mod memory_throttle;
mod probe_alarm;
#[cfg(feature = "redis")]
mod redis_throttle;
mod throttle_store;

use std::{fmt, sync::Arc, time::Duration};

pub use authentication_attempt::Attempt;
pub use limit::Limit;
pub use memory_throttle::MemoryThrottle;
#[cfg(feature = "redis")]
pub use redis_throttle::RedisThrottle;
pub use throttle_store::{Counter, Standing, ThrottleKey, ThrottleStore};

use crate::{
    KeyRing,
    identity::{Incoming, client_address::ClientAddress, cookie::CookieConfig},
    ticket::BoundAddress,
};
use known_device::KnownDevices;
use limit_parallel_attempts::Gate;

#[cfg(not(feature = "redis"))]
crate::names_of_feature!(FeatureRedis: RedisThrottle);

/// The bits of an IPv6 address that count: one subscriber usually has 2^64 addresses.
const V6_PREFIX: u8 = 64;

/// The limits of attempts, and where they are counted.
///
/// Clones share the counters, so a form and [`Basic`](crate::Basic) can count together.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError, AuthLayer, KeyRing, TicketCookie, throttle::{MemoryThrottle, Throttle}};
/// use axum::{Form, response::Redirect};
///
/// #[derive(serde::Deserialize)]
/// struct Login {
///     name: String,
///     password: String,
/// }
/// # async fn is_right(_: &Login) -> bool { true }
///
/// async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
///     let attempt = auth.begin_log_in(&form.name).await?; // 429 if there were too many
///     if !is_right(&form).await {
///         return Err(AuthError::unauthenticated()); // the attempt stays counted
///     }
///     attempt.succeed().await?;
///     auth.remember(&form.name).await?;
///     Ok(Redirect::to("/"))
/// }
///
/// let keys = KeyRing::random();
/// let throttle = Throttle::new(MemoryThrottle::new()).with_known_devices(keys.clone());
/// let auth = AuthLayer::new(TicketCookie::new(keys)).with_throttle(throttle);
/// # let _ = (auth, login);
/// ```
///
/// # Security
///
/// The server has to pass on peer addresses (`into_make_service_with_connect_info` of axum). Without them every
/// attempt gets 500, and the log says why: all clients would otherwise share one limit. If the store is unavailable,
/// attempts get 503 (fail closed).
///
/// Behind proxies that are not [named](Self::with_client_address), all clients have the address of a proxy and share
/// its limits.
///
/// Accounts that do not exist are counted like others (user enumeration). Names that differ in case, or in white space
/// at their ends, are counted together, and a success with one of them ends the series of failures of all. If two
/// accounts may have such names, call [`with_exact_names`](Self::with_exact_names), or pass the account's id in place of
/// the name: the owner of one could otherwise guess the password of the other, with no limit but that of the client. A
/// known device is known to the exact name.
#[derive(Clone)]
#[must_use]
pub struct Throttle {
    store: Arc<dyn ThrottleStore>,
    address: ClientAddress,
    attempts: Limit,
    client: Limit,
    account: Option<Limit>,
    /// The number of guards and the time of the alarm
    alarm: Option<(u32, Duration)>,
    devices: Option<Arc<KnownDevices>>,
    compares_exactly: bool,
    /// The verifications under way
    gate: Arc<Gate>,
}

impl Throttle {
    /// Counts in this store, with the default limits.
    pub fn new(store: impl ThrottleStore) -> Self {
        Self {
            store: Arc::new(store),
            address: ClientAddress::peer().with_prefixes(32, V6_PREFIX),
            attempts: Limit::delays(5, Duration::from_secs(1), Duration::from_mins(15)),
            client: Limit::rate(30, Duration::from_mins(10)),
            account: None,
            alarm: None,
            devices: None,
            compares_exactly: false,
            gate: Arc::default(),
        }
    }

    /// Sets how a client's address is found. The default is the peer address of the connection.
    ///
    /// Of an IPv6 address at most the first 64 bits count. If a proxy sends no usable header, the address of the proxy
    /// counts.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{identity::client_address::ClientAddress, throttle::{MemoryThrottle, Throttle}};
    ///
    /// let throttle = Throttle::new(MemoryThrottle::new())
    ///     .with_client_address(ClientAddress::behind(["10.0.0.0/8"])?);
    /// # let _ = throttle;
    /// # Ok::<(), auth_runtime::identity::client_address::InvalidProxies>(())
    /// ```
    pub fn with_client_address(mut self, address: ClientAddress) -> Self {
        self.address = address.with_prefixes_up_to(32, V6_PREFIX);
        self
    }

    /// Sets the limit of attempts for one account from one client, or from one known device.
    ///
    /// The default is `Limit::delays(5, 1 second, 15 minutes)`.
    pub const fn with_attempt_limit(mut self, limit: Limit) -> Self {
        self.attempts = limit;
        self
    }

    /// Sets the limit of failed attempts of one client. The default is `Limit::rate(30, 10 minutes)`.
    ///
    /// # Panics
    ///
    /// Panics if the limit is one of [delays](Limit::delays): a client that logs in to its own account would end it.
    #[track_caller]
    pub const fn with_client_limit(mut self, limit: Limit) -> Self {
        assert!(limit.as_rate().is_some(), "the limit of a client is a rate; write `Limit::rate(…)`");
        self.client = limit;
        self
    }

    /// Limits the failed attempts for one account from all unknown devices together. By default there is no such
    /// limit.
    ///
    /// It slows down an attacker with many addresses who guesses the password of one account.
    ///
    /// # Security
    ///
    /// An attacker can use up this limit on purpose. The user then gets 429 on a device that is not known, and is
    /// unaffected on a [known one](Self::with_known_devices). There are 65,536 such counters for
    /// all names, so accounts may share one: choose a limit that some users together do not reach by mistake.
    ///
    /// # Panics
    ///
    /// Panics if the limit is one of [delays](Limit::delays): a log-in of the user would end it.
    #[track_caller]
    pub const fn with_account_limit(mut self, limit: Limit) -> Self {
        assert!(limit.as_rate().is_some(), "the limit of an account is a rate; write `Limit::rate(…)`");
        self.account = Some(limit);
        self
    }

    /// Logs `denied probes` at WARN if one user, or one client without a user, is denied by so many different guards
    /// within about so much time: someone may be looking for what they can reach. By default there is no such
    /// alarm.
    ///
    /// It is logged once within that time. A request that is denied by a guard again does not count again. Limits
    /// do not count.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::throttle::{MemoryThrottle, Throttle};
    /// use std::time::Duration;
    ///
    /// let throttle = Throttle::new(MemoryThrottle::new()).with_probe_alarm(10, Duration::from_secs(600));
    /// # let _ = throttle;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is fewer than two guards, and as [`Limit::rate`] does.
    #[track_caller]
    pub const fn with_probe_alarm(mut self, guards: u32, window: Duration) -> Self {
        assert!(guards > 1, "an alarm needs two guards or more");
        let _ = Limit::rate(guards, window);
        self.alarm = Some((guards, window));
        self
    }

    /// Counts names that differ in case, or in white space at their ends, as different accounts. By default they are
    /// counted together.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Basic, BoxError, identity::Password, throttle::{MemoryThrottle, Throttle}};
    ///
    /// // `alice` and `Alice` are two users.
    /// let policy = Basic::new(|_: String, _: Password| async { Ok::<_, BoxError>(None) })
    ///     .with_throttle(Throttle::new(MemoryThrottle::new()).with_exact_names());
    /// # let _ = policy;
    /// ```
    ///
    /// # Security
    ///
    /// It is for applications that compare names byte by byte. Where `Alice` and `alice` log in to one account, each
    /// spelling would have attempts of its own.
    pub const fn with_exact_names(mut self) -> Self {
        self.compares_exactly = true;
        self
    }

    /// Recognizes devices on which the user has logged in before, by a signed cookie that
    /// `Auth::begin_log_in` sets after a success. By default no device is recognized.
    ///
    /// The cookie is `__Host-device`, is valid for 90 days, and is for the last account that logged in on the
    /// device. It is not a credential: it only has limits of its own.
    ///
    /// # Security
    ///
    /// A device is counted by itself: failures elsewhere do not lock it out, and a stolen cookie allows no more
    /// attempts than another client has.
    pub fn with_known_devices(self, keys: KeyRing) -> Self {
        self.with_device_cookie(keys, known_device::cookie())
    }

    /// Recognizes devices by a cookie with these settings; see [`with_known_devices`](Self::with_known_devices).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{KeyRing, identity::cookie::CookieConfig, throttle::{MemoryThrottle, Throttle}};
    ///
    /// // For development over http on this host.
    /// let cookie = CookieConfig::new().with_name("device")?.with_insecure_http_on_loopback()?;
    /// let throttle = Throttle::new(MemoryThrottle::new()).with_device_cookie(KeyRing::random(), cookie);
    /// # let _ = throttle;
    /// # Ok::<(), auth_runtime::identity::cookie::CookieConfigError>(())
    /// ```
    pub fn with_device_cookie(mut self, keys: KeyRing, cookie: CookieConfig) -> Self {
        self.devices = Some(Arc::new(KnownDevices::new(keys, cookie)));
        self
    }

    /// Returns the client of a request; `None` if the server does not pass on peer addresses.
    fn client_of(&self, request: &Incoming<'_>) -> Option<BoundAddress> {
        let of_peer = || Some(BoundAddress::new(request.peer()?.ip(), 32, V6_PREFIX));
        self.address.bound(request).or_else(of_peer)
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("address", &self.address)
            .field("attempts", &self.attempts)
            .field("client", &self.client)
            .field("account", &self.account)
            .field("knows_devices", &self.devices.is_some())
            .finish_non_exhaustive()
    }
}
