//! Keys in a store: machines agree on them, while others start, stop or are cut off.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::BTreeSet,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    BoxError, Identity, Key, KeyRing, async_trait,
    clock::UnixTime,
    key_store::{KeyStore, KeyStoreError, KeyStoreErrorKind, MemoryKeyStore, SharedKeyRing, StoredKeys},
    keys::{KeyErrorKind, KeyId, KeyState, Rotation},
    testing::FrozenClock,
    ticket::{Ticket, TicketScope, TicketSealer},
};
use proptest::{collection::vec, prelude::*};

use crate::{poll_once::poll_once, support::Log};

const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn daily() -> Rotation {
    Rotation::every("1d").unwrap().with_credential_lifetime("8h").unwrap()
}

/// A store that can be cut off, emptied and filled with anything.
#[derive(Clone, Default)]
struct Store {
    keys: MemoryKeyStore,
    is_down: Arc<AtomicBool>,
    is_panicking: Arc<AtomicBool>,
    loads: Arc<AtomicU64>,
}

impl Store {
    fn check(&self) -> Result<(), BoxError> {
        assert!(!self.is_panicking.load(Ordering::SeqCst), "a bug in the store");
        if self.is_down.load(Ordering::SeqCst) { Err("no route to host".into()) } else { Ok(()) }
    }

    fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn open(&self, now: u64) -> Result<SharedKeyRing, KeyStoreError> {
        poll_once(SharedKeyRing::open(self.clone(), daily(), at(now)))
    }

    fn text(&self) -> String {
        poll_once(self.keys.load()).unwrap().unwrap().text().to_owned()
    }
}

#[async_trait]
impl KeyStore for Store {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.keys.load().await
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        self.check()?;
        self.keys.replace(expected, keys).await
    }
}

fn active(ring: &KeyRing) -> KeyId {
    let active: Vec<_> = ring.keys().into_iter().filter(|(_, state)| *state == KeyState::Active).collect();
    assert_eq!(active.len(), 1, "{ring:?}");
    active[0].0
}

fn has(ring: &KeyRing, id: KeyId) -> bool {
    ring.keys().iter().any(|(known, _)| *known == id)
}

fn key_kind(error: &KeyStoreError) -> KeyErrorKind {
    assert_eq!(error.kind(), KeyStoreErrorKind::Key);
    error.source().unwrap().downcast_ref::<auth_runtime::keys::KeyError>().unwrap().kind()
}

/// Two machines, and one that starts in the middle.
#[test]
fn a_ticket_of_one_machine_is_good_on_the_others_and_after_a_restart() {
    let store = Store::default();
    let sealer = |keys: &SharedKeyRing| {
        TicketSealer::new(keys.ring(), &TicketScope { purpose: "identity", application: "", name: "auth" })
    };
    let (here, there) = (store.open(NOON).unwrap(), store.open(NOON + 1).unwrap());
    let (seals, opens) = (sealer(&here), sealer(&there));
    let mut tickets = Vec::new();
    let mut keys = BTreeSet::new();
    for minute in 0..3 * 24 * 60_u64 {
        let now = NOON + minute * 60;
        poll_once(here.refresh(at(now))).unwrap();
        poll_once(there.refresh(at(now))).unwrap();
        if minute % 31 == 0 {
            let ticket = Ticket::new(Identity::new("alice").unwrap(), at(now), at(now + 8 * HOUR));
            tickets.push((seals.seal(&ticket, None).unwrap(), now + 8 * HOUR));
            keys.insert(active(&here.ring()));
        }
        if minute % 97 == 0 {
            tickets.retain(|(_, expires)| now < *expires);
            let restarted = store.open(now).unwrap();
            let restarted = sealer(&restarted);
            for (text, _) in &tickets {
                assert!(opens.open(text, None).is_ok() && restarted.open(text, None).is_ok(), "{minute}");
            }
        }
    }
    assert_eq!(keys.len(), 3);
    assert!(store.text().lines().count() <= 4, "old keys are left out");
}

