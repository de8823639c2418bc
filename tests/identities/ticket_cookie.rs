//! What `TicketCookie` promises: it finds, remembers, renews and forgets, and fails closed.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::time::Duration;

use auth_runtime::{
    AuthErrorKind, Identity, IdentityPolicy, Key, KeyRing, LoginOptions, TicketCookie,
    clock::UnixTime,
    identity::{
        ChangeContext, Identified, IdentityError, TicketData,
        client_address::ClientAddress,
        cookie::{CookieConfig, SameSite},
    },
    ticket::legacy::LegacyTickets,
};

use crate::cookie_client::{Client, lines, poll_once};

const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn policy() -> TicketCookie {
    TicketCookie::new(KeyRing::new(key(0)))
}

fn identity(text: &str) -> Identity {
    Identity::new(text).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn error_of(policy: &TicketCookie, client: &Client, options: &LoginOptions) -> IdentityError {
    let identified = client.asks(policy, NOON).unwrap();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &identified);
    poll_once(policy.remember(&context, &identity("alice"), options)).unwrap_err()
}

/// A cookie pair with a valid ticket of `name`.
fn cookie_of(policy: &TicketCookie, name: &str, issued: u64) -> String {
    let mut client = Client::default();
    client.logs_in(policy, issued, name, &LoginOptions::new());
    client.cookies.remove(0)
}

#[test]
fn a_log_in_sets_a_careful_cookie_that_is_found_again() {
    let (policy, mut client) = (policy(), Client::default());
    assert!(!client.asks(&policy, NOON).unwrap().is_bad_credential());
    let set = client.logs_in(&policy, NOON, "alice", &LoginOptions::new());
    let [line] = &set[..] else { panic!("{set:?}") };
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-auth="));
    assert_eq!(pair.len(), "__Host-auth=".len() + 96);
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=28800");

    let found = client.asks(&policy, NOON + 1).unwrap();
    assert_eq!(found.identity().unwrap(), "alice");
    assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON)));
    assert!(!found.is_renewal_due() && !found.is_bad_credential());
    // Nothing is kept for the common request.
    assert!(found.memo::<TicketData>().is_none());
}

#[test]
fn the_remembered_identity_expires_after_its_lifetime() {
    let policy = policy().with_lifetime(secs(60)).without_renewal();
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new());
    assert_eq!(client.who(&policy, NOON + 59).as_deref(), Some("alice"));
    let late = client.asks(&policy, NOON + 60).unwrap();
    assert!(late.identity().is_none() && late.is_bad_credential());
}

#[test]
fn forget_removes_the_cookie_with_the_attributes_that_set_it() {
    let (policy, mut client) = (policy(), Client::default());
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new());
    let identified = client.asks(&policy, NOON).unwrap();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &identified);
    let effects = poll_once(policy.forget(&context)).unwrap();
    assert_eq!(effects.cookie_name(), Some("__Host-auth"));
    assert_eq!(
        client.takes(&effects),
        [
            "__Host-auth=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        ]
    );
    assert_eq!(client.who(&policy, NOON), None);
}

#[test]
fn remember_keeps_what_it_is_given() {
    let (policy, mut client) = (policy(), Client::default());
    let options = LoginOptions::new().with_tokens(["mfa", "a,b!"]).with_public_data("theme=dark; é");
    client.logs_in(&policy, NOON, "alice", &options);
    let data = client.asks(&policy, NOON + 5).unwrap().memo::<TicketData>().unwrap();
    assert_eq!(data.tokens(), ["mfa", "a,b!"]);
    assert_eq!(data.public_data(), "theme=dark; é");
    assert_eq!(data.issued().as_secs(), NOON);
    assert_eq!(data.first_login().as_secs(), NOON);
    assert_eq!(data.expires().as_secs(), NOON + 8 * HOUR);
}

#[test]
fn a_log_in_may_choose_its_lifetime() {
    let max_age = |options: &LoginOptions| {
        let mut client = Client::default();
        let set = client.logs_in(&policy(), NOON, "alice", options).remove(0);
        let age = set.split("Max-Age=").nth(1).map(|age| age.parse::<u64>().unwrap());
        let (mut valid, mut over) = (0, 500 * DAY);
        while over - valid > 1 {
            let middle = u64::midpoint(valid, over);
            if client.who(&policy(), NOON + middle).is_some() {
                valid = middle;
            } else {
                over = middle;
            }
        }
        (age, over)
    };
    assert_eq!(max_age(&LoginOptions::new()), (Some(8 * HOUR), 8 * HOUR));
    assert_eq!(max_age(&LoginOptions::new().with_lifetime(secs(60))), (Some(60), 60));
    assert_eq!(max_age(&LoginOptions::new().with_lifetime(secs(3 * DAY))), (Some(3 * DAY), 3 * DAY));
    // No longer than the absolute limit.
    assert_eq!(max_age(&LoginOptions::new().with_lifetime(Duration::MAX)), (Some(7 * DAY), 7 * DAY));
    assert_eq!(max_age(&LoginOptions::new().until_browser_closes()), (None, 8 * HOUR));
}

