//! Identities in sessions: the browser has a random value, the server keeps the rest.

mod backend;
mod details;
#[cfg(any(fuzzing, test))]
mod fuzzing;
mod index;
mod lifecycle;
mod limits;
mod loaded;
mod lookup;
mod memory;
mod policy;
#[cfg(feature = "session-postgres")]
mod postgres;
mod record;
#[cfg(feature = "session-redis")]
mod redis;
mod rollback;
mod secret;
mod sessions;
mod signed_session;
#[cfg(any(feature = "session-postgres", feature = "session-sqlite"))]
mod sql;
#[cfg(feature = "session-sqlite")]
mod sqlite;
#[cfg(any(feature = "session-postgres", feature = "session-redis", feature = "session-sqlite"))]
mod tower_sessions_014;

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use tower_sessions_core::SessionStore;

pub use details::SessionDetails;
pub use index::{SessionEntry, SessionIndex};
pub use limits::Excess;
pub use memory::MemorySessions;
pub use sessions::{SessionInfo, Sessions};
pub use signed_session::SessionTicket;

use super::{
    IdentityError, Incoming,
    cookie::{CookieConfig, CookieConfigError, CookieConfigErrorKind, SameSite, cookie_options},
    realm,
};
use backend::Backend;
use details::Circumstances;
use limits::Limits;
use secret::Names;

/// The cookie's name by default.
const COOKIE: &str = "__Host-session";

type Label = Arc<dyn Fn(&Incoming<'_>) -> Option<String> + Send + Sync>;

/// Keeps identities, and data beside them, in a store on the server; the browser has a random value only.
///
/// | option | default |
/// |---|---|
/// | store | memory; SQLite, PostgreSQL, Redis, or any `SessionStore` of `tower-sessions-core` |
/// | cookie | `__Host-session`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` |
/// | idle limit | 30 minutes without a request that asks for the user and is answered with 2xx |
/// | absolute limit | 12 hours |
/// | limit for sessions of nobody, which only keep data | 1 hour |
/// | activity is written back | once a minute, at most |
/// | the store's deadline, for each call | 500 milliseconds, then 503 |
/// | data of one session | 64 KiB |
/// | sessions of one user, where there is an index | 100, then the oldest ends |
/// | keys kept from before a log-in | none |
/// | label in lists of sessions | none |
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, SessionIdentity};
///
/// let policy = SessionIdentity::memory();
/// let sessions = policy.sessions(); // lists sessions and ends them
/// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(policy));
/// # let _ = (sessions, app);
/// ```
///
/// # Panics
///
/// The methods of [`IdentityPolicy`](super::IdentityPolicy) panic on a tokio runtime without timers; axum's has them.
///
/// # Security
///
/// What is protected: the cookie's value has 256 random bits, is made by this server only, and is never stored; what the
/// store has cannot be made into a cookie. Every log-in and every change of rights gives another value and ends the
/// sessions whose cookies the request carried, so a value that somebody planted is worth nothing. A log-out deletes a
/// record that is created once and never written again, so no slower request can bring the session back.
///
/// A request has an identity if
///
/// 1. it carries one to four cookies of this name,
/// 2. one of them names a session of the store that is within both limits,
/// 3. no other one names a session of another user; such a request is refused.
///
/// A store that does not answer in time is 503, also for a log-out, which then removes the browser's cookie all the same.
///
/// What this does not protect against: a stolen cookie serves until its session ends. Who can write to the store can
/// make themselves anybody, unless the sessions are [signed](SessionTicket). Two processes that change the data of one
/// session in the same moment may lose one of the changes, and two that rotate it then may leave it with two values; within
/// one process neither happens.
///
/// Requests with the old cookie that arrive after a rotation or a log-in are anonymous, since a copy of the
/// old value must gain nothing. For one minute that value is recognised: a request that would begin an
/// anonymous session with it fails with 401 instead, so that its cookie does not replace the new one.
#[derive(Clone)]
#[must_use]
pub struct SessionIdentity {
    backend: Backend,
    application: String,
    cookie: CookieConfig,
    limits: Limits,
    carried: Arc<BTreeSet<String>>,
    label: Option<Label>,
    challenge: HeaderValue,
    /// What is known of a request without a cookie, kept so that it costs nothing
    nothing: Arc<Circumstances>,
}

impl SessionIdentity {
    /// Makes a policy over any store. Without an [index](Self::with_index) the sessions of a user cannot be listed.
    pub fn new(store: impl SessionStore) -> Self {
        Self::over(Arc::new(store))
    }

    /// Makes a policy that keeps sessions in the memory of this process.
    pub fn memory() -> Self {
        Self::in_memory(MemorySessions::new())
    }

