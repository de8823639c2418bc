//! `EncryptedCookie`: no one without the key reads, changes or moves a session, and no session exceeds its
//! lifetime.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{collections::HashSet, time::Duration};

use auth_runtime::{
    Auth, AuthError, AuthErrorKind, AuthLayer, EncryptedCookie, Identity, IdentityPolicy, Key, KeyRing,
    LoginOptions, UserId, auth_required,
    clock::UnixTime,
    identity::{
        ChangeContext, DataEdits, EncryptedSession, Identified,
        cookie::{CookieConfig, SameSite},
    },
    keys::{KeyId, KeyState, Rotation},
    testing::FrozenClock,
};
use axum::{Router, routing::post};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Request, StatusCode, header};

use crate::{
    cookie_client::{Client, poll_once},
    support,
};

const NOON: u64 = 1_700_000_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn key(seed: u8) -> Key {
    Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap()
}

fn policy() -> EncryptedCookie {
    EncryptedCookie::new(KeyRing::new(key(0)))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn data_of(client: &Client, policy: &EncryptedCookie, now: u64) -> Vec<(String, String)> {
    let found = client.is(policy, now);
    let pairs = found.data().map(|data| data.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    pairs.unwrap_or_default()
}

fn id_of(client: &Client, policy: &EncryptedCookie, now: u64) -> Option<String> {
    client.is(policy, now).credential_id().map(ToString::to_string)
}

fn alice(policy: &EncryptedCookie, now: u64) -> Client {
    let mut client = Client::default();
    client.logs_in(policy, now, "alice", &LoginOptions::new());
    client
}

fn set(key: &str, json: &str) -> DataEdits {
    DataEdits::new().set(key, json)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_log_in_sets_a_careful_cookie_that_tells_nothing() {
    let policy = policy();
    let mut client = Client::default();
    let options = LoginOptions::new().with_tokens(["mfa"]).with_public_data("dark");
    let lines = client.logs_in(&policy, NOON, "alice", &options);
    assert_eq!(lines.len(), 1);
    let (value, attributes) = lines[0].split_once("; ").unwrap();
    assert!(value.starts_with("__Host-session="));
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=28800"] {
        assert!(attributes.split("; ").any(|one| one == attribute), "{attribute}: {attributes}");
    }
    let bytes = URL_SAFE_NO_PAD.decode(value.split_once('=').unwrap().1).unwrap();
    for word in [&b"alice"[..], b"mfa", b"dark"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word));
    }
    let found = client.is(&policy, NOON + 1);
    assert_eq!(found.identity().unwrap().as_str(), "alice");
    assert_eq!(found.authenticated_at(), Some(UnixTime::from_secs(NOON)));
    // A copy that another instance has written just now, whose clock is a minute ahead, lives until then.
    assert_eq!(found.expires(), Some(UnixTime::from_secs(NOON + 61 + 8 * HOUR)));
    let session = found.memo::<EncryptedSession>().unwrap();
    assert_eq!((session.tokens(), session.public_data()), (&["mfa".to_owned()][..], "dark"));
    assert_eq!((session.revision(), session.since().as_secs(), session.written().as_secs()), (0, NOON, NOON));
    assert_eq!(session.expires().as_secs(), NOON + 8 * HOUR);
    let shown = format!("{policy:?} {found:?} {session:?}");
    assert!(!shown.contains("alice") && !shown.contains("dark") && !shown.contains(value));

    let lines = client.does(&policy, NOON, async |context| policy.forget(context).await);
    assert!(lines[0].contains("Max-Age=0"));
    assert_eq!(client.who(&policy, NOON), None);
}

