//! Rings that rotate by themselves: no token dies before its time, no key lives longer than needed, and there is always
//! a key that signs, for any clock skew.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Identity, IdentityPolicy, Key, KeyRing, LoginOptions, TicketCookie,
    clock::UnixTime,
    identity::{ChangeContext, Incoming},
    keys::{KeyErrorKind, KeyId, KeyState, Rotation},
    ticket::{Ticket, TicketScope, TicketSealer},
};
use http::{Request, header};
use proptest::{collection::vec, prelude::*};

use crate::{poll_once::poll_once, support::Log};

/// What a rotation may be late or early by: the time is looked at each ten seconds.
const STEP: u64 = 10;
const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn daily() -> Rotation {
    Rotation::every("1d").unwrap().with_credential_lifetime("8h").unwrap()
}

fn derived(rotation: Rotation, now: u64) -> KeyRing {
    KeyRing::derived(key(0), rotation, at(now)).unwrap()
}

fn rotating(rotation: Rotation, now: u64) -> KeyRing {
    KeyRing::rotating(rotation, at(now)).unwrap()
}

fn active(ring: &KeyRing) -> KeyId {
    let active: Vec<_> = ring.keys().into_iter().filter(|(_, state)| *state == KeyState::Active).collect();
    assert_eq!(active.len(), 1, "{ring:?}");
    active[0].0
}

fn has(ring: &KeyRing, id: KeyId) -> bool {
    ring.keys().iter().any(|(known, _)| *known == id)
}

fn states(ring: &KeyRing) -> Vec<KeyState> {
    ring.keys().into_iter().map(|(_, state)| state).collect()
}

/// One thing that happens. Times are parts of what they are about, in thousandths.
#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Jump { machine: usize, by: i64 },
    SetRight { machine: usize },
    Restart { machine: usize },
    Rotate { machine: usize },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let machine = 0..MACHINES;
    let event = prop_oneof![
        8 => (0_u64..1500).prop_map(Event::Pass),
        2 => (machine.clone(), -5000_i64..5000).prop_map(|(machine, by)| Event::Jump { machine, by }),
        1 => (machine.clone(), -5_000_000_i64..5_000_000).prop_map(|(machine, by)| Event::Jump { machine, by }),
        2 => machine.clone().prop_map(|machine| Event::SetRight { machine }),
        1 => machine.clone().prop_map(|machine| Event::Restart { machine }),
        1 => machine.prop_map(|machine| Event::Rotate { machine }),
    ];
    vec(event, 1..24)
}

/// Interval, credential lifetime, skew and lead.
fn rotations() -> impl Strategy<Value = Rotation> {
    (60_u64..100_000, 1_u64..3000, 0_u64..300, prop::option::of(1_u64..1500)).prop_map(
        |(interval, life, skew, lead)| {
            let rotation = Rotation::every(secs(interval))
                .unwrap()
                .with_credential_lifetime(secs((interval * life / 1000).max(1)))
                .unwrap()
                .with_skew(secs(skew));
            match lead {
                Some(lead) => rotation.with_activation_delay(secs((interval * lead / 1000).max(1))).unwrap(),
                None => rotation,
            }
        },
    )
}

/// Schedules that are tried.
const CASES: u32 = 10_000;
const MACHINES: usize = 3;

struct Machine {
    ring: KeyRing,
    /// How far it is ahead of the true time, as clocks are
    skew: u64,
    /// How far it is ahead because it was changed by hand
    jump: i64,
}

impl Machine {
    fn clock(&self, now: u64) -> u64 {
        (now + self.skew).saturating_add_signed(self.jump)
    }
}

/// What a machine signed.
#[derive(Clone, Copy, Debug)]
struct Token {
    key: KeyId,
    issued: u64,
    expires: u64,
    /// When it was really made
    made: u64,
}

impl Token {
    fn sign(machine: &Machine, now: u64) -> Self {
        let issued = machine.clock(now);
        let life = machine.ring.rotation().unwrap().credential_lifetime().as_secs();
        Self { key: active(&machine.ring), issued, expires: issued + life, made: now }
    }

