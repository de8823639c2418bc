//! Checks data stored with the user, and rotations (session fixation).

#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

use http::StatusCode;

use super::{
    app_under_test::{ALICE, App, BOB, Wish},
    cookie_jar_client::Client,
    policy_under_test::Subject,
};

/// As JSON, with values that are easily lost in a conversion.
const VALUE: &str = r#""größer = 1; \"x\" 👩""#;

async fn keep(app: &App, client: &mut Client, key: &'static str, value: &'static str) {
    let answer = app.act(client, Wish::Keep(key, value), StatusCode::OK).await;
    let status = answer.status;
    assert!(status == 200, "`store` failed: the answer is {status}");
}

async fn kept(app: &App, client: &Client, key: &str) -> Option<String> {
    let found = app.identify(client).await.ok()?;
    found.data()?.get(key).map(str::to_owned)
}

async fn rotate(app: &App, client: &mut Client) -> bool {
    let before = client.clone();
    let answer = app.act(client, Wish::Rotate, StatusCode::OK).await;
    assert_eq!(answer.status, 200, "`rotate` failed");
    !answer.set_cookies().is_empty() && client.cookies != before.cookies
}

/// A rotation gives the client another credential for the same user, and ends the old one (session fixation).
pub async fn a_rotation_gives_another_credential(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let mut client = app.client(ALICE).await;
    if app.subject.keeps_data {
        keep(&app, &mut client, "kept", VALUE).await;
    }
    let (mut copied, mut elsewhere) = (client.clone(), app.client(ALICE).await);
    let has_changed = rotate(&app, &mut client).await;
    assert_eq!(app.who(&mut client).await.known(), Some(ALICE), "the user is not known after a rotation");
    assert_eq!(app.who(&mut elsewhere).await.known(), Some(ALICE), "a rotation ends other clients' log-ins");
    if app.subject.keeps_data {
        assert!(
            has_changed,
            "a rotation leaves the credential as it was; an attacker who fixed it gains the user's new privileges"
        );
        let kept = kept(&app, &client, "kept").await;
        assert_eq!(kept.as_deref(), Some(VALUE), "a rotation loses what was kept");
    }
    if has_changed && !app.subject.stateless {
        assert_eq!(
            app.who(&mut copied).await.known(),
            None,
            "the credential from before a rotation is still valid; end it, or use `Subject::stateless`"
        );
    }
    let mut anonymous = app.anonymous();
    rotate(&app, &mut anonymous).await;
    assert_eq!(
        app.who(&mut anonymous).await.body,
        "anonymous",
        "a rotation of an anonymous client logs it in"
    );
}

/// Stored data is visible to the client's next requests, and to no other client's.
pub async fn what_is_stored_is_found_again(subject: Subject) {
    let app = App::new(subject);
    if !app.subject.keeps_data {
        return;
    }
    let (mut client, elsewhere) = (app.client(ALICE).await, app.client(ALICE).await);
    keep(&app, &mut client, "kept", VALUE).await;
    keep(&app, &mut client, "also", "[1,2]").await;
    for (key, value) in [("kept", VALUE), ("also", "[1,2]")] {
        assert_eq!(kept(&app, &client, key).await.as_deref(), Some(value), "`{key}` was stored, and is lost");
        assert_eq!(kept(&app, &elsewhere, key).await, None, "what was stored is found by another client");
    }
    keep(&app, &mut client, "kept", "2").await;
    assert_eq!(kept(&app, &client, "kept").await.as_deref(), Some("2"), "a value is not replaced");
    assert_eq!(kept(&app, &client, "also").await.as_deref(), Some("[1,2]"), "another value is changed");
    assert_eq!(app.who(&mut client).await.known(), Some(ALICE), "`store` changes the user");
}

/// Neither a log-in nor a log-out keeps data of the previous user.
pub async fn a_log_in_drops_what_another_user_kept(subject: Subject) {
    let app = App::new(subject);
    if !app.subject.keeps_data {
        return;
    }
    let says = "what one user kept is there for the next; drop it at each log-in and log-out";
    for next in [BOB, ALICE] {
        let mut client = app.client(ALICE).await;
        keep(&app, &mut client, "kept", VALUE).await;
        app.log_in(&mut client, next).await;
        assert_eq!(kept(&app, &client, "kept").await, None, "{says}");
    }
    let mut client = app.client(ALICE).await;
    keep(&app, &mut client, "kept", VALUE).await;
    app.act(&mut client, Wish::LogOut, StatusCode::OK).await;
    assert_eq!(kept(&app, &client, "kept").await, None, "{says}");
    app.log_in(&mut client, BOB).await;
    assert_eq!(kept(&app, &client, "kept").await, None, "{says}");
}