/// Announced before it is used, by whichever machine finds it due, once.
#[test]
fn a_new_key_is_announced_one_lead_ahead_by_one_machine() {
    let store = Store::default();
    let machines = [store.open(NOON).unwrap(), store.open(NOON).unwrap(), store.open(NOON).unwrap()];
    let first = active(&machines[0].ring());
    let time = NOON + DAY - HOUR;
    for machine in &machines {
        poll_once(machine.refresh(at(time - 1))).unwrap();
        assert_eq!(machine.ring().keys(), [(first, KeyState::Active)]);
    }
    for machine in &machines {
        poll_once(machine.refresh(at(time))).unwrap();
    }
    let second = machines[0].ring().keys()[1];
    assert_eq!(second.1, KeyState::Pending);
    for machine in &machines {
        assert_eq!(machine.ring().keys(), [(first, KeyState::Active), second]);
        machine.ring().advance(at(NOON + DAY));
        assert_eq!(active(&machine.ring()), second.0);
    }
}

#[test]
fn a_store_that_is_down_at_the_start_is_an_error_and_later_an_event() {
    let store = Store::default();
    store.set_down(true);
    let error = store.open(NOON).unwrap_err();
    assert_eq!(error.kind(), KeyStoreErrorKind::Unavailable);
    assert_eq!(error.source().unwrap().to_string(), "no route to host");
    store.set_down(false);
    let keys = store.open(NOON).unwrap();
    store.set_down(true);
    // The signing key is never dropped, however long that lasts.
    let first = active(&keys.ring());
    for day in 1..100 {
        let error = poll_once(keys.refresh(at(NOON + day * DAY))).unwrap_err();
        assert_eq!(error.kind(), KeyStoreErrorKind::Unavailable);
        assert_eq!(keys.ring().keys(), [(first, KeyState::Active)]);
    }
    // It is replaced once the store is back, and what it signed last is good until its time.
    store.set_down(false);
    let back = NOON + 100 * DAY;
    poll_once(keys.refresh(at(back))).unwrap();
    assert_eq!(active(&keys.ring()), first);
    keys.ring().advance(at(back + HOUR));
    assert_ne!(active(&keys.ring()), first);
    keys.ring().advance(at(back + 9 * HOUR + 59));
    assert!(has(&keys.ring(), first));
    keys.ring().advance(at(back + 9 * HOUR + 60));
    assert!(!has(&keys.ring(), first));
}

#[test]
fn a_document_that_is_none_is_an_error_and_one_that_vanished_is_written_again() {
    let store = Store::default();
    let keys = store.open(NOON).unwrap();
    let good = poll_once(store.keys.load()).unwrap().unwrap();
    let first = active(&keys.ring());
    poll_once(store.keys.replace(Some(1), &StoredKeys::new(2, "canary"))).unwrap();
    for error in [poll_once(keys.refresh(at(NOON + 60))).unwrap_err(), store.open(NOON).unwrap_err()] {
        assert_eq!(error.kind(), KeyStoreErrorKind::Invalid);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
    assert_eq!(active(&keys.ring()), first);

    let emptied = Store::default();
    let keys = emptied.open(NOON).unwrap();
    let text = emptied.text();
    // Another store under the same ring: what it had is gone.
    let lost = SwappedStore { before: emptied.clone(), after: Store::default(), is_swapped: Arc::default() };
    drop(keys);
    let keys = poll_once(SharedKeyRing::open(lost.clone(), daily(), at(NOON))).unwrap();
    lost.is_swapped.store(true, Ordering::SeqCst);
    poll_once(keys.refresh(at(NOON + 60))).unwrap();
    assert_eq!(lost.after.text(), text);
    assert_ne!(text, good.text());
}

/// One store, and then another one.
#[derive(Clone)]
struct SwappedStore {
    before: Store,
    after: Store,
    is_swapped: Arc<AtomicBool>,
}

impl SwappedStore {
    fn now(&self) -> &Store {
        if self.is_swapped.load(Ordering::SeqCst) { &self.after } else { &self.before }
    }
}

#[async_trait]
impl KeyStore for SwappedStore {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        self.now().load().await
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        self.now().replace(expected, keys).await
    }
}

