//! Caches users' profiles, so that a request needs no call to the provider: [`ProfileCache`].
//!
//! ```no_run
//! use auth_client::MemoryStore;
//! use auth_login::{profile::AccountKey, profile_cache::ProfileCache, tokens::ProviderTokens};
//!
//! # async fn f(tokens: ProviderTokens<MemoryStore>, account: AccountKey) -> Result<(), Box<dyn std::error::Error>> {
//! let profiles = ProfileCache::new(move |account: AccountKey| {
//!     let tokens = tokens.clone();
//!     async move { Ok(tokens.profile(&account).await?) }
//! });
//! // In `on_login`: `profiles.insert(profile).await`, and then in each request of the user:
//! let profile = profiles.get(&account).await?;
//! println!("hello, {}", profile.display_name());
//! # Ok(()) }
//! ```

use std::{error::Error, fmt, pin::Pin, sync::Arc, time::Duration};

use auth_runtime::{
    BoxError,
    clock::{Clock, SystemClock, UnixTime},
};
use moka::{
    future::Cache,
    ops::compute::{CompResult, Op},
};

use crate::profile::{AccountKey, Profile};

/// How long a provider is left alone after a failure.
const PAUSE: Duration = Duration::from_secs(30);

type Loaded = Pin<Box<dyn Future<Output = Result<Profile, BoxError>> + Send>>;
type Load = dyn Fn(AccountKey) -> Loaded + Send + Sync;

/// Keeps profiles for a while, and loads them again when they are old. Clones share what is kept.
///
/// - Simultaneous requests for one account wait for one load.
/// - If a load fails, the old profile is returned for up to a day, and the provider is asked again after 30
///   seconds: an outage of the provider is not one of the application. The failure is logged at WARN.
/// - An account that was never loaded is an error then, which is kept for 30 seconds, too.
///
/// # Several instances
///
/// Each instance has a cache of its own, so the provider gets at most one request per account, instance and
/// time to live. A profile that has changed, or that [`invalidate`](Self::invalidate) forgets on one
/// instance, is shown by another one until its time to live is over: 10 minutes by default. While the
/// provider is down, that is up to a day ([`with_stale_for`](Self::with_stale_for)).
///
/// # Security
///
/// A profile is for display. Who the user is, and what is allowed, is decided by the session and the
/// application, which do not depend on this cache.
#[derive(Clone)]
#[must_use]
pub struct ProfileCache {
    kept: Cache<AccountKey, Kept>,
    load: Arc<Load>,
    clock: Arc<dyn Clock>,
    time_to_live: Duration,
    stale_for: Duration,
}

#[derive(Clone)]
struct Kept {
    answer: Result<Arc<Profile>, ProfileUnavailable>,
    loaded_at: UnixTime,
    load_again_at: UnixTime,
}

impl ProfileCache {
    /// Returns an empty cache that loads profiles by this function.
    pub fn new<F, Fut>(load: F) -> Self
    where
        F: Fn(AccountKey) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Profile, BoxError>> + Send + 'static,
    {
        Self {
            kept: Cache::new(10_000),
            load: Arc::new(move |account| Box::pin(load(account))),
            clock: Arc::new(SystemClock),
            time_to_live: Duration::from_mins(10),
            stale_for: Duration::from_hours(24),
        }
    }

    /// Sets how old a profile may be before it is loaded again, in whole seconds. The default is 10 minutes.
    pub fn with_time_to_live(mut self, time: Duration) -> Self {
        self.time_to_live = time;
        self
    }

    /// Sets how old a profile may be that is returned because a load fails, in whole seconds. The default is
    /// 24 hours.
    pub fn with_stale_for(mut self, time: Duration) -> Self {
        self.stale_for = time;
        self
    }

    /// Keeps at most about this many profiles. The default is 10,000. It begins anew.
    pub fn with_capacity(mut self, profiles: u64) -> Self {
        self.kept = Cache::new(profiles);
        self
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Keeps the profile of a log-in, so that it need not be loaded.
    pub async fn insert(&self, profile: Profile) {
        let account = profile.account().clone();
        let kept = self.loaded(profile);
        // In turn with a load that is under way, which would otherwise overwrite it with what is older.
        self.kept.entry(account).and_compute_with(|_| async { Op::Put(kept) }).await;
    }

    /// Returns the profile of an account: the one that is kept, or a new one if it is old.
    ///
    /// # Errors
    ///
    /// Fails if the profile cannot be loaded and none is kept that is recent enough.
    pub async fn get(&self, account: &AccountKey) -> Result<Arc<Profile>, ProfileUnavailable> {
        if let Some(kept) = self.kept.get(account).await
            && self.is_fresh(&kept)
        {
            return kept.answer;
        }
        let computed = self.kept.entry_by_ref(account).and_compute_with(|entry| async {
            match entry.map(moka::Entry::into_value) {
                // Another request has loaded it meanwhile.
                Some(kept) if self.is_fresh(&kept) => Op::Nop,
                old => Op::Put(self.load(account, old).await),
            }
        });
        match computed.await {
            CompResult::Inserted(entry) | CompResult::ReplacedWith(entry) | CompResult::Unchanged(entry) => {
                entry.into_value().answer
            }
            CompResult::Removed(_) | CompResult::StillNone(_) => {
                Err(ProfileUnavailable::of("nothing is kept".into()))
            }
        }
    }

    /// Forgets the profile of an account, on this instance. A load that is under way does not bring it back.
    ///
    /// Other instances show the old one until their [time to live](Self::with_time_to_live) is over.
    pub async fn invalidate(&self, account: &AccountKey) {
        self.kept.entry_by_ref(account).and_compute_with(|_| async { Op::Remove }).await;
    }

    fn is_fresh(&self, kept: &Kept) -> bool {
        self.clock.now() < kept.load_again_at
    }

    async fn load(&self, account: &AccountKey, old: Option<Kept>) -> Kept {
        let error = match (self.load)(account.clone()).await {
            Ok(profile) if profile.account() == account => return self.loaded(profile),
            Ok(_) => "the profile is of another account".into(),
            Err(error) => error,
        };
        tracing::warn!(target: "auth_login", issuer = account.issuer(), %error, "a profile cannot be loaded");
        let now = self.clock.now();
        let load_again_at = now.plus(PAUSE);
        match old {
            Some(old) if old.answer.is_ok() && now.since(old.loaded_at) < self.stale_for => {
                Kept { load_again_at, ..old }
            }
            _ => Kept { answer: Err(ProfileUnavailable::of(error)), loaded_at: now, load_again_at },
        }
    }

    fn loaded(&self, profile: Profile) -> Kept {
        let now = self.clock.now();
        Kept { answer: Ok(Arc::new(profile)), loaded_at: now, load_again_at: now.plus(self.time_to_live) }
    }
}

impl fmt::Debug for ProfileCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileCache")
            .field("time_to_live", &self.time_to_live)
            .field("stale_for", &self.stale_for)
            .finish_non_exhaustive()
    }
}

/// Why there is no profile: it could not be loaded. The source says why; simultaneous requests share it.
#[derive(Clone, Debug)]
pub struct ProfileUnavailable(Arc<BoxError>);

impl ProfileUnavailable {
    fn of(error: BoxError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for ProfileUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the profile cannot be loaded at the moment")
    }
}

impl Error for ProfileUnavailable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + Send + Sync) = &**self.0;
        Some(source)
    }
}
