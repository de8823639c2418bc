//! Tickets of the older `ticket_auth` format: the recorded ones are read, and no other spelling of them.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::{net::IpAddr, time::Duration};

use auth_runtime::{
    clock::UnixTime,
    ticket::{TicketErrorKind, legacy::LegacyTickets},
};

const USER: &str = "61e6fad647484fe0cf6c1a8937a76f612ddb3ac23589193866b0dd11a0bdbb5961e57754c7264453c597ccab952f3f635a\
    8d321d4776f95b314c2e8012f46c17000001f4user!!";
const USER_V4: &str = "5fccd2815a6f932b93c9a1c86559afde76f320f6c0c43853c0197da0a4a8441b52e4fbc20f35e6755a8c14275123f18\
    d2a63ff865eb82f1e36d4509e92f39543000001f4user!!";
const USER_V6: &str = "6844194ff7f356f8f0601cc9a5c8ac29661a07d20effba9f0d9cc6d5606d9ee4e203ffabb497e2275c404daee9b8521\
    b73544ffaeff7d27e6e542a179413b95c000001f4user!!";
const SPECIAL: &str = "16963d3fc11492c1c744f39462b46637f0487ddc788e878ad7c6b466ba8e35da18b8877972b84b710e15fec357b1947\
    4a851dd22c72bdad39b25a033f115158c6553f100us%21er%21%20!!";
const EXTRAS: &str = "5895e53f4fefd843772efb5141d2615d7ecda98683ba0f2e0d3f6cad471a044d06e4912190c7930dece1f1bce1f67880\
    d610af121f786a7ddcbe041285e8a8946553f100user!a,b%2Cc!x%21y";
const CHINESE: &str = "9dbeef9bacf9f1786fbb6637c51138866f939771ed2b68a61444de35677e5fedcd8dd02bc264b884c108a03fa85110b\
    04c40b004aaa70c6dc52f65ef558d8a2a6553f100%E4%BD%A0%E5%A5%BD!!";
const SHA_256: &str = "b31d22b93f3e2f0af56b8712b142b7a8dd07d293343bc8a197ee48a5960f5d70000001f4user!!";

fn old() -> LegacyTickets {
    LegacyTickets::new("secret", Duration::from_mins(1))
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn kind(tickets: &LegacyTickets, text: &str) -> TicketErrorKind {
    tickets.open(text, None).unwrap_err().kind()
}

#[test]
fn the_recorded_tickets_are_read() {
    let ticket = old().open(USER, None).unwrap();
    assert_eq!(ticket.identity(), "user");
    assert_eq!((ticket.issued().as_secs(), ticket.expires().as_secs()), (440, 500));
    assert!(ticket.tokens().is_empty() && ticket.public_data().is_empty());

    let ticket = old().open(EXTRAS, None).unwrap();
    assert_eq!((ticket.tokens(), ticket.public_data()), (&["a".to_owned(), "b,c".to_owned()][..], "x!y"));
    assert_eq!(ticket.expires().as_secs(), 1_700_000_000);
    assert_eq!(old().open(CHINESE, None).unwrap().identity(), "你好");
    assert_eq!(old().with_sha256().open(SHA_256, None).unwrap().identity(), "user");
    assert!(old().with_sha256().open(USER, None).is_err() && old().open(SHA_256, None).is_err());
    // Its signature is right, but an identity with a space at its end is none here.
    assert_eq!(kind(&old(), SPECIAL), TicketErrorKind::Malformed);
}

#[test]
fn bound_tickets_are_read_from_their_address_only() {
    let bound = old().with_client_address();
    for (text, home) in [(USER_V4, "127.0.0.1"), (USER_V6, "::1")] {
        for from in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "127.0.0.2"] {
            assert_eq!(bound.open(text, Some(address(from))).is_ok(), from == home, "{from}");
        }
        assert!(bound.open(text, None).is_err());
        assert!(old().open(text, Some(address(home))).is_err());
    }
    // Unbound tickets do not depend on the address.
    assert!(old().open(USER, Some(address("192.0.2.1"))).is_ok());
    // No address is not an address.
    assert!(bound.open(USER, None).is_err());
}

