//! What a store of counters promises holds in memory and in Redis alike.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{collections::HashMap, time::Duration};

use auth_runtime::{
    clock::UnixTime,
    identity::Incoming,
    redis_config,
    throttle::{
        Counter, Limit, MemoryThrottle, RedisThrottle, Standing, Throttle, ThrottleKey, ThrottleStore,
    },
};
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, KeysInterface as _},
};
use futures_util::future::join_all;

use crate::redis_server::RedisServer;

const NOON: u64 = 1_700_000_000;

const fn at(second: u64) -> UnixTime {
    UnixTime::from_secs(NOON + second)
}

fn key(name: &str) -> ThrottleKey {
    ThrottleKey::new(&[name.as_bytes()])
}

fn rate(name: &str, uses: u32, seconds: u64) -> Counter {
    Counter::new(key(name), Limit::rate(uses, Duration::from_secs(seconds)))
}

fn delays(name: &str, free: u32, first: u64, longest: u64) -> Counter {
    Counter::new(key(name), Limit::delays(free, Duration::from_secs(first), Duration::from_secs(longest)))
}

async fn redis(server: &RedisServer) -> RedisThrottle {
    let client = Client::new(redis_config(&server.address()).unwrap(), None, None, None);
    client.init().await.unwrap();
    RedisThrottle::new(client)
}

/// Takes one of each, and returns how many seconds to wait.
async fn take(store: &impl ThrottleStore, counters: &[Counter], now: UnixTime) -> u64 {
    store.take(counters, now).await.unwrap().wait().as_secs()
}

async fn keeps_its_promises(store: &impl ThrottleStore) {
    // A rate: three at once, and one more every ten seconds.
    let slow = [rate("a rate", 3, 30)];
    assert_eq!(store.look(&slow, at(0)).await.unwrap(), Standing::new(Duration::ZERO, false, 3));
    for left in [2, 1, 0] {
        assert_eq!(take(store, &slow, at(0)).await, 0);
        assert_eq!(store.look(&slow, at(0)).await.unwrap().left(), left);
    }
    assert_eq!(store.look(&slow, at(0)).await.unwrap(), Standing::new(Duration::from_secs(10), true, 0));
    assert_eq!(take(store, &slow, at(4)).await, 6);
    for (second, left) in [(9, 0), (10, 1), (19, 1), (20, 2), (30, 3), (40, 3)] {
        assert_eq!(store.look(&slow, at(second)).await.unwrap().left(), left, "{second}");
    }
    assert_eq!(take(store, &slow, at(10)).await, 0);
    assert_eq!(take(store, &slow, at(10)).await, 10, "an attempt that was denied is not counted");
    store.succeed(&slow, at(10)).await.unwrap();
    assert_eq!(take(store, &slow, at(10)).await, 0, "a success gives one back");
    assert_eq!(take(store, &slow, at(10)).await, 10);
    for _ in 0..10 {
        store.succeed(&slow, at(10)).await.unwrap();
    }
    for expected in [0, 0, 0, 10] {
        assert_eq!(take(store, &slow, at(10)).await, expected, "no more come back than there were");
    }
    assert!(!store.look(&slow, at(1000)).await.unwrap().is_used());

    // A series: two without a pause, then 4, 8, 10, 10.
    let series = [delays("a series", 2, 4, 10)];
    let mut now = 0;
    for pause in [0, 4, 8, 10, 10] {
        assert_eq!(take(store, &series, at(now)).await, 0);
        assert_eq!(
            store.look(&series, at(now)).await.unwrap(),
            Standing::new(Duration::from_secs(pause), true, u32::from(pause == 0))
        );
        now += pause;
        assert_eq!(store.look(&series, at(now)).await.unwrap(), Standing::new(Duration::ZERO, true, 1));
    }
    store.succeed(&series, at(now)).await.unwrap();
    assert_eq!(store.look(&series, at(now)).await.unwrap(), Standing::new(Duration::ZERO, false, 2));
    // A day after its pause it is forgotten.
    for _ in 0..2 {
        take(store, &series, at(0)).await;
    }
    assert!(store.look(&series, at(4 + 86_399)).await.unwrap().is_used());
    assert!(!store.look(&series, at(4 + 86_400)).await.unwrap().is_used());

    // Of several counters, all are taken or none.
    let both = [delays("one of two", 1, 100, 100), rate("the other", 2, 20)];
    assert_eq!(take(store, &both, at(0)).await, 0);
    assert_eq!(take(store, &both, at(0)).await, 100, "the longest wait counts");
    assert_eq!(take(store, &both[1..], at(0)).await, 0);
    assert_eq!(take(store, &both[1..], at(0)).await, 10);

    // A clock that goes back makes no wait longer than the limit says.
    let back = [delays("back", 1, 50, 50), rate("back too", 1, 50)];
    assert_eq!(take(store, &back, at(10_000)).await, 0);
    assert_eq!(take(store, &back, at(0)).await, 50);

    // Other keys are other counters.
    assert_eq!(take(store, &[delays("another", 2, 4, 10)], at(0)).await, 0);

    // At the same time no more pass than the limits allow.
    for counter in [rate("many", 7, 3600), delays("many more", 7, 3600, 3600)] {
        let counters = [counter];
        let waits = join_all((0..100).map(|_| take(store, &counters, at(0)))).await;
        assert_eq!(waits.iter().filter(|wait| **wait == 0).count(), 7);
    }
}

