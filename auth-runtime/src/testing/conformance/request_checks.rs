//! Checks that the result depends on the credential alone, that hostile headers cause no server error, and
//! that neither a repeated nor a dropped request changes anything.

#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

use std::pin::pin;

use http::{HeaderName, HeaderValue, header};

use super::{
    app_under_test::{ALICE, App, BOB, Handler, Wish, drop_after},
    compare_results::{compare, finding, is_at_most},
    cookie_jar_client::Client,
    make_invalid_credentials::bad_clients,
    policy_under_test::Subject,
    request_credentials::{Credential, Place},
    request_variations::{PROXY_HEADERS, hostile_values, peers, request_lines, with_other_headers},
};

/// A request is dropped after each number of polls up to this one.
const POLLS: usize = 24;

/// An anonymous client, and one with a valid credential.
async fn clients(app: &App) -> [Client; 2] {
    [app.anonymous(), app.client(ALICE).await]
}

/// The method, the target and the version of a request do not change its user.
pub async fn the_request_line_changes_nothing(subject: Subject) {
    let app = App::new(subject);
    for client in clients(&app).await {
        let parts = client.parts();
        for varied in request_lines(&parts) {
            let outcome = compare(&app, &parts, &varied, app.subject.depends_on_target).await;
            assert!(
                outcome.is_ok(),
                "for `{} {} {:?}` {}; use `Subject::depending_on_target` if that is meant",
                varied.method,
                varied.uri,
                varied.version,
                outcome.err().unwrap_or_default()
            );
        }
    }
}

/// The address of the client does not change the user of a request.
pub async fn the_address_of_the_client_changes_nothing(subject: Subject) {
    let app = App::new(subject);
    for client in clients(&app).await {
        let parts = client.parts();
        for varied in peers(&parts) {
            let outcome = compare(&app, &parts, &varied, app.subject.depends_on_peer).await;
            assert!(
                outcome.is_ok(),
                "for a request from {:?} {}; use `Subject::depending_on_peer` if that is meant",
                app.incoming(&varied).peer(),
                outcome.err().unwrap_or_default()
            );
        }
    }
}

/// Headers that `vary` does not name do not change the user of a request.
pub async fn headers_that_vary_does_not_name_change_nothing(subject: Subject) {
    let app = App::new(subject);
    let named = app.vary_names();
    if named.contains("*") {
        return;
    }
    for client in clients(&app).await {
        let parts = client.parts();
        for (name, varied) in with_other_headers(&parts, &named) {
            let is_declared = app.subject.depends_on_peer && PROXY_HEADERS.contains(&name);
            let outcome = compare(&app, &parts, &varied, is_declared).await;
            assert!(
                outcome.is_ok(),
                "with the header `{name}` {}; name it in `vary`, or do not read it",
                outcome.err().unwrap_or_default()
            );
        }
    }
}

/// No legal header value, alone or beside a valid credential, causes a server error or yields another user.
pub async fn hostile_headers_cause_no_server_error(subject: Subject) {
    let app = App::new(subject);
    let [anonymous, alice] = clients(&app).await;
    let credentials = alice.credentials(&app.subject.request);
    let mut names = app.vary_names();
    names.extend([header::AUTHORIZATION, header::COOKIE].map(|name| name.to_string()));
    let names: Vec<HeaderName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let mut lines: Vec<(HeaderName, HeaderValue)> = Vec::new();
    for value in hostile_values() {
        lines.extend(names.iter().map(|name| (name.clone(), value.clone())));
        for Credential { place, .. } in &credentials {
            let Place::Cookie(name) = place else { continue };
            let line = [name.as_bytes(), b"=", value.as_bytes()].concat();
            lines.extend(HeaderValue::from_bytes(&line).ok().map(|line| (header::COOKIE, line)));
        }
    }
    for (nth, (name, value)) in lines.into_iter().enumerate() {
        for (client, user) in [(&anonymous, None), (&alice, Some(ALICE))] {
            let mut parts = client.parts();
            for _ in 0..=nth.wrapping_rem(3) {
                parts.headers.append(&name, value.clone());
            }
            let found = finding(&app.find(&parts).await);
            let is_right = match &found {
                Ok(_) if app.subject.trusting => true,
                found => is_at_most(found, user),
            };
            let start: Vec<u8> = value.as_bytes().iter().copied().take(20).collect();
            let header = format!("`{name}: {}`", start.escape_ascii());
            assert!(
                is_right,
                "the header {header} ({} bytes) makes the answer {found:?}; answer \
                 `Ok(Identified::bad_credential())` or `Err(IdentityError::refuse(…))`",
                value.len()
            );
            if nth.is_multiple_of(7) {
                for handler in Handler::ALL {
                    let status = app.send(handler, parts.clone()).await.status;
                    assert!(!status.is_server_error(), "the header {header} is answered with {status}");
                }
            }
        }
    }
}