#[test]
fn no_duration_overflows() {
    for lifetime in [0, 1, 400 * DAY, 400 * DAY + 1, i64::MAX as u64, u64::MAX] {
        for absolute in [0, 1, u64::MAX] {
            for renewal in [0, 1, u64::MAX] {
                for now in [0, NOON, u64::MAX - 1, u64::MAX] {
                    let policy = policy()
                        .with_lifetime(secs(lifetime))
                        .with_absolute_lifetime(secs(absolute))
                        .with_renewal_after(secs(renewal))
                        .with_skew(secs(u64::MAX));
                    let nobody = Identified::anonymous();
                    let context = ChangeContext::new(UnixTime::from_secs(now), &nobody);
                    match poll_once(policy.remember(&context, &identity("a"), &LoginOptions::new())) {
                        Ok(effects) => {
                            let line = lines(&effects).remove(0);
                            let age: u64 = line.split("Max-Age=").nth(1).unwrap().parse().unwrap();
                            assert!((1..=400 * DAY).contains(&age), "{line}");
                        }
                        Err(error) => {
                            assert_eq!(error.kind(), AuthErrorKind::Misconfigured);
                            assert!(lifetime == 0 || absolute == 0 || now == u64::MAX);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn no_ticket_lives_longer_than_browsers_keep_cookies() {
    let policy = policy().with_lifetime(Duration::MAX).with_absolute_lifetime(Duration::MAX);
    let client = Client::with(&[&cookie_of(&policy, "alice", NOON)]);
    assert_eq!(client.who(&policy, NOON + 400 * DAY - 1).as_deref(), Some("alice"));
    assert_eq!(client.who(&policy, NOON + 400 * DAY), None);
}

/// The table of section 9.
#[test]
fn renewal_is_due_from_its_age_on() {
    let due_at = |policy: &TicketCookie, age: u64| {
        Client::with(&[&cookie_of(policy, "alice", NOON)]).asks(policy, NOON + age).unwrap().is_renewal_due()
    };
    let minute = || policy().with_lifetime(secs(60));
    for (policy, first_due) in [
        (minute().with_renewal_after(secs(0)), Some(0)),
        (minute().with_renewal_after(secs(10)), Some(10)),
        (minute().with_renewal_after(secs(59)), Some(59)),
        (minute().with_renewal_after(secs(60)), None),
        (minute().with_renewal_after(secs(61)), None),
        (minute().without_renewal(), None),
        (minute(), Some(30)),
        (policy().with_lifetime(secs(61)), Some(31)),
        (policy().with_lifetime(secs(1)), None),
    ] {
        for age in 0..60 {
            if age > 0 && client_is_out(&policy, age) {
                continue;
            }
            assert_eq!(
                due_at(&policy, age),
                first_due.is_some_and(|first| age >= first),
                "{first_due:?} at {age}"
            );
        }
    }
}

fn client_is_out(policy: &TicketCookie, age: u64) -> bool {
    Client::with(&[&cookie_of(policy, "alice", NOON)]).who(policy, NOON + age).is_none()
}

#[test]
fn renewal_writes_one_cookie_when_due_and_none_before() {
    let policy = policy();
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new().with_tokens(["mfa"]).with_public_data("x"));
    let before = client.cookies.clone();
    assert!(client.renews(&policy, NOON + 4 * HOUR - 1).is_empty());
    assert_eq!(client.cookies, before);

    let set = client.renews(&policy, NOON + 4 * HOUR);
    assert_eq!(set.len(), 1);
    assert!(set[0].ends_with("Secure; Path=/; Max-Age=28800"), "{}", set[0]);
    let found = client.asks(&policy, NOON + 12 * HOUR - 1).unwrap();
    let data = found.memo::<TicketData>().unwrap();
    assert_eq!((data.tokens(), data.public_data()), (&["mfa".to_owned()][..], "x"));
    assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON)));
    assert_eq!(data.issued().as_secs(), NOON + 4 * HOUR);
}

#[test]
fn renewal_keeps_a_lifetime_that_was_chosen_and_the_browser_session() {
    let policy = policy();
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new().with_lifetime(secs(2 * DAY)));
    assert!(client.renews(&policy, NOON + DAY)[0].ends_with("Max-Age=172800"));

    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new().until_browser_closes());
    assert!(client.renews(&policy, NOON + 4 * HOUR)[0].ends_with("Secure; Path=/"));
    assert!(client.renews(&policy, NOON + 8 * HOUR)[0].ends_with("Secure; Path=/"));
}

#[test]
fn a_thousand_renewals_do_not_pass_the_absolute_limit() {
    let policy = policy().with_renewal_after(secs(0)).with_absolute_lifetime(secs(DAY));
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new());
    let step = DAY / 1000;
    let (mut renewals, mut at_the_limit) = (0, 0);
    for turn in 1..=1000 {
        let now = NOON + turn * step;
        renewals += client.renews(&policy, now).len();
        let found = client.asks(&policy, now).unwrap();
        assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON)));
        if let Some(data) = found.memo::<TicketData>() {
            assert!(data.expires().as_secs() < NOON + DAY, "{turn}");
            assert!(found.is_renewal_due(), "{turn}");
        } else {
            // What reaches the limit has nothing to gain, so it is left alone, and nothing is kept of it.
            assert!(!found.is_renewal_due(), "{turn}");
            at_the_limit += 1;
        }
    }
    assert!(renewals > 600 && at_the_limit > 100, "{renewals} {at_the_limit}");
    assert_eq!(client.who(&policy, NOON + DAY - 1).as_deref(), Some("alice"));
    assert_eq!(client.who(&policy, NOON + DAY), None);
    // A stricter limit holds for tickets that exist.
    let stricter = TicketCookie::new(KeyRing::new(key(0))).with_absolute_lifetime(secs(HOUR));
    assert_eq!(client.who(&stricter, NOON + 2 * HOUR), None);
}