// Every bit, and every length
#[test]
fn no_bit_of_a_cookie_can_be_changed() {
    let policy = policy();
    let client = alice(&policy, NOON);
    let (name, value) = client.cookies[0].split_once('=').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(value).unwrap();
    let mut tried = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let cookie = format!("{name}={}", URL_SAFE_NO_PAD.encode(&changed));
            let found = Client::with(&[&cookie]).is(&policy, NOON);
            assert!(found.identity().is_none() && found.is_bad_credential() && found.data().is_none());
            tried += 1;
        }
        let cookie = format!("{name}={}", URL_SAFE_NO_PAD.encode(&bytes[..at]));
        assert_eq!(Client::with(&[&cookie]).who(&policy, NOON), None);
    }
    assert_eq!(tried, bytes.len() * 8);
    let longer = [&bytes[..], &[0]].concat();
    for value in [URL_SAFE_NO_PAD.encode(longer), format!("{value}="), format!("{value}A"), "A".repeat(4097)]
    {
        assert_eq!(Client::with(&[&format!("{name}={value}")]).who(&policy, NOON), None);
    }
    assert_eq!(client.who(&policy, NOON).as_deref(), Some("alice"));
}

// A cookie serves in its own place only
#[test]
fn a_cookie_is_worth_nothing_anywhere_else() {
    let ring = KeyRing::new(key(0));
    let mut places = Vec::new();
    for application in ["", "shop", "shop2"] {
        for name in ["__Host-session", "__Host-other", "session"] {
            for ring in [ring.clone(), KeyRing::new(key(1))] {
                let policy = EncryptedCookie::new(ring).with_application(application);
                places.push((name, policy.with_cookie_name(name).unwrap()));
            }
        }
    }
    let mut found = 0;
    for (from, (_, made)) in places.iter().enumerate() {
        let cookie = alice(made, NOON).cookies.remove(0);
        let value = cookie.split_once('=').unwrap().1;
        for (to, (name, read)) in places.iter().enumerate() {
            let who = Client::with(&[&format!("{name}={value}")]).who(read, NOON);
            assert_eq!(who.is_some(), from == to);
            found += usize::from(who.is_some());
        }
    }
    assert_eq!(found, 18);
    // Another purpose, with the same ring and name: a ticket.
    let ticket = auth_runtime::TicketCookie::new(ring.clone()).with_cookie_name("session").unwrap();
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &nobody);
    let effects =
        poll_once(ticket.remember(&context, &Identity::new("alice").unwrap(), &LoginOptions::new())).unwrap();
    let mut client = Client::default();
    client.takes(&effects);
    let sealed = EncryptedCookie::new(ring).with_cookie_name("session").unwrap();
    assert!(client.is(&sealed, NOON).is_bad_credential());
}

#[test]
fn the_id_of_a_log_in_stays_when_that_of_the_credential_changes() {
    let policy = policy().with_absolute_limit(secs(DAY));
    let login = |client: &Client, now| {
        let found = client.is(&policy, now);
        Some((found.login_id()?.to_string(), found.login_ends()?.as_secs()))
    };
    let named = LoginOptions::new().with_login_id("the log-in".parse().unwrap());
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &named);
    let expected = Some(("the log-in".to_owned(), NOON + DAY));
    assert_eq!(login(&client, NOON), expected);
    let id = id_of(&client, &policy, NOON);
    assert_ne!(id.as_deref(), Some("the log-in"));
    client.renews(&policy, NOON + HOUR);
    assert_eq!(
        (login(&client, NOON + HOUR), id_of(&client, &policy, NOON + HOUR)),
        (expected.clone(), id.clone())
    );
    client.stores(&policy, NOON + HOUR, &set("key", "1"));
    client.does(&policy, NOON + HOUR, async |context| policy.rotate(context).await);
    assert_eq!(login(&client, NOON + HOUR), expected);
    assert_ne!(id_of(&client, &policy, NOON + HOUR), id);
    // A log-in without an id has none, and takes none from the one before.
    client.logs_in(&policy, NOON + HOUR, "alice", &LoginOptions::new());
    assert_eq!(login(&client, NOON + HOUR), None);
}