/// A client that names many accounts displaces counters of its own that have no pause, and none of others.
async fn bounds_the_series_of_one_owner(store: &impl ThrottleStore) {
    let of = |owner: &str, account: usize| {
        [delays(&format!("{owner} {account}"), 2, 1000, 1000).of_owner(key(owner))]
    };
    let used = async |owner: &str, account: usize, second| {
        store.look(&of(owner, account), at(second)).await.unwrap().is_used()
    };
    take(store, &of("another", 0), at(0)).await;
    // One has a pause, and one has a failure.
    for _ in 0..2 {
        take(store, &of("attacker", 0), at(0)).await;
    }
    take(store, &of("attacker", 1), at(0)).await;
    for account in 2..500 {
        assert_eq!(take(store, &of("attacker", account), at(1)).await, 0);
        assert!(used("attacker", account, 1).await, "a new one has room");
    }
    assert_eq!(take(store, &of("attacker", 0), at(1)).await, 999, "its pause goes on");
    assert!(!used("attacker", 1, 1).await && !used("attacker", 3, 1).await, "these gave way");
    assert!(used("another", 0, 1).await);
    let mut counted = 0;
    for account in 0..500 {
        counted += usize::from(used("attacker", account, 1).await);
    }
    assert_eq!(counted, Counter::MAX_OF_ONE_OWNER);

    // If each has a pause, a new one is not counted, and the pauses go on.
    for account in 0..Counter::MAX_OF_ONE_OWNER {
        for _ in 0..2 {
            take(store, &of("full", account), at(10)).await;
        }
    }
    assert_eq!(take(store, &of("full", 99), at(20)).await, 0);
    assert!(!used("full", 99, 20).await);
    for account in 0..Counter::MAX_OF_ONE_OWNER {
        assert_eq!(take(store, &of("full", account), at(20)).await, 990);
    }
    // A success ends one series, and makes room.
    store.succeed(&of("full", 3), at(20)).await.unwrap();
    assert!(!used("full", 3, 20).await && used("full", 4, 20).await);
    take(store, &of("full", 99), at(20)).await;
    assert!(used("full", 99, 20).await);
    // A day after its pause a series is forgotten.
    assert!(used("full", 4, 1010 + 86_399).await);
    assert!(!used("full", 4, 1010 + 86_400).await);
}

/// The same, as simple as can be: a bucket in milliseconds, and a count with the end of its pause.
#[derive(Default)]
struct Model(HashMap<&'static str, (u64, u64)>);

impl Model {
    /// A bucket that holds `uses`, of which one comes back each `interval` seconds.
    fn rate(&mut self, name: &'static str, uses: u64, interval: u64, now: u64) -> u64 {
        let (filled, _) = self.0.entry(name).or_default();
        let full = (*filled).max(now);
        let excess = (full - now).saturating_sub(interval * (uses - 1));
        if excess == 0 {
            *filled = full + interval;
        }
        excess
    }

    fn delays(&mut self, name: &'static str, [free, first, longest]: [u64; 3], now: u64) -> u64 {
        let (failures, until) = self.0.entry(name).or_default();
        if *until > now {
            return *until - now;
        }
        *failures += 1;
        let pause = failures.checked_sub(free).map_or(0, |more| (first << more.min(20)).min(longest));
        *until = now + pause;
        0
    }
}

async fn is_like_the_model(store: &impl ThrottleStore, rounds: u32) {
    let mut model = Model::default();
    let (mut now, mut random) = (0_u64, 12_345_u64);
    for round in 0..rounds {
        // A generator with a fixed seed.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        now += (random >> 40) % 7;
        let (expected, counter) = if random >> 63 == 0 {
            (model.rate("model rate", 4, 5, now), rate("model rate", 4, 20))
        } else {
            (model.delays("model series", [3, 2, 40], now), delays("model series", 3, 2, 40))
        };
        assert_eq!(take(store, &[counter], at(now)).await, expected, "round {round} at {now}");
    }
}

#[tokio::test]
async fn in_memory() {
    keeps_its_promises(&MemoryThrottle::new()).await;
    is_like_the_model(&MemoryThrottle::new(), 20_000).await;
    bounds_the_series_of_one_owner(&MemoryThrottle::new()).await;
}

#[tokio::test]
async fn on_a_redis_server() {
    let Some(server) = RedisServer::start() else { return };
    let store = redis(&server).await;
    keeps_its_promises(&store).await;
    is_like_the_model(&store.clone().with_prefix("model"), 1_000).await;
    bounds_the_series_of_one_owner(&store.with_prefix("owners")).await;
}

// An attacker names as many accounts as a limit allows; the server keeps a few keys of each address.
#[tokio::test]
async fn a_client_has_two_keys_on_a_server_however_many_accounts_it_names() {
    let Some(server) = RedisServer::start() else { return };
    let throttle =
        Throttle::new(redis(&server).await).with_client_limit(Limit::rate(1000, Duration::from_secs(1)));
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = http::Method::POST;
    let peer = Some(([192, 0, 2, 1], 50_000).into());
    for account in 0..300 {
        let request = Incoming::new(&parts, peer, at(0));
        let _ = throttle.begin(&format!("account {account}"), &request).await.unwrap();
    }
    let keys = server.tell("KEYS *").unwrap();
    assert!(keys.starts_with("*2"), "{keys}");
    let longest: i64 = {
        let client = Client::new(redis_config(&server.address()).unwrap(), None, None, None);
        client.init().await.unwrap();
        let mut longest = 0;
        for key in keys.lines().filter(|line| line.starts_with('{')) {
            longest = longest.max(client.ttl(key).await.unwrap());
        }
        longest
    };
    assert!((1..=86_400).contains(&longest), "{longest}");
}

#[tokio::test]
async fn instances_that_share_a_server_count_together_and_applications_apart() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (redis(&server).await, redis(&server).await);
    let counters = [delays("alice", 4, 60, 60)];
    for store in [&here, &there, &here, &there] {
        assert_eq!(take(store, &counters, at(0)).await, 0);
    }
    assert_eq!((take(&here, &counters, at(0)).await, take(&there, &counters, at(0)).await), (60, 60));
    assert_eq!(take(&here.clone().with_prefix("other"), &counters, at(0)).await, 0);
    here.succeed(&counters, at(0)).await.unwrap();
    assert_eq!(take(&there, &counters, at(0)).await, 0);
}