/// Log-in, log-out and renewal each name the one cookie that they write, so that the last of them can win.
#[test]
fn each_change_writes_one_line_for_our_cookie() {
    let policy = policy().with_renewal_after(secs(0));
    let client = Client::with(&[&cookie_of(&policy, "alice", NOON)]);
    let identified = client.asks(&policy, NOON).unwrap();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &identified);
    for effects in [
        poll_once(policy.remember(&context, &identity("bob"), &LoginOptions::new())).unwrap(),
        poll_once(policy.forget(&context)).unwrap(),
        poll_once(policy.renew(&context)).unwrap(),
    ] {
        assert_eq!(effects.cookie_name(), Some("__Host-auth"));
        let lines = lines(&effects);
        assert!(lines.len() == 1 && lines[0].starts_with("__Host-auth="), "{lines:?}");
    }
}

/// The ticket's time ran out, or its key was retired, while the handler worked.
#[test]
fn renewal_is_decided_when_the_response_goes_out() {
    let policy = policy().with_lifetime(secs(60));
    let client = Client::with(&[&cookie_of(&policy, "alice", NOON)]);
    let identified = client.asks(&policy, NOON + 59).unwrap();
    assert!(identified.is_renewal_due());
    for (now, renews) in [(NOON + 59, true), (NOON + 60, false), (NOON + 10_000, false)] {
        let effects =
            poll_once(policy.renew(&ChangeContext::new(UnixTime::from_secs(now), &identified))).unwrap();
        assert_eq!(!effects.is_empty(), renews, "at {now}");
    }
    // A credential without a user is not renewed.
    for nobody in [Identified::anonymous(), Identified::bad_credential()] {
        let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
        assert!(poll_once(policy.renew(&context)).unwrap().is_empty());
    }
}

#[test]
fn a_copied_ticket_outlives_the_log_out_and_the_docs_say_so() {
    let policy = policy();
    let copied = Client::with(&[&cookie_of(&policy, "alice", NOON)]);
    assert_eq!(copied.who(&policy, NOON + 8 * HOUR - 1).as_deref(), Some("alice"));
    let docs = include_str!("../../auth-identity/src/identity/ticket_cookie/mod.rs");
    assert!(docs.contains("A stolen one is valid until it expires, even after a log-out"));
}

/// Ends all sessions at once, without a store.
#[test]
fn retiring_the_key_ends_all_tickets_that_it_signed() {
    let ring = KeyRing::new(key(0));
    let policy = TicketCookie::new(ring.clone());
    let client = Client::with(&[&cookie_of(&policy, "alice", NOON)]);
    let old = ring.keys()[0].0;
    ring.rotate_to(key(1)).unwrap();
    assert_eq!(client.who(&policy, NOON).as_deref(), Some("alice"));
    ring.retire(old).unwrap();
    let found = client.asks(&policy, NOON).unwrap();
    assert!(found.identity().is_none() && found.is_bad_credential());
}

