//! What a replay cache promises: in memory, in SQLite, in PostgreSQL and in Redis alike.

use std::{sync::Arc, time::Duration};

use auth_login::{PostgresReplayCache, SqliteReplayCache};
use auth_runtime::{
    clock::{Clock as _, SystemClock, UnixTime},
    jwt::{MemoryReplayCache, RedisReplayCache, ReplayCache, TokenUse},
};
use tokio::{sync::Barrier, task::JoinSet};

use super::{databases, redis};

type Cache = Arc<dyn ReplayCache>;

/// Returns a cache of each kind, as two instances see it.
async fn caches() -> (Vec<(&'static str, [Cache; 2])>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let memory = MemoryReplayCache::new();
    let mut all: Vec<(&str, [Cache; 2])> = vec![("memory", [Arc::new(memory.clone()), Arc::new(memory)])];
    let pools = [databases::sqlite(directory.path()).await, databases::sqlite(directory.path()).await];
    let [one, two] = pools.map(SqliteReplayCache::new);
    one.create_tables().await.unwrap();
    two.create_tables().await.unwrap();
    all.push(("sqlite", [Arc::new(one), Arc::new(two)]));
    if let Some(pool) = databases::postgres().await {
        let cache = PostgresReplayCache::new(pool);
        let (one, two) = tokio::join!(cache.create_tables(), cache.create_tables());
        one.and(two).unwrap();
        all.push(("postgres", [Arc::new(cache.clone()), Arc::new(cache)]));
    }
    if let (Some(one), Some(two)) = (redis::client().await, redis::client().await) {
        let prefix = redis::prefix();
        let cache = |client| RedisReplayCache::new(client).with_prefix(prefix.as_str());
        all.push(("redis", [Arc::new(cache(one)), Arc::new(cache(two))]));
    }
    (all, directory)
}

fn token(number: u8, now: UnixTime) -> TokenUse {
    TokenUse::new([number; 32], now, now.plus(Duration::from_mins(1)))
}

#[tokio::test]
async fn a_token_is_used_once_among_all_instances() {
    let (caches, _directory) = caches().await;
    let now = SystemClock.now();
    for (name, [one, two]) in caches {
        // Looking a token up does not use it.
        assert!(!one.is_used(&token(1, now)).await.unwrap(), "{name}");
        assert!(!two.is_used(&token(1, now)).await.unwrap(), "{name}");
        assert!(one.use_once(&token(1, now)).await.unwrap(), "{name}");
        for cache in [&one, &two] {
            assert!(cache.is_used(&token(1, now)).await.unwrap(), "{name}");
            assert!(!cache.use_once(&token(1, now)).await.unwrap(), "{name}");
            assert!(!cache.is_used(&token(2, now)).await.unwrap(), "{name}");
        }
    }
}

// The server decides when an entry in Redis ends.
#[tokio::test]
async fn a_use_is_forgotten_after_its_end_and_not_before() {
    let (caches, _directory) = caches().await;
    let now = SystemClock.now();
    for (name, [one, two]) in caches.into_iter().filter(|(name, _)| *name != "redis") {
        assert!(one.use_once(&token(1, now)).await.unwrap(), "{name}");
        let later = |seconds| token(2, now.plus(Duration::from_secs(seconds)));
        assert!(two.use_once(&later(59)).await.unwrap(), "{name}");
        assert!(one.is_used(&token(1, now)).await.unwrap(), "{name}");
        assert!(!two.use_once(&later(60)).await.unwrap(), "{name}");
        assert!(!one.is_used(&token(1, now)).await.unwrap(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_uses_at_the_same_moment_one_is_the_first() {
    let (caches, _directory) = caches().await;
    let now = SystemClock.now();
    for (name, caches) in caches {
        for number in 0..10 {
            let barrier = Arc::new(Barrier::new(16));
            let mut tasks = JoinSet::new();
            for cache in caches.iter().cycle().take(16) {
                let (cache, barrier) = (Arc::clone(cache), Arc::clone(&barrier));
                tasks.spawn(async move {
                    barrier.wait().await;
                    cache.use_once(&token(number, now)).await.unwrap()
                });
            }
            let first = tasks.join_all().await.into_iter().filter(|first| *first).count();
            assert_eq!(first, 1, "{name}");
        }
    }
}
