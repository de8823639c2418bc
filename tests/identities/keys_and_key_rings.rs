//! What keys and rings of keys promise.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::collections::HashSet;

use auth_runtime::{
    Key, KeyRing,
    keys::{
        KeyErrorKind::{self, Passphrase, Repetitive, TooShort},
        KeyId,
        KeyState::{Active, Pending, VerifyOnly},
    },
};
use base64::{Engine, engine::general_purpose as form};

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn refusal(secret: impl AsRef<[u8]>) -> Option<KeyErrorKind> {
    Key::from_bytes(secret).err().map(|error| error.kind())
}

#[test]
fn weak_secrets_are_refused() {
    let ascending: Vec<u8> = (0..64).collect();
    let mut rows: Vec<(Vec<u8>, KeyErrorKind)> = Vec::new();
    for length in [0, 1, 8, 15, 16, 20, 24, 31] {
        rows.push((ascending[..length].to_vec(), TooShort));
    }
    for text in ["", "secret", "password", "changeme", "s3cr3t-k3y-f0r-my-app", "your-256-bit-secret"] {
        rows.push((text.into(), TooShort));
    }
    for byte in [0, 1, b' ', b'0', b'a', 0x7f, 0x80, 0xff] {
        for length in [32, 64, 1000] {
            rows.push((vec![byte; length], Repetitive));
        }
    }
    for pattern in ["ab", "abc", "0123456", "\x01\x02", "secret", "changeme"] {
        rows.push((pattern.repeat(32).into(), Repetitive));
    }
    for text in [
        "correct horse battery staple, twice",
        "this is my very secret passphrase!!",
        "0123456789abcdefghijklmnopqrstuv",
        "0123456789abcdef0123456789abcdef",
        "Tr0ub4dor&3-Tr0ub4dor&3-Tr0ub4dor",
        "keyboard cat keyboard cat keyboard\n",
        "your-256-bit-secret-goes-here-please-ok!!!",
        "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWy",
    ] {
        assert!((32..43).contains(&text.len()), "{text}");
        rows.push((text.into(), Passphrase));
    }
    assert!(rows.len() >= 40);
    for (secret, kind) in rows {
        assert_eq!(refusal(&secret), Some(kind), "{}", secret.escape_ascii());
    }
}

// A secret of the application, of any length from 32 bytes on, or a random one.
#[test]
fn strong_secrets_are_taken_in_every_form() {
    let bytes: Vec<u8> = (100..132).map(|byte: u8| byte.wrapping_mul(57)).collect();
    let expected = Key::from_bytes(&bytes).unwrap().id();
    for engine in [form::STANDARD, form::STANDARD_NO_PAD, form::URL_SAFE, form::URL_SAFE_NO_PAD] {
        assert_eq!(Key::from_base64(&engine.encode(&bytes)).unwrap().id(), expected);
    }
    assert_eq!(refusal("p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA"), None);
    assert_eq!(refusal((0..=255).collect::<Vec<u8>>()), None);
}

// The operating system's randomness.
#[test]
fn random_keys_are_different() {
    let ids: HashSet<KeyId> = (0..1000).map(|_| Key::random().unwrap().id()).collect();
    assert_eq!(ids.len(), 1000);
}

/// As `openssl rand -base64 32 > key` writes it, here and on Windows, and a longer one, which has two lines.
#[test]
fn the_line_breaks_of_openssl_are_skipped() {
    let text = "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA=";
    let id = |text: &str| Key::from_base64(text).map(|key| key.id());
    for end in ["\n", "\r\n", "\n\n"] {
        assert_eq!(id(&format!("{text}{end}")), id(text), "{end:?}");
    }
    let long = "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyAp8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA==";
    assert_eq!(id(&format!("{}\n{}\n", &long[..64], &long[64..])), id(long));
    assert!(id(long).is_ok());
    // Other white space is a mistake.
    for wrong in [format!("{text} "), format!(" {text}"), format!("{text}\t")] {
        assert_eq!(Key::from_base64(&wrong).unwrap_err().kind(), KeyErrorKind::NotBase64);
    }
}

#[test]
fn text_that_is_not_base64_is_rejected() {
    let kind = |text: &str| Key::from_base64(text).unwrap_err().kind();
    for text in ["!", "p8U1 YxK", "p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyB", "+-+-", "AAAA=AAA", "A", "é"]
    {
        assert_eq!(kind(text), KeyErrorKind::NotBase64, "{text}");
    }
    assert_eq!(kind(""), TooShort);
    assert_eq!(kind("p8U1wYxk0m3T"), TooShort);
    assert_eq!(kind(&"A".repeat(43)), Repetitive);
}