#[tokio::test]
async fn a_server_keeps_hashes_for_as_long_as_they_matter() {
    let Some(server) = RedisServer::start() else { return };
    let store = redis(&server).await;
    let counters = [delays("alice", 1, 60, 60), rate("192.0.2.1", 10, 100)];
    take(&store, &counters, at(0)).await;
    let keys = server.tell("KEYS *").unwrap();
    assert!(keys.starts_with("*2") && keys.contains("{auth:throttle}:"), "{keys}");
    assert!(!keys.contains("alice") && !keys.contains("192.0.2.1"), "{keys}");
    let client = Client::new(redis_config(&server.address()).unwrap(), None, None, None);
    client.init().await.unwrap();
    let mut longest = [86_460, 10].into_iter();
    for counter in counters {
        let left: i64 = client.ttl(format!("{{auth:throttle}}:{}", counter.key())).await.unwrap();
        let longest = longest.next().unwrap();
        assert!(left > 0 && left <= longest, "{left} of {longest}");
    }
    // What was not written by this library is not a count.
    for counter in counters {
        let key = format!("{{auth:throttle}}:{}", counter.key());
        let _: () = client.set(key, "nonsense", None, None, false).await.unwrap();
    }
    assert_eq!(take(&store, &counters, at(0)).await, 0);
}

#[tokio::test]
async fn without_its_server_a_store_fails() {
    let Some(mut server) = RedisServer::start() else { return };
    let store = redis(&server).await;
    server.kill();
    let counters = [rate("a", 1, 1)];
    assert!(store.take(&counters, at(0)).await.is_err());
    assert!(store.look(&counters, at(0)).await.is_err());
    assert!(store.succeed(&counters, at(0)).await.is_err());
    assert!(!format!("{store:?}{:?}", Throttle::new(store.clone())).contains("127.0.0.1"));
}

// The counters of clients that come once do not push the memory up.
#[tokio::test]
async fn memory_is_bounded_and_what_was_used_last_stays() {
    for counter in [
        delays("the attacked account", 1, 3600, 3600),
        delays("the attacked account", 1, 3600, 3600).of_owner(key("the user's client")),
    ] {
        memory_is_bounded(counter).await;
    }
}

async fn memory_is_bounded(counter: Counter) {
    let store = MemoryThrottle::with_capacity(1_000);
    let kept = [counter];
    take(&store, &kept, at(0)).await;
    for at_client in 0..20_000 {
        let client = format!("client {at_client}");
        let series = delays(&format!("account {at_client}"), 5, 1, 1).of_owner(key(&client));
        take(&store, &[rate(&client, 5, 3600), series], at(0)).await;
        if at_client % 100 == 0 {
            assert_eq!(take(&store, &kept, at(0)).await, 3600, "client {at_client}");
        }
    }
    let shown = format!("{store:?}");
    for name in ["counters: ", "owners_of_series: "] {
        let counters: u64 = shown.split(name).nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        assert!(counters <= 1_100, "{shown}");
    }
}
