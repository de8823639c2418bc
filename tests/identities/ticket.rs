//! What a ticket promises: without the key no one can make or change one, or find a second spelling of one.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{collections::HashMap, net::IpAddr, time::Duration};

use auth_runtime::{
    Identity, Key, KeyRing,
    clock::UnixTime,
    keys::{KeyId, KeyState, Rotation},
    ticket::{BoundAddress, Ticket, TicketErrorKind, TicketScope, TicketSealer},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

const NOON: u64 = 1_700_000_000;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn scope<'a>(purpose: &'a str, application: &'a str, name: &'a str) -> TicketScope<'a> {
    TicketScope { purpose, application, name }
}

fn sealer() -> TicketSealer {
    TicketSealer::new(KeyRing::new(key(0)), &scope("identity", "shop", "__Host-auth"))
}

fn time(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn ticket(identity: &str) -> Ticket {
    Ticket::new(Identity::new(identity).unwrap(), time(NOON), time(NOON + 3600))
}

fn address(text: &str) -> BoundAddress {
    BoundAddress::new(text.parse().unwrap(), 32, 128)
}

/// Tickets of every shape: payload lengths of all three remainders, with and without what is optional.
fn shapes() -> Vec<Ticket> {
    vec![
        ticket("alice"),
        ticket("al"),
        ticket("a").with_first_login(time(NOON - 500)),
        ticket("alice").with_tokens(["mfa", ""]),
        ticket("alice@example.com").with_public_data("theme=dark; ünï"),
    ]
}

/// Each ticket is signed with the key of its time, and opened for as long as that key verifies.
#[test]
fn a_rotating_ring_signs_and_verifies_by_the_time_that_it_is_given() {
    let day = Duration::from_hours(24);
    let rotation = Rotation::every(day).unwrap().with_credential_lifetime(day).unwrap();
    let ring = KeyRing::derived(key(0), rotation, time(NOON)).unwrap();
    let sealer = TicketSealer::new(ring.clone(), &scope("identity", "shop", "__Host-auth"));
    let later = time(NOON).plus(day);
    let [first, second] = [time(NOON), later].map(|now| sealer.seal_at(now, &ticket("alice"), None).unwrap());
    let opened = |now, text: &str| sealer.open_at(now, text, None);
    let (one, other) = (opened(later, &first).unwrap(), opened(later, &second).unwrap());
    assert_eq!((one.ticket().identity().as_str(), other.ticket().identity().as_str()), ("alice", "alice"));
    assert_ne!(one.key(), other.key(), "each interval has its own key");
    assert!(ring.keys().contains(&(other.key(), KeyState::Active)));
    assert!(ring.keys().contains(&(one.key(), KeyState::VerifyOnly)));
    // The first key last signed before `later`, and the second one after it.
    let retired = later.plus(day).plus(Duration::from_secs(61));
    assert_eq!(opened(retired, &first).unwrap_err().kind(), TicketErrorKind::Forged);
    assert!(opened(retired, &second).is_ok());
}

#[test]
fn no_changed_ticket_is_opened() {
    let sealer = sealer();
    for ticket in shapes() {
        let good = sealer.seal(&ticket, None).unwrap().into_bytes();
        assert_eq!(sealer.open(&good, None).unwrap().ticket(), &ticket);
        let refused = |bytes: &[u8]| assert!(sealer.open(bytes, None).is_err(), "{:?}", bytes.escape_ascii());
        for at in 0..good.len() {
            let mut changed = good.clone();
            for bit in 0..8 {
                changed[at] = good[at] ^ (1 << bit);
                refused(&changed);
            }
            for byte in (0..=255).filter(|byte| *byte != good[at]) {
                changed[at] = byte;
                refused(&changed);
            }
            changed.remove(at);
            refused(&changed);
        }
        for at in 0..=good.len() {
            let mut longer = good.clone();
            longer.insert(at, 0);
            for byte in 0..=255 {
                longer[at] = byte;
                refused(&longer);
            }
        }
    }
}

#[test]
fn no_bit_of_the_decoded_bytes_can_be_changed() {
    let sealer = sealer();
    for ticket in shapes() {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealer.seal(&ticket, None).unwrap()).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                assert!(sealer.open(URL_SAFE_NO_PAD.encode(&bytes), None).is_err(), "bit {bit} of byte {at}");
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
#[ignore = "long: a million pairs of bits"]
fn no_two_bits_can_be_changed() {
    let sealer = sealer();
    for ticket in shapes() {
        let good = sealer.seal(&ticket, None).unwrap().into_bytes();
        let bits = good.len() * 8;
        for first in 0..bits {
            for second in 0..first {
                let mut changed = good.clone();
                changed[first / 8] ^= 1 << (first % 8);
                changed[second / 8] ^= 1 << (second % 8);
                assert!(sealer.open(&changed, None).is_err());
            }
        }
    }
}

#[test]
fn no_cut_lengthened_or_joined_ticket_is_opened() {
    let sealer = sealer();
    for ticket in shapes() {
        let good = sealer.seal(&ticket, None).unwrap();
        for end in 0..good.len() {
            assert!(sealer.open(&good[..end], None).is_err());
            assert!(sealer.open(&good[good.len() - end..], None).is_err());
        }
        for changed in [
            format!("{good}{good}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.{good}"),
            format!("{good}\0"),
            format!("{good}A"),
            format!("{good}AA"),
            format!("{good}AAAA"),
            format!("AAAA{good}"),
        ] {
            assert!(sealer.open(&changed, None).is_err(), "{changed}");
        }
    }
    for byte in [".", "A", "-", "\0", "é"] {
        for length in [0, 1, 40, 41, 54, 55, 511, 512, 513, 4095, 4096, 4097, 1_000_000] {
            let error = sealer.open(byte.repeat(length), None).unwrap_err();
            assert!(matches!(error.kind(), TicketErrorKind::Malformed | TicketErrorKind::Forged));
        }
    }
}

/// One ticket has one spelling.
#[test]
fn exactly_one_spelling_is_a_ticket() {
    let sealer = sealer();
    for ticket in shapes() {
        let good = sealer.seal(&ticket, None).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&good).unwrap();
        let mut variants = vec![
            format!("{good}="),
            format!("{good}=="),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good} "),
            format!("\"{good}\""),
            format!("%{:02X}{}", good.as_bytes()[0], &good[1..]),
            good.to_uppercase(),
            good.to_lowercase(),
            good.replace('-', "+"),
            good.replace('_', "/"),
            good.replace(['-', '_'], "+"),
            base64::engine::general_purpose::STANDARD.encode(&bytes),
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(&bytes),
            format!("{bytes:02x?}").replace([' ', ',', '[', ']'], ""),
        ];
        // All last characters: some of them differ only in bits that the decoder would drop.
        for last in ALPHABET {
            variants.push(format!("{}{}", &good[..good.len() - 1], *last as char));
        }
        for at in 0..good.len() {
            for white in [" ", "\t", "\r\n"] {
                variants.push(format!("{}{white}{}", &good[..at], &good[at..]));
            }
        }
        for variant in variants.iter().filter(|variant| **variant != good) {
            assert!(sealer.open(variant, None).is_err(), "{variant}");
        }
    }
}