/// Each row of cookies, with the identity that is found: tickets of alice and bob, another of alice, garbage.
#[test]
fn several_cookies_of_our_name_are_all_tried() {
    let policy = policy();
    let (alice, again) = (cookie_of(&policy, "alice", NOON), cookie_of(&policy, "alice", NOON + 1));
    let (bob, garbage) = (cookie_of(&policy, "bob", NOON), "__Host-auth=garbage".to_owned());
    let all = [&alice, &bob, &again, &garbage];
    let mut rows = 0;
    for length in 1..=4_u32 {
        for number in 0..4_usize.pow(length) {
            let chosen: Vec<&str> =
                (0..length).map(|place| all[number / 4_usize.pow(place) % 4].as_str()).collect();
            let has = |one: &str| chosen.contains(&one);
            // On one line and on several: the answer is the same.
            for client in [Client::with(&chosen), Client::with(&[&chosen.join("; ")])] {
                let answer = client.asks(&policy, NOON + 2);
                match (has(&alice) || has(&again), has(&bob)) {
                    (true, true) => assert!(answer.unwrap().is_contradictory()),
                    (true, false) => assert_eq!(answer.unwrap().identity().unwrap(), "alice"),
                    (false, true) => assert_eq!(answer.unwrap().identity().unwrap(), "bob"),
                    (false, false) => assert!(answer.unwrap().is_bad_credential()),
                }
            }
            rows += 1;
        }
    }
    assert_eq!(rows, 4 + 16 + 64 + 256);
}

#[test]
fn more_than_four_cookies_of_our_name_are_none() {
    let policy = policy();
    let alice = cookie_of(&policy, "alice", NOON);
    let with = |count| Client::with(&vec![alice.as_str(); count]).asks(&policy, NOON).unwrap();
    assert_eq!(with(4).identity().unwrap(), "alice");
    assert!(with(5).identity().is_none() && with(5).is_bad_credential());
    assert!(with(1000).is_bad_credential());
}

#[test]
fn of_two_tickets_for_one_identity_the_newer_counts() {
    let policy = policy();
    let (old, new) = (cookie_of(&policy, "alice", NOON), cookie_of(&policy, "alice", NOON + 9));
    for cookies in [[&*old, &*new], [&*new, &*old]] {
        let found = Client::with(&cookies).asks(&policy, NOON + 10).unwrap();
        assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON + 9)));
    }
}

#[test]
fn no_other_cookie_keeps_ours_from_being_found() {
    let policy = policy();
    let alice = cookie_of(&policy, "alice", NOON);
    for neighbour in
        ["x=%E0%A4%A", "=", ";;;", "a=\"", "%5F%5FHost-auth=evil", "$Version=1", "__host-auth=x", "\t"]
    {
        for line in [
            format!("{neighbour}; {alice}"),
            format!("{alice}; {neighbour}"),
            format!("{neighbour};{alice};"),
        ] {
            assert_eq!(Client::with(&[&line]).who(&policy, NOON).as_deref(), Some("alice"), "{line}");
        }
    }
}

/// Every kind of bad credential is one answer and never an error.
#[test]
fn bad_tickets_are_bad_credentials_and_nothing_else() {
    let policy = policy();
    let alice = cookie_of(&policy, "alice", NOON);
    let other_key = TicketCookie::new(KeyRing::new(key(1)));
    let other_application = self::policy().with_application("other");
    let other_name = self::policy().with_cookie_name("__Host-other").unwrap();
    let moved = cookie_of(&other_name, "alice", NOON).replace("__Host-other", "__Host-auth");
    for bad in [
        "__Host-auth=".to_owned(),
        "__Host-auth=-0000001".to_owned(),
        "__Host-auth= ".to_owned(),
        "__Host-auth=\"\"".to_owned(),
        format!("{alice}="),
        format!("{alice}%00"),
        alice.replace('=', "= "),
        alice.replace('=', "=\""),
        alice[..alice.len() - 1].to_owned(),
        format!("__Host-auth={}", "A".repeat(100_000)),
        cookie_of(&other_key, "alice", NOON),
        cookie_of(&other_application, "alice", NOON),
        moved,
        cookie_of(&policy, "alice", NOON + 61),
        cookie_of(&policy, "alice", NOON - 8 * HOUR),
    ] {
        let found = Client::with(&[&bad]).asks(&policy, NOON).unwrap();
        assert!(found.identity().is_none() && found.is_bad_credential(), "{bad}");
        assert!(found.authenticated_at().is_none() && !found.is_renewal_due());
    }
}

