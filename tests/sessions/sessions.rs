//! What `SessionIdentity` promises, with every store.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use auth_runtime::{
    Identity, SessionIdentity, Sessions,
    identity::{
        CredentialId,
        session::{Excess, MemorySessions, TowerSessions014},
    },
    testing::FrozenClock,
};
use axum::http::Request;
use tower_sessions_memory_store::MemoryStore;
use tower_sessions_moka_store::MokaStore;

use crate::{
    services,
    session_support::{Browser, Fault, NAME, Told, app, clock},
};

const MINUTE: Duration = Duration::from_mins(1);

/// Runs everything that a store has to be good for.
async fn conform(make: impl Fn() -> SessionIdentity) {
    log_in_and_out(make()).await;
    every_log_in_has_another_id(make()).await;
    invented_ids_are_anonymous(make()).await;
    data_belong_to_one_session(make()).await;
    chosen_keys_survive_a_log_in(make()).await;
    rotation_keeps_all_but_the_cookie(make()).await;
    no_slower_request_replaces_a_new_cookie(make()).await;
    both_limits_are_judged_by_the_server(make()).await;
    reading_is_activity(make()).await;
    several_cookies_of_one_name(make()).await;
    applications_are_apart(&make).await;
    options_of_a_log_in(make()).await;
    an_impersonation_keeps_both_and_gains_no_time(make()).await;
    the_id_of_a_log_in_stays(make()).await;
}

/// What also needs an index.
async fn conform_with_index(make: impl Fn() -> SessionIdentity) {
    conform(&make).await;
    sessions_are_listed_and_ended(make()).await;
    users_have_so_many_sessions(&make).await;
    a_log_in_is_ended_by_its_id(make()).await;
    make().sessions().delete_expired().await.unwrap();
}

/// Every test has users of its own, as some stores are shared.
fn users() -> [String; 2] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let stamp = std::process::id();
    [format!("alice-{stamp}-{next}"), format!("bob-{stamp}-{next}")]
}

