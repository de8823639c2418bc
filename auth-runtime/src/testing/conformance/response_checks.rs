//! Checks responses, caching headers and logs.

#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

use std::{collections::BTreeSet, time::Duration};

use auth_identity::__private::http_syntax::is_token;
use http::{HeaderValue, StatusCode, header};

use super::{
    app_under_test::{ALICE, App, Handler, Wish},
    make_invalid_credentials::bad_clients,
    policy_under_test::Subject,
    request_credentials::{Credential, Place},
};
use crate::{
    clock::Clock as _,
    identity::{Challenge, ChangeContext, Effects, Identified, Identity, LoginOptions, StepUp},
};

/// Cookies have the attributes that protect them from scripts, networks and other sites.
pub async fn cookies_are_safe(subject: Subject) {
    let app = App::new(subject);
    if !app.remembers() {
        return;
    }
    let mut client = app.anonymous();
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

/// `Vary` names the header of the credential.
pub async fn vary_names_what_is_read(subject: Subject) {
    let app = App::new(subject);
    let mut client = app.client(ALICE).await;
    let vary = app.policy().vary();
    let named = app.vary_names();
    for Credential { place, .. } in client.credentials(&app.subject.request) {
        let name = match &place {
            Place::Cookie(_) => header::COOKIE.as_str(),
            Place::Header(name) => name.as_str(),
            // A cache key contains the whole target anyway.
            Place::Query(_) => continue,
        };
        assert!(
            named.contains(name) || named.contains("*"),
            "`vary` says {vary:?}, but the credential is in `{name}`: a cache would mix users up"
        );
    }
    for handler in Handler::ALL {
        for client in [&mut client, &mut app.anonymous()] {
            let answer = app.ask(client, handler).await;
            let said: Vec<_> = answer.headers.get_all(header::VARY).iter().collect();
            assert!(said.contains(&&vary), "the answer varies with {said:?}, not with {vary:?}");
        }
    }
}

/// Every 401 has well-formed challenges.
pub async fn challenges_ask_for_what_there_is(subject: Subject) {
    let app = App::new(subject);
    let step_up = StepUp::new().with_max_age(Duration::from_mins(10)).with_acr_values(&["phr", "phrh"]);
    let stale = Challenge::InsufficientAuthentication(step_up);
    let scope = Challenge::InsufficientScope { scopes: "articles:read articles:write" };
    let proof = Challenge::InvalidProof { use_nonce: true };
    for why in [Challenge::Missing, Challenge::Invalid, proof, stale, scope] {
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
    let answer = app.ask(&mut app.anonymous(), Handler::Guarded).await;
    let said: Vec<_> = answer.headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    let policy: Vec<_> = app.policy().challenges(Challenge::Missing).into_iter().collect();
    assert_eq!(said, policy, "the answer asks for something else than the policy");
}

/// A scheme, and optional parameters after a space.
fn is_challenge(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let scheme = text.split(' ').next().unwrap_or_default();
    is_token(scheme) && text.matches('"').count().is_multiple_of(2)
}

/// A credential that browsers attach by themselves is declared as such.
pub async fn ambience_is_declared_correctly(subject: Subject) {
    let app = App::new(subject);
    let client = app.client(ALICE).await;
    let is_basic = |value: &[u8]| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "));
    let credentials = client.credentials(&app.subject.request);
    let by_itself = credentials.iter().any(|Credential { place, value }| match place {
        Place::Cookie(_) => true,
        Place::Header(name) => *name == header::COOKIE || is_basic(value),
        Place::Query(_) => false,
    });
    assert!(
        app.policy().is_ambient() || !by_itself,
        "browsers send this credential by themselves, so other sites can use it; `is_ambient` must say so"
    );
}

/// Neither `Debug` output of results and changes, nor an error contains a credential or an identity.
pub async fn nothing_secret_is_printed(subject: Subject) {
    let app = App::new(subject);
    let identity = "a-name-that-stands-nowhere-else";
    let client = match app.client_of(identity).await {
        Some(client) => client,
        None => app.client(ALICE).await,
    };
    let found = app.identify(&client).await;
    let mut printed = vec![format!("{found:?}")];
    let plain = &app.subject.request;
    let mut secrets: Vec<Vec<u8>> =
        client.credentials(plain).into_iter().map(|credential| credential.value).collect();
    secrets.push(identity.as_bytes().to_vec());
    for bad in bad_clients(&app, &client).into_iter().step_by(17) {
        if let Err(error) = app.identify(&bad).await {
            printed.push(format!("{error} {error:?}"));
            for Credential { value, .. } in bad.credentials(plain) {
                // The credential follows a cookie's name, or a scheme.
                secrets.extend(value.splitn(2, |byte| matches!(byte, b'=' | b' ')).map(<[u8]>::to_vec));
                secrets.push(value);
            }
        }
    }
    if let (true, Ok(known)) = (app.remembers(), Identity::new(identity)) {
        let anonymous = Identified::anonymous();
        let context = ChangeContext::new(app.subject.clock.now(), &anonymous);
        let effects = app.policy().remember(&context, &known, &LoginOptions::new()).await;
        printed.push(format!("{effects:?}"));
        for (_, value) in effects.iter().flat_map(Effects::headers) {
            let pair = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            let value = pair.split_once('=').map_or(pair, |(_, value)| value);
            secrets.push(value.as_bytes().to_vec());
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
