//! Late responses: a slow request does not undo what a faster one of the same browser did meanwhile.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Auth, AuthError, AuthLayer, EncryptedCookie, FirstOf, IdentityPolicy, Key, KeyRing, Session,
    TicketCookie, UserId,
    clock::UnixTime,
    keys::{KeyState, Rotation},
    revocation::MemoryRevocation,
    testing::FrozenClock,
};
use axum::{
    Router,
    extract::{Path, State},
    http::Request,
    routing::any,
};
use tokio::sync::Notify;

use crate::support::{Answer, Log, ask};

const NOON: u64 = 1_700_000_000;

/// Where a handler stops until the test lets it go on.
#[derive(Clone, Default)]
struct Pause {
    reached: Arc<Notify>,
    resumed: Arc<Notify>,
}

/// Does what the path says, in order, and answers who the user is and what the cart holds.
async fn act(
    State(pause): State<Pause>,
    Path(acts): Path<String>,
    auth: Auth,
    session: Session,
) -> Result<String, AuthError> {
    for act in acts.split(',') {
        match act.split_once('-').unwrap_or((act, "")) {
            ("login", name) => auth.remember(name).await?,
            ("logout", _) => auth.forget().await?,
            ("everywhere", _) => auth.log_out_everywhere().await?,
            ("put", item) => session.insert("cart", item).await?,
            ("rotate", _) => auth.rotate().await?,
            ("act", name) => auth.impersonate(name).await?,
            ("back", _) => auth.stop_impersonating().await?,
            ("pause", _) => {
                pause.reached.notify_one();
                pause.resumed.notified().await;
            }
            _ => {}
        }
    }
    let user = auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string());
    Ok(format!("{user} {}", session.get::<String>("cart").unwrap_or_default().unwrap_or_default()))
}

struct Site {
    app: Router,
    clock: FrozenClock,
    pause: Pause,
}

impl Site {
    fn new(policy: impl IdentityPolicy) -> Self {
        Self::with(AuthLayer::new(policy))
    }

    fn with(layer: AuthLayer) -> Self {
        Self::with_clock(layer, FrozenClock::at(NOON))
    }

    fn with_clock(layer: AuthLayer, clock: FrozenClock) -> Self {
        let pause = Pause::default();
        let layer = layer.with_clock(clock.clone());
        let app = Router::new().route("/{acts}", any(act)).with_state(pause.clone()).layer(layer);
        Self { app, clock, pause }
    }

    async fn send(&self, acts: &str, cookie: &str) -> Answer {
        ask(&self.app, Request::post(format!("/{acts}")).header("cookie", cookie)).await
    }

    /// Begins a request, does something else while its handler waits, and lets it end.
    async fn slow<T>(&self, acts: &str, cookie: &str, meanwhile: impl Future<Output = T>) -> (Answer, T) {
        tokio::join!(self.send(acts, cookie), async {
            self.pause.reached.notified().await;
            let done = meanwhile.await;
            self.pause.resumed.notify_one();
            done
        })
    }

    /// Logs in, and returns the cookie.
    async fn login(&self, name: &str) -> String {
        self.send(&format!("login-{name}"), "").await.cookies().remove(0)
    }
}

fn tickets() -> TicketCookie {
    TicketCookie::new(KeyRing::random())
        .with_lifetime(Duration::from_mins(1))
        .with_renewal_after(Duration::from_secs(10))
}

fn encrypted() -> EncryptedCookie {
    EncryptedCookie::new(KeyRing::random()).with_carried_keys(["cart"])
}

fn set_nothing(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.cookies()), (200, Vec::new()), "{answer:?}");
}

/// The browser has logged out when the renewal of a slow request is ready.
#[tokio::test]
async fn a_renewal_does_not_undo_a_log_out() {
    let wait = Duration::from_hours(2);
    let sites = [
        (Site::new(tickets()), Duration::from_secs(20)),
        (Site::new(encrypted()), wait),
        (Site::new(FirstOf::new(encrypted()).then(tickets())), wait),
        (Site::with(AuthLayer::new(encrypted()).with_revocation(MemoryRevocation::new())), wait),
    ];
    for (site, age) in sites {
        let alice = site.login("alice").await;
        site.clock.advance(age);
        assert_eq!(site.send("who", &alice).await.cookies().len(), 1, "a renewal is due");
        let (late, out) = site.slow("who,pause", &alice, site.send("logout", &alice)).await;
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        set_nothing(&late);
        // A request that the browser sent before the response to the log-out had reached it behaves the same.
        assert_eq!(site.send("who", &alice).await.cookies(), Vec::<String>::new());
        // The next log-in is renewed as ever.
        let alice = site.login("alice").await;
        site.clock.advance(age);
        assert_eq!(site.send("who", &alice).await.cookies().len(), 1);
    }
}