#[test]
fn insecure_cookies_are_for_clients_on_this_machine_only() {
    let insecure = policy().with_insecure_http_on_loopback().unwrap();
    let mut local = Client::to("localhost:3000");
    let set = local.logs_in(&insecure, NOON, "alice", &LoginOptions::new());
    assert!(set[0].starts_with("auth=") && !set[0].contains("Secure"), "{set:?}");
    assert!(set[0].contains("; HttpOnly; SameSite=Lax; Path=/;"));
    for (peer, host) in
        [("127.8.9.10", "127.0.0.1"), ("::1", "[::1]:3000"), ("::ffff:127.0.0.1", "localhost")]
    {
        let local =
            Client { cookies: local.cookies.clone(), headers: Client::to(host).headers, ..Client::at(peer) };
        assert_eq!(local.who(&insecure, NOON).as_deref(), Some("alice"), "{peer} {host}");
    }
    assert_eq!(local.renews(&insecure, NOON + 4 * HOUR).len(), 1);

    let from = |peer: &str, headers: &[(&'static str, &str)]| Client {
        headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        ..Client::at(peer)
    };
    let host = ("host", "127.0.0.1:3000");
    for elsewhere in [
        // The text of `Host` is the client's own.
        from("192.0.2.1", &[host]),
        from("128.0.0.1", &[host]),
        from("::2", &[("host", "[::1]")]),
        from("::ffff:192.0.2.1", &[("host", "localhost")]),
        // A proxy on this machine has clients elsewhere, so the address they send is not trusted.
        from("127.0.0.1", &[host, ("x-forwarded-for", "192.0.2.1")]),
        from("127.0.0.1", &[host, ("x-forwarded-for", "127.0.0.1")]),
        from("127.0.0.1", &[host, ("x-forwarded-proto", "http")]),
        from("127.0.0.1", &[host, ("x-forwarded-host", "app.example")]),
        from("::1", &[host, ("forwarded", "for=127.0.0.1")]),
        from("::1", &[host, ("x-real-ip", "127.0.0.1")]),
        from("::1", &[host, ("via", "1.1 proxy")]),
        // Names of other sites may lead to this machine.
        from("127.0.0.1", &[]),
        from("127.0.0.1", &[("host", "example.com")]),
        from("127.0.0.1", &[("host", "localhost"), ("host", "example.com")]),
        from("127.0.0.1", &[("host", "localhost.example.com")]),
    ] {
        rejects(&insecure, elsewhere, &local.cookies, "leave out `with_insecure_http_on_loopback`");
    }
    let unknown = Client { peer: None, ..Client::to("localhost") };
    rejects(&insecure, unknown, &local.cookies, "into_make_service_with_connect_info::<SocketAddr>()");
    // Without having looked at the request, nothing is remembered either.
    let unseen = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &unseen);
    assert!(poll_once(insecure.remember(&context, &identity("a"), &LoginOptions::new())).is_err());
    // A ticket made in development is invalid behind https, under any name.
    let stolen = local.cookies[0].replace("auth=", "__Host-auth=");
    assert_eq!(Client::with(&[&stolen]).who(&policy(), NOON + 4 * HOUR), None);
}

/// A policy neither remembers nor recognises this client, and says what to do.
fn rejects(policy: &TicketCookie, mut client: Client, cookies: &[String], remedy: &str) {
    let error = error_of(policy, &client, &LoginOptions::new());
    assert_eq!(error.kind(), AuthErrorKind::Misconfigured, "{client:?}");
    assert!(error.to_string().contains(remedy), "{error} {client:?}");
    client.cookies = cookies.to_vec();
    let found = client.asks(policy, NOON + 4 * HOUR).unwrap();
    assert!(found.identity().is_none() && found.is_bad_credential(), "{client:?}");
}

#[test]
fn a_bound_ticket_serves_its_own_address_only() {
    let bound = policy().with_client_address(ClientAddress::peer());
    let mut client = Client::at("192.0.2.1");
    client.logs_in(&bound, NOON, "alice", &LoginOptions::new());
    assert_eq!(client.who(&bound, NOON).as_deref(), Some("alice"));
    for (peer, known) in
        [("192.0.2.1", true), ("::ffff:192.0.2.1", true), ("192.0.2.2", false), ("::1", false)]
    {
        let moved = Client { cookies: client.cookies.clone(), ..Client::at(peer) };
        assert_eq!(moved.who(&bound, NOON).is_some(), known, "{peer}");
    }
    // Renewal keeps the binding.
    assert_eq!(client.renews(&bound, NOON + 4 * HOUR).len(), 1);
    assert_eq!(client.who(&bound, NOON + 9 * HOUR).as_deref(), Some("alice"));
    let moved = Client { cookies: client.cookies.clone(), ..Client::at("192.0.2.2") };
    assert_eq!(moved.who(&bound, NOON + 9 * HOUR), None);
    // Another user may log in over it, from the same address.
    client.logs_in(&bound, NOON + 9 * HOUR, "bob", &LoginOptions::new());
    assert_eq!(client.who(&bound, NOON + 9 * HOUR).as_deref(), Some("bob"));
    client.logs_in(&bound, NOON + 9 * HOUR, "alice", &LoginOptions::new());
    // Bound and unbound policies do not take each other's tickets.
    assert_eq!(client.who(&policy(), NOON + 9 * HOUR), None);
    let unbound = cookie_of(&policy(), "alice", NOON);
    assert_eq!(Client { cookies: vec![unbound], ..Client::at("192.0.2.1") }.who(&bound, NOON), None);
}