#[test]
fn a_log_in_that_continues_another_ends_with_it() {
    let policy = policy().with_absolute_limit(secs(5 * HOUR));
    let mut client = Client::default();
    client.logs_in(&policy, NOON, "alice", &LoginOptions::new().with_login_id("the log-in".parse().unwrap()));
    let found = client.is(&policy, NOON + 4 * HOUR);
    let options = LoginOptions::new().with_login_of(&found);
    assert_eq!(options.login_ends(), Some(UnixTime::from_secs(NOON + 5 * HOUR)));
    client.logs_in(&policy, NOON + 4 * HOUR, "alice", &options);
    let found = client.is(&policy, NOON + 4 * HOUR);
    assert_eq!(found.login_ends(), options.login_ends());
    assert_eq!(found.expires(), options.login_ends());
    assert!(client.who(&policy, NOON + 5 * HOUR - 1).is_some());
    assert!(client.who(&policy, NOON + 5 * HOUR).is_none());
    // When it is over, it does not go on.
    let context = ChangeContext::new(UnixTime::from_secs(NOON + 5 * HOUR), &found);
    let refused = poll_once(policy.remember(&context, &Identity::new("alice").unwrap(), &options));
    assert_eq!(refused.unwrap_err().kind(), AuthErrorKind::InvalidCredential);
    // Another id begins another log-in, and a log-in without an id has no end to keep.
    let another = options.with_login_id("another".parse().unwrap());
    assert_eq!(another.login_ends(), None);
    let unnamed = alice(&policy, NOON).is(&policy, NOON);
    let options = LoginOptions::new().with_login_of(&unnamed);
    assert_eq!((options.login_id(), options.login_ends()), (None, None));
}

#[test]
fn keys_rotate_and_retire() {
    let ring = KeyRing::new(key(0));
    let old = ring.keys()[0].0;
    let policy = EncryptedCookie::new(ring.clone());
    let mut client = alice(&policy, NOON);
    ring.rotate_to(key(1)).unwrap();
    assert_eq!(client.who(&policy, NOON).as_deref(), Some("alice"));
    let copy = client.clone();
    client.stores(&policy, NOON, &set("a", "1"));
    ring.retire(old).unwrap();
    assert_eq!(copy.who(&policy, NOON), None);
    assert_eq!(client.who(&policy, NOON).as_deref(), Some("alice"));
}

// Both limits are judged by what was encrypted, to the second
#[test]
fn a_session_ends_at_both_limits() {
    let policy = policy().with_idle_limit(secs(HOUR)).with_absolute_limit(secs(5 * HOUR));
    let client = alice(&policy, NOON);
    for (now, known) in [
        (NOON - 61, false),
        (NOON - 60, true),
        (NOON, true),
        (NOON + HOUR - 1, true),
        (NOON + HOUR, false),
        (u64::MAX, false),
    ] {
        assert_eq!(client.who(&policy, now).is_some(), known, "{now}");
    }
    // Busy until the end, and no longer.
    let mut busy = client.clone();
    let mut now = NOON;
    while busy.who(&policy, now).is_some() {
        busy.renews(&policy, now);
        now += 60;
    }
    assert_eq!(now, NOON + 5 * HOUR);
    // A limit that was made shorter holds for what was written before.
    let shorter = self::policy().with_idle_limit(secs(60));
    assert!(client.who(&shorter, NOON + 59).is_some() && client.who(&shorter, NOON + 60).is_none());
    let shorter = self::policy().with_absolute_limit(secs(60));
    assert!(client.who(&shorter, NOON + 59).is_some() && client.who(&shorter, NOON + 60).is_none());
}

#[test]
fn a_busy_session_is_written_seldom() {
    let policy = policy().with_idle_limit(secs(HOUR));
    let mut client = alice(&policy, NOON);
    let mut written = 0;
    for now in (NOON..NOON + 2 * HOUR).step_by(10) {
        assert_eq!(client.is(&policy, now).is_renewal_due(), now - NOON >= (written + 1) * 360);
        written += client.renews(&policy, now).len() as u64;
    }
    assert_eq!(written, 19);
    assert_eq!(client.is(&policy, NOON + 2 * HOUR).memo::<EncryptedSession>().unwrap().revision(), 19);

    let always = self::policy().with_write_back_after(secs(0));
    let mut client = alice(&always, NOON);
    assert_eq!((client.renews(&always, NOON).len(), client.renews(&always, NOON + 1).len()), (0, 1));
    // One that lives up to the absolute limit has nothing to gain.
    let full = self::policy().with_absolute_limit(secs(HOUR));
    assert!(!alice(&full, NOON).is(&full, NOON + HOUR - 1).is_renewal_due());
}

