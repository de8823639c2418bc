//! Caches look-ups about users: [`LookUps`] runs at most one look-up per key at a time, and returns no result
//! that is older than the last invalidation.

#[macro_use]
mod cache_methods_macro;
mod invalidation_counters;

use std::{
    borrow::Cow,
    error::Error,
    fmt,
    hash::Hash,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use invalidation_counters::Generations;
use moka::future::Cache;

use crate::{
    BoxError,
    answer_future::Answer,
    clock::{Clock, SystemClock, UnixTime},
    revocation::{Invalidate, Push},
};

/// The number of attempts if a key is invalidated during its look-up.
const ATTEMPTS: u32 = 3;

/// Caches look-ups by key; `None` is a result as well.
pub(crate) struct LookUps<K, V> {
    pub(crate) options: Options,
    shared: Arc<Shared<K, V>>,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) time_to_live: Duration,
    pub(crate) negative_time_to_live: Duration,
    pub(crate) capacity: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) push: Option<Arc<dyn Push>>,
}

struct Shared<K, V> {
    cache: Cache<K, Entry<V>>,
    generations: Generations,
}

#[derive(Clone)]
struct Entry<V> {
    answer: Option<V>,
    expires: UnixTime,
    generation: u64,
}

impl<K, V> Clone for LookUps<K, V> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<K, V> LookUps<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Self {
        let options = Options {
            time_to_live: Duration::from_mins(1),
            negative_time_to_live: Duration::from_secs(5),
            capacity: 10_000,
            clock: Arc::new(SystemClock),
            push: None,
        };
        let shared = Shared::new(&options);
        Self { options, shared }
    }

    /// Replaces the options and empties the cache.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self.shared = Shared::new(&self.options);
        self
    }

    /// Returns the cached result, or runs `look_up`.
    pub(crate) fn get<'a>(
        &'a self,
        key: Cow<'a, K>,
        look_up: impl Fn() -> Answer<'a, Result<Option<V>, BoxError>> + Send + Sync + 'a,
    ) -> Answer<'a, Result<Option<V>, BoxError>> {
        // The cache waits for its own housekeeping only, and the future may be dropped at any time.
        let found = pin!(self.shared.cache.get(&*key)).poll(&mut Context::from_waker(Waker::noop()));
        match found {
            Poll::Ready(Some(entry)) if self.is_good(&key, &entry) => Answer::Now(Ok(entry.answer)),
            Poll::Ready(_) | Poll::Pending => Answer::later(async move { self.ask(&key, &look_up).await }),
        }
    }

    async fn ask<'a>(
        &self,
        key: &K,
        look_up: &(impl Fn() -> Answer<'a, Result<Option<V>, BoxError>> + Sync),
    ) -> Result<Option<V>, BoxError> {
        for _ in 0..ATTEMPTS {
            if let Some(found) = self.shared.cache.get(key).await {
                if self.is_good(key, &found) {
                    return Ok(found.answer);
                }
                self.shared.cache.invalidate(key).await;
            }
            let one_look_up = self.entry(key, look_up);
            let entry = self.shared.cache.try_get_with_by_ref(key, one_look_up).await.map_err(SharedError)?;
            // A shared look-up may have begun before an invalidation.
            if entry.generation == self.shared.generations.of(key) {
                return Ok(entry.answer);
            }
        }
        look_up().await
    }

    async fn entry<'a>(
        &self,
        key: &K,
        look_up: &impl Fn() -> Answer<'a, Result<Option<V>, BoxError>>,
    ) -> Result<Entry<V>, BoxError> {
        let generation = self.shared.generations.of(key);
        let began = self.options.clock.now();
        let answer = look_up().await?;
        let life = match answer {
            Some(_) => self.options.time_to_live,
            None => self.options.negative_time_to_live.min(self.options.time_to_live),
        };
        Ok(Entry { answer, expires: began.plus(life), generation })
    }

    fn is_good(&self, key: &K, entry: &Entry<V>) -> bool {
        entry.generation == self.shared.generations.of(key) && self.options.clock.now() < entry.expires
    }

    /// Invalidates one key on this instance.
    pub(crate) fn forget(&self, key: &K) {
        self.shared.generations.next_of(key);
    }

    /// Subscribes to invalidations of other instances.
    pub(crate) fn listen(
        &self,
        push: &dyn Push,
        forget: impl Fn(&Self, &Invalidate) + Send + Sync + 'static,
    ) {
        let (shared, options) = (Arc::downgrade(&self.shared), self.options.clone());
        // Weak: neither the push nor the cache keeps the other alive.
        let options = Options { push: None, ..options };
        push.listen(Arc::new(move |what| {
            let Some(shared) = shared.upgrade() else { return false };
            forget(&Self { options: options.clone(), shared }, what);
            true
        }));
    }

    /// Invalidates everything on this instance.
    pub(crate) fn forget_all(&self) {
        self.shared.generations.next_of_all();
        self.shared.cache.invalidate_all();
    }
}

impl<K, V> Shared<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(options: &Options) -> Arc<Self> {
        let cache =
            Cache::builder().max_capacity(options.capacity).time_to_live(options.time_to_live).build();
        Arc::new(Self { cache, generations: Generations::new() })
    }
}

/// An error of a look-up that several requests share.
#[derive(Debug)]
struct SharedError(Arc<BoxError>);

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
