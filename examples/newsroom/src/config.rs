//! Settings of one instance: [`Config`].

use std::{env, fmt, path::PathBuf, sync::Arc, time::Duration};

use auth_runtime::{
    BoxError, Key, KeyRing,
    clock::{Clock, SystemClock},
    identity::PasswordHasher,
};

use crate::mail::MailTo;
use crate::operators::audit::AuditFile;

/// How many people may wait for the check of their password: all of them log in at the same moment of the morning.
const LOG_INS: usize = 256;

/// The settings of one instance.
///
/// Instances with the same database and Redis server are one newsroom.
#[derive(Clone)]
#[must_use]
pub struct Config {
    pub(crate) base: String,
    pub(crate) database: String,
    pub(crate) redis: Option<String>,
    pub(crate) root_key: Option<String>,
    pub(crate) mail: MailTo,
    pub(crate) passwords: PasswordHasher,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: Option<AuditFile>,
    pub(crate) store_deadline: Duration,
}

impl Config {
    /// Returns the settings of an instance at this public address, such as `http://127.0.0.1:3000`, with a
    /// database like `sqlite:newsroom.db` or `postgres://…`.
    pub fn new(base: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            database: database.into(),
            redis: None,
            root_key: None,
            mail: MailTo::Log,
            passwords: PasswordHasher::new().with_waiting(LOG_INS),
            clock: Arc::new(SystemClock),
            audit: None,
            store_deadline: Duration::from_secs(3),
        }
    }

    /// Reads `DATABASE_URL`, `REDIS_URL`, `ROOT_KEY`, `MAIL_FILE` and `STORE_DEADLINE`. Without
    /// `DATABASE_URL`, the database is a file in the folder for temporary files, which is kept.
    ///
    /// # Errors
    ///
    /// Fails if `STORE_DEADLINE` is not a duration such as `3s`.
    pub fn from_env(base: impl Into<String>) -> Result<Self, BoxError> {
        let file = || format!("sqlite:{}", env::temp_dir().join("newsroom.db").display());
        let mut config = Self::new(base, env::var("DATABASE_URL").unwrap_or_else(|_| file()));
        config.redis = env::var("REDIS_URL").ok();
        config.root_key = env::var("ROOT_KEY").ok();
        if let Some(path) = env::var_os("MAIL_FILE") {
            config.mail = MailTo::File(path.into());
        }
        if let Ok(deadline) = env::var("STORE_DEADLINE") {
            config = config.with_store_deadline(humantime::parse_duration(&deadline)?);
        }
        Ok(config)
    }

    /// Sets how long a request waits for a connection to the database and for the store of sessions, before the
    /// response is 503. The default is 3 seconds.
    pub const fn with_store_deadline(mut self, deadline: Duration) -> Self {
        self.store_deadline = deadline;
        self
    }

    /// Uses this Redis server, so that instances hear of each other's revocations and attempts to log in at
    /// once.
    pub fn with_redis(mut self, address: impl Into<String>) -> Self {
        self.redis = Some(address.into());
        self
    }

    /// Appends mail to this file. The default is the log.
    pub fn with_mail_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.mail = MailTo::File(path.into());
        self
    }

    /// Hashes passwords with these costs: memory in KiB, iterations, lanes. For tests, which log in often.
    ///
    /// # Errors
    ///
    /// Fails if Argon2id does not allow them.
    pub fn with_password_costs(mut self, memory: u32, iterations: u32, lanes: u32) -> Result<Self, BoxError> {
        self.passwords = self.passwords.with_costs(memory, iterations, lanes)?;
        Ok(self)
    }

    /// Shows operators this audit log, which the process writes.
    pub fn with_audit(mut self, path: impl Into<PathBuf>, keys: KeyRing) -> Self {
        self.audit = Some(AuditFile { path: path.into(), keys });
        self
    }

    /// Tells the time by another clock, for tests.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns the clock, for parts of the library that take one of their own.
    pub(crate) fn clock(&self) -> impl Clock + use<> {
        let clock = Arc::clone(&self.clock);
        move || clock.now()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses of databases and the root key are secrets.
        f.debug_struct("Config").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Returns the keys of the audit log: `AUDIT_KEY`, 32 bytes in base64, or a new key, which is good for a log that ends
/// with the process.
///
/// # Errors
///
/// Fails if `AUDIT_KEY` is not a key.
pub fn audit_keys() -> Result<KeyRing, BoxError> {
    Ok(match env::var("AUDIT_KEY") {
        Ok(key) => KeyRing::new(Key::from_base64(&key)?),
        Err(_) => KeyRing::random(),
    })
}