/// A ticket is for one purpose, one application and one cookie.
#[test]
fn a_ticket_is_worth_nothing_in_another_scope() {
    let texts = ["", "a", "b", "ab", "a/b", "a\0", "A", "__Host-auth"];
    let mut sealers = Vec::new();
    for ring in [KeyRing::new(key(0)), KeyRing::new(key(1))] {
        for purpose in ["identity", "ws"] {
            for application in texts {
                for name in texts {
                    sealers.push(TicketSealer::new(ring.clone(), &scope(purpose, application, name)));
                }
            }
        }
    }
    let sealed: Vec<_> = sealers.iter().map(|sealer| sealer.seal(&ticket("alice"), None).unwrap()).collect();
    for (i, sealer) in sealers.iter().enumerate() {
        for (j, text) in sealed.iter().enumerate() {
            assert_eq!(sealer.open(text, None).is_ok(), i == j, "{i} {j}");
        }
    }
}

#[test]
fn no_other_version_is_read() {
    let sealer = sealer();
    let good = URL_SAFE_NO_PAD.decode(sealer.seal(&ticket("alice"), None).unwrap()).unwrap();
    for version in 0..=255 {
        let mut bytes = good.clone();
        bytes[0] = version;
        assert_eq!(
            sealer.open(URL_SAFE_NO_PAD.encode(&bytes), None).is_ok(),
            version == 1,
            "version {version}"
        );
    }
}