#[test]
fn a_log_in_may_choose_its_lifetime() {
    let policy = policy();
    let mut client = Client::default();
    let lines = client.logs_in(&policy, NOON, "alice", &LoginOptions::new().with_lifetime(secs(60)));
    assert!(lines[0].contains("Max-Age=60"));
    client.renews(&policy, NOON + 59);
    assert!(client.who(&policy, NOON + 118).is_some() && client.who(&policy, NOON + 119).is_none());
    let lines = client.logs_in(&policy, NOON, "alice", &LoginOptions::new().with_lifetime(secs(30 * DAY)));
    assert!(lines[0].contains(&format!("Max-Age={}", 7 * DAY)));
    let lines = client.logs_in(&policy, NOON, "alice", &LoginOptions::new().until_browser_closes());
    assert!(!lines[0].contains("Max-Age"));
    assert!(!client.stores(&policy, NOON, &set("a", "1"))[0].contains("Max-Age"));
    assert!(client.who(&policy, NOON + 8 * HOUR).is_none());
    let found = client.is(&policy, NOON);
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &found);
    let none = LoginOptions::new().with_lifetime(secs(0));
    let error = poll_once(policy.remember(&context, &Identity::new("alice").unwrap(), &none)).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Misconfigured);
}

#[test]
fn data_is_kept_for_users_and_anonymous_clients() {
    let policy = policy();
    let mut client = Client::default();
    assert!(client.stores(&policy, NOON, &DataEdits::new()).is_empty());
    assert!(client.stores(&policy, NOON, &DataEdits::new().remove("cart")).is_empty(), "no data, no bytes");
    client.stores(&policy, NOON, &set("cart", "[1]").set("lang", "\"de\""));
    assert_eq!(data_of(&client, &policy, NOON), pairs(&[("cart", "[1]"), ("lang", "\"de\"")]));
    let found = client.is(&policy, NOON);
    assert!(found.identity().is_none() && !found.is_bad_credential() && found.authenticated_at().is_none());
    let id = id_of(&client, &policy, NOON);
    client.stores(&policy, NOON + 1, &DataEdits::new().remove("lang"));
    assert_eq!(data_of(&client, &policy, NOON + 1), pairs(&[("cart", "[1]")]));
    assert_eq!(id_of(&client, &policy, NOON + 1), id);
    let lines = client.stores(&policy, NOON + 1, &DataEdits::new().remove("cart"));
    assert!(lines[0].contains("Max-Age=0"));
    assert!(client.cookies.is_empty());

    let mut client = alice(&policy, NOON);
    client.stores(&policy, NOON, &set("a", "1"));
    client.stores(&policy, NOON, &DataEdits::new().remove("a"));
    assert_eq!(client.who(&policy, NOON).as_deref(), Some("alice"));
}

#[test]
fn a_log_in_begins_a_new_session_without_the_earlier_users_data() {
    let policy = policy().with_carried_keys(["cart"]);
    let mut client = Client::default();
    client.stores(&policy, NOON, &set("cart", "[1]").set("role", "\"admin\""));
    let planted = client.clone();
    let mut ids = HashSet::from([id_of(&client, &policy, NOON)]);
    client.logs_in(&policy, NOON, "mallory", &LoginOptions::new());
    assert_eq!(data_of(&client, &policy, NOON), pairs(&[("cart", "[1]")]), "only what is allow-listed");
    assert!(ids.insert(id_of(&client, &policy, NOON)));
    assert_eq!(planted.who(&policy, NOON), None, "the planted cookie stays anonymous");
    // Over another user's session, and over one's own.
    client.stores(&policy, NOON, &set("secret", "1"));
    let planted = client.clone();
    for name in ["alice", "alice"] {
        client.logs_in(&policy, NOON, name, &LoginOptions::new());
        assert_eq!(
            (client.who(&policy, NOON).as_deref(), data_of(&client, &policy, NOON)),
            (Some(name), Vec::new())
        );
        assert!(ids.insert(id_of(&client, &policy, NOON)));
        client.stores(&policy, NOON, &set("cart", "[2]"));
    }
    assert_eq!(planted.who(&policy, NOON).as_deref(), Some("mallory"));
    // A change of rights keeps the user and the data under another name.
    client.does(&policy, NOON + 5, async |context| policy.rotate(context).await);
    assert!(ids.insert(id_of(&client, &policy, NOON + 5)));
    assert_eq!(client.who(&policy, NOON + 5).as_deref(), Some("alice"));
    assert_eq!(data_of(&client, &policy, NOON + 5), pairs(&[("cart", "[2]")]));
    assert_eq!(client.is(&policy, NOON + 5).authenticated_at(), Some(UnixTime::from_secs(NOON)));
    assert!(Client::default().does(&policy, NOON, async |context| policy.rotate(context).await).is_empty());
}