#[test]
fn keys_are_rotated_and_revoked_for_all_machines() {
    let store = Store::default();
    let (here, there) = (store.open(NOON).unwrap(), store.open(NOON).unwrap());
    let first = active(&here.ring());
    let second = poll_once(here.rotate(at(NOON))).unwrap();
    assert_eq!(active(&here.ring()), first);
    poll_once(there.refresh(at(NOON + 60))).unwrap();
    for machine in [&here, &there] {
        machine.ring().advance(at(NOON + HOUR));
        assert_eq!(machine.ring().keys(), [(first, KeyState::VerifyOnly), (second, KeyState::Active)]);
    }
    assert_eq!(key_kind(&poll_once(here.revoke(second, at(NOON + HOUR))).unwrap_err()), KeyErrorKind::Active);
    assert_eq!(
        key_kind(&poll_once(here.revoke(KeyId::from_bytes([0; 8]), at(NOON + HOUR))).unwrap_err()),
        KeyErrorKind::Unknown
    );
    poll_once(here.revoke(first, at(NOON + HOUR))).unwrap();
    poll_once(there.refresh(at(NOON + HOUR + 60))).unwrap();
    for machine in [&here, &there] {
        assert_eq!(machine.ring().keys(), [(second, KeyState::Active)]);
    }
    let last = poll_once(there.rotate_and_revoke_all(at(NOON + 2 * HOUR))).unwrap();
    assert_eq!(there.ring().keys(), [(last, KeyState::Active)]);
    poll_once(here.refresh(at(NOON + 2 * HOUR + 60))).unwrap();
    assert_eq!(here.ring().keys(), [(last, KeyState::Active)]);

    // The ring alone cannot change what others share.
    let ring = here.ring();
    let kinds = [
        ring.rotate(at(NOON + 3 * HOUR)).unwrap_err().kind(),
        ring.rotate_and_revoke_all(at(NOON + 3 * HOUR)).unwrap_err().kind(),
        ring.revoke(last).unwrap_err().kind(),
    ];
    assert_eq!(kinds, [KeyErrorKind::Shared; 3]);
}

#[test]
fn with_a_master_the_stored_document_alone_makes_no_key() {
    let store = Store::default();
    let master = |seed: u8| Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap();
    let open = |master| {
        poll_once(SharedKeyRing::open_with_root_key(store.clone(), master, daily(), at(NOON))).unwrap().ring()
    };
    let (here, there, thief) = (open(master(0)), open(master(0)), store.open(NOON).unwrap().ring());
    assert_eq!(here.keys(), there.keys());
    assert_ne!(here.keys(), thief.keys());
    assert_ne!(here.keys(), open(master(1)).keys());
}

/// The ring reads the store when it is used, without a task that could have died.
#[tokio::test]
async fn a_ring_that_is_used_reads_the_store_by_itself() {
    let store = Store::default();
    let (here, ring) = (store.open(NOON).unwrap(), store.open(NOON).unwrap().ring());
    let new = here.rotate_and_revoke_all(at(NOON + 1)).await.unwrap();
    let loads = || store.loads.load(Ordering::SeqCst);
    let before = loads();
    ring.advance(at(NOON + 30));
    tokio::task::yield_now().await;
    assert_eq!(loads(), before, "not yet");
    for _ in 0..100 {
        ring.advance(at(NOON + 60));
    }
    wait_until(|| has(&ring, new)).await;
    assert_eq!(loads(), before + 1, "one read for all");
    assert_eq!(ring.keys(), [(new, KeyState::Active)]);

    // A panic in the store ends one read, and the next one works.
    store.is_panicking.store(true, Ordering::SeqCst);
    let newest = here.ring();
    ring.advance(at(NOON + 120));
    let before = loads();
    wait_until(|| loads() > before).await;
    assert_eq!(ring.keys(), newest.keys());
    store.is_panicking.store(false, Ordering::SeqCst);
    let last = here.rotate_and_revoke_all(at(NOON + 121)).await.unwrap();
    ring.advance(at(NOON + 130));
    wait_until(|| has(&ring, last)).await;
}

/// A read that began before a revocation and ends after it brings nothing back.
#[tokio::test]
async fn a_slow_read_does_not_undo_a_revocation() {
    let store = SlowStore { keys: MemoryKeyStore::new(), gate: Arc::default(), is_slow: Arc::default() };
    let keys = SharedKeyRing::open(store.clone(), daily(), at(NOON)).await.unwrap();
    let old = active(&keys.ring());
    store.is_slow.store(true, Ordering::SeqCst);
    let reader = keys.clone();
    let slow = tokio::spawn(async move { reader.refresh(at(NOON + 60)).await });
    wait_until(|| !store.is_slow.load(Ordering::SeqCst)).await;
    let new = keys.rotate_and_revoke_all(at(NOON + 60)).await.unwrap();
    store.gate.notify_one();
    slow.await.unwrap().unwrap();
    assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    assert!(!has(&keys.ring(), old));
}

