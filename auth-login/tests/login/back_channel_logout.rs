//! Log-outs by the provider (OpenID Connect Back-Channel Logout 1.0).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_login::{
    Login, LoginIndex, Logins, MemoryLoginIndex, Tokens,
    descriptor::{Descriptor, Placeholder},
    profile::{Mapping, Profile, Subject},
    testing::Step,
};
use auth_runtime::{
    AuthLayer, BoxError, EncryptedCookie, KeyRing, SessionIdentity, TicketCookie, UserId,
    identity::session::MemorySessions,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    app_and_fake_provider::NOON,
    browser_with_cookies::{Browser, Site},
    hostile_provider::other_keys,
    intercepted_index::{self as index, InterceptedIndex},
    logout_setup::{Setup, application, begin, everything_of, instance, log_in, send},
};

#[tokio::test]
async fn a_session_of_the_provider_ends_and_no_other() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let mut two = setup.log_in("alice", "two").await;
    assert_eq!(setup.send(&setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(one.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(two.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_token_with_a_subject_alone_ends_every_session_of_this_user() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let mut two = setup.log_in("alice", "two").await;
    let mut bob = setup.log_in("bob", "three").await;
    assert_eq!(setup.send(&setup.token(&json!({"sid": null}))).await.status, StatusCode::OK);
    for browser in [&mut one, &mut two] {
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(bob.get("/me").await.text, "bob");
}

#[tokio::test]
async fn a_logout_is_effective_on_every_instance_that_shares_index_and_list() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let login = setup.provider.login("fake").unwrap();
    let other = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
    assert_eq!(send(&other, &setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(one.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_logout_token_serves_once() {
    let setup = Setup::new().await;
    setup.log_in("alice", "one").await;
    let token = setup.token(&json!({}));
    assert_eq!(setup.send(&token).await.status, StatusCode::OK);
    let mut again = setup.log_in("alice", "one").await;
    assert_eq!(setup.send(&token).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.get("/me").await.text, "alice");
}

// Otherwise a provider that tries again would be told of a replay, and the session would go on.
#[tokio::test]
async fn a_logout_token_is_not_used_up_while_the_index_is_down() {
    for down in [index::Step::NoteLogout, index::Step::Find] {
        let setup = Setup::new().await;
        let mut browser = setup.log_in("alice", "one").await;
        let is_down = Arc::new(AtomicBool::new(true));
        let index = InterceptedIndex::new(setup.index.clone(), move |step| {
            let fails = step == down && is_down.swap(false, Ordering::SeqCst);
            async move { if fails { Err("down".into()) } else { Ok(()) } }
        });
        let login = setup.provider.login("fake").unwrap();
        let app = instance(login, &setup.keys, index, &setup.revocation, &setup.clock);
        let token = setup.token(&json!({}));
        assert_eq!(send(&app, &token).await.status, StatusCode::BAD_REQUEST, "{down:?}");
        assert_eq!(browser.get("/me").await.text, "alice", "{down:?}");
        assert_eq!(send(&app, &token).await.status, StatusCode::OK, "{down:?}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{down:?}");
    }
}

#[tokio::test]
async fn hostile_logout_tokens_end_nothing() {
    let setup = Setup::new().await;
    let mut browser = setup.log_in("alice", "one").await;
    let mut tokens: Vec<String> = [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "other-client"}),
        json!({"aud": null}),
        json!({"iat": NOON - 200}),
        json!({"iat": NOON + 200}),
        json!({"iat": null}),
        json!({"exp": NOON - 61}),
        json!({"jti": null}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": null}}),
        json!({"nonce": "n"}),
        json!({"sub": null, "sid": null}),
    ]
    .iter()
    .map(|changes| setup.token(changes))
    .collect();
    let good = setup.token(&json!({}));
    let mut parts = good.split('.');
    let (_, claims) = (parts.next(), parts.next().unwrap());
    let claims_of = |header: &Value, claims: &Map<String, Value>| {
        setup.provider.sign(header.as_object().unwrap(), claims).unwrap()
    };
    tokens.push(format!("eyJhbGciOiJub25lIn0.{claims}."));
    tokens.push(good.rsplit_once('.').unwrap().0.to_owned() + ".AAAA");
    for typ in ["at+jwt", "secevent+jwt", "dpop+jwt"] {
        tokens.push(claims_of(&json!({"alg": "ES256", "kid": "fake-1", "typ": typ}), &setup.claims()));
    }
    // An id_token, which has neither `events` nor a type of its own.
    let mut id_token = setup.claims();
    id_token.remove("events");
    tokens.push(claims_of(&json!({"alg": "ES256", "kid": "fake-1", "typ": "JWT"}), &id_token));
    tokens.extend([String::new(), "x".to_owned()]);
    for token in tokens {
        let answer = setup.send(&token).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (StatusCode::BAD_REQUEST, r#"{"error":"invalid_request"}"#)
        );
        assert_eq!(browser.get("/me").await.text, "alice", "{token}");
    }
    assert_eq!(setup.send(&good).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

// Any client can send a token whose key is unknown, and the keys are fetched for it once in a while only.
#[tokio::test]
async fn tokens_with_unknown_keys_do_not_delay_a_log_in_after_a_rotation() {
    let setup = Setup::new().await;
    let is_rotated = Arc::new(AtomicBool::new(false));
    let rotated = Arc::clone(&is_rotated);
    setup.provider.tamper(move |step| {
        if let Step::Response { path: "/jwks", response } = step
            && !rotated.load(Ordering::SeqCst)
        {
            *response.body_mut() = other_keys().into_bytes();
        }
    });
    let mut browser = Browser::new(&setup.app);
    let started = browser.post("/login/fake", "").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    assert_eq!(browser.come_back(&callback).await.code(), "identity_invalid");
    for number in 0..20 {
        let header = json!({"alg": "ES256", "kid": format!("unknown {number}"), "typ": "logout+jwt"});
        let token = setup.provider.sign(header.as_object().unwrap(), &setup.claims()).unwrap();
        assert_eq!(setup.send(&token).await.status, StatusCode::BAD_REQUEST);
    }
    let fetches = setup.provider.requests("/jwks");
    assert!(fetches <= 3, "{fetches}");
    is_rotated.store(true, Ordering::SeqCst);
    let started = browser.post("/login/fake", "").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    let done = browser.come_back(&callback).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
}

#[tokio::test]
async fn a_token_without_a_type_of_its_own_or_expiry_is_accepted_as_older_providers_send_it() {
    for header in
        [json!({"alg": "ES256", "kid": "fake-1"}), json!({"alg": "ES256", "kid": "fake-1", "typ": "JWT"})]
    {
        let setup = Setup::new().await;
        let mut browser = setup.log_in("alice", "one").await;
        let mut claims = setup.claims();
        claims.remove("exp");
        let token = setup.provider.sign(header.as_object().unwrap(), &claims).unwrap();
        assert_eq!(setup.send(&token).await.status, StatusCode::OK, "{header}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{header}");
    }
}

#[tokio::test]
async fn a_session_of_another_user_is_not_ended_by_its_name() {
    let setup = Setup::new().await;
    let mut bob = setup.log_in("bob", "one").await;
    assert_eq!(setup.send(&setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(bob.get("/me").await.text, "bob");
}

#[tokio::test]
async fn a_login_that_the_provider_could_not_end_does_not_begin() {
    for down in [index::Step::Record, index::Step::HasLoggedOut, index::Step::Keep] {
        let setup = Setup::new().await;
        let login = setup.provider.login("fake").unwrap();
        let index = InterceptedIndex::new(setup.index.clone(), move |step| async move {
            if step == down { Err("down".into()) } else { Ok(()) }
        });
        let app = instance(login, &setup.keys, index, &setup.revocation, &setup.clock);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        let page = browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
        let failed = (StatusCode::INTERNAL_SERVER_ERROR, "server_error");
        assert_eq!((page.status, page.code()), failed, "{down:?}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{down:?}");
        let left = setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap();
        assert!(left.is_empty(), "{down:?}: {left:?}");
    }
}

#[tokio::test]
async fn no_login_starts_and_no_log_out_is_answered_with_200_while_the_index_is_down() {
    let setup = Setup::new().await;
    let login = setup.provider.login("fake").unwrap();
    let index = InterceptedIndex::new(setup.index.clone(), |_| async { Err("down".into()) });
    let app = instance(login, &setup.keys, index, &setup.revocation, &setup.clock);
    let mut browser = Browser::new(&app);
    let page = browser.post("/login/fake", "").await;
    assert_eq!((page.status, page.code()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
    assert_eq!(send(&app, &setup.token(&json!({}))).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.post("/logout", "").await.location(), "/", "a log-out here works all the same");
}

#[tokio::test]
async fn without_an_index_there_is_no_back_channel() {
    let setup = super::app_and_fake_provider::Setup::new().await;
    let answer = setup
        .browser()
        .send(Method::POST, "/login/fake/backchannel-logout", Site::Cross, "logout_token=x")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

// The id of the log-in is what the list of revocations has; a ticket has none.
#[tokio::test]
async fn a_policy_that_keeps_no_id_of_the_login_logs_no_one_in() {
    let setup = Setup::new().await;
    let login = Logins::new("https://app.example.com")
        .unwrap()
        .with_clock(setup.clock.clone())
        .with_back_channel_logout(setup.index.clone(), setup.revocation.clone())
        .provider(setup.provider.login("fake").unwrap())
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_clock(setup.clock.clone());
    let app = application(&login, auth);
    let (mut browser, callback) = begin(&setup.provider, &app, "alice", "one").await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
}

// Sessions are found by an index.
#[tokio::test]
async fn sessions_that_could_not_be_ended_do_not_begin() {
    let setup = Setup::new().await;
    for (policy, status) in [
        (SessionIdentity::new(MemorySessions::new()), StatusCode::INTERNAL_SERVER_ERROR),
        (SessionIdentity::memory(), StatusCode::SEE_OTHER),
    ] {
        let login = Logins::new("https://app.example.com")
            .unwrap()
            .with_clock(setup.clock.clone())
            .with_back_channel_logout_of_sessions(setup.index.clone(), policy.sessions())
            .provider(setup.provider.login("fake").unwrap())
            .unwrap()
            .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
        let app = application(&login, AuthLayer::new(policy).with_clock(setup.clock.clone()));
        let (mut browser, callback) = begin(&setup.provider, &app, "alice", "one").await;
        assert_eq!(browser.come_back(&callback).await.status, status);
        let is_in = browser.get("/me").await.status == StatusCode::OK;
        assert_eq!(is_in, status == StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_session_whose_name_is_too_long_for_an_index_does_not_begin() {
    let setup = Setup::new().await;
    let names: [&'static str; 2] = [Box::leak("s".repeat(512).into()), Box::leak("s".repeat(513).into())];
    let mut longest = setup.log_in("alice", names[0]).await;
    let (mut browser, callback) = begin(&setup.provider, &setup.app, "alice", names[1]).await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(setup.send(&setup.token(&json!({"sid": names[0]}))).await.status, StatusCode::OK);
    assert_eq!(longest.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

// A log-in that the application rejects, or that fails, leaves nothing in the index.
#[tokio::test]
async fn a_rejected_login_is_not_recorded() {
    let setup = Setup::new().await;
    let login = Logins::new("https://app.example.com")
        .unwrap()
        .with_clock(setup.clock.clone())
        .with_back_channel_logout(setup.index.clone(), setup.revocation.clone())
        .provider(setup.provider.login("fake").unwrap())
        .unwrap()
        .on_login(|_: Profile, _: Tokens| async { Ok::<_, BoxError>(None::<UserId>) });
    let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_clock(setup.clock.clone());
    let (mut browser, callback) = begin(&setup.provider, &application(&login, auth), "alice", "one").await;
    assert_eq!(browser.come_back(&callback).await.code(), "account_rejected");
    assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_log_out_ends_what_a_session_has_become() {
    for change in ["/rotate", "/act-as-bob", "/log-out-elsewhere"] {
        let setup = Setup::new().await;
        let mut browser = setup.log_in("alice", "one").await;
        let mut other = setup.log_in("bob", "two").await;
        let before = browser.value_of("__Host-session").unwrap().to_owned();
        setup.clock.advance(Duration::from_secs(1));
        let changed = browser.post(change, "").await;
        assert_eq!(changed.status, StatusCode::OK, "{change}");
        assert_ne!(browser.value_of("__Host-session").unwrap(), before, "{change}");
        // Twice, and as another instance sees it.
        browser.post("/rotate", "").await;
        let login = setup.provider.login("fake").unwrap();
        let second = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
        let mut there = browser.at(&second);
        assert_eq!(there.get("/me").await.status, StatusCode::OK, "{change}");
        assert_eq!(send(&second, &setup.token(&json!({}))).await.status, StatusCode::OK);
        for browser in [&mut browser, &mut there] {
            assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{change}");
        }
        assert_eq!(other.get("/me").await.text, "bob", "a session of the user who was impersonated");
    }
}

// The index forgets a log-in at its absolute timeout: a session that lived longer could not be ended.
#[tokio::test]
async fn no_session_outlives_the_record_of_its_log_in() {
    for change in ["/rotate", "/act-as-bob", "/log-out-elsewhere"] {
        let setup = Setup::new().await;
        let mut browser = setup.log_in("alice", "one").await;
        // The absolute timeout is seven days, the idle timeout eight hours.
        for hour in 1..7 * 24 {
            setup.clock.advance(Duration::from_hours(1));
            assert_eq!(browser.get("/me").await.status, StatusCode::OK, "{change}, hour {hour}");
            if hour == 6 * 24 {
                assert_eq!(browser.post(change, "").await.status, StatusCode::OK, "{change}");
            }
        }
        setup.clock.advance(Duration::from_hours(1));
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{change}");
    }
}

#[tokio::test]
async fn a_new_session_of_the_same_user_is_not_ended_by_a_log_out_before_it() {
    let setup = Setup::new().await;
    setup.log_in("alice", "one").await;
    assert_eq!(send(&setup.app, &setup.token(&json!({"sid": null}))).await.status, StatusCode::OK);
    let mut again = setup.log_in("alice", "one").await;
    assert_eq!(again.get("/me").await.text, "alice");
    let next = setup.token(&json!({"jti": "the second"}));
    assert_eq!(send(&setup.app, &next).await.status, StatusCode::OK);
    assert_eq!(again.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

/// A provider whose accounts have a subject of their own, and whose `id_token`s name the user by `sub` all
/// the same.
#[tokio::test]
async fn a_log_out_ends_log_ins_whose_accounts_have_another_subject() {
    const DESCRIPTOR: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}")
        .with_placeholders(&[Placeholder::base("issuer", "")])
        .with_mapping(Mapping::OPENID.with_subject(Subject::Member("/id_token/oid")))
        .validated();
    for changes in [json!({"sid": null}), json!({})] {
        let setup = Setup::new().await;
        let (id, secret) = setup.provider.client();
        let resolved = DESCRIPTOR.resolve(&[("issuer", setup.provider.issuer())]).unwrap();
        let login = Login::resolved(resolved, id, secret).unwrap();
        let app = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
        setup.provider.tamper(|step| {
            if let Step::Claims { claims, .. } = step {
                claims.insert("sid".to_owned(), json!("one"));
                claims.insert(
                    "oid".to_owned(),
                    json!(format!("object of {}", claims["sub"].as_str().unwrap())),
                );
            }
        });
        let mut browsers = [Browser::new(&app), Browser::new(&app)];
        for (browser, user) in browsers.iter_mut().zip(["alice", "bob"]) {
            let started = browser.post("/login/fake", "").await;
            let callback = setup.provider.sign_in(started.location(), user).unwrap();
            assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER);
            assert_eq!(browser.get("/me").await.text, format!("object of {user}"));
        }
        assert_eq!(send(&app, &setup.token(&changes)).await.status, StatusCode::OK);
        let [alice, bob] = &mut browsers;
        assert_eq!(alice.get("/me").await.status, StatusCode::UNAUTHORIZED, "{changes}");
        assert_eq!(bob.get("/me").await.text, "object of bob", "{changes}");
    }
}

/// Records of log-ins that are over would fill the index, for other users, too.
#[tokio::test]
async fn a_log_in_that_replaces_another_one_removes_its_record() {
    let setup = Setup::new().await;
    let index = MemoryLoginIndex::new().with_clock(setup.clock.clone()).with_capacity_per_user(2);
    let login = setup.provider.login("fake").unwrap();
    let app = instance(login, &setup.keys, index.clone(), &setup.revocation, &setup.clock);
    let everything = everything_of(&setup.provider, "alice");
    let (mut browser, mut callback) = begin(&setup.provider, &app, "alice", "one").await;
    let mut old = browser.at(&app);
    for round in 0..5 {
        assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER, "{round}");
        assert_eq!(index.find(&everything).await.unwrap().len(), 1, "{round}");
        // A copy of a credential that was replaced is over: there is nothing that the provider could not end.
        assert_eq!(old.get("/me").await.status, StatusCode::UNAUTHORIZED, "{round}");
        old = browser.at(&app);
        setup.clock.advance(Duration::from_secs(1));
        let started = browser.post("/login/fake", "").await;
        callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    }
    // One that fails leaves the session, and its record.
    setup.provider.tamper(|step| {
        if let Step::Claims { claims, .. } = step {
            claims.insert("nonce".to_owned(), json!("another"));
        }
    });
    assert_eq!(browser.come_back(&callback).await.code(), "identity_invalid");
    assert_eq!(browser.get("/me").await.text, "alice");
    assert_eq!(index.find(&everything).await.unwrap().len(), 1);
    assert_eq!(send(&app, &setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_user_with_too_many_log_ins_is_rejected_by_a_code_and_others_are_not() {
    let setup = Setup::new().await;
    let index = MemoryLoginIndex::new().with_clock(setup.clock.clone()).with_capacity_per_user(2);
    let login = setup.provider.login("fake").unwrap();
    let app = instance(login, &setup.keys, index, &setup.revocation, &setup.clock);
    let mut first = log_in(&setup.provider, &app, "alice", "one").await;
    log_in(&setup.provider, &app, "alice", "two").await;
    let (mut third, callback) = begin(&setup.provider, &app, "alice", "three").await;
    let page = third.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_logins"));
    assert_eq!(third.get("/me").await.status, StatusCode::UNAUTHORIZED);
    log_in(&setup.provider, &app, "bob", "four").await;
    // A log-out makes room.
    first.post("/logout", "").await;
    log_in(&setup.provider, &app, "alice", "five").await;
}