// What a copy is good for, and what tells it apart
#[test]
fn an_earlier_cookie_is_valid_until_it_expires_and_is_distinguishable() {
    let policy = policy();
    let mut client = alice(&policy, NOON);
    client.stores(&policy, NOON, &set("voucher", "1"));
    let copy = client.clone();
    client.stores(&policy, NOON + 1, &DataEdits::new().remove("voucher"));
    assert_eq!(data_of(&copy, &policy, NOON + 2), pairs(&[("voucher", "1")]), "the documented risk");
    assert_eq!(id_of(&copy, &policy, NOON + 2), id_of(&client, &policy, NOON + 2));
    let revision =
        |client: &Client| client.is(&policy, NOON + 2).memo::<EncryptedSession>().unwrap().revision();
    assert_eq!((revision(&copy), revision(&client)), (1, 2));
    assert!(copy.who(&policy, NOON + 8 * HOUR).is_none());
}

#[test]
fn the_longest_session_is_one_that_browsers_keep() {
    let policy = policy();
    let mut client = alice(&policy, NOON);
    let mut fits = 0;
    let mut refused = None;
    for length in 2600..3100 {
        let found = client.is(&policy, NOON);
        let context = ChangeContext::new(UnixTime::from_secs(NOON), &found);
        match poll_once(policy.store(&context, &set("k", &"x".repeat(length)))) {
            Ok(effects) => {
                assert!(refused.is_none(), "longer than one that was refused");
                fits = length;
                let line = client.takes(&effects).remove(0);
                assert!(line.split(';').next().unwrap().len() - 1 <= 4096);
            }
            Err(error) => {
                assert_eq!(error.kind(), AuthErrorKind::TooLarge);
                refused.get_or_insert(length);
            }
        }
    }
    assert_eq!(refused, Some(fits + 1));
    assert!(fits > 2800, "{fits}");
    // What was kept is what fitted.
    assert_eq!(data_of(&client, &policy, NOON)[0].1.len(), fits);
    for length in [4096, 65_535, 65_536, 1_000_000] {
        let found = client.is(&policy, NOON);
        let context = ChangeContext::new(UnixTime::from_secs(NOON), &found);
        let error = poll_once(policy.store(&context, &set("k", &"x".repeat(length)))).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::TooLarge);
    }
}

#[test]
fn the_length_tells_the_size_roughly() {
    let policy = policy();
    let lengths: HashSet<usize> = (1..=64)
        .map(|length| {
            let mut client = Client::default();
            client.stores(&policy, NOON, &set("k", &"1".repeat(length)));
            client.cookies[0].len()
        })
        .collect();
    assert_eq!(lengths.len(), 3);
}