    /// Makes a policy over this memory.
    pub fn in_memory(memory: MemorySessions) -> Self {
        let mut policy = Self::over(Arc::new(memory.clone())).with_index(memory.clone());
        policy.backend.memory = Some(memory);
        policy
    }

    #[expect(clippy::expect_used, reason = "the name is a constant that suits the defaults")]
    fn over(store: Arc<dyn SessionStore>) -> Self {
        let cookie = CookieConfig::new().with_name(COOKIE).expect("the name is a cookie's");
        Self {
            backend: Backend::new(store, Names::new("", COOKIE)),
            application: String::new(),
            cookie,
            limits: Limits::default(),
            carried: Arc::default(),
            label: None,
            challenge: realm::of_cookies(),
            nothing: Arc::default(),
        }
    }

    /// Makes the tables of a database, where they are missing.
    ///
    /// # Errors
    ///
    /// Fails when the database does not answer or refuses.
    pub async fn migrate(&self) -> Result<(), IdentityError> {
        match &self.backend.upkeep {
            Some(upkeep) => upkeep.migrate().await.map_err(IdentityError::unavailable),
            None => Ok(()),
        }
    }

    /// Returns the hold on the sessions of all users. Take it when every option is set.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.backend.clone())
    }

    /// Names the application, or one of its tenants: applications of different names do not take each other's
    /// sessions, even from the same store. The default is the empty name.
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self.with_new_names()
    }

    /// Sets everything about the cookie at once.
    pub fn with_cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self.with_new_names()
    }

    cookie_options!("__Host-session", with_new_names);

    /// Sets the index of the users' sessions. The ready stores have one.
    pub fn with_index(mut self, index: impl SessionIndex) -> Self {
        self.backend.index = Some(Arc::new(index));
        self
    }

    /// Sets after what time without use a session ends, in whole seconds. The default is 30 minutes.
    pub const fn with_idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// Sets after what time a session ends however much it is used, in whole seconds. The default is 12 hours; more than
    /// 400 days, the longest that browsers keep a cookie, counts as 400 days.
    pub const fn with_absolute_limit(mut self, limit: Duration) -> Self {
        self.limits.absolute = limit;
        self
    }

    /// Sets after what time a session of nobody ends, in whole seconds. The default is 1 hour.
    pub const fn with_anonymous_limit(mut self, limit: Duration) -> Self {
        self.limits.anonymous = limit;
        self
    }

    /// Sets how often activity is written to the store, in whole seconds. The default is once a minute; no less often
    /// than twice in the idle limit.
    pub const fn with_write_back_after(mut self, interval: Duration) -> Self {
        self.limits.write_back = interval;
        self
    }

    /// Sets how long each call of the store may take. The default is 500 milliseconds.
    pub const fn with_store_deadline(mut self, deadline: Duration) -> Self {
        self.backend.deadline = deadline;
        self
    }

    /// Sets how many bytes of data a session keeps, keys and JSON texts together. The default is 65,536.
    pub const fn with_max_data(mut self, bytes: usize) -> Self {
        self.limits.data = bytes;
        self
    }

    /// Sets how many sessions a user has at once, and what happens to one more. The default is 100, and the
    /// oldest ends; a store without an [index](Self::with_index) has no default.
    ///
    /// It needs an index. With zero no user can log in; with `usize::MAX` a user has any number, and can fill
    /// the store for the others. Sessions in which a user acts for others are counted apart, and there the
    /// oldest ends.
    pub const fn with_max_sessions(mut self, sessions: usize, excess: Excess) -> Self {
        self.limits.sessions = Some((sessions, excess));
        self
    }

    /// Keeps these keys of a session of nobody when a user logs in. The default is to keep none.
    ///
    /// # Security
    ///
    /// Who planted the session of nobody has chosen the values.
    pub fn with_carried_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.carried = Arc::new(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Says how lists of sessions call a session that begins with this request; at most 200 characters are kept. The
    /// default is not to.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{SessionIdentity, identity::Incoming};
    ///
    /// let policy = SessionIdentity::memory().with_label(|request: &Incoming<'_>| {
    ///     Some(request.headers().get("user-agent")?.to_str().ok()?.to_owned())
    /// });
    /// # let _ = policy;
    /// ```
    pub fn with_label(
        mut self,
        label: impl Fn(&Incoming<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.label = Some(Arc::new(label));
        self
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

    fn with_new_names(mut self) -> Self {
        self.backend.names = Names::new(&self.application, self.cookie.name());
        self
    }
}

impl fmt::Debug for SessionIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionIdentity")
            .field("backend", &self.backend)
            .field("cookie", &self.cookie)
            .field("limits", &self.limits)
            .field("carried", &self.carried)
            .finish_non_exhaustive()
    }
}