/// Times have 64 bits.
#[test]
fn times_hold_at_their_edges() {
    let second = Duration::from_secs;
    let extremes = [0, 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, NOON, u64::MAX - 1, u64::MAX];
    // Nothing overflows, and what a ticket says is what was sealed.
    let sealer = sealer();
    for issued in extremes {
        for expires in extremes {
            for first_login in extremes {
                let ticket = Ticket::new(Identity::new("a").unwrap(), time(issued), time(expires))
                    .with_first_login(time(first_login));
                assert_eq!(sealer.open(sealer.seal(&ticket, None).unwrap(), None).unwrap().ticket(), &ticket);
                for now in extremes {
                    for absolute in [0, 1, u64::MAX] {
                        for skew in [0, 60, u64::MAX] {
                            let valid = issued.max(first_login) <= now.saturating_add(skew)
                                && now < expires
                                && now < first_login.saturating_add(absolute);
                            let found = ticket.check(time(now), second(skew), second(absolute)).is_ok();
                            assert_eq!(
                                found, valid,
                                "{issued} {expires} {first_login} {now} {absolute} {skew}"
                            );
                        }
                    }
                }
            }
        }
    }
    let rows = [
        // now - issue, skew, valid: expiry is after 3,600 s, the absolute limit after 7,200 s
        (0, 0, Ok(())),
        (3599, 0, Ok(())),
        (3600, 0, Err(TicketErrorKind::Expired)),
        (3601, 0, Err(TicketErrorKind::Expired)),
        (3599, 60, Ok(())),
        // Skew is for the future, it makes no ticket live longer.
        (3600, 60, Err(TicketErrorKind::Expired)),
    ];
    for (age, skew, expected) in rows {
        let found = ticket("a").check(time(NOON + age), second(skew), second(7200));
        assert_eq!(found.map_err(|error| error.kind()), expected, "age {age}, skew {skew}");
    }
    // The absolute limit counts from the first log-in, independent of the expiry.
    let renewed = ticket("a").with_first_login(time(NOON - 3600));
    assert!(renewed.check(time(NOON + 3598), second(60), second(7199)).is_ok());
    assert!(renewed.check(time(NOON + 3599), second(60), second(7199)).is_err());
}

#[test]
fn a_ticket_from_the_future_is_refused_beyond_the_skew() {
    for ahead in 0..=120_u64 {
        for skew in [0, 1, 60, 90] {
            let found =
                ticket("a").check(time(NOON - ahead), Duration::from_secs(skew), Duration::from_secs(9999));
            assert_eq!(found.is_ok(), ahead <= skew);
            if let Err(error) = found {
                assert_eq!(error.kind(), TicketErrorKind::NotYet);
            }
        }
    }
}