#[test]
fn no_form_of_a_key_or_its_refusal_tells_the_secret() {
    let secret = "canary-canary-canary-0123456789-canary-canary";
    let key = Key::from_bytes(secret).unwrap();
    let id = key.id();
    assert_eq!(format!("{key:?}"), format!("Key({id}, [redacted])"));
    assert_eq!(format!("{id:?}"), format!("KeyId({id})"));
    assert_eq!(id.to_string().len(), 16);
    assert_eq!(KeyId::from_bytes(*id.as_bytes()), id);
    let ring = KeyRing::new(key);
    assert_eq!(format!("{ring:?}"), format!("{{KeyId({id}): Active}}"));
    for bad in ["canary", "canary canary canary canary canary", &"canary".repeat(9)] {
        for error in
            [Key::from_bytes(bad).unwrap_err(), Key::from_base64(&bad.replace(' ', "!")).unwrap_err()]
        {
            let text = format!("{error} {error:?} {error:#?}");
            assert!(!text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn ids_depend_on_the_whole_secret() {
    let base: Vec<u8> = (0..32).collect();
    let id = Key::from_bytes(&base).unwrap().id();
    for at in 0..base.len() {
        let mut other = base.clone();
        other[at] ^= 0x80;
        assert_ne!(Key::from_bytes(&other).unwrap().id(), id);
    }
    assert_ne!(Key::from_bytes([&base[..], &[0]].concat()).unwrap().id(), id);
}

#[test]
fn a_key_is_in_a_ring_once() {
    let ring = KeyRing::new(key(0)).with_previous(key(1)).unwrap();
    ring.add_pending(key(2)).unwrap();
    for seed in 0..3 {
        assert_eq!(ring.add_pending(key(seed)).unwrap_err().kind(), KeyErrorKind::Duplicate);
        assert_eq!(ring.rotate_to(key(seed)).unwrap_err().kind(), KeyErrorKind::Duplicate);
        assert_eq!(ring.clone().with_previous(key(seed)).unwrap_err().kind(), KeyErrorKind::Duplicate);
    }
    assert_eq!(ring.keys().len(), 3);
}

#[test]
fn a_ring_holds_sixteen_keys() {
    let ring = KeyRing::new(key(0));
    for seed in 1..16 {
        ring.add_pending(key(seed)).unwrap();
    }
    assert_eq!(ring.add_pending(key(16)).unwrap_err().kind(), KeyErrorKind::RingFull);
    assert_eq!(ring.rotate_to(key(16)).unwrap_err().kind(), KeyErrorKind::RingFull);
    ring.retire(key(7).id()).unwrap();
    ring.rotate_to(key(16)).unwrap();
    assert_eq!(ring.keys().len(), 16);
}

#[test]
fn keys_go_from_pending_to_active_to_verify_only_to_retired() {
    let ring = KeyRing::new(key(0)).with_previous(key(1)).unwrap();
    let shared = ring.clone();
    let states = || shared.keys().into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    let id = |seed| key(seed).id();
    assert_eq!(states(), [Active, VerifyOnly]);
    assert_eq!(ring.add_pending(key(2)).unwrap(), id(2));
    assert_eq!(states(), [Active, VerifyOnly, Pending]);
    ring.activate(id(2)).unwrap();
    assert_eq!(states(), [VerifyOnly, VerifyOnly, Active]);
    ring.activate(id(2)).unwrap();
    assert_eq!(states(), [VerifyOnly, VerifyOnly, Active]);
    assert_eq!(ring.rotate_to(key(3)).unwrap(), id(3));
    assert_eq!(states(), [VerifyOnly, VerifyOnly, VerifyOnly, Active]);
    ring.activate(id(0)).unwrap();
    assert_eq!(states(), [Active, VerifyOnly, VerifyOnly, VerifyOnly]);

    // The active key stays, with every change, and a failed change changes nothing.
    assert_eq!(ring.retire(id(0)).unwrap_err().kind(), KeyErrorKind::Active);
    for unknown in [id(9), KeyId::from_bytes([0; 8])] {
        assert_eq!(ring.retire(unknown).unwrap_err().kind(), KeyErrorKind::Unknown);
        assert_eq!(ring.activate(unknown).unwrap_err().kind(), KeyErrorKind::Unknown);
    }
    for seed in 1..=3 {
        ring.retire(id(seed)).unwrap();
        assert_eq!(ring.activate(id(seed)).unwrap_err().kind(), KeyErrorKind::Unknown);
    }
    assert_eq!(shared.keys(), [(id(0), Active)]);
}

#[test]
fn changes_from_many_threads_all_count() {
    let ring = KeyRing::new(key(0));
    std::thread::scope(|threads| {
        for seed in 1..=12 {
            let ring = &ring;
            threads.spawn(move || {
                let id = ring.rotate_to(key(seed)).unwrap();
                ring.add_pending(key(seed + 100)).map(|pending| ring.retire(pending)).ok();
                assert!(ring.keys().iter().any(|(known, _)| *known == id));
            });
        }
    });
    let states = ring.keys();
    assert_eq!(states.iter().filter(|(_, state)| *state == Active).count(), 1);
    for seed in 0..=12 {
        assert!(states.iter().any(|(id, _)| *id == key(seed).id()));
    }
}