async fn log_in_and_out(policy: SessionIdentity) {
    let [alice, _] = users();
    let app = app(policy, &clock());
    let mut browser = Browser::new(&app);
    assert_eq!(browser.user().await, "401");
    let answer = browser.post(&format!("/login/{alice}")).await;
    let line = answer.set_cookie[0].to_str().unwrap().to_owned();
    let attributes: Vec<_> = line.split("; ").skip(1).collect();
    assert_eq!(attributes, ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=43200"]);
    assert_eq!(browser.cookie.as_ref().unwrap().len(), 43);
    assert_eq!(browser.user().await, alice);

    let mut thief = browser.thief();
    assert_eq!(thief.user().await, alice);
    let answer = browser.post("/logout").await;
    assert!(answer.set_cookie[0].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!((browser.cookie.clone(), browser.user().await), (None, "401".to_owned()));
    assert_eq!(thief.user().await, "401", "the session is gone for every copy of its cookie");
    // A log-out of an anonymous client is not an error, and a session may begin and end in one request.
    assert_eq!(browser.status("/logout").await, 200);
    assert_eq!(browser.status("/login-and-out").await, 200);
    assert_eq!((browser.cookie.clone(), browser.user().await), (None, "401".to_owned()));
    assert_eq!(browser.status(&format!("/login-twice/{alice}")).await, 200);
    assert_eq!(browser.user().await, alice);
}

// Also over an existing log-in, whose data is dropped.
async fn every_log_in_has_another_id(policy: SessionIdentity) {
    let [alice, mallory] = users();
    let app = app(policy, &clock());
    let mut attacker = Browser::new(&app);
    attacker.post(&format!("/login/{mallory}")).await;
    attacker.post("/put/cart/poison").await;
    let mut victim = attacker.thief();
    victim.post(&format!("/login/{alice}")).await;
    assert_ne!(victim.cookie, attacker.cookie);
    assert_eq!(victim.user().await, alice);
    assert_eq!(attacker.user().await, "401", "the planted session has ended");
    assert_eq!(victim.get("/value/cart").await.text, "");
    // The same user again, too.
    let before = victim.thief();
    victim.post(&format!("/login/{alice}")).await;
    assert_ne!(victim.cookie, before.cookie);
    assert_eq!(before.thief().user().await, "401");
}

async fn an_impersonation_keeps_both_and_gains_no_time(policy: SessionIdentity) {
    let [root, alice] = users();
    let clock = clock();
    let app = app(policy, &clock);
    let mut browser = Browser::new(&app);
    browser.post(&format!("/login/{root}")).await;
    browser.post("/put/key/secret").await;
    let before = browser.thief();
    clock.advance(10 * MINUTE);
    assert_eq!(browser.status(&format!("/act-as/{alice}")).await, 200);
    let acted = browser.thief();
    assert_eq!((browser.user().await, browser.get("/actor").await.text), (alice, root.clone()));
    assert_eq!(browser.get("/value/key").await.text, "", "what the actor kept is not the user's");
    before.expect("401").await;
    // Another value of the same session keeps the actor.
    assert_eq!(browser.status("/rotate").await, 200);
    assert_eq!(browser.get("/actor").await.text, root);
    acted.expect("401").await;
    clock.advance(10 * MINUTE);
    let answer = browser.post("/back").await;
    let line = answer.set_cookie[0].to_str().unwrap().to_owned();
    assert!(line.contains("Max-Age=42000"), "twelve hours after the log-in, not after this: {line}");
    assert_eq!((browser.user().await, browser.get("/actor").await.text), (root, "anonymous".to_owned()));
}

async fn invented_ids_are_anonymous(policy: SessionIdentity) {
    let app = app(policy, &clock());
    for value in [
        "",
        "x",
        &"A".repeat(43),
        &"w".repeat(43),
        &"z".repeat(43),
        &"A".repeat(44),
        "../../x",
        "\"AAAA\"",
        &"A".repeat(4000),
    ] {
        let mut browser = Browser::with_cookie(&app, value);
        assert_eq!(browser.get("/maybe").await.text, "anonymous");
        assert_eq!(browser.user().await, "401");
        assert!(browser.get("/maybe").await.set_cookie.is_empty());
        // It is never taken over for a new session, either.
        let [alice, _] = users();
        browser.post(&format!("/login/{alice}")).await;
        assert_ne!(browser.cookie.as_deref(), Some(value));
    }
}

async fn data_belong_to_one_session(policy: SessionIdentity) {
    let [alice, _] = users();
    let app = app(policy.with_max_data(1000), &clock());
    let mut browser = Browser::new(&app);
    // Nothing is kept, and no cookie set, before there is something to be kept.
    assert!(browser.get("/value/a").await.set_cookie.is_empty());
    assert!(browser.post("/remove/a").await.set_cookie.is_empty());
    assert_eq!(browser.status("/put/a/1").await, 200);
    let anonymous = browser.cookie.clone();
    assert!(anonymous.is_some());
    assert_eq!((browser.get("/value/a").await.text.as_str(), browser.user().await.as_str()), ("1", "401"));
    // Another id, and nothing of what was planted.
    let mut planted = browser.thief();
    browser.post(&format!("/login/{alice}")).await;
    assert_ne!(browser.cookie, anonymous);
    assert_eq!((planted.user().await.as_str(), planted.get("/value/a").await.text.as_str()), ("401", ""));
    assert_eq!(browser.get("/value/a").await.text, "");

    assert!(browser.post("/put/a/1").await.set_cookie.is_empty());
    browser.post("/put/b/2").await;
    browser.post("/remove/a").await;
    assert_eq!(
        (browser.get("/value/a").await.text.as_str(), browser.get("/value/b").await.text.as_str()),
        ("", "2")
    );
    // What is too long, or of another type, is refused, and nothing is lost.
    assert_eq!(browser.status(&format!("/put/b/{}", "x".repeat(1000))).await, 500);
    assert_eq!(browser.get("/value/b").await.text, "2");
    assert_eq!(browser.get("/number/b").await.status, 500);
    assert_eq!(browser.get("/number/a").await.text, "None");
    let mut other = Browser::new(&app);
    assert_eq!(other.get("/value/b").await.text, "");
}

async fn chosen_keys_survive_a_log_in(policy: SessionIdentity) {
    let [alice, bob] = users();
    let app = app(policy.with_carried_keys(["cart"]), &clock());
    let mut browser = Browser::new(&app);
    browser.post("/put/cart/book").await;
    browser.post("/put/role/admin").await;
    browser.post(&format!("/login/{alice}")).await;
    assert_eq!(browser.get("/value/cart").await.text, "book");
    assert_eq!(browser.get("/value/role").await.text, "");
    // A user's data never become another's.
    browser.post(&format!("/login/{bob}")).await;
    assert_eq!(browser.get("/value/cart").await.text, "");
}

async fn rotation_keeps_all_but_the_cookie(policy: SessionIdentity) {
    let [alice, _] = users();
    let clock = clock();
    let app = app(policy.with_absolute_limit(20 * MINUTE), &clock);
    let mut browser = Browser::new(&app);
    assert_eq!(browser.status("/rotate").await, 200);
    assert_eq!(browser.cookie, None);
    browser.post(&format!("/login/{alice}")).await;
    browser.post("/put/cart/book").await;
    let id = browser.get("/id").await.text;
    clock.advance(15 * MINUTE);
    let mut old = browser.thief();
    let answer = browser.post("/rotate").await;
    assert!(answer.set_cookie[0].to_str().unwrap().ends_with("Max-Age=300"));
    assert_ne!(browser.cookie, old.cookie);
    assert_eq!((browser.user().await, old.user().await.as_str()), (alice, "401"));
    assert_eq!(browser.get("/value/cart").await.text, "book");
    assert_eq!(browser.get("/id").await.text, id);
    // Halves of two values are no value.
    let mixed = [&old.cookie.unwrap()[..43], &browser.cookie.as_ref().unwrap()[43..]].concat();
    let halves = [mixed, browser.cookie.clone().unwrap()];
    assert_eq!(Browser::with_cookie(&app, &halves[1]).user().await, browser.user().await);
    // The absolute limit is that of the log-in.
    clock.advance(5 * MINUTE);
    assert_eq!(browser.user().await, "401");
}

// A browser has sent several requests with one cookie, and one of them gave it another: the slower ones must
// not set a cookie of an anonymous session in its place.
async fn no_slower_request_replaces_a_new_cookie(policy: SessionIdentity) {
    let [alice, bob] = users();
    let clock = clock();
    let app = app(policy.with_anonymous_limit(10 * MINUTE), &clock);
    let (log_in, act) = (format!("/login/{alice}"), format!("/act-as/{bob}"));
    let first = [log_in.as_str(), "/put/cart/book"];
    for (first, change) in [(first[0], "/rotate"), (first[1], &log_in), (first[0], &log_in), (first[0], &act)]
    {
        let mut browser = Browser::new(&app);
        assert_eq!(browser.status(first).await, 200);
        let mut slow = browser.thief();
        assert_eq!(browser.status(change).await, 200);
        let user = browser.user().await;
        for seconds in [0, 1, 58] {
            clock.advance(Duration::from_secs(seconds));
            let answer = slow.post("/put/cart/pen").await;
            assert_eq!(
                (answer.status.as_u16(), answer.set_cookie.len()),
                (401, 0),
                "{first} {change} {seconds}"
            );
            // A copy of the earlier value gains nothing by it.
            let (who, read) = (slow.get("/maybe").await, slow.get("/value/cart").await);
            assert_eq!((who.text.as_str(), read.text.as_str()), ("anonymous", ""), "{first} {change}");
            assert_eq!(slow.user().await, "401");
        }
        assert_eq!(browser.user().await, user, "the new cookie is as good as before");
        // A log-in is what the user wants, whichever cookie came with it.
        assert_eq!(slow.thief().status(&log_in).await, 200);
        // Later the value is as good as an invented one: a browser that never got the new cookie can begin
        // anew.
        clock.advance(2 * MINUTE);
        let answer = slow.post("/put/cart/pen").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (200, 1), "{first} {change}");
    }
    // What a log-out ended was not replaced: nothing new is in its place.
    let mut browser = Browser::new(&app);
    browser.post(&log_in).await;
    let mut copy = browser.thief();
    assert_eq!(browser.status("/logout").await, 200);
    assert_eq!(copy.user().await, "401");
    let answer = copy.post("/put/cart/pen").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (200, 1));
    assert_eq!(copy.get("/maybe").await.text, "anonymous");
}