/// A cookie is found in any of several `Cookie` headers: HTTP/2 may split them (RFC 9113, section 8.2.3).
pub async fn a_cookie_is_found_in_every_header(subject: Subject) {
    let app = App::new(subject);
    let parts = app.client(ALICE).await.parts();
    let lines = parts.headers.get_all(header::COOKIE).iter();
    let pairs: Vec<Vec<u8>> = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .map(|pair| pair.trim_ascii().to_vec())
        .collect();
    if pairs.is_empty() {
        return;
    }
    let with_lines = |lines: Vec<Vec<u8>>| {
        let mut varied = parts.clone();
        varied.headers.remove(header::COOKIE);
        for line in lines {
            varied.headers.extend(HeaderValue::from_bytes(&line).ok().map(|line| (header::COOKIE, line)));
        }
        varied
    };
    let (before, after) = (b"theme=dark".to_vec(), b"lang=de".to_vec());
    let apart = [vec![before.clone()], pairs.clone(), vec![after.clone()]].concat();
    let together = apart.join(&b"; "[..]);
    let last = [vec![before.clone(), after.clone()], pairs.clone()].concat();
    let first = [pairs.clone(), vec![before, after]].concat();
    let none = [pairs.iter().map(|_| b"a=b".to_vec()).collect(), pairs.clone()].concat();
    for lines in [apart, vec![together], last, first, none] {
        let varied = with_lines(lines);
        let outcome = compare(&app, &parts, &varied, false).await;
        let lines = varied.headers.get_all(header::COOKIE).iter().count();
        assert!(
            outcome.is_ok(),
            "with {lines} `Cookie` headers {}; read all of them, with `CookieValues`",
            outcome.err().unwrap_or_default()
        );
    }
}

/// The result for a request is the same when it is repeated, also by a watch.
pub async fn identifying_changes_nothing(subject: Subject) {
    let app = App::new(subject);
    let [anonymous, alice] = clients(&app).await;
    let bad = bad_clients(&app, &alice).into_iter().step_by(101);
    for client in [anonymous, alice].into_iter().chain(bad) {
        let parts = client.parts();
        let first = finding(&app.find(&parts).await);
        for _ in 0..3 {
            let again = finding(&app.find(&parts).await);
            assert!(
                again == first,
                "the same request gets another answer the next time: {again:?} in place of {first:?}"
            );
        }
        let asked_again = app.incoming(&parts).asked_again(true);
        let watched = finding(&app.policy().identify(&asked_again).await);
        assert!(watched == first, "a watch gets another answer than a guard: {watched:?}, not {first:?}");
    }
}

/// A request that is dropped half-way, because its client disconnects, ends no log-in and starts none.
pub async fn a_dropped_request_leaves_nothing_behind(subject: Subject) {
    let app = App::new(subject);
    let requests = clients(&app).await.map(|client| client.parts());
    let mut expected = Vec::new();
    for parts in &requests {
        expected.push(finding(&app.find(parts).await));
    }
    for dropped in &requests {
        for polls in 0..POLLS {
            let incoming = app.incoming(dropped);
            let was_done = drop_after(polls, pin!(app.policy().identify(&incoming).into_future())).await;
            for (parts, expected) in requests.iter().zip(&expected) {
                let found = finding(&app.find(parts).await);
                assert!(
                    found == *expected,
                    "after a request that was dropped half-way the answer is {found:?} in place of {expected:?}"
                );
            }
            if was_done {
                break;
            }
        }
    }
    if !app.remembers() {
        return;
    }
    for polls in 1..POLLS {
        let (mut client, mut elsewhere) = (app.client(ALICE).await, app.client(ALICE).await);
        let was_done = app.begin_to_act(&client, Wish::LogIn(BOB.to_owned()), polls).await;
        let reply = app.who(&mut client).await;
        assert!(
            reply.known() != Some(BOB) && !reply.status.is_server_error(),
            "a log-in that was dropped half-way leaves {reply:?}: its client has not got the new credential"
        );
        assert_eq!(app.who(&mut elsewhere).await.known(), Some(ALICE), "a dropped log-in ends other log-ins");
        if was_done {
            break;
        }
    }
}