#[test]
fn without_an_address_tickets_are_neither_accepted_nor_issued() {
    let bound = policy().with_client_address(ClientAddress::peer());
    let nowhere = Client::default();
    assert_eq!(error_of(&bound, &nowhere, &LoginOptions::new()).kind(), AuthErrorKind::Misconfigured);
    assert!(!nowhere.asks(&bound, NOON).unwrap().is_bad_credential());

    let mut client = Client::at("192.0.2.1");
    client.logs_in(&bound, NOON, "alice", &LoginOptions::new());
    client.peer = None;
    let found = client.asks(&bound, NOON).unwrap();
    assert!(found.identity().is_none() && found.is_bad_credential());
    assert_eq!(error_of(&bound, &client, &LoginOptions::new()).kind(), AuthErrorKind::Misconfigured);
    // The old format took "no address" for 0.0.0.0.
    assert_eq!(Client { cookies: client.cookies, ..Client::at("0.0.0.0") }.who(&bound, NOON), None);
}

#[test]
fn a_ticket_may_be_bound_to_a_network() {
    let bound = policy().with_client_address(ClientAddress::peer().with_prefixes(24, 64));
    for (home, near, far) in
        [("192.0.2.1", "192.0.2.255", "192.0.3.1"), ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")]
    {
        let mut client = Client::at(home);
        client.logs_in(&bound, NOON, "alice", &LoginOptions::new());
        for (peer, known) in [(home, true), (near, true), (far, false)] {
            let moved = Client { cookies: client.cookies.clone(), ..Client::at(peer) };
            assert_eq!(moved.who(&bound, NOON).is_some(), known, "{peer}");
        }
    }
}

#[test]
fn behind_a_proxy_the_clients_address_counts() {
    let bound = policy().with_client_address(ClientAddress::behind(["10.0.0.0/8"]).unwrap());
    let through = |client: &str| Client {
        headers: vec![("x-forwarded-for", client.to_owned())],
        ..Client::at("10.0.0.1")
    };
    let mut client = through("9.9.9.9, 192.0.2.1");
    client.logs_in(&bound, NOON, "alice", &LoginOptions::new());
    for (chain, known) in [("192.0.2.1", true), ("x, 192.0.2.1", true), ("192.0.2.1, 9.9.9.9", false)] {
        let again = Client { cookies: client.cookies.clone(), ..through(chain) };
        assert_eq!(again.who(&bound, NOON).is_some(), known, "{chain}");
    }
    // A direct client cannot claim an address.
    let direct = Client { peer: Client::at("9.9.9.9").peer, ..client.clone() };
    assert_eq!(direct.who(&bound, NOON), None);
}

#[test]
fn what_no_browser_keeps_is_not_remembered() {
    let policy = policy();
    for data in ["x".repeat(5000), "é".repeat(2000), "x".repeat(70_000)] {
        let error = error_of(&policy, &Client::default(), &LoginOptions::new().with_public_data(data));
        assert_eq!(error.kind(), AuthErrorKind::TooLarge);
    }
    // Name and value together: 11 + 4,086 bytes are too many, 11 + 4,084 are not.
    let fits = |length: usize| {
        let nobody = Identified::anonymous();
        let options = LoginOptions::new().with_public_data("x".repeat(length));
        poll_once(policy.remember(
            &ChangeContext::new(UnixTime::from_secs(NOON), &nobody),
            &identity("alice"),
            &options,
        ))
    };
    let longest = (0..3000).rposition(|length| fits(length).is_ok()).unwrap();
    let line = lines(&fits(longest).unwrap()).remove(0);
    assert_eq!(line.split(';').next().unwrap().len() - "=".len(), 4095);
    assert_eq!(fits(longest + 1).unwrap_err().kind(), AuthErrorKind::TooLarge);
}

#[test]
fn the_challenge_names_the_realm() {
    let challenge = |realm: &str| policy().with_realm(realm).map(|policy| policy.challenge());
    assert_eq!(policy().challenge(), "Cookie realm=\"restricted\"");
    assert_eq!(challenge("the shop").unwrap(), "Cookie realm=\"the shop\"");
    assert_eq!(challenge("a\"b\\c").unwrap(), r#"Cookie realm="a\"b\\c""#);
    for bad in ["a\r\nb", "\0", "é", "\t"] {
        assert!(challenge(bad).is_err(), "{bad:?}");
    }
    assert!(policy().is_ambient());
    assert_eq!(policy().vary(), "cookie");
}

#[test]
fn options_of_the_cookie_are_checked_at_once() {
    assert!(policy().with_domain("example.com").is_err());
    assert!(policy().with_path("/app").is_err());
    assert!(policy().with_same_site(SameSite::None).is_ok());
    assert!(policy().with_same_site(SameSite::None).unwrap().with_insecure_http_on_loopback().is_err());
    let policy = policy()
        .with_cookie_name("__Secure-auth")
        .and_then(|policy| policy.with_domain("example.com"))
        .and_then(|policy| policy.with_path("/app"))
        .and_then(|policy| policy.with_same_site(SameSite::Strict))
        .unwrap();
    let set = Client::default().logs_in(&policy, NOON, "alice", &LoginOptions::new()).remove(0);
    assert!(
        set.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/app; Domain=example.com; Max-Age=28800")
    );
    let plain = self::policy().with_cookie(CookieConfig::new().with_name("sid").unwrap());
    assert!(cookie_of(&plain, "alice", NOON).starts_with("sid="));
}

/// Section 9: user, expiry 1700000000 with the old secret.
const OLD: &str = "AUTH_TKT=16963d3fc11492c1c744f39462b46637f0487ddc788e878ad7c6b466ba8e35da18b8877972b84b710e15fec\
    357b19474a851dd22c72bdad39b25a033f115158c6553f100us%21er%21%20!!";
const OLD_DATA: &str = "5895e53f4fefd843772efb5141d2615d7ecda98683ba0f2e0d3f6cad471a044d06e4912190c7930dece1f1bce1f6\
    7880d610af121f786a7ddcbe041285e8a8946553f100user!a,b%2Cc!x%21y";

fn importing() -> TicketCookie {
    policy().with_legacy_tickets(LegacyTickets::new("secret", secs(HOUR))).unwrap()
}

#[test]
fn a_legacy_ticket_is_taken_once_and_replaced() {
    let policy = importing().without_renewal();
    let mut client = Client::with(&[&format!("AUTH_TKT={OLD_DATA}")]);
    let found = client.asks(&policy, NOON - 1800).unwrap();
    assert_eq!(found.identity().unwrap(), "user");
    assert!(found.is_renewal_due());
    // The time of the log-in is unknown, so no guard may take it for fresh.
    assert_eq!(found.authenticated_at(), None);
    let data = found.memo::<TicketData>().unwrap();
    assert_eq!((data.tokens(), data.public_data()), (&["a".to_owned(), "b,c".to_owned()][..], "x!y"));

    let set = client.renews(&policy, NOON - 1800);
    assert_eq!(set.len(), 2);
    assert!(set[0].starts_with("__Host-auth="));
    assert!(set[1].starts_with("AUTH_TKT=;") && set[1].contains("Path=/; Max-Age=0"));
    assert_eq!(client.cookies.len(), 1);
    let found = client.asks(&policy, NOON).unwrap();
    assert_eq!(found.identity().unwrap(), "user");
    assert_eq!((found.authenticated_at(), found.is_renewal_due()), (None, false));
    let data = found.memo::<TicketData>().unwrap();
    assert_eq!(data.first_login().as_secs(), NOON - HOUR);
    assert_eq!(data.tokens(), ["a", "b,c"]);
}

#[test]
fn a_legacy_ticket_is_found_in_quotes_too() {
    let quoted = format!("AUTH_TKT=\"{}\"", OLD_DATA.replace(',', "\\054"));
    assert_eq!(Client::with(&[&quoted]).who(&importing(), NOON - 1).as_deref(), Some("user"));
    assert_eq!(Client::with(&[&quoted[..quoted.len() - 1]]).who(&importing(), NOON - 1), None);
}

/// An identity with a space at its end cannot be shared any more.
#[test]
fn legacy_tickets_of_impossible_identities_are_bad_credentials() {
    let found = Client::with(&[OLD]).asks(&importing(), NOON - 1).unwrap();
    assert!(found.identity().is_none() && found.is_bad_credential());
}

#[test]
fn legacy_tickets_are_taken_only_where_they_are_asked_for_and_valid() {
    let old = format!("AUTH_TKT={OLD_DATA}");
    let client = Client::with(&[&old]);
    assert!(!client.asks(&policy(), NOON - 1).unwrap().is_bad_credential());
    assert_eq!(client.who(&policy(), NOON - 1), None);
    assert_eq!(client.who(&importing(), NOON - 1).as_deref(), Some("user"));
    assert_eq!(client.who(&importing(), NOON), None);
    // A lifetime longer than we were told does not make it one from the future.
    assert_eq!(client.who(&importing(), NOON - 3 * HOUR).as_deref(), Some("user"));
    let strict = importing().with_absolute_lifetime(secs(1800));
    assert_eq!(client.who(&strict, NOON - 1), None);
    // A valid ticket of ours goes first; a broken one does not hide the old.
    let alice = cookie_of(&importing(), "alice", NOON - 2);
    assert_eq!(Client::with(&[&old, &alice]).who(&importing(), NOON - 1).as_deref(), Some("alice"));
    assert_eq!(Client::with(&[&old, "__Host-auth=x"]).who(&importing(), NOON - 1).as_deref(), Some("user"));
    let bad = old.replace('5', "6");
    assert!(Client::with(&[&bad]).asks(&importing(), NOON - 1).unwrap().is_bad_credential());
}

#[test]
fn legacy_tickets_are_not_taken_where_tickets_of_ours_would_not_be() {
    let insecure = importing().with_insecure_http_on_loopback().unwrap();
    let mut client = Client { cookies: vec![format!("AUTH_TKT={OLD_DATA}")], ..Client::to("localhost") };
    client.peer = Client::at("192.0.2.1").peer;
    assert_eq!(client.who(&insecure, NOON - 1), None);
    client.peer = Client::at("127.0.0.1").peer;
    assert_eq!(client.who(&insecure, NOON - 1).as_deref(), Some("user"));
    client.peer = None;
    assert_eq!(client.who(&insecure, NOON - 1), None);
    let bound = importing().with_client_address(ClientAddress::peer());
    assert_eq!(client.who(&bound, NOON - 1), None);
    client.peer = Client::at("192.0.2.1").peer;
    assert_eq!(client.who(&bound, NOON - 1).as_deref(), Some("user"));
}

/// A log-out that left the old cookie would be undone by it; a log-in likewise.
#[test]
fn log_in_and_log_out_remove_the_legacy_cookie() {
    let policy = importing();
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
    for effects in [
        poll_once(policy.forget(&context)).unwrap(),
        poll_once(policy.remember(&context, &identity("alice"), &LoginOptions::new())).unwrap(),
    ] {
        let lines = lines(&effects);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].starts_with("AUTH_TKT=; ") && lines[1].contains("Max-Age=0"));
    }
}