async fn both_limits_are_judged_by_the_server(policy: SessionIdentity) {
    let clock = clock();
    let policy = policy.with_idle_limit(10 * MINUTE).with_absolute_limit(25 * MINUTE);
    let app = app(policy, &clock);
    let [alice, _] = users();
    let login = async || {
        let mut browser = Browser::new(&app);
        browser.post(&format!("/login/{alice}")).await;
        browser
    };
    let second = Duration::from_secs(1);
    let mut browser = login().await;
    clock.advance(Duration::from_secs(599));
    assert_eq!(browser.user().await, alice);
    clock.advance(Duration::from_secs(599));
    assert_eq!(browser.user().await, alice, "it was used meanwhile");
    clock.advance(5 * MINUTE + second);
    assert_eq!(browser.user().await, alice);
    clock.advance(second);
    assert_eq!(browser.user().await, "401", "it is 25 minutes old");

    let mut browser = login().await;
    clock.advance(10 * MINUTE);
    assert_eq!(browser.user().await, "401", "it was not used for 10 minutes");
    // An end is an end, also when the clock goes back; and a clock that goes back ends nothing.
    let mut browser = login().await;
    clock.set(auth_runtime::clock::UnixTime::from_secs(
        auth_runtime::clock::Clock::now(&clock).as_secs() - 3600,
    ));
    assert_eq!(browser.user().await, alice);
}

async fn reading_is_activity(policy: SessionIdentity) {
    let clock = clock();
    let app = app(policy.with_idle_limit(10 * MINUTE).with_write_back_after(MINUTE), &clock);
    let [alice, _] = users();
    let mut browser = Browser::new(&app);
    browser.post(&format!("/login/{alice}")).await;
    for _ in 0..10 {
        clock.advance(9 * MINUTE);
        assert_eq!(browser.user().await, alice);
    }
    // Idle timeout: a request that asks for no user, and one that fails, are not activity.
    clock.advance(9 * MINUTE);
    assert_eq!(browser.get("/public").await.text, "public");
    assert_eq!(browser.get("/nowhere").await.status, 404);
    clock.advance(MINUTE);
    assert_eq!(browser.user().await, "401");
}

