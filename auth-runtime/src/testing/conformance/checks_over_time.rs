//! Checks a policy over time: after another log-in, a log-out, a renewal, a failure.

#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};

use super::{
    app_under_test::{ALICE, App, BOB, Handler, Wish},
    cookie_jar_client::Client,
    make_invalid_credentials::bad_clients,
    policy_under_test::Subject,
};
use crate::{clock::UnixTime, error_kind::AuthErrorKind};

/// A log-in over another one replaces it, and ends the first.
pub async fn another_log_in_replaces_the_first(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let mut client = app.client(ALICE).await;
    let mut copied = client.clone();
    app.log_in(&mut client, BOB).await;
    assert_eq!(app.who(&mut client).await.known(), Some(BOB), "a log-in over another one must replace it");
    let after = app.who(&mut copied).await;
    let old = after.known();
    assert!(
        old != Some(BOB),
        "the credential from before a log-in is one of its user's: sessions can be fixed"
    );
    if !app.subject.stateless {
        assert_eq!(
            old, None,
            "the credential from before another log-in is still valid; end it, or use `Subject::stateless`"
        );
    }
    // The same user again: a credential that an attacker fixed before does not gain the new log-in's
    // privileges (session fixation).
    let mut copied = client.clone();
    app.log_in(&mut client, BOB).await;
    assert_eq!(app.who(&mut client).await.known(), Some(BOB));
    if !app.subject.stateless {
        assert_eq!(
            app.who(&mut copied).await.known(),
            None,
            "a log-in of the same user keeps the credential"
        );
    }
}

/// After a log-out the client is anonymous, its credential is invalid, and other clients keep theirs.
pub async fn what_is_forgotten_is_gone(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let mut client = app.client(ALICE).await;
    let mut copied = client.clone();
    let mut elsewhere = app.client(ALICE).await;
    let answer = app.act(&mut client, Wish::LogOut, StatusCode::OK).await;
    assert_eq!(answer.status, 200, "`forget` failed");
    assert_eq!(app.who(&mut client).await.body, "anonymous", "the user is known after a log-out");
    if !app.subject.stateless {
        assert_eq!(
            app.who(&mut copied).await.known(),
            None,
            "a credential is valid after the log-out; end it, or use `Subject::stateless`"
        );
    }
    assert_eq!(app.who(&mut elsewhere).await.known(), Some(ALICE), "a log-out ends other clients' log-ins");
    for mut anonymous in [client, copied, app.anonymous()] {
        let answer = app.act(&mut anonymous, Wish::LogOut, StatusCode::OK).await;
        assert_eq!(answer.status, 200, "a log-out of an anonymous client must not fail");
    }
    let headers = app.subject.request.headers.len().saturating_add(1);
    let bad = bad_clients(&app, &elsewhere).into_iter();
    let bad = bad.filter(|client| client.parts().headers.len() == headers);
    for mut client in bad.step_by(50) {
        if app.identify(&client).await.is_ok() {
            let answer = app.act(&mut client, Wish::LogOut, StatusCode::OK).await;
            assert_eq!(answer.status, 200, "forgetting a bad credential must not fail");
        }
        app.log_in(&mut client, BOB).await;
    }
}

/// Over time the user stays the same, no renewal counts as a log-in, and the limit is fixed.
pub async fn renewal_changes_no_user_and_no_limit(subject: Subject) {
    let app = App::new(subject);
    let mut client = app.client(ALICE).await;
    let start = told_at(&app, &client).await;
    let absolute = app.subject.absolute;
    let end = absolute.unwrap_or(Duration::from_hours(30 * 24));
    let step = Duration::from_secs(end.as_secs().div_euclid(97).max(1));
    let mut age = Duration::ZERO;
    while age <= end {
        app.subject.clock.advance(step);
        age = age.saturating_add(step);
        let answer = app.who(&mut client).await;
        let Some(known) = answer.known() else { break };
        assert_eq!(known, ALICE, "the user has changed after {age:?}");
        let now = told_at(&app, &client).await;
        let is_log_in = app.subject.proves_each_time;
        assert!(
            is_log_in || now <= start,
            "a renewal counts as a log-in after {age:?}: keep `authenticated_at`"
        );
    }
    if absolute.is_some() {
        app.subject.clock.advance(step);
        let answer = app.who(&mut client).await;
        assert_eq!(answer.known(), None, "the credential is valid past its absolute lifetime of {end:?}");
    }
}

async fn told_at(app: &App, client: &Client) -> Option<UnixTime> {
    app.identify(client).await.ok()?.authenticated_at()
}

/// If the store fails, no request is accepted or taken for anonymous, and no change seems to succeed (fail
/// closed).
pub async fn a_store_that_fails_is_unavailable(mut subject: Subject) {
    let Some(fail) = subject.breakage.take() else { return };
    let app = App::new(subject);
    let mut client = app.client(ALICE).await;
    fail();
    let found = app.identify(&client).await;
    assert!(
        found.as_ref().is_err_and(|error| error.kind() == AuthErrorKind::Unavailable),
        "the store fails, and the answer is {found:?}; it must be `Err(IdentityError::unavailable(…))`"
    );
    for handler in Handler::ALL {
        let status = app.ask(&mut client, handler).await.status;
        assert_eq!(status, 503, "the store fails, and {handler:?} is not answered with 503");
    }
    if app.remembers() {
        for wish in [Wish::LogIn(BOB.to_owned()), Wish::LogOut] {
            let mut client = client.clone();
            let answer = app.act(&mut client, wish.clone(), StatusCode::OK).await;
            // A log-out may still remove the cookie; it must not report success.
            assert_eq!(answer.status, 503, "the store fails, and the wish {wish:?} seems to be fulfilled");
        }
    }
}

/// Credentials are invalid in another application.
pub async fn another_application_takes_no_credentials(mut subject: Subject) {
    let Some(other) = subject.other.take() else { return };
    let app = App::new(subject);
    for identity in [ALICE, BOB] {
        let parts = app.client(identity).await.parts();
        let found = other.identify(&app.incoming(&parts)).await;
        assert!(
            !found.as_ref().is_ok_and(|found| found.identity().is_some())
                && found.as_ref().err().is_none_or(|error| error.kind() == AuthErrorKind::InvalidCredential),
            "another application takes the credential, or fails on it: {found:?}"
        );
    }
}

/// A request with credentials of two users belongs to neither.
pub async fn two_valid_credentials_are_no_choice(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let (alice, bob) = (app.client(ALICE).await, app.client(BOB).await);
    for (first, second) in [(&alice, &bob), (&bob, &alice)] {
        let pairs = first.cookies.iter().chain(&second.cookies);
        let line = pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let Ok(line) = HeaderValue::try_from(line) else { continue };
        let mut both = app.with_header(header::COOKIE, line);
        let answer = app.who(&mut both).await;
        assert!(
            answer.known().is_none(),
            "of two valid credentials one was chosen, and another site can plant one; answer \
             `Ok(Identified::contradictory())`"
        );
    }
}