#[test]
fn rotation_loses_no_ticket_and_a_retired_key_accepts_none() {
    let ring = KeyRing::new(key(0));
    let node = |ring: &KeyRing| TicketSealer::new(ring.clone(), &scope("identity", "", "auth"));
    let (here, other) = (node(&ring), KeyRing::new(key(0)));
    let there = node(&other);
    let mut sealed = vec![here.seal(&ticket("a"), None).unwrap()];
    for round in 1..=3 {
        let old = ring.keys()[0].0;
        // Published before it is used: at each step both machines read what either writes.
        for ring in [&ring, &other] {
            let new = ring.add_pending(key(round)).unwrap();
            assert_ne!(here.open(&sealed[0], None).unwrap().key(), new);
        }
        for ring in [&ring, &other] {
            let new = ring.keys()[1].0;
            ring.activate(new).unwrap();
            for sealer in [&here, &there] {
                sealed.push(sealer.seal(&ticket("a"), None).unwrap());
            }
            for text in &sealed {
                assert!(here.open(text, None).is_ok() && there.open(text, None).is_ok());
            }
        }
        for ring in [&ring, &other] {
            ring.retire(old).unwrap();
        }
        sealed.retain(|text| {
            let answer = here.open(text, None);
            assert_eq!(answer, there.open(text, None));
            answer.is_ok_and(|opened| opened.key() != old)
        });
        assert!(!sealed.is_empty());
    }
}

#[test]
fn tickets_stay_valid_while_another_thread_rotates() {
    let ring = KeyRing::new(key(0));
    let sealer = TicketSealer::new(ring.clone(), &scope("identity", "", "auth"));
    let text = sealer.seal(&ticket("a"), None).unwrap();
    std::thread::scope(|threads| {
        let checking = threads.spawn(|| {
            for _ in 0..20_000 {
                assert!(sealer.open(&text, None).is_ok());
                assert!(sealer.open(sealer.seal(&ticket("b"), None).unwrap(), None).is_ok());
            }
        });
        let ids: Vec<_> = (1..8).map(|seed| ring.add_pending(key(seed)).unwrap()).collect();
        while !checking.is_finished() {
            for id in &ids {
                ring.activate(*id).unwrap();
                // Each change makes all keys be derived again, also one that concerns no ticket.
                let other = ring.add_pending(key(100)).unwrap();
                ring.retire(other).unwrap();
            }
        }
        checking.join().unwrap();
    });
}

#[test]
fn every_unknown_key_id_is_rejected() {
    let sealer = sealer();
    let text = sealer.seal(&ticket("a"), None).unwrap();
    let good = URL_SAFE_NO_PAD.decode(&text).unwrap();
    let known = *sealer.open(&text, None).unwrap().key().as_bytes();
    assert_eq!(known, *key(0).id().as_bytes());
    for id in [[0; 8], [255; 8], *key(1).id().as_bytes(), [known[0], 0, 0, 0, 0, 0, 0, 0]] {
        let mut bytes = good.clone();
        bytes[1..9].copy_from_slice(KeyId::from_bytes(id).as_bytes());
        let error = sealer.open(URL_SAFE_NO_PAD.encode(&bytes), None).unwrap_err();
        assert_eq!(error.kind(), TicketErrorKind::Forged);
    }
}

#[test]
fn the_outside_learns_nothing_of_the_reason() {
    let sealer = sealer();
    let text = sealer.seal(&ticket("a"), None).unwrap();
    let mut errors = vec![sealer.open("", None).unwrap_err(), sealer.open("!", None).unwrap_err()];
    let good = URL_SAFE_NO_PAD.decode(&text).unwrap();
    for at in [0, 1, 9, 40, 41, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        errors.push(sealer.open(URL_SAFE_NO_PAD.encode(&bytes), None).unwrap_err());
    }
    errors.push(ticket("a").check(time(0), Duration::ZERO, Duration::MAX).unwrap_err());
    errors.push(ticket("a").check(time(NOON * 2), Duration::ZERO, Duration::MAX).unwrap_err());
    for error in errors {
        assert_eq!(error.to_string(), "the ticket is not valid");
    }
}