async fn several_cookies_of_one_name(policy: SessionIdentity) {
    let [alice, bob] = users();
    let app = app(policy, &clock());
    let [mut one, mut again, mut other] = [(); 3].map(|()| Browser::new(&app));
    one.post(&format!("/login/{alice}")).await;
    again.post(&format!("/login/{alice}")).await;
    other.post(&format!("/login/{bob}")).await;
    let junk = "A".repeat(43);
    let [one_value, again_value, other_value] =
        [&one, &again, &other].map(|browser| browser.cookie.clone().unwrap());
    let send = async |values: &[&str], path: &str| {
        let line = values.iter().map(|value| format!("{NAME}={value}")).collect::<Vec<_>>().join("; ");
        let request = if path == "/me" { Request::get(path) } else { Request::post(path) };
        Browser::new(&app).send(request.header("cookie", line)).await
    };
    assert_eq!(send(&[&junk, &one_value], "/me").await.text, alice);
    assert_eq!(send(&[&one_value, &again_value], "/me").await.text, alice);
    assert_eq!(send(&[&one_value, &other_value], "/me").await.status, 401);
    assert_eq!(send(&[&one_value, &junk, &junk, &junk, &junk], "/me").await.status, 401);
    // A log-out ends all that came with it.
    assert_eq!(send(&[&one_value, &other_value], "/logout").await.status, 200);
    assert_eq!((one.user().await.as_str(), other.user().await.as_str()), ("401", "401"));
    assert_eq!(again.user().await, alice);
}

async fn applications_are_apart(make: impl Fn() -> SessionIdentity) {
    let [alice, _] = users();
    let clock = clock();
    let apps: Vec<_> = ["", "a", "b"].map(|name| app(make().with_application(name), &clock)).into();
    for (at, own) in apps.iter().enumerate() {
        let mut browser = Browser::new(own);
        browser.post(&format!("/login/{alice}")).await;
        for (other_at, other) in apps.iter().enumerate() {
            let user = Browser::with_cookie(other, browser.cookie.as_ref().unwrap()).user().await;
            assert_eq!(user == alice, at == other_at);
        }
    }
}

async fn options_of_a_log_in(policy: SessionIdentity) {
    let [alice, bob] = users();
    let clock = clock();
    let app = app(policy.with_label(|request| Some(request.uri().path().to_owned())), &clock);
    let mut browser = Browser::new(&app);
    let answer = browser.post(&format!("/login-closing/{alice}")).await;
    assert!(!answer.set_cookie[0].to_str().unwrap().contains("Max-Age"));
    let expected = format!("[\"mfa\"] theme=dark Some(\"/login-closing/{alice}\")");
    assert_eq!(browser.get("/details").await.text, expected);
    // Its own idle limit, shorter or longer than the policy's.
    let mut short = Browser::new(&app);
    short.post(&format!("/login-for/{bob}/60")).await;
    let mut long = Browser::new(&app);
    long.post(&format!("/login-for/{bob}/7200")).await;
    clock.advance(MINUTE);
    assert_eq!((short.user().await.as_str(), long.user().await), ("401", bob.clone()));
    clock.advance(59 * MINUTE);
    assert_eq!(long.user().await, bob);
    assert_eq!(long.status(&format!("/login-for/{bob}/0")).await, 500);
    assert_eq!(long.user().await, bob, "what is refused changes nothing");
}

/// Unlike the id of the session, which an impersonation changes.
async fn the_id_of_a_log_in_stays(policy: SessionIdentity) {
    let [root, alice] = users();
    let clock = clock();
    let app = app(policy, &clock);
    let mut browser = Browser::new(&app);
    browser.post(&format!("/login/{root}")).await;
    assert_eq!(browser.get("/login-id").await.text, " 0", "a log-in has an id only if it was given one");
    browser.post(&format!("/login-named/{root}/first-{root}")).await;
    let named = browser.get("/login-id").await.text;
    assert_eq!(
        named,
        format!("first-{root} {}", auth_runtime::clock::Clock::now(&clock).as_secs() + 12 * 3600)
    );
    let session = browser.get("/id").await.text;
    for change in ["/rotate", &format!("/act-as/{alice}"), "/rotate", "/put/key/value", "/back"] {
        clock.advance(MINUTE);
        assert_eq!(browser.status(change).await, 200, "{change}");
        assert_eq!(browser.get("/login-id").await.text, named, "{change}");
    }
    assert_ne!(browser.get("/id").await.text, session);
    // Another log-in has another one.
    browser.post(&format!("/login/{root}")).await;
    assert_eq!(browser.get("/login-id").await.text, " 0");
}