#[test]
fn several_cookies_must_not_contradict() {
    let policy = policy();
    let (alice, mut bob) = (alice(&policy, NOON), Client::default());
    bob.logs_in(&policy, NOON, "bob", &LoginOptions::new());
    let mut nobody = Client::default();
    nobody.stores(&policy, NOON + 9, &set("a", "1"));
    let all = |cookies: &[&Client]| Client {
        cookies: cookies.iter().flat_map(|c| c.cookies.clone()).collect(),
        ..Client::default()
    };
    assert!(all(&[&alice, &bob]).is(&policy, NOON).is_contradictory());
    assert_eq!(all(&[&nobody, &alice]).who(&policy, NOON + 9).as_deref(), Some("alice"));
    assert_eq!(all(&[&alice, &nobody]).who(&policy, NOON + 9).as_deref(), Some("alice"));
    let mut later = alice.clone();
    later.stores(&policy, NOON + 9, &set("b", "2"));
    for both in [all(&[&alice, &later]), all(&[&later, &alice])] {
        assert_eq!(data_of(&both, &policy, NOON + 9), pairs(&[("b", "2")]));
    }
    let junk = Client::with(&["__Host-session=x; __Host-session=; __Host-session=\""]);
    assert_eq!(all(&[&junk, &alice]).who(&policy, NOON).as_deref(), Some("alice"));
    assert!(all(&[&junk, &junk, &alice]).is(&policy, NOON).is_bad_credential(), "too many");
    let conflict = all(&[&alice, &bob]).is(&policy, NOON);
    let context = ChangeContext::new(UnixTime::from_secs(NOON), &conflict);
    let error = poll_once(policy.store(&context, &set("a", "1"))).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InvalidCredential);
}

#[test]
fn options_of_the_cookie() {
    let config =
        CookieConfig::new().with_name("__Secure-s").unwrap().with_same_site(SameSite::Strict).unwrap();
    let policy = policy().with_cookie(config).with_skew(secs(5)).with_realm("a \"b\"").unwrap();
    let mut client = Client::default();
    let line = client.logs_in(&policy, NOON, "alice", &LoginOptions::new()).remove(0);
    assert!(line.starts_with("__Secure-s=") && line.contains("SameSite=Strict"));
    assert!(client.who(&policy, NOON - 5).is_some() && client.who(&policy, NOON - 6).is_none());
    assert_eq!(policy.challenge(), "Cookie realm=\"a \\\"b\\\"\"");
    assert!(self::policy().with_realm("a\nb").is_err());
    assert!(self::policy().with_cookie_name("a b").is_err());
}

#[test]
fn without_https_only_this_machine_has_sessions() {
    let policy = policy().with_insecure_http_on_loopback().unwrap();
    let mut here = Client::to("localhost:3000");
    let line = here.logs_in(&policy, NOON, "alice", &LoginOptions::new()).remove(0);
    assert!(line.starts_with("session=") && !line.contains("Secure"));
    here.stores(&policy, NOON, &set("a", "1"));
    assert_eq!(here.who(&policy, NOON).as_deref(), Some("alice"));
    // `Host` is the client's own text; where the address is not known, the error says how to make it so.
    let elsewhere = Client { peer: Client::at("192.0.2.1").peer, ..Client::to("localhost:3000") };
    let forwarded = ("x-forwarded-for", "127.0.0.1".to_owned());
    let behind_proxy =
        Client { headers: vec![("host", "localhost".to_owned()), forwarded], ..Client::at("::1") };
    let unknown = Client { peer: None, ..Client::to("localhost:3000") };
    for (client, remedy) in [
        (Client::to("example.com"), "leave out"),
        (elsewhere, "leave out"),
        (behind_proxy, "leave out"),
        (unknown, "into_make_service_with_connect_info::<SocketAddr>()"),
    ] {
        for cookies in [Vec::new(), here.cookies.clone()] {
            let there = Client { cookies, ..client.clone() };
            let found = there.is(&policy, NOON);
            assert_eq!(found.is_bad_credential(), !there.cookies.is_empty(), "{there:?}");
            assert!(found.identity().is_none());
            let context = ChangeContext::new(UnixTime::from_secs(NOON), &found);
            let error = poll_once(policy.store(&context, &set("a", "1"))).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Misconfigured);
            assert!(error.to_string().contains(remedy), "{error} {there:?}");
        }
    }
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.store(&set("dropped", "1")).await?;
    auth.remember("alice").await?;
    auth.store(&set("visits", "1")).await?;
    let session = auth.credential_data::<EncryptedSession>().await?.unwrap();
    assert_eq!(session.revision(), 1);
    Ok(())
}

