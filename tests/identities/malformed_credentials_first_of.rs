//! No credential, however malformed, is a user, an error of the server or a panic: for all that `FirstOf` may ask.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    ApiKey, AuthLayer, Basic, EncryptedCookie, FirstOf, Identity, KeyRing, TicketCookie, UserId,
    clock::UnixTime,
    identity::{ApiKeyRecord, MemoryApiKeys, Password},
    jwt::{BearerJwt, JwtIssuer, RingKeys},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, header},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use tokio::runtime::Builder;

use crate::support;

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

/// The application, and valid text for each header.
async fn site() -> (Router, Vec<(HeaderName, Vec<u8>)>) {
    let store = MemoryApiKeys::new();
    let now = UnixTime::from_secs(1_700_000_000);
    let (key, record) = ApiKeyRecord::issue("k", Identity::new("alice").unwrap(), now).unwrap();
    store.add(record);
    let ring = KeyRing::random();
    let (ticket, encrypted) = (TicketCookie::new(ring.clone()), EncryptedCookie::new(ring.clone()));
    let basic = Basic::new(|name: String, password: Password| async move {
        let right = name == "alice" && password == Password::new("right")?;
        Ok(if right { Some(Identity::new(name)?) } else { None })
    });
    let mut good = vec![
        (HeaderName::from_static("x-api-key"), key.expose().as_bytes().to_vec()),
        (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode("alice:right")).into_bytes()),
    ];
    let keys = RingKeys::new(ring.clone());
    let (issuer, audience) = ("https://shop.example", "https://api.shop.example");
    let token =
        JwtIssuer::new(keys.clone(), issuer).unwrap().access_token("alice", audience).issue().unwrap();
    good.push((header::AUTHORIZATION, format!("Bearer {}", token.as_str()).into_bytes()));
    let bearer = BearerJwt::new(keys).with_issuer(issuer).with_audience(audience);
    let login = |auth: auth_runtime::Auth| async move { auth.remember("alice").await };
    for layer in [AuthLayer::new(TicketCookie::new(ring.clone())), AuthLayer::new(EncryptedCookie::new(ring))]
    {
        let app = Router::new().route("/", get(login)).layer(layer);
        good.push((header::COOKIE, support::get(&app, "/").await.cookies().remove(0).into_bytes()));
    }
    let policy = FirstOf::new(ticket).then(encrypted).then(basic).then(bearer).then(ApiKey::new(store));
    (Router::new().route("/", get(maybe)).layer(AuthLayer::new(policy)), good)
}

// What was changed anywhere is never taken for what it was.
#[test]
fn every_invalid_credential_is_anonymous_or_401() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let (app, good) = runtime.block_on(site());
    let ask = |headers: &[(HeaderName, HeaderValue)]| {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(name, value.clone());
        }
        runtime.block_on(support::send(&app, request))
    };
    for (name, value) in &good {
        let value = HeaderValue::from_bytes(value).unwrap();
        assert_eq!(ask(&[(name.clone(), value)]).text(), "alice", "{name}");
    }
    let byte = || prop_oneof![9 => 32_u8..127, 1 => 128_u8..=255, 1 => Just(b'\t')];
    let changed = (select(good.clone()), any::<prop::sample::Index>(), byte(), 0_u8..3).prop_map(
        |((name, mut value), at, byte, how)| {
            let at = at.index(value.len());
            match how {
                0 => drop(value.splice(at..=at, [byte])),
                1 => drop(value.splice(at..at, [byte])),
                _ => value.truncate(at),
            }
            (name, value)
        },
    );
    let names = [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static("x-api-key")];
    let starts = ["", "Basic ", "basic", "__Host-auth=", "__Host-session=", "k_", "Bearer "];
    let invented = (select(names.to_vec()), select(starts.to_vec()), vec(byte(), 0..200))
        .prop_map(|(name, start, rest)| (name, [start.as_bytes(), &rest].concat()));
    TestRunner::default()
        .run(&vec(prop_oneof![changed, invented], 1..4), |headers| {
            let is_unchanged = headers.iter().any(|header| {
                good.iter().any(|(name, value)| {
                    // A cookie with something behind or before it is still that cookie; a scheme has no case.
                    *name == header.0 && (header.1.eq_ignore_ascii_case(value) || holds(&header.1, value))
                })
            });
            let headers: Vec<_> = headers
                .into_iter()
                .filter_map(|(name, value)| Some((name, HeaderValue::from_bytes(&value).ok()?)))
                .collect();
            let answer = ask(&headers);
            prop_assert!(matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED));
            if !is_unchanged && answer.status == StatusCode::OK {
                prop_assert_eq!(answer.text(), "anonymous");
            }
            Ok(())
        })
        .unwrap();
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    let without_spaces: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
    let part: Vec<u8> = part.iter().copied().filter(|byte| *byte != b' ').collect();
    without_spaces.to_ascii_lowercase().windows(part.len()).any(|window| window == part.to_ascii_lowercase())
}