async fn a_log_in_is_ended_by_its_id(policy: SessionIdentity) {
    let [alice, bob] = users();
    let clock = clock();
    let sessions = policy.sessions().with_clock(clock.clone());
    let app = app(policy, &clock);
    let login = async |user: &str, path: &str| {
        let mut browser = Browser::new(&app);
        browser.post(path).await;
        assert_eq!(browser.user().await, user);
        browser
    };
    let id = |name: &str| CredentialId::new(name).unwrap();
    let (one, two) = (format!("one-{alice}"), format!("two-{alice}"));
    let mut first = login(&alice, &format!("/login-named/{alice}/{one}")).await;
    let second = login(&alice, &format!("/login-named/{alice}/{two}")).await;
    let unnamed = login(&alice, &format!("/login/{alice}")).await;
    first.post("/rotate").await;
    assert_eq!(sessions.end_login(&id(&format!("no-{alice}"))).await.unwrap(), 0);
    assert_eq!(
        sessions.end_login(&id(&first.get("/id").await.text)).await.unwrap(),
        0,
        "not by the session's id"
    );
    first.thief().expect(&alice).await;
    assert_eq!(sessions.end_login(&id(&one)).await.unwrap(), 1);
    assert_eq!(sessions.end_login(&id(&one)).await.unwrap(), 0);
    first.thief().expect("401").await;
    second.thief().expect(&alice).await;
    unnamed.thief().expect(&alice).await;
    // What the log-in has become, too: it acts for another user, whose own sessions go on.
    let mut actor = second;
    let his = login(&bob, &format!("/login/{bob}")).await;
    assert_eq!(actor.status(&format!("/act-as/{bob}")).await, 200);
    actor.thief().expect(&bob).await;
    assert_eq!(sessions.end_login(&id(&two)).await.unwrap(), 1);
    actor.thief().expect("401").await;
    his.thief().expect(&bob).await;
    unnamed.thief().expect(&alice).await;
    let alice = Identity::new(&alice).unwrap();
    assert_eq!(sessions.list(&alice).await.unwrap().len(), 1, "ended sessions are not listed");
}

async fn sessions_are_listed_and_ended(policy: SessionIdentity) {
    let [alice, bob] = users();
    let clock = clock();
    let policy =
        policy.with_label(|request| Some(request.headers().get("user-agent")?.to_str().ok()?.to_owned()));
    let sessions = policy.sessions().with_clock(clock.clone());
    let app = app(policy, &clock);
    let login = async |user: &str, agent: &str| {
        let mut browser = Browser::new(&app);
        browser.send(Request::post(format!("/login/{user}")).header("user-agent", agent)).await;
        clock.advance(Duration::from_secs(1));
        browser
    };
    let mut bobs = login(&bob, "").await;
    let start = auth_runtime::clock::Clock::now(&clock);
    let mut phone = login(&alice, "phone").await;
    let mut desk = login(&alice, "desk").await;
    let mut car = login(&alice, &"long ".repeat(100)).await;
    let user = Identity::new(&alice).unwrap();
    let list = async || sessions.list(&user).await.unwrap();

    let listed = list().await;
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0].label(), Some("phone"));
    assert_eq!(listed[2].label().map(str::len), Some(200));
    assert_eq!((listed[0].created(), listed[0].last_seen()), (start, start));
    assert_eq!(listed[0].expires(), start.plus(Duration::from_hours(12)));
    // The current one is known by its name, which is not the cookie.
    assert_eq!(phone.get("/id").await.text, listed[0].id().as_str());
    assert!(!phone.cookie.as_ref().unwrap().contains(listed[0].id().as_str()));
    clock.advance(5 * MINUTE);
    phone.user().await;
    assert_eq!(list().await[0].last_seen(), auth_runtime::clock::Clock::now(&clock));
    // Another user's hand does not reach it.
    let other = Identity::new(&bob).unwrap();
    assert!(!sessions.end(&other, listed[0].id()).await.unwrap());
    assert!(!sessions.end(&user, &CredentialId::new("nothing").unwrap()).await.unwrap());
    assert_eq!(phone.user().await, alice);

    assert!(sessions.end(&user, listed[2].id()).await.unwrap());
    assert_eq!((car.user().await.as_str(), list().await.len()), ("401", 2));
    // A rotated session is the same in lists, and ends with them.
    desk.post("/rotate").await;
    assert_eq!(list().await[1].id(), listed[1].id());
    assert_eq!(sessions.end_others(&user, listed[0].id()).await.unwrap(), 1);
    assert_eq!((desk.user().await.as_str(), phone.user().await), ("401", alice.clone()));
    login(&alice, "").await;
    assert_eq!(sessions.end_all(&user).await.unwrap(), 2);
    assert_eq!((phone.user().await.as_str(), list().await.len()), ("401", 0));
    assert_eq!(bobs.user().await, bob);
    // What was logged out, or is idle for too long, is not listed.
    let mut phone = login(&alice, "").await;
    phone.post("/logout").await;
    login(&alice, "").await;
    clock.advance(30 * MINUTE);
    assert!(list().await.is_empty());
}