/// A store that has lost its last writes, as after a restored backup.
#[tokio::test]
async fn a_store_that_goes_back_brings_no_revoked_key_back() {
    let store = Store::default();
    let keys = store.open(NOON).unwrap();
    let backup = poll_once(store.keys.load()).unwrap().unwrap();
    let revoked = active(&keys.ring());
    let new = poll_once(keys.rotate_and_revoke_all(at(NOON))).unwrap();
    let newest = poll_once(store.keys.load()).unwrap().unwrap();
    assert!(poll_once(store.keys.replace(Some(newest.revision()), &backup)).unwrap());

    let (refreshed, told) = Log::of(async { keys.refresh(at(NOON + 60)).await }).await;
    refreshed.unwrap();
    assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    let warned = told.iter().find(|event| event.message == "key document went back").unwrap();
    assert_eq!((warned.field("seen"), warned.field("now")), ("2", "1"));
    // The store has the newest document again, for machines that start now.
    let restored = poll_once(store.keys.load()).unwrap().unwrap();
    assert!(restored.revision() > newest.revision());
    assert_eq!(restored.text(), newest.text());
    assert_eq!(store.open(NOON + 60).unwrap().ring().keys(), [(new, KeyState::Active)]);
    assert!(!has(&keys.ring(), revoked));
}

/// Reads come from a replica that never catches up, writes go where they belong.
#[tokio::test]
async fn a_replica_that_lags_neither_undoes_a_revocation_nor_stops_rotations() {
    let primary = MemoryKeyStore::new();
    let store = SwappedStore {
        before: Store { keys: primary.clone(), ..Store::default() },
        after: Store::default(),
        is_swapped: Arc::default(),
    };
    let lagging = Lagging { store, primary: primary.clone() };
    let keys = SharedKeyRing::open(lagging.clone(), daily(), at(NOON)).await.unwrap();
    let first = active(&keys.ring());
    let early = poll_once(primary.load()).unwrap().unwrap();
    poll_once(lagging.store.after.keys.replace(None, &early)).unwrap();
    let new = keys.rotate_and_revoke_all(at(NOON)).await.unwrap();
    lagging.store.is_swapped.store(true, Ordering::SeqCst);
    for minute in 1..4 {
        keys.refresh(at(NOON + minute * 60)).await.unwrap();
        assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    }
    let next = keys.rotate(at(NOON + 300)).await.unwrap();
    assert!(has(&keys.ring(), next) && !has(&keys.ring(), first));
    assert_eq!(poll_once(primary.load()).unwrap().unwrap().revision(), 3);
}

#[derive(Clone)]
struct Lagging {
    store: SwappedStore,
    primary: MemoryKeyStore,
}

#[async_trait]
impl KeyStore for Lagging {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        self.store.load().await
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        self.primary.replace(expected, keys).await
    }
}

/// At any revision: two machines may have written to a store that had lost its memory.
#[test]
fn a_key_that_was_dropped_returns_with_no_document() {
    let store = Store::default();
    let keys = store.open(NOON).unwrap();
    let old = poll_once(store.keys.load()).unwrap().unwrap();
    let revoked = active(&keys.ring());
    let new = poll_once(keys.rotate_and_revoke_all(at(NOON))).unwrap();
    let newest = poll_once(store.keys.load()).unwrap().unwrap();
    // The revoked key with the newest one, and alone.
    let both = format!("{}\n{}", newest.text(), old.text().lines().nth(1).unwrap());
    let put = |revision: u64, text: &str| {
        let before = poll_once(store.keys.load()).unwrap().unwrap().revision();
        assert!(poll_once(store.keys.replace(Some(before), &StoredKeys::new(revision, text))).unwrap());
    };
    put(9, &both);
    poll_once(keys.refresh(at(NOON + 60))).unwrap();
    assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    put(10, old.text());
    let error = poll_once(keys.refresh(at(NOON + 120))).unwrap_err();
    assert_eq!(error.kind(), KeyStoreErrorKind::Invalid);
    assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    // The same revision with other keys.
    put(9, old.text());
    poll_once(keys.refresh(at(NOON + 180))).unwrap();
    assert_eq!(keys.ring().keys(), [(new, KeyState::Active)]);
    assert_eq!(poll_once(store.keys.load()).unwrap().unwrap().revision(), 10);
    assert!(!has(&keys.ring(), revoked));
}

/// The next read that is to be slow gets its answer at once and gives it when the gate opens.
#[derive(Clone)]
struct SlowStore {
    keys: MemoryKeyStore,
    gate: Arc<tokio::sync::Notify>,
    is_slow: Arc<AtomicBool>,
}