#[test]
fn no_ticket_is_longer_than_browsers_keep() {
    let sealer = sealer();
    // 41 bytes before the payload, 31 of it with this identity, 2 + 2 for the extras, and three bytes in four.
    let longest = 3072 - 41 - 31 - 4;
    let of_length = |length: usize| sealer.seal(&ticket("alice").with_public_data("x".repeat(length)), None);
    assert_eq!(of_length(longest).unwrap().len(), 4096);
    assert_eq!(of_length(longest - 1).unwrap().len(), 4095);
    assert!(sealer.open(of_length(longest).unwrap(), None).is_ok());
    assert_eq!(of_length(longest + 1).unwrap_err().kind(), TicketErrorKind::TooLong);
    // Bytes count, not characters.
    let error =
        sealer.seal(&ticket("alice").with_public_data("é".repeat(longest / 2 + 1)), None).unwrap_err();
    assert_eq!(error.kind(), TicketErrorKind::TooLong);
    assert_eq!(sealer.open("A".repeat(4097), None).unwrap_err().kind(), TicketErrorKind::Malformed);
}

/// That a ticket can be read is said where it is offered.
#[test]
fn a_ticket_can_be_read_and_the_docs_say_so() {
    let text = sealer().seal(&ticket("alice").with_public_data("theme=dark"), None).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    let contains = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(contains(b"alice") && contains(b"theme=dark"));
    let docs = include_str!("../../auth-identity/src/ticket/mod.rs");
    assert!(
        docs.contains(
            "A ticket is signed, not encrypted: the identity, the tokens and the data are readable"
        )
    );
}

/// Old tickets must still open after an update: this text was made by the first version.
#[test]
fn a_pinned_ticket_is_made_and_opened() {
    let sealer = sealer();
    let plain = ticket("alice").with_first_login(time(NOON - 100));
    let bound = ticket("bob").with_tokens(["mfa", "sso"]).with_public_data("é");
    let home = address("192.0.2.1");
    let pinned_plain =
        "ARnfRZe9OHK8mZ3TakjVtwOMRSUJPILljWGUksH7i2lpHHZqnTobj2MAAAAAAGVT8QAAAAAAZVP_EAAAAABlU_CcBWFsaWNl";
    let pinned_bound = "ARnfRZe9OHK8FxiTNRIJ5vq58EUPSxzZPMIB4lxkigoM3GlAURIpB1IDAAAAAGVT8QAAAAAAZVP_EAAAAABlU_EAA2JvYgACAANtZmEAA3NzbwACw6k";
    assert_eq!(sealer.seal(&plain, None).unwrap(), pinned_plain);
    assert_eq!(sealer.seal(&bound, Some(&home)).unwrap(), pinned_bound);
    assert_eq!(sealer.open(pinned_plain, None).unwrap().into_ticket(), plain);
    assert_eq!(sealer.open(pinned_bound, Some(&home)).unwrap().into_ticket(), bound);
}

#[test]
fn a_bound_ticket_is_valid_from_its_address_only() {
    let sealer = sealer();
    let text = sealer.seal(&ticket("a"), Some(&address("192.0.2.1"))).unwrap();
    for (from, valid) in [
        ("192.0.2.1", true),
        ("::ffff:192.0.2.1", true),
        ("::ffff:c000:201", true),
        ("192.0.2.2", false),
        ("::192.0.2.1", false),
        ("64:ff9b::192.0.2.1", false),
        ("0.0.0.0", false),
        ("::", false),
    ] {
        assert_eq!(sealer.open(&text, Some(&address(from))).is_ok(), valid, "{from}");
    }
    // Bound and unbound are never the same.
    assert!(sealer.open(&text, None).is_err());
    let unbound = sealer.seal(&ticket("a"), None).unwrap();
    for from in ["0.0.0.0", "::", "192.0.2.1"] {
        assert!(sealer.open(&unbound, Some(&address(from))).is_err(), "{from}");
    }
}