async fn users_have_so_many_sessions(make: impl Fn() -> SessionIdentity) {
    let clock = clock();
    let [alice, bob] = users();
    let policy = make().with_max_sessions(2, Excess::EvictOldest);
    let application = app(policy, &clock);
    let login = async |app: &axum::Router, user: &str| {
        let mut browser = Browser::new(app);
        let status = browser.status(&format!("/login/{user}")).await;
        clock.advance(Duration::from_secs(1));
        (browser, status)
    };
    let (mut first, _) = login(&application, &alice).await;
    let (mut second, _) = login(&application, &alice).await;
    let (mut bobs, _) = login(&application, &bob).await;
    let (mut third, _) = login(&application, &alice).await;
    assert_eq!(first.user().await, "401");
    assert_eq!(
        (second.user().await, third.user().await, bobs.user().await),
        (alice.clone(), alice.clone(), bob)
    );
    // Logging in over a session takes its place.
    third.post(&format!("/login/{alice}")).await;
    assert_eq!((second.user().await, third.user().await), (alice.clone(), alice.clone()));

    let [alice, _] = users();
    let application = app(make().with_max_sessions(1, Excess::Refuse), &clock);
    let (mut first, _) = login(&application, &alice).await;
    let (mut second, status) = login(&application, &alice).await;
    assert_eq!((status, second.user().await.as_str(), first.user().await), (401, "401", alice.clone()));
    assert_eq!(first.status(&format!("/login/{alice}")).await, 200);
    clock.advance(30 * MINUTE);
    assert_eq!(login(&application, &alice).await.1, 200, "what is idle for too long does not count");

    let application = app(make().with_max_sessions(0, Excess::EvictOldest), &clock);
    assert_eq!(login(&application, &alice).await.1, 401);

    // Sessions in which a user acts for others are counted apart from that user's and the others' own.
    let [root, alice] = users();
    let application = app(make().with_max_sessions(2, Excess::EvictOldest), &clock);
    let (mut own, _) = login(&application, &alice).await;
    let mut acting = Vec::new();
    for _ in 0..3 {
        let (mut browser, _) = login(&application, &root).await;
        assert_eq!(browser.status(&format!("/act-as/{alice}")).await, 200);
        clock.advance(Duration::from_secs(1));
        acting.push(browser);
    }
    let mut users = Vec::new();
    for browser in &mut acting {
        users.push(browser.user().await);
    }
    assert_eq!((users, own.user().await), (vec!["401".to_owned(), alice.clone(), alice.clone()], alice));
}

#[tokio::test]
async fn sessions_in_memory() {
    conform_with_index(SessionIdentity::memory).await;
}

#[tokio::test]
async fn sessions_in_any_store() {
    let store = MemoryStore::default();
    conform(|| SessionIdentity::new(store.clone())).await;
    // Without an index the sessions of a user cannot be listed, which is an error.
    let policy = SessionIdentity::new(store.clone());
    policy.migrate().await.unwrap();
    let alice = Identity::new("alice").unwrap();
    let error = policy.sessions().end_all(&alice).await.unwrap_err();
    assert!(error.to_string().contains("with_index"), "{error}");
    let mut browser = Browser::new(&app(policy.with_max_sessions(3, Excess::Refuse), &clock()));
    assert_eq!(browser.status("/login/alice").await, 500);
    assert_eq!(browser.user().await, "401");
}

/// A store that its authors wrote for `tower-sessions-core` 0.14, with an index of the application's.
#[tokio::test]
async fn sessions_in_a_store_of_the_version_before() {
    let (store, index) = (TowerSessions014::new(MokaStore::new(None)), MemorySessions::new());
    conform_with_index(|| SessionIdentity::new(store.clone()).with_index(index.clone())).await;
}

