//! What holds at every moment: who is known, what is said, what is written.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderValue, StatusCode, header};

use super::{
    client::{ALICE, Answer, App, BOB, Client, Wish},
    corpus::bad_clients,
    subject::Subject,
};
use crate::identity::{Challenge, IdentityErrorKind};

/// Identities of every kind that there may be.
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
    all.retain(|text| crate::Identity::new(text).is_ok());
    all
}

/// A request without a credential has no user, and no bad credential either.
pub async fn a_request_without_a_credential_is_nobodys(subject: Subject) {
    let app = App::new(subject);
    let mut client = Client::default();
    let found = app.identify(&client).await;
    assert!(
        found.as_ref().is_ok_and(|found| found.identity().is_none()
            && !found.is_bad_credential()
            && !found.is_contradictory()),
        "a request without a credential must be anonymous; answer `Ok(Identified::anonymous())`, not {found:?}"
    );
    assert_eq!(app.who(&mut client).await.body, "nobody", "a request without a credential has a user");
    let refused = app.ask(&mut client, "/guarded").await;
    assert_eq!(refused.status, 401, "a guard must answer 401 to a request without a credential");
}

/// What was remembered is found, byte by byte, whatever legal identity it is.
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
        assert_eq!(app.ask(&mut client, "/guarded").await.status, 200, "a guard refuses `{identity}`");
    }
    for identity in [ALICE, BOB] {
        let mut client = app.client(identity).await;
        assert_eq!(app.who(&mut client).await.known(), Some(identity));
    }
}

/// Changed and strange credentials are nobody's, no failure of ours, and answered alike.
pub async fn bad_credentials_are_nobodys_and_look_alike(mut subject: Subject) {
    let (own, trusting) = (std::mem::take(&mut subject.bad), subject.trusting);
    let app = App::new(subject);
    let mut clients = bad_clients(&app.client(ALICE).await);
    clients.extend(own.into_iter().map(Client::with_headers));
    // Of each kind of bad credential the first answer.
    let mut seen: BTreeMap<&str, Answer> = BTreeMap::new();
    for mut client in clients {
        let sent = client.all_headers();
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
                    kind == IdentityErrorKind::Refuse,
                    "a bad credential is an error of the kind {kind:?}: {sent:?}; answer \
                     `Ok(Identified::bad_credential())` or `Err(IdentityError::refuse(…))`"
                );
                "refused"
            }
        };
        let answer = app.ask(&mut client, "/guarded").await;
        assert!(
            answer.status == 401,
            "a guard must answer 401 to a bad credential, not {}: {sent:?}",
            answer.status
        );
        let first = seen.entry(kind).or_insert_with(|| answer.clone());
        assert!(*first == answer, "two bad credentials are answered differently: {first:?}, {answer:?}");
    }
}

/// Requests that run at the same time do not get each other's user.
pub async fn two_users_at_once_stay_apart(subject: Subject) {
    let app = App::new(subject);
    let (mut alice, mut bob) = (app.client(ALICE).await, app.client(BOB).await);
    let mut nobody = Client::default();
    let ask = async |client: &mut Client, expected: Option<&str>| {
        for _ in 0..20 {
            let answer = app.who(client).await;
            assert!(answer.known() == expected, "the request of {expected:?} was taken for {answer:?}");
            tokio::task::yield_now().await;
        }
    };
    let all = [
        Box::pin(ask(&mut alice, Some(ALICE))) as std::pin::Pin<Box<dyn Future<Output = ()>>>,
        Box::pin(ask(&mut bob, Some(BOB))),
        Box::pin(ask(&mut nobody, None)),
    ];
    together(all).await;
}