/// A browser removes a cookie only when told the domain and the path that it was set with.
#[test]
fn the_legacy_cookie_is_removed_where_it_was_set() {
    let tickets =
        LegacyTickets::new("secret", secs(HOUR)).with_cookie_domain("example.com").with_cookie_path("/app");
    let policy = policy().with_legacy_tickets(tickets).unwrap();
    let mut client = Client::with(&[&format!("AUTH_TKT={OLD_DATA}")]);
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
    for lines in [
        client.renews(&policy, NOON - 1800),
        lines(&poll_once(policy.forget(&context)).unwrap()),
        lines(&poll_once(policy.remember(&context, &identity("alice"), &LoginOptions::new())).unwrap()),
    ] {
        let removed: Vec<_> = lines.iter().filter(|line| line.starts_with("AUTH_TKT=; ")).collect();
        assert_eq!((lines.len(), removed.len()), (5, 4), "{lines:?}");
        for part in [
            "Path=/app; Domain=example.com;",
            "Path=/; Domain=example.com;",
            "Path=/app; Max-Age=0",
            "Path=/; Max-Age=0",
        ] {
            assert!(removed.iter().any(|line| line.contains(part)), "{part}: {removed:?}");
        }
    }
    for tickets in [
        LegacyTickets::new("secret", secs(HOUR)).with_cookie_domain("not a domain"),
        LegacyTickets::new("secret", secs(HOUR)).with_cookie_path("app"),
    ] {
        assert!(TicketCookie::new(KeyRing::random()).with_legacy_tickets(tickets).is_err());
    }
    // Over plain http, for development, browsers take no `Secure` cookie.
    let insecure = importing().with_insecure_http_on_loopback().unwrap();
    for line in lines(&poll_once(insecure.forget(&context)).unwrap()) {
        assert!(!line.contains("Secure"), "{line}");
    }
}