#[tokio::test]
async fn sessions_in_sqlite() {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await.unwrap();
    for _ in 0..2 {
        SessionIdentity::sqlite(pool.clone()).migrate().await.unwrap();
    }
    conform_with_index(|| patient(SessionIdentity::sqlite(pool.clone()))).await;

    // Nothing in the database is a cookie, or a part of one, or a user's name in the index.
    let mut browser = Browser::new(&app(patient(SessionIdentity::sqlite(pool.clone())), &clock()));
    browser.post("/login/alice").await;
    let cookie = browser.cookie.clone().unwrap();
    let records: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select id, data from tower_sessions").fetch_all(&pool).await.unwrap();
    let index: Vec<(String, String, String)> =
        sqlx::query_as("select user_key, id, records from auth_session_index")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert!(!records.is_empty() && !index.is_empty());
    let mut dump = String::new();
    for (id, data) in &records {
        dump.extend([id, " ", &String::from_utf8_lossy(data), "\n"]);
    }
    for (user, id, records) in &index {
        assert!(user.len() == 43 && !user.contains("alice"));
        dump.extend([user, " ", id, " ", records, "\n"]);
    }
    let words = dump
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| word.len() >= 8);
    for word in words {
        assert!(!cookie.contains(word), "{word}");
    }
    for at in 0..=(cookie.len() - 8) {
        assert!(!dump.contains(&cookie[at..at + 8]));
    }

    // What has expired is deleted from both tables.
    sqlx::query("update tower_sessions set expiry_date = '2020-01-01 00:00:00+00:00'")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("update auth_session_index set expires = 1").execute(&pool).await.unwrap();
    SessionIdentity::sqlite(pool.clone()).sessions().delete_expired().await.unwrap();
    for table in ["tower_sessions", "auth_session_index"] {
        let (left,): (i64,) =
            sqlx::query_as(&format!("select count(*) from {table}")).fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn sessions_in_a_file_survive_the_process() {
    let folder = std::env::temp_dir().join(format!("sessions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("db")).create_if_missing(true);
    let open = async || {
        let pool = sqlx::SqlitePool::connect_with(options.clone()).await.unwrap();
        let policy = patient(SessionIdentity::sqlite(pool.clone()));
        policy.migrate().await.unwrap();
        (pool, policy)
    };
    let (pool, policy) = open().await;
    let mut browser = Browser::new(&app(policy, &clock()));
    browser.post("/login/alice").await;
    pool.close().await;
    assert_eq!(browser.user().await, "503");
    let (pool, policy) = open().await;
    browser.app = app(policy, &clock());
    assert_eq!(browser.user().await, "alice");
    pool.close().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn sessions_in_postgresql() {
    let Some(address) = services::postgres() else { return };
    let pool = sqlx::PgPool::connect(&address).await.unwrap();
    for _ in 0..2 {
        SessionIdentity::postgres(pool.clone()).migrate().await.unwrap();
    }
    conform_with_index(|| patient(SessionIdentity::postgres(pool.clone()))).await;
}

// `sqlx` was built without TLS here, and must not connect in clear text where the address demands TLS.
#[tokio::test]
async fn a_postgres_address_that_demands_tls_never_sends_the_password_in_clear_text() {
    use tokio::io::AsyncReadExt as _;
    for mode in ["require", "verify-ca", "verify-full"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let mut heard = Vec::new();
            listener.accept().await.unwrap().0.read_to_end(&mut heard).await.unwrap();
            heard
        });
        let address = format!("postgres://user:canary@127.0.0.1:{port}/app?sslmode={mode}");
        assert!(sqlx::PgPool::connect(&address).await.is_err(), "{mode}");
        assert_eq!(heard.await.unwrap(), b"", "{mode}");
    }
}

#[tokio::test]
async fn sessions_in_redis() {
    use fred::prelude::{Builder, ClientLike as _, Config};
    let Some(address) = services::redis() else { return };
    let pool = Builder::from_config(Config::from_url(&address).unwrap()).build_pool(2).unwrap();
    pool.init().await.unwrap();
    conform_with_index(|| patient(SessionIdentity::redis(pool.clone()))).await;
}

/// A busy machine may keep a database waiting for longer than a user should.
fn patient(policy: SessionIdentity) -> SessionIdentity {
    policy.with_store_deadline(Duration::from_secs(30))
}

#[tokio::test]
async fn nothing_that_is_printed_tells_a_cookie() {
    let policy = SessionIdentity::memory();
    let sessions: Sessions = policy.sessions();
    let clock: FrozenClock = clock();
    let mut browser = Browser::new(&app(policy.clone(), &clock));
    browser.post("/login/alice").await;
    browser.post("/put/key/canary-value").await;
    let cookie = browser.cookie.clone().unwrap();
    let (parts, ()) =
        Request::get("/").header("cookie", format!("{NAME}={cookie}")).body(()).unwrap().into_parts();
    let now = auth_runtime::clock::Clock::now(&clock);
    let incoming = auth_runtime::identity::Incoming::new(&parts, None, now);
    let found = auth_runtime::IdentityPolicy::identify(&policy, &incoming).await.unwrap();
    let details = found.memo::<auth_runtime::identity::session::SessionDetails>().unwrap();
    assert_eq!(found.expires(), Some(details.expires()));
    let list = sessions.list(&Identity::new("alice").unwrap()).await.unwrap();
    let printed = format!("{policy:?} {policy:#?} {sessions:?} {found:?} {details:?} {list:?}");
    assert!(!printed.contains("canary-value"), "{printed}");
    for at in 0..=(cookie.len() - 8) {
        assert!(!printed.contains(&cookie[at..at + 8]), "{printed}");
    }
}

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/sessions-sqlite/src/main.rs"]
mod sessions_sqlite;

/// Sends a request as the example's head does; the browser's name is its `User-Agent`.
async fn curl(
    app: &auth_runtime::guarded::App,
    cookie: &str,
    agent: &str,
    request: (&str, &str, &'static str),
) -> (u16, String, String) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let (method, path, form) = request;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:3000")
        .extension(axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 50_000))))
        .header("user-agent", agent)
        .header("cookie", format!("session={cookie}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(form))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let line = response.headers().get("set-cookie").map(|line| line.to_str().unwrap().to_owned());
    let cookie = line.map_or_else(
        || cookie.to_owned(),
        |line| line["session=".len()..].split(';').next().unwrap().to_owned(),
    );
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, cookie, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_example_does_what_its_head_says() {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let policy = patient(SessionIdentity::sqlite(options.connect("sqlite::memory:").await.unwrap()));
    policy.migrate().await.unwrap();
    let app = sessions_sqlite::app(policy.with_insecure_http_on_loopback().unwrap());
    let login = ("POST", "/login", "name=alice&password=wonderland");
    let list = ("GET", "/sessions", "");
    assert_eq!(curl(&app, "", "desk", list).await.0, 401);
    assert_eq!(curl(&app, "", "desk", ("POST", "/login", "name=alice&password=guess")).await.0, 401);
    let (status, desk, _) = curl(&app, "", "desk", login).await;
    assert_eq!(status, 303);
    let (_, phone, _) = curl(&app, "", "phone", login).await;
    let (_, _, text) = curl(&app, &desk, "", list).await;
    assert_eq!((text.lines().count(), text.matches("(this one)").count()), (2, 1));
    assert!(text.lines().any(|line| line.contains("desk") && line.contains("(this one)")), "{text}");
    for visits in ["1\n", "2\n"] {
        assert_eq!(curl(&app, &desk, "", ("POST", "/visits", "")).await.2, visits);
    }
    assert_eq!(curl(&app, &desk, "", ("POST", "/sessions/nothing/end", "")).await.0, 404);
    assert_eq!(curl(&app, &desk, "", ("POST", "/sessions/end-others", "")).await.0, 303);
    assert_eq!(curl(&app, &phone, "", list).await.0, 401);
    let own = text.lines().find(|line| line.contains("desk")).unwrap().split(' ').next().unwrap();
    assert_eq!(curl(&app, &desk, "", ("POST", &format!("/sessions/{own}/end"), "")).await.0, 303);
    assert_eq!(curl(&app, &desk, "", list).await.0, 401);
    let (_, desk, _) = curl(&app, "", "desk", login).await;
    assert_eq!(curl(&app, &desk, "", ("POST", "/logout", "")).await, (303, String::new(), String::new()));
    assert_eq!(curl(&app, &desk, "", list).await.0, 401);
}

/// More cookies of the name than a browser sends: they authenticate no user, and a log-out or log-in ends each.
#[tokio::test]
async fn a_log_out_ends_the_session_of_every_cookie() {
    let store = Told::default();
    let clock = clock();
    let app = app(store.policy(), &clock);
    for (path, count) in [("/logout", 3), ("/logout", 40), ("/login/bob", 3)] {
        let (mut alice, mut other) = (Browser::new(&app), Browser::new(&app));
        alice.post("/login/alice").await;
        other.post("/login/carol").await;
        let [first, last] = [&alice, &other].map(|browser| browser.cookie.clone().unwrap());
        let values =
            [first, vec!["nonsense"; count].join(&format!("; {NAME}=")), last].join(&format!("; {NAME}="));
        let mut crowded = Browser::with_cookie(&app, &values);
        assert_eq!(crowded.user().await, "401");
        assert_eq!(crowded.post(path).await.status.as_u16(), 200, "{path}");
        assert_eq!((alice.user().await, other.user().await), ("401".to_owned(), "401".to_owned()));
    }
    // Not all of so many are looked at, and a store that fails does not say which to end.
    let mut alice = Browser::new(&app);
    alice.post("/login/alice").await;
    let cookie = alice.cookie.clone().unwrap();
    let many =
        [vec!["nonsense"; 100].join(&format!("; {NAME}=")), cookie.clone()].join(&format!("; {NAME}="));
    let mut crowded = Browser::with_cookie(&app, &many);
    let answer = crowded.post("/logout").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (401, 1));
    let few = [cookie, ["nonsense"; 5].join(&format!("; {NAME}="))].join(&format!("; {NAME}="));
    store.fail(0..100, Fault::Fails);
    assert_eq!(Browser::with_cookie(&app, &few).post("/logout").await.status.as_u16(), 503);
    store.recover();
    assert_eq!(alice.user().await, "alice");
}
