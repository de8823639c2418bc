//! A log-in and a `logout_token` at the same moment, in each order.

use std::{sync::Arc, time::Duration};

use auth_login::{LoginIndex, Logins, Tokens, profile::Profile};
use auth_runtime::{AuthLayer, EncryptedCookie, KeyRing, SessionIdentity, UserId, guarded};
use http::StatusCode;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    browser_with_cookies::Browser,
    intercepted_index::{InterceptedIndex, Step},
    logout_setup::{Setup, application, begin, everything_of, send},
};

/// A point at which a task waits until the test lets it go on.
#[derive(Default)]
struct Gate {
    arrived: Option<Semaphore>,
    open: Option<Semaphore>,
}

impl Gate {
    fn closed() -> Self {
        Self { arrived: Some(Semaphore::new(0)), open: Some(Semaphore::new(0)) }
    }

    async fn pass(&self) {
        if let (Some(arrived), Some(open)) = (&self.arrived, &self.open) {
            arrived.add_permits(1);
            tokio::time::timeout(Duration::from_mins(1), open.acquire()).await.unwrap().unwrap().forget();
        }
    }

    async fn until_arrived(&self) {
        let arrived = self.arrived.as_ref().unwrap().acquire();
        tokio::time::timeout(Duration::from_mins(1), arrived).await.unwrap().unwrap().forget();
    }

    fn open(&self) {
        self.open.as_ref().unwrap().add_permits(1);
    }
}

/// Where a log-in or a log-out waits.
#[derive(Default)]
struct Gates {
    record: Gate,
    has_logged_out: Gate,
    on_login: Gate,
    find: Gate,
    keep: Gate,
    remove: Gate,
}

/// An application that waits at gates: with an encrypted cookie and a list, or with sessions in a store.
fn gated(setup: &Setup, gates: &Arc<Gates>, is_in_store: bool) -> guarded::App {
    let at = Arc::clone(gates);
    let index = InterceptedIndex::new(setup.index.clone(), move |step| {
        let at = Arc::clone(&at);
        async move {
            match step {
                Step::Record => at.record.pass().await,
                Step::HasLoggedOut => at.has_logged_out.pass().await,
                Step::Found => at.find.pass().await,
                Step::Keep => at.keep.pass().await,
                Step::Remove => at.remove.pass().await,
                Step::Find | Step::LastLogout | Step::NoteLogout => {}
            }
            Ok(())
        }
    });
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(setup.clock.clone());
    let (logins, auth) = if is_in_store {
        let policy = SessionIdentity::memory();
        let logins = logins.with_back_channel_logout_of_sessions(index, policy.sessions());
        (logins, AuthLayer::new(policy))
    } else {
        let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random()));
        let logins = logins.with_back_channel_logout(index, setup.revocation.clone());
        (logins, auth.with_revocation(setup.revocation.clone()))
    };
    let gates = Arc::clone(gates);
    let login = logins.provider(setup.provider.login("fake").unwrap()).unwrap().on_login(
        move |profile: Profile, _: Tokens| {
            let gates = Arc::clone(&gates);
            async move {
                gates.on_login.pass().await;
                UserId::new(profile.account().subject())
            }
        },
    );
    application(&login, auth.with_clock(setup.clock.clone()))
}

/// Lets a log-in come back in a task of its own.
async fn come_back(
    setup: &Setup,
    app: &guarded::App,
) -> tokio::task::JoinHandle<(Browser, StatusCode, String)> {
    let (mut browser, callback) = begin(&setup.provider, app, "alice", "one").await;
    tokio::spawn(async move {
        let page = browser.come_back(&callback).await;
        let code = page.code().to_owned();
        (browser, page.status, code)
    })
}

// The code is redeemed, the profile fetched, and the log-in not recorded: the log-out finds nothing to end.
#[tokio::test]
async fn a_logout_before_the_login_is_recorded_stops_it() {
    for (is_in_store, changes) in [(false, json!({})), (true, json!({})), (true, json!({"sid": null}))] {
        let setup = Setup::new().await;
        let gates = Arc::new(Gates { record: Gate::closed(), ..Gates::default() });
        let app = gated(&setup, &gates, is_in_store);
        let login = come_back(&setup, &app).await;
        gates.record.until_arrived().await;
        assert_eq!(send(&app, &setup.token(&changes)).await.status, StatusCode::OK);
        gates.record.open();
        let (mut browser, status, code) = login.await.unwrap();
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"), "{changes}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{is_in_store} {changes}");
        assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
        // Another attempt begins after the log-out, in the same second.
        let (mut browser, callback) = begin(&setup.provider, &app, "alice", "one").await;
        gates.record.open();
        assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/me").await.text, "alice", "{is_in_store} {changes}");
    }
}