#[auth_required]
async fn big(auth: Auth) -> Result<(), AuthError> {
    auth.store(&set("big", &"x".repeat(5000))).await
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

#[tokio::test]
async fn a_session_serves_a_router() {
    let clock = FrozenClock::at(NOON);
    let app = Router::new()
        .route("/login", post(login))
        .route("/big", post(big))
        .route("/profile", axum::routing::get(profile))
        .layer(AuthLayer::new(policy()).with_clock(clock.clone()));
    let answer = support::ask(&app, Request::post("/login")).await;
    assert_eq!((answer.status, answer.cookies().len()), (StatusCode::OK, 1));
    let cookie = answer.cookies().remove(0);
    let client = Client::with(&[&cookie]);
    assert_eq!(data_of(&client, &policy(), NOON), pairs(&[("visits", "1")]));
    let ask = |request: http::request::Builder| support::ask(&app, request.header(header::COOKIE, &cookie));
    assert_eq!(ask(Request::get("/profile")).await.text(), "alice");
    let refused = ask(Request::post("/big")).await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(refused.cookies().is_empty());
    let foreign = ask(Request::post("/big").header("sec-fetch-site", "cross-site")).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    clock.advance(secs(2 * HOUR));
    let renewed = ask(Request::get("/profile")).await;
    assert_eq!((renewed.text(), renewed.cookies().len()), ("alice", 1));
    clock.advance(secs(6 * HOUR));
    assert_eq!(ask(Request::get("/profile")).await.status, StatusCode::UNAUTHORIZED);
}

fn active(ring: &KeyRing) -> KeyId {
    ring.keys().iter().find(|(_, state)| *state == KeyState::Active).unwrap().0
}

// The ring needs no explicit time, and no session outlives the key that encrypted it.
#[tokio::test]
async fn keys_rotate_and_are_kept_for_as_long_as_sessions_live() {
    async fn login(auth: Auth) -> Result<(), AuthError> {
        auth.remember("alice").await
    }
    #[auth_required]
    async fn profile() {}

    let rotation = Rotation::every("1h").unwrap().with_credential_lifetime("2h").unwrap();
    let clock = FrozenClock::at(NOON);
    let ring = KeyRing::rotating(rotation, UnixTime::from_secs(NOON)).unwrap();
    let app = Router::new()
        .route("/login", post(login))
        .route("/profile", axum::routing::get(profile))
        .layer(AuthLayer::new(EncryptedCookie::new(ring.clone())).with_clock(clock.clone()));
    let first = active(&ring);
    let answer = support::ask(&app, Request::post("/login")).await;
    assert!(answer.header("set-cookie").contains("Max-Age=7200"), "{}", answer.header("set-cookie"));
    let cookie = answer.cookies().remove(0);
    let ask_profile = async || {
        let answer = support::ask(&app, Request::get("/profile").header(header::COOKIE, &cookie)).await;
        answer.status.as_u16()
    };
    clock.advance(secs(HOUR + HOUR / 2));
    assert_eq!(ask_profile().await, 200);
    assert_ne!(active(&ring), first, "the look at the cookie has moved the ring on");
    clock.advance(secs(HOUR / 2));
    assert_eq!(ask_profile().await, 401, "the configured eight hours are capped");
    let second = active(&ring);
    clock.advance(secs(HOUR));
    support::ask(&app, Request::post("/login")).await;
    assert_ne!(active(&ring), second, "so has the log-in");
}

#[tokio::test]
async fn the_cookie_is_written_as_configured() {
    let policy = EncryptedCookie::new(KeyRing::random())
        .with_cookie_name("__Secure-shop")
        .unwrap()
        .with_domain("example.com")
        .unwrap()
        .with_path("/shop")
        .unwrap()
        .with_same_site(SameSite::Strict)
        .unwrap();
    let app = Router::new()
        .route("/", post(async |auth: Auth| auth.remember("alice").await))
        .layer(AuthLayer::new(policy));
    let line = support::ask(&app, Request::post("/")).await.header("set-cookie");
    for part in
        ["__Secure-shop=", "Domain=example.com", "Path=/shop", "SameSite=Strict", "Secure", "HttpOnly"]
    {
        assert!(line.contains(part), "{part} is missing: {line}");
    }
    // `__Host-`, the default, promises that there is neither.
    assert!(EncryptedCookie::new(KeyRing::random()).with_domain("example.com").is_err());
    assert!(EncryptedCookie::new(KeyRing::random()).with_path("/shop").is_err());
}
