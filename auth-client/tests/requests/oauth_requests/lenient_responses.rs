//! Responses of real servers that deviate harmlessly from the RFCs, and exact request bytes.

use std::{sync::Arc, time::Duration};

use auth_client::{AuthorizationCode, ErrorKind, Grant as _};
use serde_json::Value;

use super::{GOOD, START, device, form, good, plain, token};
use crate::support::{Fake, HandClock, client};

#[tokio::test]
async fn the_media_type_of_a_token_response_does_not_matter() {
    for kind in ["text/plain", "text/html; charset=utf-8", "text/javascript", "application/octet-stream"] {
        let fake = good().with_header(200, "content-type", kind);
        plain(&fake).refresh(&"r".into()).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    // A body that is not one JSON object is rejected, regardless of its media type.
    for body in ["access_token=a&token_type=bearer", "<html>", r#"{"access_token":"a"} x"#] {
        let fake = Fake::new(move |_, _| (200, body.to_owned()));
        assert_eq!(
            plain(&fake).refresh(&"r".into()).await.unwrap_err().kind(),
            ErrorKind::Protocol,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_empty_error_is_not_an_error() {
    let fake = Fake::new(|_, _| (200, GOOD.replace('{', r#"{"error":"","error_description":"","#)));
    plain(&fake).refresh(&"r".into()).await.unwrap();
}

#[tokio::test]
async fn revocation_is_a_success_with_every_2xx() {
    for (status, body, expected) in [
        (200, "", Ok(true)),
        (202, "", Ok(true)),
        (204, "", Ok(true)),
        (200, r#"{"ok":true}"#, Ok(true)),
        (400, r#"{"error":"invalid_token"}"#, Ok(true)),
        (200, r#"{"error":"invalid_client"}"#, Err(ErrorKind::Denied)),
        (503, r#"{"error":"unsupported_token_type"}"#, Err(ErrorKind::Transport)),
        (302, "", Err(ErrorKind::Protocol)),
    ] {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let answer = plain(&fake).revoke(&token(r#"{"access_token":"a"}"#)).await;
        assert_eq!(answer.map_err(|error| error.kind()), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn the_access_token_is_revoked_even_if_the_refresh_token_cannot_be() {
    let fake = Fake::new(|seen, _| match seen.form["token_type_hint"].as_str() {
        "refresh_token" => (400, r#"{"error":"invalid_request"}"#.to_owned()),
        _ => (200, String::new()),
    });
    let both = token(r#"{"access_token":"a","refresh_token":"r"}"#);
    assert_eq!(plain(&fake).revoke(&both).await.unwrap_err().kind(), ErrorKind::Denied);
    let tokens: Vec<String> = fake.seen().iter().map(|seen| seen.form["token"].clone()).collect();
    assert_eq!(tokens, ["r", "a"]);
}

// RFC 7662 section 2.1: with a wrong hint, a server may look for a refresh token among access tokens only.
#[tokio::test]
async fn introspection_sends_no_hint_of_its_own() {
    let fake = Fake::new(|_, _| {
        (200, r#"{"active":true,"scope":["a","b"],"exp":"1700000000","client_id":"","iss":""}"#.to_owned())
    });
    let facts = plain(&fake).with_secret("s").introspect(&"t".into()).await.unwrap();
    assert_eq!(fake.seen()[0].form, form(&[("token", "t")]));
    assert_eq!(facts.scopes, ["a", "b"]);
    assert_eq!(facts.expires_at, Some(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
    assert_eq!((facts.client_id, facts.issuer), (None, None));
}

#[tokio::test(start_paused = true)]
async fn numbers_of_a_device_answer_may_be_texts() {
    for (name, value) in [
        ("expires_in", r#""120""#),
        ("expires_in", "120.0"),
        ("interval", r#""10""#),
        ("interval", r#""10.0""#),
        ("verification_uri_complete", r#""""#),
        ("verification_uri_complete", "null"),
        ("verification_url", r#""https://a.example/d""#),
    ] {
        let mut json: Value = serde_json::from_str(START).unwrap();
        json[name] = serde_json::from_str(value).unwrap();
        let start: &'static str = Box::leak(json.to_string().into_boxed_str());
        let (answer, told, times) = device(start, &[super::PENDING, (200, GOOD)]).await;
        answer.unwrap_or_else(|error| panic!("{name}: {value}: {error}"));
        assert_eq!(told, ["AB-12 at https://a.example/d, 120 s", "120 s"], "{name}: {value}");
        assert_eq!(times, [0, 10], "{name}: {value}");
    }
    let other: &'static str =
        Box::leak(START.replace("verification_uri", "verification_url").into_boxed_str());
    device(other, &[(200, GOOD)]).await.0.unwrap();
    for (name, value) in [("expires_in", "null"), ("expires_in", r#""soon""#), ("verification_uri", r#""""#)]
    {
        let mut json: Value = serde_json::from_str(START).unwrap();
        json[name] = serde_json::from_str(value).unwrap();
        let start: &'static str = Box::leak(json.to_string().into_boxed_str());
        assert_eq!(device(start, &[(200, GOOD)]).await.0.unwrap_err().kind(), ErrorKind::Protocol, "{name}");
    }
}

// RFC 8628 section 3.5: an outage or `slow_down` does not end a log-in.
#[tokio::test(start_paused = true)]
async fn a_device_continues_after_an_outage_with_any_body() {
    for status in [408, 425, 429, 500, 502, 503] {
        let body = r#"{"error":"access_denied"}"#;
        let polls: &'static [(u16, &'static str)] = Box::leak(Box::new([(status, body), (200, GOOD)]));
        let (answer, _, times) = device(START, polls).await;
        answer.unwrap_or_else(|error| panic!("{status}: {error}"));
        assert_eq!(times, [0, if status == 429 { 15 } else { 10 }], "{status}");
    }
    let (answer, _, times) =
        device(START, &[(429, r#"{"error":"slow_down"}"#), (403, super::PENDING.1), (200, GOOD)]).await;
    answer.unwrap();
    assert_eq!(times, [0, 15, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_device_asks_again_when_the_provider_says_so() {
    let begin = tokio::time::Instant::now();
    let fake = Fake::new(|seen, nth| match nth {
        _ if seen.uri.ends_with("/device") => (200, START.to_owned()),
        2 => (503, String::new()),
        _ => (200, GOOD.to_owned()),
    })
    .with_header(503, "retry-after", "45");
    let grant = auth_client::DeviceCode::new(plain(&fake)).with_interaction(super::Notes::default());
    grant.obtain().await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 45);
    // A wait beyond the lifetime of the code ends with it.
    let fake =
        Fake::new(
            |seen, _| {
                if seen.uri.ends_with("/device") { (200, START.to_owned()) } else { (503, String::new()) }
            },
        )
        .with_header(503, "retry-after", "99999999999999999999");
    let begin = tokio::time::Instant::now();
    let grant = auth_client::DeviceCode::new(plain(&fake)).with_interaction(super::Notes::default());
    assert_eq!(grant.obtain().await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!((begin.elapsed().as_secs(), fake.count()), (120, 2));
}

// RFC 7523 section 3: an assertion is for one use and one minute.
#[cfg(feature = "jwt")]
#[tokio::test(start_paused = true)]
async fn each_poll_of_a_device_has_an_assertion_of_its_own() {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let pem = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let clock = HandClock::default();
    let turned = clock.clone();
    let fake = Fake::new(move |seen, nth| {
        turned.pass(70);
        match nth {
            _ if seen.uri.ends_with("/device") => (200, START.to_owned()),
            2..=5 => (400, super::PENDING.1.to_owned()),
            _ => (200, GOOD.to_owned()),
        }
    });
    let key = auth_client::ClientKey::ed25519(pem).unwrap();
    let authenticated =
        client(&fake, &clock).with_authentication(auth_client::ClientAuthentication::PrivateKeyJwt(key));
    let grant = auth_client::DeviceCode::new(authenticated).with_interaction(super::Notes::default());
    grant.obtain().await.unwrap();
    let claims: Vec<Value> = fake
        .seen()
        .iter()
        .map(|seen| seen.form["client_assertion"].split('.').nth(1).unwrap().to_owned())
        .map(|claims| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap())
        .collect();
    assert_eq!(claims.len(), 6);
    let ids: std::collections::HashSet<_> = claims.iter().map(|claims| claims["jti"].to_string()).collect();
    assert_eq!(ids.len(), 6, "each request has an assertion of its own");
    for (nth, claims) in claims.iter().enumerate() {
        let now = 1_700_000_000 + 70 * u64::try_from(nth).unwrap();
        assert_eq!(claims["exp"], now + 60, "and one that is not past");
    }
}

// RFC 6749 section 3.1.2.3: the server compares strings.
#[tokio::test]
async fn the_redirect_address_is_sent_as_it_is_registered() {
    use secrecy::ExposeSecret as _;
    for redirect in [
        "https://app.example.com",
        "https://app.example.com/",
        "https://APP.example.com:443/a/../b",
        "https://app.example.com/c?x=%7e",
        "com.example.app:/callback",
        "http://127.0.0.1:80/callback",
    ] {
        let fake = good();
        let grant = AuthorizationCode::new(plain(&fake));
        let attempt = grant.begin(redirect).unwrap();
        let sent =
            attempt.url().query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        assert_eq!(sent, redirect);
        let parts = attempt.into_parts();
        assert_eq!(parts.redirect_uri, redirect);
        let state = parts.state.expose_secret().to_owned();
        let kept = auth_client::LoginAttemptParts::new(redirect, state.as_str(), parts.verifier, parts.nonce)
            .unwrap();
        let attempt = grant.resume(kept).unwrap();
        let separator = if redirect.contains('?') { '&' } else { '?' };
        attempt
            .finish(&format!("{redirect}{separator}state={state}&code=c"))
            .await
            .unwrap_or_else(|error| panic!("{redirect}: {error}"));
        assert_eq!(
            fake.seen().last().map(|seen| seen.form["redirect_uri"].clone()).as_deref(),
            Some(redirect)
        );
    }
    let grant = AuthorizationCode::new(plain(&good()));
    for bad in [
        "",
        "callback",
        "/callback",
        "https://app.example.com/#x",
        " https://app.example.com/",
        "https://a.example/\n",
    ] {
        assert_eq!(grant.begin(bad).unwrap_err().kind(), ErrorKind::Configuration, "{bad:?}");
        let parts = auth_client::LoginAttemptParts::new(bad, "s", None, None);
        assert_eq!(parts.unwrap_err().kind(), ErrorKind::Configuration, "{bad:?}");
    }
}

#[cfg(feature = "jwt")]
#[tokio::test]
async fn the_audience_of_an_assertion_is_the_address_as_it_was_written() {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let pem = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let fake = good();
    let environment =
        auth_client::Environment::with_http_client(fake.clone()).with_clock(HandClock::default());
    let provider = auth_client::Provider::new("https://login.example.com").unwrap();
    let key = auth_client::ClientKey::ed25519(pem).unwrap();
    let client = auth_client::OAuthClient::in_environment(provider, "me", environment)
        .with_authentication(auth_client::ClientAuthentication::PrivateKeyJwt(key));
    client.refresh(&"r".into()).await.unwrap();
    let claims = fake.seen()[0].form["client_assertion"].split('.').nth(1).unwrap().to_owned();
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["aud"], "https://login.example.com");
}

#[tokio::test]
async fn scopes_that_are_not_echoed_do_not_fail_a_strict_authorizer() {
    let echo = r#"{"access_token":"t","refresh_token":"r","id_token":"i","scope":"read https://www.googleapis.com/auth/userinfo.email"}"#;
    let fake = Arc::new(Fake::new(move |_, _| (200, echo.to_owned())));
    let asked = ["openid", "offline_access", "email", "read"];
    let grant = auth_client::ClientCredentials::new(plain(&fake)).with_scopes(asked);
    let strict = auth_client::TokenAuthorizer::new(grant.clone()).requiring_all_scopes();
    strict.token().await.unwrap();
    let grant = grant.with_scopes(["read", "write"]);
    let strict = auth_client::TokenAuthorizer::new(grant).requiring_all_scopes();
    assert_eq!(strict.token().await.unwrap_err().kind(), ErrorKind::Protocol);
}
