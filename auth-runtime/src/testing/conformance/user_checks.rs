//! Checks the user of a request.

#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

use std::{collections::BTreeMap, future::poll_fn, pin::Pin, task::Poll};

use http::{StatusCode, header};

use super::{
    app_under_test::{ALICE, App, BOB, Handler, Wish},
    cookie_jar_client::{Client, Reply},
    make_invalid_credentials::bad_clients,
    policy_under_test::Subject,
};
use crate::{error_kind::AuthErrorKind, identity::Identity};

/// Identities of all kinds.
fn identities() -> Vec<String> {
    let mut all: Vec<String> = [
        ALICE,
        BOB,
        "a",
        "0",
        "alice@example.org",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "two words",
        "a=b;c,d",
        "\"quoted\"",
        "back\\slash",
        "100%25",
        "<b>&amp;</b>",
        "{\"sub\":\"root\"}",
        "a.b|c:d/e?f#g",
        "größe",
        "Ὀδυσσεύς",
        "用户",
        "مستخدم",
        "👩🏽‍🚀".trim_matches('\u{200d}'),
        "e\u{301}",
        "null",
        "anonymous",
    ]
    .iter()
    .map(|text| (*text).to_owned())
    .collect();
    all.extend(["x".repeat(255), "é".repeat(127), "字".repeat(85), "𝕏".repeat(63)]);
    all.retain(|text| Identity::new(text).is_ok());
    all
}

/// A request without a credential has no user, and no invalid credential either.
pub async fn a_request_without_a_credential_is_anonymous(subject: Subject) {
    let app = App::new(subject);
    let mut client = app.anonymous();
    let found = app.identify(&client).await;
    assert!(
        found.as_ref().is_ok_and(|found| found.identity().is_none()
            && !found.is_bad_credential()
            && !found.is_contradictory()),
        "a request without a credential must be anonymous; answer `Ok(Identified::anonymous())`, not {found:?}"
    );
    assert_eq!(app.who(&mut client).await.body, "anonymous", "a request without a credential has a user");
    let refused = app.ask(&mut client, Handler::Guarded).await;
    assert_eq!(refused.status, 401, "a guard must answer 401 to a request without a credential");
}

/// An identity is found as it was remembered, byte by byte, for all valid identities.
pub async fn all_identities_come_back_as_they_were(subject: Subject) {
    let app = App::new(subject);
    for identity in identities() {
        let Some(mut client) = app.client_of(&identity).await else { continue };
        for _ in 0..2 {
            let answer = app.who(&mut client).await;
            assert!(
                answer.known() == Some(&*identity),
                "the identity `{identity}` came back as {answer:?}; keep its bytes as they are"
            );
        }
        assert_eq!(app.ask(&mut client, Handler::Guarded).await.status, 200, "a guard refuses `{identity}`");
    }
    for identity in [ALICE, BOB] {
        let mut client = app.client(identity).await;
        assert_eq!(app.who(&mut client).await.known(), Some(identity));
    }
}

/// Modified and foreign credentials belong to no user, cause no server error, and get identical responses.
pub async fn invalid_credentials_are_anonymous_and_indistinguishable(mut subject: Subject) {
    let (own, trusting) = (std::mem::take(&mut subject.bad), subject.trusting);
    let app = App::new(subject);
    let mut clients = bad_clients(&app, &app.client(ALICE).await);
    clients.extend(own.into_iter().map(Client::of));
    // The first response to each kind of invalid credential.
    let mut seen: BTreeMap<&str, Reply> = BTreeMap::new();
    for mut client in clients {
        let sent = client.parts();
        let kind = match app.identify(&client).await {
            Ok(found) if found.identity().is_some() => {
                assert!(
                    trusting,
                    "a credential that was changed is taken for a valid one: {sent:?}; \
                     use `Subject::trusting` if anybody may write one"
                );
                continue;
            }
            Ok(found) if found.is_contradictory() => "contradictory",
            Ok(_) => "anonymous",
            Err(error) => {
                let kind = error.kind();
                assert!(
                    kind == AuthErrorKind::InvalidCredential,
                    "a bad credential is an error of the kind {kind:?}: {sent:?}; answer \
                     `Ok(Identified::bad_credential())` or `Err(IdentityError::refuse(…))`"
                );
                "refused"
            }
        };
        let answer = app.ask(&mut client, Handler::Guarded).await;
        assert!(
            answer.status == 401,
            "a guard must answer 401 to a bad credential, not {}: {sent:?}",
            answer.status
        );
        let first = seen.entry(kind).or_insert_with(|| answer.clone());
        assert!(*first == answer, "two bad credentials are answered differently: {first:?}, {answer:?}");
    }
}

/// Concurrent requests do not see each other's user.
pub async fn two_users_at_once_stay_apart(subject: Subject) {
    let app = App::new(subject);
    let (mut alice, mut bob) = (app.client(ALICE).await, app.client(BOB).await);
    let mut anonymous = app.anonymous();
    let ask = async |client: &mut Client, expected: Option<&str>| {
        for _ in 0..20 {
            let answer = app.who(client).await;
            assert!(answer.known() == expected, "the request of {expected:?} was taken for {answer:?}");
            tokio::task::yield_now().await;
        }
    };
    let all = [
        Box::pin(ask(&mut alice, Some(ALICE))) as Pin<Box<dyn Future<Output = ()>>>,
        Box::pin(ask(&mut bob, Some(BOB))),
        Box::pin(ask(&mut anonymous, None)),
    ];
    together(all).await;
}

/// Polls all of them in turns.
async fn together<const N: usize>(mut all: [Pin<Box<dyn Future<Output = ()> + '_>>; N]) {
    let mut done = [false; N];
    poll_fn(|context| {
        for (future, done) in all.iter_mut().zip(&mut done) {
            if !*done {
                *done = future.as_mut().poll(context).is_ready();
            }
        }
        if done.iter().all(|done| *done) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Log-in and log-out are written to redirects and errors, too.
pub async fn effects_are_on_every_kind_of_response(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    for status in [200, 204, 303, 400, 403, 404, 422, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let mut client = app.anonymous();
        let answer = app.act(&mut client, Wish::LogIn(ALICE.to_owned()), status).await;
        assert_eq!(answer.status, status);
        let who = app.who(&mut client).await;
        assert_eq!(who.known(), Some(ALICE), "a log-in is lost when the handler answers {status}");
        let cache = answer.headers.get(header::CACHE_CONTROL);
        assert!(
            cache.is_some_and(|value| value == "private, no-store"),
            "an answer with a credential may be cached"
        );
        app.act(&mut client, Wish::LogOut, status).await;
        let who = app.who(&mut client).await;
        assert_eq!(who.known(), None, "a log-out is lost when the handler answers {status}");
    }
}