/// Drives all of them in turns.
async fn together<const N: usize>(mut all: [std::pin::Pin<Box<dyn Future<Output = ()> + '_>>; N]) {
    let mut done = [false; N];
    std::future::poll_fn(|context| {
        for (future, done) in all.iter_mut().zip(&mut done) {
            if !*done {
                *done = future.as_mut().poll(context).is_ready();
            }
        }
        if done.iter().all(|done| *done) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// Log-in and log-out are written on redirects and errors, too.
pub async fn effects_are_on_every_kind_of_response(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    for status in [200, 204, 303, 400, 403, 404, 422, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let mut client = Client::default();
        let answer = app.act(&mut client, Wish::LogIn(ALICE.to_owned()), status).await;
        assert_eq!(answer.status, status);
        let who = app.who(&mut client).await;
        assert_eq!(who.known(), Some(ALICE), "a log-in is lost when the handler answers {status}");
        let cache = answer.headers.get(header::CACHE_CONTROL);
        assert!(cache.is_some_and(|value| value == "no-store"), "an answer with a credential may be cached");
        app.act(&mut client, Wish::LogOut, status).await;
        let who = app.who(&mut client).await;
        assert_eq!(who.known(), None, "a log-out is lost when the handler answers {status}");
    }
}

/// Cookies have the attributes that keep scripts, networks and other sites away from them.
pub async fn cookies_are_safe(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let mut client = Client::default();
    let set = app.act(&mut client, Wish::LogIn(ALICE.to_owned()), StatusCode::OK).await;
    assert!(!set.set_cookies().is_empty(), "`remember` set no cookie");
    let removed = app.act(&mut client, Wish::LogOut, StatusCode::OK).await;
    for line in set.set_cookies().into_iter().chain(removed.set_cookies()) {
        assert!(line.len() <= 4_096, "a cookie is longer than browsers keep: {} bytes", line.len());
        let attributes: BTreeSet<String> =
            line.split(';').skip(1).map(|attribute| attribute.trim().to_ascii_lowercase()).collect();
        let name = line.split('=').next().unwrap_or_default();
        for needed in ["httponly", "secure"] {
            assert!(attributes.contains(needed), "the cookie `{name}` lacks the attribute `{needed}`");
        }
        assert!(
            attributes.contains("samesite=lax") || attributes.contains("samesite=strict"),
            "the cookie `{name}` goes with requests of other sites; set `SameSite=Lax`"
        );
        assert!(
            attributes.iter().any(|attribute| attribute.starts_with("path=/")),
            "the cookie `{name}` has no path, so that it depends on the page that sets it"
        );
        if name.starts_with("__Host-") {
            let is_host_only = attributes.contains("path=/")
                && !attributes.iter().any(|attribute| attribute.starts_with("domain="));
            assert!(is_host_only, "browsers refuse the cookie `{name}`; give it `Path=/` and no domain");
        }
    }
    assert!(client.cookies.is_empty(), "a log-out leaves cookies: {:?}", client.cookies.keys());
}

/// Caches are told of the header that the credential is in.
pub async fn vary_names_what_is_read(subject: Subject) {
    let app = App::new(subject);
    let mut client = app.client(ALICE).await;
    let vary = app.policy().vary();
    let named: BTreeSet<String> =
        vary.to_str().unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    for (_, name, _) in client.credentials() {
        assert!(
            named.contains(name.as_str()) || named.contains("*"),
            "`vary` says {vary:?}, but the credential is in `{name}`: a cache would mix users up"
        );
    }
    for path in ["/guarded", "/who"] {
        for client in [&mut client, &mut Client::default()] {
            let answer = app.ask(client, path).await;
            let said: Vec<_> = answer.headers.get_all(header::VARY).iter().collect();
            assert!(said.contains(&&vary), "the answer varies with {said:?}, not with {vary:?}");
        }
    }
}

/// Challenges are there for each 401, and are well formed.
pub async fn challenges_ask_for_what_there_is(subject: Subject) {
    let app = App::new(subject);
    let stale = Challenge::Stale { max_age: std::time::Duration::from_secs(600) };
    let scope = Challenge::InsufficientScope { scopes: "articles:read articles:write" };
    for why in [Challenge::Missing, Challenge::Invalid, stale, scope] {
        let challenges = app.policy().challenges(why);
        let is_401 = !matches!(why, Challenge::InsufficientScope { .. });
        assert!(
            !(is_401 && challenges.is_empty()),
            "a 401 has at least one challenge (RFC 9110, section 15.5.2), but for {why:?} there is none"
        );
        for challenge in challenges.iter() {
            assert!(
                is_challenge(challenge),
                "the challenge {challenge:?} is none; it begins with a scheme, as in `Bearer realm=\"x\"`"
            );
        }
    }
    let answer = app.ask(&mut Client::default(), "/guarded").await;
    let said: Vec<_> = answer.headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    let policy: Vec<_> = app.policy().challenges(Challenge::Missing).into_iter().collect();
    assert_eq!(said, policy, "the answer asks for something else than the policy");
}

/// A scheme, and perhaps parameters behind a blank.
fn is_challenge(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let scheme = text.split(' ').next().unwrap_or_default();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !scheme.is_empty() && scheme.bytes().all(is_token) && text.matches('"').count().is_multiple_of(2)
}

/// What browsers send by themselves is called so.
pub async fn ambience_is_told_truly(subject: Subject) {
    let app = App::new(subject);
    let client = app.client(ALICE).await;
    let by_itself = client.credentials().iter().any(|(_, name, value)| {
        *name == header::COOKIE || value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
    });
    assert!(
        app.policy().is_ambient() || !by_itself,
        "browsers send this credential by themselves, so other sites can use it; `is_ambient` must say so"
    );
}

/// Neither what is found, nor what is written, nor an error prints a credential or an identity.
pub async fn nothing_secret_is_printed(subject: Subject) {
    let app = App::new(subject);
    let identity = "a-name-that-stands-nowhere-else";
    let client = match app.client_of(identity).await {
        Some(client) => client,
        None => app.client(ALICE).await,
    };
    let found = app.identify(&client).await;
    let mut printed = vec![format!("{found:?}")];
    let mut secrets: Vec<Vec<u8>> = client.credentials().into_iter().map(|(_, _, value)| value).collect();
    secrets.push(identity.as_bytes().to_vec());
    for bad in bad_clients(&client).into_iter().step_by(17) {
        if let Err(error) = app.identify(&bad).await {
            printed.push(format!("{error} {error:?}"));
            secrets.extend(bad.credentials().into_iter().map(|(_, _, value)| value));
        }
    }
    if app.remembers() {
        let found = crate::identity::Identified::anonymous();
        let now = crate::clock::Clock::now(&app.subject.clock);
        let occasion = crate::identity::Occasion::new(now, &found);
        let known = crate::Identity::new(identity);
        let options = crate::Remember::new();
        if let Ok(known) = &known {
            let effects = app.policy().remember(&occasion, known, &options).await;
            printed.push(format!("{effects:?}"));
            for (_, value) in effects.iter().flat_map(crate::identity::Effects::headers) {
                let pair = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
                let value = pair.split_once('=').map_or(pair, |(_, value)| value);
                secrets.push(value.as_bytes().to_vec());
            }
        }
    }
    for secret in secrets.iter().filter(|secret| secret.len() >= 12) {
        let secret = String::from_utf8_lossy(secret);
        assert!(
            !printed.iter().any(|text| text.contains(&*secret)),
            "`Debug` or an error prints a credential or an identity; leave it out"
        );
    }
}