#[tokio::test]
async fn a_write_does_not_undo_a_log_out() {
    let site = Site::new(encrypted());
    for acts in ["put-1,pause", "rotate,pause", "rotate,put-1,pause", "act-bob,pause", "act-bob,put-1,pause"]
    {
        let alice = site.login("alice").await;
        let (late, _) = site.slow(acts, &alice, site.send("logout", &alice)).await;
        set_nothing(&late);
        // What was not begun when the log-out came is refused.
        for acts in ["pause,put-1", "pause,rotate", "pause,act-bob"] {
            let alice = site.login("alice").await;
            let (late, _) = site.slow(acts, &alice, site.send("logout", &alice)).await;
            assert_eq!((late.status.as_u16(), late.cookies()), (401, Vec::new()), "{acts}");
        }
    }
    let site = Site::new(tickets());
    let alice = site.login("alice").await;
    let (late, _) = site.slow("act-bob,pause", &alice, site.send("logout", &alice)).await;
    set_nothing(&late);
    // The one that stops acting is their own self again, and that is kept.
    let root = site.login("root").await;
    let acting = site.send("act-bob", &root).await.cookies().remove(0);
    let (late, back) = site.slow("who,pause", &acting, site.send("back", &acting)).await;
    set_nothing(&late);
    let root = back.cookies().remove(0);
    site.clock.advance(Duration::from_secs(20));
    assert_eq!(site.send("who", &root).await.cookies().len(), 1);
}

/// What the browser has lost already, or never had, is written all the same.
#[tokio::test]
async fn a_log_in_and_a_log_out_are_always_written() {
    for site in [Site::new(encrypted()), Site::new(tickets())] {
        let alice = site.login("alice").await;
        for acts in ["login-bob,pause", "logout,pause"] {
            let (late, _) = site.slow(acts, &alice, site.send("logout", &alice)).await;
            assert_eq!((late.status.as_u16(), late.cookies().len()), (200, 1), "{acts}");
        }
        let bob = site.send("logout,login-bob", &alice).await.cookies().remove(0);
        assert_eq!(site.send("who", &bob).await.text(), "bob ");
    }
}

/// One tab reads while another fills the cart.
#[tokio::test]
async fn a_renewal_does_not_undo_a_write() {
    let site = Site::new(encrypted());
    let alice = site.login("alice").await;
    site.clock.advance(Duration::from_hours(2));
    let (late, written) = site.slow("who,pause", &alice, site.send("put-book", &alice)).await;
    set_nothing(&late);
    let full = written.cookies().remove(0);
    assert_eq!(site.send("who", &full).await.text(), "alice book");
    // The written cookie is the newest, and it is renewed when it is due.
    site.clock.advance(Duration::from_hours(2));
    assert_eq!(site.send("who", &full).await.cookies().len(), 1);
    // An anonymous visitor's cart behaves the same.
    let empty = site.send("put-1", "").await.cookies().remove(0);
    site.clock.advance(Duration::from_hours(2));
    let (late, _) = site.slow("who,pause", &empty, site.send("put-2", &empty)).await;
    set_nothing(&late);
}

/// Alice's slow write, or an anonymous one, ends when Bob is logged in in the same browser.
#[tokio::test]
async fn a_write_does_not_undo_a_log_in() {
    let site = Site::new(encrypted());
    for first in ["login-alice", "put-1"] {
        let before = site.send(first, "").await.cookies().remove(0);
        let (late, bob) = site.slow("put-2,pause", &before, site.send("login-bob", &before)).await;
        set_nothing(&late);
        assert!(site.send("who", &bob.cookies()[0]).await.text().starts_with("bob"));
    }
}

/// The cookie of a deleted user is removed, unless it has been replaced meanwhile.
#[tokio::test]
async fn the_removal_of_a_deleted_users_cookie_does_not_undo_a_log_in() {
    for layer in [AuthLayer::new(tickets()), AuthLayer::new(encrypted())] {
        let exists = Arc::new(AtomicBool::new(true));
        let alice_exists = Arc::clone(&exists);
        let site = Site::with(layer.with_users(move |user: UserId| {
            let exists = user != "alice" || alice_exists.load(Ordering::SeqCst);
            async move { Ok(exists.then_some(())) }
        }));
        let alice = site.login("alice").await;
        exists.store(false, Ordering::SeqCst);
        let (late, bob) = site.slow("pause", &alice, site.send("login-bob", &alice)).await;
        assert_eq!(late.text(), "anonymous ");
        set_nothing(&late);
        assert_eq!(site.send("who", &bob.cookies()[0]).await.text(), "bob ");
    }
}