#[async_trait]
impl KeyStore for SlowStore {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        let loaded = self.keys.load().await;
        if self.is_slow.swap(false, Ordering::SeqCst) {
            self.gate.notified().await;
        }
        loaded
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        self.keys.replace(expected, keys).await
    }
}

async fn wait_until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
}

/// The task is owned, survives failures and panics, and stops on request.
#[tokio::test(start_paused = true)]
async fn d_d24_keys_are_kept_fresh_until_that_is_stopped() {
    let store = Store::default();
    let (here, there) = (store.open(NOON).unwrap(), store.open(NOON).unwrap());
    let clock = FrozenClock::at(NOON);
    let fresh = there.keep_fresh(clock.clone());
    store.set_down(true);
    tokio::time::sleep(Duration::from_secs(61)).await;
    store.set_down(false);
    store.is_panicking.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(61)).await;
    store.is_panicking.store(false, Ordering::SeqCst);
    let new = here.rotate_and_revoke_all(at(NOON + 1)).await.unwrap();
    clock.advance(Duration::from_mins(2));
    wait_until(|| has(&there.ring(), new)).await;
    fresh.stop().await;
    let stopped = store.loads.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(store.loads.load(Ordering::SeqCst), stopped);

    drop(there.keep_fresh(clock.clone()));
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert!(store.loads.load(Ordering::SeqCst) <= stopped + 1);
}

/// What happens to one of three machines.
#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Sign(usize),
    Restart(usize),
    Rotate(usize),
    Outage(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let machine = 0_usize..3;
    let event = prop_oneof![
        12 => (0_u64..1000).prop_map(Event::Pass),
        4 => machine.clone().prop_map(Event::Sign),
        1 => machine.clone().prop_map(Event::Restart),
        1 => machine.prop_map(Event::Rotate),
        1 => (0_u64..1000).prop_map(Event::Outage),
    ];
    vec(event, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// Three machines with skewed clocks share their keys through a store with outages.
    #[test]
    fn shared_keys_serve_as_long_as_what_they_sign(
        (interval, life, skew) in (300_u64..3000, 100_u64..3000, 0_u64..20),
        skews in [0_u64..=1000, 0..=1000, 0..=1000],
        events in events(),
    ) {
        let rotation = Rotation::every(Duration::from_secs(interval))
            .unwrap()
            .with_credential_lifetime(Duration::from_secs(life))
            .unwrap()
            .with_skew(Duration::from_secs(skew))
            .with_activation_delay("100s")
            .unwrap();
        let reload = 25;
        let store = Store::default();
        let skews = skews.map(|part| skew * part / 1000);
        let mut now = NOON;
        let mut outage_ends = now;
        let mut last_outage = 0;
        let open = |now: u64| poll_once(SharedKeyRing::open(store.clone(), rotation, at(now))).unwrap();
        let mut machines = [0, 1, 2].map(|machine: usize| open(now + skews[machine]));
        let mut tokens: Vec<(KeyId, u64, u64)> = Vec::new();
        for event in events {
            match event {
                // Each machine is used often enough to read in time.
                Event::Pass(part) => now += reload * part / 1000,
                Event::Sign(machine) => {
                    let clock = now + skews[machine];
                    machines[machine].ring().advance(at(clock));
                    tokens.push((active(&machines[machine].ring()), clock, clock + life));
                }
                Event::Restart(machine) if now >= outage_ends => machines[machine] = open(now + skews[machine]),
                Event::Rotate(machine) if now >= outage_ends => {
                    poll_once(machines[machine].rotate(at(now + skews[machine]))).unwrap();
                }
                // Shorter than the lead without what a read may be late, and not one after the other.
                Event::Outage(part) if now >= last_outage + 100 => {
                    outage_ends = now + (100 - 2 * reload) * part / 1000;
                    last_outage = outage_ends;
                }
                Event::Outage(_) | Event::Restart(_) | Event::Rotate(_) => {}
            }
            store.set_down(now < outage_ends);
            for (machine, skew_of) in machines.iter().zip(skews) {
                let clock = now + skew_of;
                prop_assert_eq!(poll_once(machine.refresh(at(clock))).is_ok(), now >= outage_ends);
                let ring = machine.ring();
                active(&ring);
                for (key, issued, expires) in &tokens {
                    let is_good = *issued <= clock + skew && clock < *expires;
                    prop_assert!(!is_good || has(&ring, *key), "{key} of {issued} at {clock} {ring:?}");
                }
            }
        }
    }
}

/// Schedules that are tried.
const CASES: u32 = 2_000;