    /// Whether the times alone would let it pass.
    fn is_good(&self, clock: u64, skew: u64) -> bool {
        self.issued <= clock + skew && clock < self.expires
    }
}

/// The epochs of keys, for who knows the master.
#[derive(Default)]
struct Epochs(BTreeMap<KeyId, u64>);

impl Epochs {
    fn learn(&mut self, rotation: &Rotation, clock: u64) {
        let interval = rotation.interval().as_secs();
        let around = rotation.credential_lifetime().as_secs() + rotation.skew().as_secs() * 2;
        let first = clock.saturating_sub(around) / interval;
        for epoch in
            first.saturating_sub(2)..=(clock + rotation.activation_delay().as_secs() + around) / interval + 2
        {
            if !self.0.values().any(|known| *known == epoch) {
                let ring = KeyRing::derived(key(0), *rotation, at(epoch * interval)).unwrap();
                self.0.insert(active(&ring), epoch);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// Machines with the same master agree over rotations, restarts and jumps of clocks.
    #[test]
    fn derived_keys_serve_exactly_as_long_as_what_they_sign(
        rotation in rotations(),
        events in events(),
        skews in [0_u64..=1000, 0..=1000, 0..=1000],
    ) {
        let mut now = NOON;
        let skew = rotation.skew().as_secs();
        let mut machines = skews.map(|part| {
            let skew = skew * part / 1000;
            Machine { ring: derived(rotation, now + skew), skew, jump: 0 }
        });
        let mut tokens: Vec<Token> = Vec::new();
        for event in events {
            match event {
                Event::Pass(part) => now += rotation.interval().as_secs() * part / 1000,
                Event::Jump { machine, by } => {
                    machines[machine].jump = by * i64::try_from(rotation.interval().as_secs()).unwrap() / 1000;
                }
                Event::SetRight { machine } => machines[machine].jump = 0,
                Event::Restart { machine } => {
                    let clock = machines[machine].clock(now);
                    machines[machine].ring = derived(rotation, clock);
                }
                Event::Rotate { machine } => {
                    let refused = machines[machine].ring.rotate(at(machines[machine].clock(now))).unwrap_err();
                    prop_assert_eq!(refused.kind(), KeyErrorKind::Derived);
                }
            }
            for machine in &machines {
                let clock = machine.clock(now);
                machine.ring.advance(at(clock));
                tokens.push(Token::sign(machine, now));
                let keys = machine.ring.keys();
                for token in &tokens {
                    prop_assert!(
                        !token.is_good(clock, skew) || keys.iter().any(|(id, _)| *id == token.key),
                        "{token:?} at {clock}, {:?}", machine.ring
                    );
                }
            }
            let mut seen = BTreeSet::new();
            tokens.retain(|token| seen.insert((token.key, token.issued)));
        }
    }

    /// The same for random keys in one process, of which some are made by hand.
    #[test]
    fn random_keys_serve_exactly_as_long_as_what_they_sign(rotation in rotations(), events in events()) {
        let mut now = NOON;
        let (skew, life) = (rotation.skew().as_secs(), rotation.credential_lifetime().as_secs());
        let mut machine = Machine { ring: rotating(rotation, now), skew: 0, jump: 0 };
        let mut tokens: Vec<Token> = Vec::new();
        let mut last_use = BTreeMap::from([(active(&machine.ring), now)]);
        for event in events {
            match event {
                Event::Pass(part) => now += rotation.interval().as_secs() * part / 1000,
                Event::Jump { by, .. } => {
                    machine.jump = by * i64::try_from(rotation.interval().as_secs()).unwrap() / 1000;
                }
                Event::SetRight { .. } => machine.jump = 0,
                Event::Restart { .. } => {}
                Event::Rotate { .. } => {
                    let clock = machine.clock(now);
                    match machine.ring.rotate(at(clock)) {
                        Ok(id) => prop_assert_eq!(active(&machine.ring), id),
                        Err(error) => prop_assert_eq!(error.kind(), KeyErrorKind::RingFull),
                    }
                }
            }
            let clock = machine.clock(now);
            machine.ring.advance(at(clock));
            // There is always one key that signs.
            let token = Token::sign(&machine, now);
            tokens.push(token);
            let last = last_use.entry(token.key).or_insert(clock);
            *last = clock.max(*last);
            let keys = machine.ring.keys();
            for token in &tokens {
                // A clock that returns after longer than anything lives finds nothing that is alive.
                let is_young = now - token.made < life;
                prop_assert!(
                    !is_young || !token.is_good(clock, skew) || keys.iter().any(|(id, _)| *id == token.key),
                    "{token:?} at {clock}, {:?}", machine.ring
                );
            }
            for (id, state) in keys {
                if state == KeyState::VerifyOnly {
                    let last = last_use.get(&id).copied();
                    prop_assert!(last.is_some_and(|last| clock < last + STEP + skew + life + skew), "{id} {last:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A derived key is in the ring from one lead before its interval until all that it signed has expired.
    #[test]
    fn no_derived_key_lives_longer_than_needed(rotation in rotations(), steps in vec(0_u64..1500, 1..20)) {
        let mut now = NOON;
        let ring = derived(rotation, now);
        let mut epochs = Epochs::default();
        let interval = rotation.interval().as_secs();
        let after = rotation.credential_lifetime().as_secs() + rotation.skew().as_secs();
        for step in steps {
            now += interval * step / 1000;
            ring.advance(at(now));
            epochs.learn(&rotation, now);
            let held: BTreeMap<_, _> = ring.keys().into_iter().collect();
            for (id, epoch) in &epochs.0 {
                let start = epoch * interval;
                let expected = if now < start {
                    (start <= now + rotation.activation_delay().as_secs()).then_some(KeyState::Pending)
                } else if now < start + interval {
                    Some(KeyState::Active)
                } else {
                    (now < start + interval + after).then_some(KeyState::VerifyOnly)
                };
                prop_assert_eq!(held.get(id).copied(), expected);
            }
            prop_assert!(held.keys().all(|id| epochs.0.contains_key(id)));
        }
    }
}

/// Each state in its turn, by the clock alone.
#[test]
fn a_key_is_pending_then_active_then_verify_only_then_gone() {
    // Midnight, so that derived intervals begin there, too.
    let midnight = NOON - NOON % DAY;
    for ring in [derived(daily(), midnight), rotating(daily(), midnight)] {
        let first = active(&ring);
        let look = |time: u64| {
            ring.advance(at(time));
            ring.keys().iter().find(|(id, _)| *id == first).map(|(_, state)| *state)
        };
        assert_eq!(look(midnight + DAY - HOUR - 1), Some(KeyState::Active));
        let count = ring.keys().len();
        assert_eq!(look(midnight + DAY - HOUR), Some(KeyState::Active));
        assert_eq!(ring.keys().len(), count + 1);
        let second = ring.keys().last().copied().unwrap();
        assert_eq!(second.1, KeyState::Pending);
        assert_eq!(look(midnight + DAY - 1), Some(KeyState::Active));
        assert_eq!(look(midnight + DAY), Some(KeyState::VerifyOnly));
        assert_eq!(active(&ring), second.0);
        assert_eq!(look(midnight + DAY + 8 * HOUR + 59), Some(KeyState::VerifyOnly));
        assert_eq!(look(midnight + DAY + 8 * HOUR + 60), None);
        assert_eq!(states(&ring), [KeyState::Active]);
    }
}

/// The ring was unused for a year; there is one key that signs, and none that is not needed.
#[test]
fn a_long_sleep_ends_with_one_key_that_signs() {
    for ring in [derived(daily(), NOON), rotating(daily(), NOON)] {
        let old = active(&ring);
        ring.advance(at(NOON + 365 * DAY));
        assert_ne!(active(&ring), old);
        assert!(!has(&ring, old));
        assert!(ring.keys().len() <= 3);
    }
}

/// To any time and back, a token of before is good, and so is one made there as soon as the time comes.
#[test]
fn jumps_of_the_clock_end_nothing() {
    let steps = [1, 59, 61, HOUR, DAY, 30 * DAY, 3650 * DAY];
    let jumps =
        steps.iter().flat_map(|step| [NOON + step, NOON - step]).chain([0, 1, u64::MAX, u64::MAX - 1]);
    for away in jumps {
        for ring in [derived(daily(), NOON), rotating(daily(), NOON)] {
            ring.advance(at(NOON));
            let home = active(&ring);
            ring.advance(at(away));
            let there = active(&ring);
            ring.advance(at(NOON));
            assert_eq!(active(&ring), home, "{away}");
            assert!(has(&ring, home), "{away}");
            if away < u64::MAX - DAY {
                ring.advance(at(away));
                assert!(has(&ring, there), "{away}");
            }
            ring.advance(at(NOON + HOUR));
            assert!(has(&ring, home), "{away}");
        }
    }
}

/// A warning is logged when the clock is set back, once, and not when it merely wavers.
#[tokio::test]
async fn a_clock_that_is_set_back_is_an_event() {
    let ring = derived(daily(), NOON);
    let ((), told) = Log::of(async {
        ring.advance(at(NOON + 100));
        ring.advance(at(NOON + 40));
        ring.advance(at(NOON + 100));
    })
    .await;
    assert!(told.iter().all(|event| event.message != "clock went back"));
    let ((), told) = Log::of(async {
        ring.advance(at(NOON - HOUR));
        ring.advance(at(NOON - HOUR + 1));
    })
    .await;
    let told: Vec<_> = told.iter().filter(|event| event.message == "clock went back").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field("seen"), (NOON + 100).to_string());
    assert_eq!(told[0].field("now"), (NOON - HOUR).to_string());
}

#[tokio::test]
async fn rotations_and_revocations_are_events_without_secrets() {
    let ring = rotating(daily(), NOON);
    let old = active(&ring);
    let (new, told) = Log::of(async { ring.rotate(at(NOON)).unwrap() }).await;
    assert_eq!((told[0].message.as_str(), told.len()), ("key rotated", 1));
    assert_eq!((told[0].field("from"), told[0].field("to")), (&*old.to_string(), &*new.to_string()));
    let ((), told) = Log::of(async { ring.revoke(old).unwrap() }).await;
    assert_eq!((told[0].message.as_str(), told[0].field("key")), ("key revoked", &*old.to_string()));
    assert_eq!(format!("{ring:?}"), format!("{{KeyId({new}): Active}}"));
}

/// Machines that know the master agree on every key, and no one else has them.
#[test]
fn machines_agree_without_talking() {
    let here = derived(daily(), NOON);
    // Started later, and with a clock that is ahead.
    let there = derived(daily(), NOON + 3 * DAY + 60);
    here.advance(at(NOON + 3 * DAY));
    assert_eq!(here.keys(), there.keys());
    let others = [
        KeyRing::derived(key(1), daily(), at(NOON + 3 * DAY)).unwrap(),
        derived(Rotation::every("2d").unwrap(), NOON + 3 * DAY),
        KeyRing::new(key(0)),
    ];
    for other in others {
        assert!(other.keys().iter().all(|(id, _)| !has(&here, *id)));
    }
    // Pinned: a change would end all sessions of all applications.
    let pinned = derived(daily(), NOON);
    assert_eq!(active(&pinned).to_string(), PINNED);
}

const PINNED: &str = "967a9547afd6d069";

#[test]
fn a_rotation_that_needs_too_many_keys_is_refused() {
    let rotation = |interval: &str, life: &str| {
        Rotation::every(interval).unwrap().with_credential_lifetime(life).unwrap()
    };
    for (interval, life, is_fit) in [
        ("1m", "1h", true),
        ("1m", "61m", true),
        ("1m", "62m", false),
        ("1s", "30d", false),
        ("1d", "90d", false),
    ] {
        let rotation = rotation(interval, life).with_skew(Duration::ZERO);
        for made in [KeyRing::derived(key(0), rotation, at(NOON)), KeyRing::rotating(rotation, at(NOON))] {
            let kind = made.err().map(|error| error.kind());
            let expected = (!is_fit).then_some(KeyErrorKind::TooManyKeys);
            assert_eq!(kind, expected, "{interval} {life}");
        }
    }
}

#[test]
fn the_lead_covers_the_skew() {
    let rotation = Rotation::every("10m").unwrap();
    assert_eq!(rotation.activation_delay(), secs(300));
    assert_eq!(rotation.with_skew(secs(200)).activation_delay(), secs(400));
    assert_eq!(rotation.with_activation_delay("1s").unwrap().activation_delay(), secs(120));
    assert_eq!(
        rotation.with_activation_delay("1s").unwrap().with_skew(Duration::ZERO).activation_delay(),
        secs(10)
    );
    assert_eq!(Rotation::every("30d").unwrap().activation_delay(), secs(HOUR));
}

#[test]
fn keys_are_rotated_and_revoked_by_hand() {
    let ring = rotating(daily(), NOON);
    let first = active(&ring);
    // The only key that signs stays, unless it is replaced in the same step.
    assert_eq!(ring.revoke(first).unwrap_err().kind(), KeyErrorKind::Active);
    let second = ring.rotate(at(NOON + HOUR)).unwrap();
    assert_eq!(ring.keys(), [(first, KeyState::VerifyOnly), (second, KeyState::Active)]);
    // The next one is due an interval later.
    ring.advance(at(NOON + HOUR + DAY - 1));
    assert_eq!(active(&ring), second);
    ring.advance(at(NOON + HOUR + DAY));
    assert_ne!(active(&ring), second);
    ring.revoke(second).unwrap();
    assert!(!has(&ring, second));
    assert_eq!(ring.revoke(second).unwrap_err().kind(), KeyErrorKind::Unknown);
    // No time brings it back.
    for time in [NOON, NOON + 2 * HOUR, NOON + DAY] {
        ring.advance(at(time));
        assert!(!has(&ring, second));
    }

    let old = ring.keys();
    let new = ring.rotate_and_revoke_all(at(NOON + DAY)).unwrap();
    assert_eq!(ring.keys(), [(new, KeyState::Active)]);
    assert!(old.iter().all(|(id, _)| *id != new));
}

#[test]
fn fixed_rings_are_rotated_by_hand_only() {
    let ring = KeyRing::new(key(0)).with_previous(key(1)).unwrap();
    let old = active(&ring);
    ring.advance(at(u64::MAX));
    assert_eq!(active(&ring), old);
    assert_eq!(ring.revoke(old).unwrap_err().kind(), KeyErrorKind::Active);
    let new = ring.rotate(at(NOON)).unwrap();
    assert_eq!(active(&ring), new);
    ring.revoke(old).unwrap();
    assert!(!has(&ring, old) && has(&ring, key(1).id()));
    let last = ring.rotate_and_revoke_all(at(NOON)).unwrap();
    assert_eq!(ring.keys(), [(last, KeyState::Active)]);
}

#[test]
fn derived_keys_follow_the_clock_and_nothing_else() {
    let ring = derived(daily(), NOON);
    let kind = |error: auth_runtime::keys::KeyError| error.kind();
    assert_eq!(kind(ring.rotate(at(NOON)).unwrap_err()), KeyErrorKind::Derived);
    assert_eq!(kind(ring.rotate_and_revoke_all(at(NOON)).unwrap_err()), KeyErrorKind::Derived);
    assert_eq!(kind(ring.revoke(active(&ring)).unwrap_err()), KeyErrorKind::Active);
    assert_eq!(kind(ring.rotate_to(key(9)).unwrap_err()), KeyErrorKind::Rotating);
    assert_eq!(kind(ring.add_pending(key(9)).unwrap_err()), KeyErrorKind::Rotating);
    assert_eq!(kind(ring.activate(active(&ring)).unwrap_err()), KeyErrorKind::Rotating);
    // One that must still sign cannot be taken away, either.
    let midnight = NOON - NOON % DAY + DAY;
    ring.advance(at(midnight - 1));
    let pending = ring.keys().last().copied().unwrap();
    assert_eq!(pending.1, KeyState::Pending);
    assert_eq!(kind(ring.revoke(pending.0).unwrap_err()), KeyErrorKind::Active);
    // What has signed can, and the clock does not bring it back.
    let old = active(&ring);
    ring.advance(at(midnight));
    ring.revoke(old).unwrap();
    assert!(!has(&ring, old));
    ring.advance(at(midnight + 1));
    assert!(!has(&ring, old));
}

#[test]
fn masters_are_replaced_without_ending_anything() {
    let (old, new) = (|| key(0), || key(1));
    let ring = |own: Key, other: Key| {
        KeyRing::derived(own, daily(), at(NOON)).unwrap().with_previous_root_key(other, daily()).unwrap()
    };
    let (announcing, using) = (ring(old(), new()), ring(new(), old()));
    let before = KeyRing::derived(old(), daily(), at(NOON)).unwrap();
    assert!(has(&announcing, active(&using)) && has(&using, active(&announcing)));
    assert!(has(&using, active(&before)) && !has(&before, active(&using)));
    // Those of the other master rotate, too.
    using.advance(at(NOON + DAY));
    before.advance(at(NOON + DAY));
    assert!(has(&using, active(&before)));

    let twice = KeyRing::derived(old(), daily(), at(NOON)).unwrap().with_previous_root_key(old(), daily());
    assert_eq!(twice.unwrap_err().kind(), KeyErrorKind::Duplicate);
    let random = rotating(daily(), NOON).with_previous_root_key(old(), daily());
    assert_eq!(random.unwrap_err().kind(), KeyErrorKind::Rotating);
}

#[test]
fn a_fixed_key_of_before_still_verifies_in_a_ring_that_rotates() {
    for ring in [derived(daily(), NOON), rotating(daily(), NOON)] {
        let ring = ring.with_previous(key(7)).unwrap();
        assert!(has(&ring, key(7).id()));
        ring.advance(at(NOON + 100 * DAY));
        assert!(has(&ring, key(7).id()));
        assert_eq!(ring.clone().with_previous(key(7)).unwrap_err().kind(), KeyErrorKind::Duplicate);
        ring.retire(key(7).id()).unwrap();
        assert!(!has(&ring, key(7).id()));
    }
}

fn who(policy: &TicketCookie, cookie: &str, now: u64) -> Option<String> {
    let (parts, ()) = Request::builder().header(header::COOKIE, cookie).body(()).unwrap().into_parts();
    let incoming = Incoming::new(&parts, None, at(now));
    policy.identify(&incoming).now().unwrap().unwrap().identity().map(|identity| identity.as_str().to_owned())
}

fn log_in(policy: &TicketCookie, now: u64, options: &LoginOptions) -> (String, u64) {
    let (parts, ()) = Request::builder().body(()).unwrap().into_parts();
    let identified = policy.identify(&Incoming::new(&parts, None, at(now))).now().unwrap().unwrap();
    let context = ChangeContext::new(at(now), &identified);
    let effects = poll_once(policy.remember(&context, &Identity::new("alice").unwrap(), options)).unwrap();
    let line = effects.headers().next().unwrap().1.to_str().unwrap().to_owned();
    let (cookie, attributes) = line.split_once(';').unwrap();
    let max_age = attributes.split("Max-Age=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    (cookie.to_owned(), max_age)
}

/// What was signed in one interval is good in the following ones until it expires, on each machine.
#[test]
fn a_ticket_outlives_rotations_and_ends_when_it_expires() {
    let rotation = Rotation::every("1h").unwrap().with_credential_lifetime("8h").unwrap();
    let policy =
        |now| TicketCookie::new(derived(rotation, now)).with_lifetime(secs(8 * HOUR)).without_renewal();
    let (here, there) = (policy(NOON), policy(NOON));
    let mut cookies = Vec::new();
    for minute in 0..20 * 60_u64 {
        let now = NOON + minute * 60;
        let late = policy(now);
        if minute % 17 == 0 {
            cookies.push((log_in(&here, now, &LoginOptions::new()).0, now + 8 * HOUR));
        }
        if minute % 13 == 0 {
            for (cookie, expires) in &cookies {
                for policy in [&here, &there, &late] {
                    assert_eq!(who(policy, cookie, now).is_some(), now < *expires, "{minute}");
                }
            }
        }
    }
    let (cookie, expires) = cookies.last().unwrap();
    assert!(who(&here, cookie, expires - 1).is_some() && who(&there, cookie, *expires).is_none());
}

#[test]
fn a_ticket_is_refused_once_its_key_is_revoked() {
    let ring = rotating(daily(), NOON);
    let policy = TicketCookie::new(ring.clone());
    let (cookie, _) = log_in(&policy, NOON, &LoginOptions::new());
    let old = active(&ring);
    ring.rotate(at(NOON + 1)).unwrap();
    assert_eq!(who(&policy, &cookie, NOON + 2).as_deref(), Some("alice"));
    ring.revoke(old).unwrap();
    assert_eq!(who(&policy, &cookie, NOON + 3), None);

    let (cookie, _) = log_in(&policy, NOON + 4, &LoginOptions::new());
    ring.rotate_and_revoke_all(at(NOON + 5)).unwrap();
    assert_eq!(who(&policy, &cookie, NOON + 6), None);
    let (cookie, _) = log_in(&policy, NOON + 7, &LoginOptions::new());
    assert!(who(&policy, &cookie, NOON + 8).is_some());
}

/// A ticket must not outlive its key, so it is not promised to.
#[test]
fn no_ticket_is_issued_for_longer_than_its_key_verifies() {
    let policy = || TicketCookie::new(rotating(daily(), NOON));
    let month = LoginOptions::new().with_lifetime(secs(30 * DAY));
    assert_eq!(log_in(&policy(), NOON, &month).1, 8 * HOUR);
    assert_eq!(log_in(&policy().with_lifetime(secs(DAY)), NOON, &LoginOptions::new()).1, 8 * HOUR);
    assert_eq!(log_in(&policy().with_lifetime(secs(60)), NOON, &LoginOptions::new()).1, 60);
    let fixed = TicketCookie::new(KeyRing::new(key(0)));
    assert_eq!(log_in(&fixed, NOON, &month).1, 7 * DAY);
}

/// Requests that verify while others sign and the keys change under them.
#[test]
fn a_key_rotation_during_a_request_rejects_no_ticket() {
    let rotation = Rotation::every("1m").unwrap().with_credential_lifetime("10m").unwrap().with_skew(secs(5));
    for ring in [derived(rotation, NOON), rotating(rotation, NOON)] {
        let scope = TicketScope { purpose: "identity", application: "", name: "auth" };
        let sealer = TicketSealer::new(ring.clone(), &scope);
        let (clock, barrier) = (AtomicU64::new(NOON), Barrier::new(3));
        std::thread::scope(|threads| {
            for thread in 0..3 {
                let (ring, sealer, clock, barrier) = (&ring, &sealer, &clock, &barrier);
                threads.spawn(move || {
                    for round in 0..4_000 {
                        if round % 4 == 0 {
                            // No request takes longer than the skew.
                            barrier.wait();
                        }
                        // The first one lets the time pass, a second at a time.
                        let now = at(clock.fetch_add(u64::from(thread == 0), Ordering::SeqCst));
                        ring.advance(now);
                        let ticket = Ticket::new(Identity::new("alice").unwrap(), now, now.plus(secs(600)));
                        let text = sealer.seal(&ticket, None).unwrap();
                        assert!(sealer.open(&text, None).is_ok());
                    }
                });
            }
        });
    }
}