#[test]
fn the_bytes_of_an_address_are_no_end_of_a_payload() {
    let sealer = sealer();
    let home = address("192.0.2.1");
    let mut bytes = URL_SAFE_NO_PAD.decode(sealer.seal(&ticket("a"), Some(&home)).unwrap()).unwrap();
    // Family and prefix in one byte, then sixteen of the address: now the signed bytes are the same.
    bytes.push(32);
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]);
    assert!(sealer.open(URL_SAFE_NO_PAD.encode(&bytes), None).is_err());
    assert!(sealer.open(URL_SAFE_NO_PAD.encode(&bytes), Some(&home)).is_err());
}

#[test]
fn no_debug_form_of_a_ticket_tells_what_it_holds() {
    let sealer = sealer();
    let secret = ticket("canary-id").with_tokens(["canary-token"]).with_public_data("canary-data");
    let opened = sealer.open(sealer.seal(&secret, None).unwrap(), None).unwrap();
    let error = sealer.open("canary-text", None).unwrap_err();
    for text in [
        format!("{secret:?}{secret:#?}"),
        format!("{opened:?}{opened:#?}"),
        format!("{sealer:?}{sealer:#?}"),
        format!("{error:?}{error:#?}{error}"),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
}

fn an_identity() -> impl Strategy<Value = Identity> {
    "[a-z!-~é\u{4f60}]{1,40}".prop_map(|text| Identity::new(text).unwrap())
}

fn a_ticket() -> impl Strategy<Value = Ticket> {
    let texts = prop::collection::vec("\\PC{0,12}", 0..5);
    (any::<[u64; 3]>(), an_identity(), texts, "\\PC{0,40}").prop_map(|(times, identity, tokens, data)| {
        Ticket::new(identity, time(times[0]), time(times[1]))
            .with_first_login(time(times[2]))
            .with_tokens(tokens)
            .with_public_data(data)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_sealed_is_opened(ticket in a_ticket(), from in proptest::option::of(any::<IpAddr>())) {
        let sealer = sealer();
        let from = from.map(|address| BoundAddress::new(address, 24, 64));
        let text = sealer.seal(&ticket, from.as_ref()).unwrap();
        prop_assert!(text.bytes().all(|byte| ALPHABET.contains(&byte)));
        let opened = sealer.open(&text, from.as_ref()).unwrap().into_ticket();
        prop_assert_eq!(&opened, &ticket);
        prop_assert_eq!(sealer.seal(&opened, from.as_ref()).unwrap(), text);
    }

    #[test]
    fn no_random_text_is_a_ticket(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(sealer().open(&bytes, None).is_err());
        prop_assert!(sealer().open(URL_SAFE_NO_PAD.encode(&bytes), None).is_err());
    }
}

/// No two tickets share their bytes, above all not those whose fields join to the same text.
#[test]
fn no_two_tickets_share_their_bytes() {
    let sealer = sealer();
    let mut seen: HashMap<Vec<u8>, Ticket> = HashMap::new();
    let texts = ["", "a", "b", "ab", "ba", "\0", "a\0", "\0a", ",", "a,b", "!", "a!b"];
    let mut lists: Vec<Vec<&str>> = vec![vec![]];
    for first in texts {
        lists.push(vec![first]);
        for second in texts {
            lists.push(vec![first, second]);
        }
    }
    lists.push(vec![""; 3]);
    for identity in ["a", "ab", "b", "!", "a!b", "a,b"] {
        for tokens in &lists {
            for data in texts {
                for first_login in [NOON, NOON + 256] {
                    let ticket = ticket(identity)
                        .with_first_login(time(first_login))
                        .with_tokens(tokens.iter().copied())
                        .with_public_data(data);
                    let text = sealer.seal(&ticket, None).unwrap();
                    let payload = URL_SAFE_NO_PAD.decode(text).unwrap().split_off(41);
                    if let Some(other) = seen.insert(payload, ticket.clone()) {
                        panic!("{other:?} and {ticket:?} with {tokens:?} {data:?} share their bytes");
                    }
                }
            }
        }
    }
    assert!(seen.len() > 20_000);
}