/// A policy whose own cookie has the old one's name still removes the others.
#[test]
fn a_legacy_cookie_of_our_name_is_removed_where_ours_is_not() {
    let tickets = LegacyTickets::new("secret", secs(HOUR)).with_cookie_domain("example.com");
    let policy = policy().with_cookie_name("AUTH_TKT").unwrap().with_legacy_tickets(tickets).unwrap();
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
    let lines =
        lines(&poll_once(policy.remember(&context, &identity("alice"), &LoginOptions::new())).unwrap());
    assert_eq!(lines.len(), 2);
    assert!(
        !lines[0].contains("Domain")
            && lines[1].contains("AUTH_TKT=; ")
            && lines[1].contains("Domain=example.com")
    );
}

#[test]
fn no_debug_form_of_the_policy_or_its_findings_tells_a_secret() {
    let secret = b"canary-canary-CANARY-0123456789-canary-canary-x";
    let policy = TicketCookie::new(KeyRing::new(Key::from_bytes(secret).unwrap()))
        .with_legacy_tickets(LegacyTickets::new("canary-old", secs(1)))
        .unwrap();
    let mut client = Client::default();
    client.logs_in(
        &policy,
        NOON,
        "canary-id",
        &LoginOptions::new().with_tokens(["canary"]).with_public_data("canary"),
    );
    let found = client.asks(&policy, NOON).unwrap();
    let data = found.memo::<TicketData>().unwrap();
    for text in
        [format!("{policy:?}{policy:#?}"), format!("{found:?}{found:#?}"), format!("{data:?}{data:#?}")]
    {
        assert!(!text.to_lowercase().contains("canary"), "{text}");
    }
}
