//! What a request with a ticket costs: no allocation, where nothing out of the ordinary is asked for.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::time::Duration;

use allocation_counter::measure;
use auth_runtime::{
    Identity, IdentityPolicy, Key, KeyRing, TicketCookie,
    clock::UnixTime,
    identity::{Incoming, cookie::CookieValues},
    keys::Rotation,
    ticket::{Ticket, TicketScope, TicketSealer},
};
use http::{Request, header::COOKIE};

const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

fn cookie(ring: &KeyRing, name: &str, issued: UnixTime) -> String {
    let scope = TicketScope { purpose: "identity", application: "", name: "__Host-auth" };
    let ticket = Ticket::new(Identity::new(name).unwrap(), issued, issued.plus(Duration::from_hours(8)));
    format!("__Host-auth={}", TicketSealer::new(ring.clone(), &scope).seal(&ticket, None).unwrap())
}

#[test]
fn finding_an_identity_allocates_nothing() {
    let ring = KeyRing::random();
    let policy = TicketCookie::new(ring.clone());
    let other = KeyRing::random();
    let alice = cookie(&ring, "alice.liddell@example.c", NOON);
    for (line, found) in [
        (alice.clone(), true),
        (format!("theme=dark; x=y; {alice}; lang=en"), true),
        (format!("{alice}; __Host-auth=garbage; {alice}"), true),
        ("theme=dark".to_owned(), false),
        (cookie(&other, "alice", NOON), false),
        (cookie(&ring, "alice", UnixTime::from_secs(0)), false),
        ("__Host-auth=garbage".to_owned(), false),
    ] {
        let (parts, ()) = Request::builder().header(COOKIE, &line).body(()).unwrap().into_parts();
        let incoming = Incoming::new(&parts, None, NOON);
        let ask = || policy.identify(&incoming).now().unwrap().unwrap().identity().is_some();
        assert_eq!(ask(), found, "{line}");
        let cost = measure(|| {
            std::hint::black_box(ask());
        });
        assert_eq!(cost.count_total, 0, "{line}");
        let cost = measure(|| {
            CookieValues::new(incoming.headers(), "x").for_each(drop);
        });
        assert_eq!(cost.count_total, 0, "{line}");
    }
}

/// A ring that rotates costs nothing either, but where its keys change.
#[test]
fn a_ring_that_rotates_allocates_nothing_between_rotations() {
    let rotation = || Rotation::every("30d").unwrap();
    let secret: Vec<u8> = (0..32).collect();
    let derived = KeyRing::derived(Key::from_bytes(secret).unwrap(), rotation(), NOON).unwrap();
    for ring in [derived, KeyRing::rotating(rotation(), NOON).unwrap()] {
        let policy = TicketCookie::new(ring.clone());
        let line = cookie(&ring, "alice", NOON);
        let (parts, ()) = Request::builder().header(COOKIE, &line).body(()).unwrap().into_parts();
        let ask = |now| policy.identify(&Incoming::new(&parts, None, now)).now().unwrap().unwrap();
        assert!(ask(NOON).identity().is_some());
        let cost = measure(|| {
            for second in 0..9 {
                std::hint::black_box(ask(NOON.plus(Duration::from_secs(second))));
            }
        });
        assert_eq!(cost.count_total, 0);
    }
}

/// However long and odd a header is, it costs at most one buffer of the size of the longest ticket.
#[test]
fn hostile_headers_cost_no_memory() {
    let policy = TicketCookie::new(KeyRing::random());
    for line in [
        "__Host-auth=;".repeat(1000),
        format!("__Host-auth={}", "A".repeat(1_000_000)),
        format!("__Host-auth={}", ".".repeat(1_000_000)),
        ";".repeat(1_000_000),
        format!("__Host-auth={}", "A".repeat(4096)),
    ] {
        let (parts, ()) = Request::builder().header(COOKIE, &line).body(()).unwrap().into_parts();
        let incoming = Incoming::new(&parts, None, NOON);
        let cost =
            measure(|| assert!(policy.identify(&incoming).now().unwrap().unwrap().identity().is_none()));
        assert!(cost.count_total <= 1 && cost.bytes_total <= 4096, "{line:.40} {cost:?}");
    }
}