/// And the list of section 9.
#[test]
fn a_malformed_ticket_is_rejected_early() {
    let digest = "0".repeat(128);
    for (text, expected) in [
        (String::new(), TicketErrorKind::Malformed),
        ("00".to_owned(), TicketErrorKind::Malformed),
        (digest.clone(), TicketErrorKind::Malformed),
        (format!("{digest}xxxxxxxxuser!!"), TicketErrorKind::Malformed),
        (format!("{digest}-0000001user!!"), TicketErrorKind::Malformed),
        (format!("{digest}000001f4user"), TicketErrorKind::Malformed),
        (format!("{digest}000001f4user!"), TicketErrorKind::Malformed),
        (format!("{digest}000001f4user!!"), TicketErrorKind::Forged),
        (USER.replace("user", "root"), TicketErrorKind::Forged),
        (USER.replace("000001f4", "7fffffff"), TicketErrorKind::Forged),
        ("é".repeat(100), TicketErrorKind::Malformed),
        ("0".repeat(1_000_000), TicketErrorKind::Malformed),
        (format!("{USER}{}", "a".repeat(4096)), TicketErrorKind::Malformed),
    ] {
        assert_eq!(kind(&old(), &text), expected, "{text:.200}");
    }
    for end in 0..USER.len() {
        assert!(old().open(&USER[..end], None).is_err());
    }
}

/// Signed with the old secret, but spelled as the old library never does, or without a user.
#[test]
fn signed_tickets_that_the_old_library_would_not_write_are_refused() {
    for text in [ODD_SPELLING, NOBODY, HIDDEN_NUL] {
        assert_eq!(kind(&old(), text), TicketErrorKind::Malformed, "{text}");
    }
}

const ODD_SPELLING: &str = "6957d38ded9b12401aa8b29b1b00b3da1b9fcbf2512a7a0facaf27893c4d7ac71cffb1d751772bef24c974b665\
     90ce693836e507ab0d16a1a995987bc723fe40000001f4%61lice!!";
const NOBODY: &str = "fc2d98b79ad3434b40cd63dc116a9d2a15347cd977f6f163c5a9953fe288cae984ca4bb1777b1eaace6e0973c0\
     d01cc2ac92933bed2be01d9d9a8b4d6aac8204000001f4!!";
const HIDDEN_NUL: &str = "85ca9fbd24dae92ca0fa2ed83af1e5ca6f1dad3ae4031001743ddac2652a63f477a117bdc3553fa854e8a1476b\
     9a6968eaf406102ca8204f2896d0329ae3926b000001f4a%00b!!";

#[test]
fn no_other_spelling_of_a_ticket_is_read() {
    let (digest, rest) = EXTRAS.split_at(128);
    let (expiry, parts) = rest.split_at(8);
    let respelled = |expiry: &str, parts: &str| format!("{digest}{expiry}{parts}");
    let mut variants = vec![format!("{}{rest}", digest.to_uppercase()), EXTRAS.to_uppercase()];
    for expiry in ["6553F100", " 553f100", "+553f100", "0x53f100", "65_3f100", "6553f10 ", "\u{661}53f100"] {
        variants.push(respelled(expiry, parts));
    }
    for parts in [
        "%75ser!a,b%2Cc!x%21y",
        "user!a,b%2cc!x%21y",
        "user!%61,b%2Cc!x%21y",
        "user!a,b%2Cc!%78%21y",
        "user!a%2Cb%2Cc!x%21y",
        "user!a,b,c!x%21y",
        "user!a,b%2Cc!x!y",
        "user!a,b%2Cc!x%21y!",
        " user!a,b%2Cc!x%21y",
        "user!a,b%2Cc!x%21y ",
        "user%00!a,b%2Cc!x%21y",
    ] {
        variants.push(respelled(expiry, parts));
    }
    for variant in variants {
        assert!(old().open(&variant, None).is_err(), "{variant}");
    }
}

#[test]
fn no_changed_byte_is_accepted() {
    for text in [USER, EXTRAS, CHINESE] {
        for at in 0..text.len() {
            for byte in 0..128_u8 {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = byte;
                let changed = String::from_utf8(changed).unwrap();
                assert!(changed == text || old().open(&changed, None).is_err(), "{changed}");
            }
        }
    }
}

#[test]
fn an_old_ticket_expires_when_its_time_has_come() {
    let ticket = old().open(USER, None).unwrap();
    let valid = |now| {
        ticket.check(UnixTime::from_secs(now), Duration::from_mins(1), Duration::from_secs(9999)).is_ok()
    };
    assert!(valid(499) && !valid(500));
}

#[test]
fn the_old_secret_is_not_shown_and_an_empty_one_opens_nothing() {
    let tickets = LegacyTickets::new("canary", Duration::from_mins(1));
    assert!(!format!("{tickets:?}{tickets:#?}").contains("canary"));
    let empty = LegacyTickets::new("", Duration::from_mins(1));
    // Anybody could make this one: SHA-512 of SHA-512 of the text, without a secret.
    assert!(empty.open(EMPTY_SECRET, None).is_err());
}

const EMPTY_SECRET: &str = "6520feb87450efa9813fc96df0ef1c56bff795dce834a44dc7e2d999b46fcc37b9492c3a59e940035809d25e9a\
    27535691115883b81a37c6d353aeb70a1165d2000001f4user!!";
