//! Failed refreshes: an outage is waited for, a denial ends the refresh token.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use auth_client::{Authorizer as _, Error, ErrorKind, MemoryStore, StoreKey, TokenStore as _};

use super::{Fake, clock, header, log_in};

const REFUSALS: [(u16, &str); 9] = [
    (400, r#"{"code":400,"error_code":"refresh_token_not_found","msg":"Invalid Refresh Token"}"#),
    (401, r#"{"message":"Unauthorized"}"#),
    (400, "<html>"),
    (400, ""),
    (400, r#"{"error":""}"#),
    (403, r#"{"error":{"message":"no"}}"#),
    (404, "nothing here"),
    (400, r#"{"error":"invalid_grant"}"#),
    (200, r#"{"error":"invalid_grant"}"#),
];

#[tokio::test]
async fn an_outage_is_not_a_rejection_with_any_body() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        for error in ["invalid_grant", "access_denied", "Too Many Requests", "internal error"] {
            let broken = Arc::new(AtomicBool::new(true));
            let switch = Arc::clone(&broken);
            let fake = Fake::new(move |_, _| {
                if switch.load(Ordering::SeqCst) {
                    (status, format!(r#"{{"error":"{error}"}}"#))
                } else {
                    (200, r#"{"access_token":"next","expires_in":3600}"#.to_owned())
                }
            });
            let (authorizer, asked) = log_in(&fake);
            header(&authorizer).await;
            clock().pass(3600);
            let failure = authorizer.authorize().await.unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::Transport, "{status} {error}");
            assert!(failure.to_string().contains(error), "the words are kept: {failure}");
            broken.store(false, Ordering::SeqCst);
            assert_eq!(header(&authorizer).await, "Bearer next", "{status} {error}");
            assert_eq!(fake.seen().last().unwrap().form["refresh_token"], "r0");
            assert_eq!(asked.load(Ordering::SeqCst), 1, "{status} {error}: no new log-in");
        }
    }
}

#[tokio::test]
async fn a_provider_that_names_a_time_is_left_alone_until_then() {
    let fake = Fake::new(|_, nth| match nth {
        1 | 2 => (429, String::new()),
        _ => (200, r#"{"access_token":"next","expires_in":3600}"#.to_owned()),
    })
    .with_header(429, "retry-after", "60");
    let (authorizer, _) = log_in(&fake);
    header(&authorizer).await;
    // Before its expiry the old token is used meanwhile.
    clock().pass(3545);
    assert_eq!(header(&authorizer).await, "Bearer first");
    clock().pass(50);
    assert_eq!(header(&authorizer).await, "Bearer first");
    // After its expiry, but within the minute, the server is not contacted.
    clock().pass(9);
    let error = authorizer.authorize().await.unwrap_err();
    assert_eq!((error.kind(), fake.count()), (ErrorKind::Transport, 1));
    assert_eq!(error.retry_after().unwrap().as_secs(), 60);
    // Failures of callers during the pause do not prolong it.
    clock().pass(1);
    assert_eq!(authorizer.authorize().await.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(fake.count(), 2);
    clock().pass(60);
    assert_eq!(header(&authorizer).await, "Bearer next");
}

#[tokio::test]
async fn a_provider_cannot_demand_to_be_left_alone_for_ever() {
    let fake = Fake::new(|_, nth| match nth {
        1 => (503, String::new()),
        _ => (200, r#"{"access_token":"next","expires_in":3600}"#.to_owned()),
    })
    .with_header(503, "retry-after", "99999999999999999999");
    let (authorizer, _) = log_in(&fake);
    header(&authorizer).await;
    clock().pass(3600);
    authorizer.authorize().await.unwrap_err();
    clock().pass(299);
    authorizer.authorize().await.unwrap_err();
    assert_eq!(fake.count(), 1);
    clock().pass(1);
    assert_eq!(header(&authorizer).await, "Bearer next");
}

#[tokio::test]
async fn a_dead_refresh_token_leads_to_a_new_log_in_however_it_is_reported() {
    for (status, body) in REFUSALS {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let (authorizer, asked) = log_in(&fake);
        header(&authorizer).await;
        clock().pass(3600);
        assert_eq!(header(&authorizer).await, "Bearer first", "{status} {body}");
        assert_eq!((fake.count(), asked.load(Ordering::SeqCst)), (1, 2), "{status} {body}");
    }
}

#[tokio::test]
async fn a_dead_refresh_token_is_sent_once_and_the_cause_is_kept() {
    let key = StoreKey::of(&["login", "me"]);
    for has_store in [false, true] {
        for (status, body) in REFUSALS {
            let fake = Fake::new(move |_, _| (status, body.to_owned()));
            let store = MemoryStore::new();
            let (authorizer, _) = log_in(&fake);
            let authorizer = if has_store { authorizer.with_store(store.clone()) } else { authorizer };
            header(&authorizer).await;
            clock().pass(3600);
            // From here on, prompts are disabled.
            let authorizer = authorizer.without_interaction();
            let error = authorizer.authorize().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LoginRequired, "{status} {body}");
            let cause = error.source().unwrap().downcast_ref::<Error>().unwrap();
            assert!(cause.status().is_some_and(|found| found == status), "{status} {body}: {cause}");
            assert_eq!(authorizer.authorize().await.unwrap_err().kind(), ErrorKind::LoginRequired);
            assert_eq!(fake.count(), 1, "{status} {body}: it is not sent again");
            if has_store {
                let stored = store.load(&key).await.unwrap().unwrap();
                assert!(stored.refresh_token().is_none(), "{status} {body}");
            }
        }
    }
}

// The refresh token may be valid: the client is misconfigured.
#[tokio::test]
async fn a_wrong_secret_costs_no_refresh_token() {
    let fake = Fake::new(|_, nth| match nth {
        1 => (401, r#"{"error":"invalid_client"}"#.to_owned()),
        _ => (200, r#"{"access_token":"next","expires_in":3600}"#.to_owned()),
    });
    let (authorizer, _) = log_in(&fake);
    header(&authorizer).await;
    clock().pass(3600);
    let authorizer = authorizer.without_interaction();
    let error = authorizer.authorize().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoginRequired);
    assert!(error.source().unwrap().to_string().contains("invalid_client"));
    assert_eq!(header(&authorizer).await, "Bearer next");
    assert_eq!(fake.seen().last().unwrap().form["refresh_token"], "r0");
}