// The session at the provider ends while the user is on the way back, or not even there yet.
#[tokio::test]
async fn a_logout_before_the_callback_stops_the_login_of_this_session_and_of_no_other() {
    for is_in_store in [false, true] {
        for (changes, stopped) in [
            (json!({}), ["one"].as_slice()),
            (json!({"sid": null}), &["one", "two"]),
            (json!({"sid": null, "sub": "bob"}), &[]),
            (json!({"sid": "three"}), &[]),
        ] {
            let setup = Setup::new().await;
            let app = gated(&setup, &Arc::default(), is_in_store);
            for session in ["one", "two"] {
                let (mut browser, callback) = begin(&setup.provider, &app, "alice", session).await;
                let mut changes = changes.clone();
                changes["jti"] = json!(session);
                assert_eq!(send(&app, &setup.token(&changes)).await.status, StatusCode::OK);
                let page = browser.come_back(&callback).await;
                let is_in = browser.get("/me").await.status == StatusCode::OK;
                assert_eq!(is_in, !stopped.contains(&session), "{changes} {session}");
                assert_eq!(page.status == StatusCode::SEE_OTHER, is_in, "{changes} {session}");
            }
        }
    }
}

// The log-in is recorded, and asks only then: a log-out in between is found.
#[tokio::test]
async fn a_logout_between_the_record_and_the_question_stops_the_login() {
    for is_in_store in [false, true] {
        let setup = Setup::new().await;
        let gates = Arc::new(Gates { has_logged_out: Gate::closed(), ..Gates::default() });
        let app = gated(&setup, &gates, is_in_store);
        let login = come_back(&setup, &app).await;
        gates.has_logged_out.until_arrived().await;
        assert_eq!(send(&app, &setup.token(&json!({}))).await.status, StatusCode::OK);
        gates.has_logged_out.open();
        let (mut browser, status, code) = login.await.unwrap();
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"));
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{is_in_store}");
    }
}

#[tokio::test]
async fn a_logout_while_the_application_decides_about_the_login_stops_it() {
    for is_in_store in [false, true] {
        let setup = Setup::new().await;
        let gates = Arc::new(Gates { on_login: Gate::closed(), ..Gates::default() });
        let app = gated(&setup, &gates, is_in_store);
        let login = come_back(&setup, &app).await;
        gates.on_login.until_arrived().await;
        assert_eq!(send(&app, &setup.token(&json!({}))).await.status, StatusCode::OK);
        gates.on_login.open();
        let (mut browser, status, code) = login.await.unwrap();
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"));
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{is_in_store}");
    }
}

#[tokio::test]
async fn a_logout_between_the_session_and_its_record_stops_the_login() {
    for is_in_store in [false, true] {
        let setup = Setup::new().await;
        let gates = Arc::new(Gates { keep: Gate::closed(), ..Gates::default() });
        let app = gated(&setup, &gates, is_in_store);
        let login = come_back(&setup, &app).await;
        gates.keep.until_arrived().await;
        // By the subject alone, too.
        assert_eq!(send(&app, &setup.token(&json!({"sid": null}))).await.status, StatusCode::OK);
        gates.keep.open();
        let (mut browser, status, code) = login.await.unwrap();
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"));
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{is_in_store}");
    }
}

// The log-out found the record before there was a session, and goes on after the log-in has succeeded.
#[tokio::test]
async fn a_login_that_succeeds_during_a_logout_is_ended_all_the_same() {
    for (waits_at, is_in_store) in [("find", false), ("find", true), ("remove", true)] {
        let setup = Setup::new().await;
        let mut gates = Gates { on_login: Gate::closed(), ..Gates::default() };
        match waits_at {
            "find" => gates.find = Gate::closed(),
            _ => gates.remove = Gate::closed(),
        }
        let gates = Arc::new(gates);
        let gate = if waits_at == "find" { &gates.find } else { &gates.remove };
        let app = gated(&setup, &gates, is_in_store);
        let login = come_back(&setup, &app).await;
        gates.on_login.until_arrived().await;
        let logout = tokio::spawn({
            let (app, token) = (app.clone(), setup.token(&json!({})));
            async move { send(&app, &token).await.status }
        });
        gate.until_arrived().await;
        gates.on_login.open();
        let (mut browser, status, _) = login.await.unwrap();
        assert_eq!(status, StatusCode::SEE_OTHER, "{waits_at} {is_in_store}");
        gate.open();
        assert_eq!(logout.await.unwrap(), StatusCode::OK);
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{waits_at} {is_in_store}");
        assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
    }
}

// The list of revocations has the log-in already, so that its session does not begin.
#[tokio::test]
async fn a_login_that_is_revoked_before_its_record_is_removed_does_not_begin() {
    let setup = Setup::new().await;
    let gates = Arc::new(Gates { on_login: Gate::closed(), remove: Gate::closed(), ..Gates::default() });
    let app = gated(&setup, &gates, false);
    let login = come_back(&setup, &app).await;
    gates.on_login.until_arrived().await;
    let logout = tokio::spawn({
        let (app, token) = (app.clone(), setup.token(&json!({})));
        async move { send(&app, &token).await.status }
    });
    gates.remove.until_arrived().await;
    gates.on_login.open();
    // The log-in removes the record, too.
    gates.remove.until_arrived().await;
    gates.remove.open();
    gates.remove.open();
    let (mut browser, status, code) = login.await.unwrap();
    assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "interaction_required"));
    assert_eq!(logout.await.unwrap(), StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}