/// It is a memory of minutes, for requests that are under way; a copy of a cookie is another matter.
#[tokio::test]
async fn after_five_minutes_nothing_is_remembered() {
    let site = Site::new(encrypted());
    let alice = site.login("alice").await;
    site.send("logout", &alice).await;
    site.clock.advance(Duration::from_secs(299));
    assert_eq!(site.send("put-1", &alice).await.status.as_u16(), 401);
    site.clock.advance(Duration::from_secs(2));
    assert_eq!(site.send("put-1", &alice).await.status.as_u16(), 200);
}

/// A user who logs out again and again does not make room for late responses of others.
#[tokio::test]
async fn no_user_exhausts_the_memory() {
    let site = Site::new(encrypted());
    let alice = site.login("alice").await;
    site.send("logout", &alice).await;
    for _ in 0..300 {
        let mallory = site.login("mallory").await;
        site.send("logout", &mallory).await;
    }
    assert_eq!(site.send("put-1", &alice).await.status.as_u16(), 401);
}

/// A change is made at the time at which it is made, not at that of the request's beginning.
#[tokio::test]
async fn a_slow_request_does_not_renew_what_has_ended() {
    let site = Site::new(tickets());
    let alice = site.login("alice").await;
    site.clock.advance(Duration::from_secs(59));
    let wait = async || site.clock.advance(Duration::from_secs(30));
    let (late, ()) = site.slow("who,pause", &alice, wait()).await;
    set_nothing(&late);

    let (late, ()) = site.slow("pause,login-alice", "", wait()).await;
    site.clock.advance(Duration::from_secs(59));
    assert_eq!(site.send("who", &late.cookies()[0]).await.text(), "alice ");

    let site = Site::new(encrypted().with_idle_limit(Duration::from_mins(1)));
    let alice = site.login("alice").await;
    site.clock.advance(Duration::from_secs(59));
    let (late, ()) =
        site.slow("who,pause", &alice, async { site.clock.advance(Duration::from_secs(30)) }).await;
    set_nothing(&late);
}

/// A slow log-out revokes what was renewed since its request began, for as long as that lives.
#[tokio::test]
async fn a_slow_log_out_is_remembered_until_the_newest_renewal_has_ended() {
    let clock = FrozenClock::at(NOON);
    let list = MemoryRevocation::new().with_capacity(1).with_clock(clock.clone());
    let site = Site::with_clock(AuthLayer::new(tickets()).with_revocation(list), clock);
    let wait = || site.clock.advance(Duration::from_secs(40));
    let alice = site.login("alice").await;
    let renewed = async {
        let mut newest = alice.clone();
        for _ in 0..5 {
            wait();
            newest = site.send("who", &newest).await.cookies().remove(0);
        }
        newest
    };
    let (out, newest) = site.slow("pause,logout", &alice, renewed).await;
    assert_eq!(out.status.as_u16(), 200);
    wait();
    // The list drops what has ended, to make room.
    let bob = site.login("bob").await;
    site.send("logout", &bob).await;
    assert_eq!(site.send("who", &newest).await.text(), "anonymous ");
}

/// The user who acts was logged out everywhere while their request was under way.
#[tokio::test]
async fn what_was_revoked_of_an_actor_is_not_renewed() {
    let layer = AuthLayer::new(tickets()).with_revocation(MemoryRevocation::new());
    let site = Site::with(layer);
    let root = site.login("root").await;
    let acting = site.send("act-bob", &root).await.cookies().remove(0);
    site.clock.advance(Duration::from_secs(20));
    let (late, _) = site.slow("who,pause", &acting, site.send("everywhere", &root)).await;
    set_nothing(&late);
}

/// The key of the time of the change signs, and the ring sees no clock that goes back.
#[tokio::test]
async fn a_slow_request_signs_with_the_key_of_the_present() {
    let master = Key::from_bytes(
        [7; 32].iter().enumerate().map(|(i, _)| u8::try_from(i).unwrap()).collect::<Vec<_>>(),
    );
    let ring =
        KeyRing::derived(master.unwrap(), Rotation::every("1d").unwrap(), UnixTime::from_secs(NOON)).unwrap();
    let site = Site::new(TicketCookie::new(ring.clone()));
    let active = || ring.keys().into_iter().find(|(_, state)| *state == KeyState::Active).unwrap().0;
    let ((), told) = Log::of(async {
        let meanwhile = async {
            site.clock.advance(Duration::from_hours(25));
            site.send("login-bob", "").await;
            active()
        };
        let (late, key) = site.slow("pause,login-alice", "", meanwhile).await;
        assert_eq!(active(), key, "the ring stays where it is");
        let text = late.cookies().remove(0);
        let sealed = base64::Engine::decode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            text.split_once('=').unwrap().1,
        );
        assert_eq!(sealed.unwrap()[1..9], *hex(&key.to_string()));
    })
    .await;
    assert!(told.iter().all(|event| event.message != "clock went back"), "{told:?}");
}

fn hex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at.saturating_add(2)], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}
