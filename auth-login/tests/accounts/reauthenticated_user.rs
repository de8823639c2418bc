//! Identities are changed by a user who is signed in and has just logged in, and by no other.

use std::time::Duration;

use auth_runtime::{EncryptedCookie, Key, KeyRing, UserId, testing::FakeIdentity};
use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::every_account_store::{ask, fresh};

fn request() -> Request<Body> {
    Request::post("/").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_user_who_has_just_logged_in_is_fresh() {
    let ann = UserId::new("ann").unwrap();
    assert_eq!(fresh(&ann).await.id(), &ann);
}

#[tokio::test]
async fn an_anonymous_or_old_log_in_is_not_fresh() {
    let old = FakeIdentity::user("ann").logged_in_ago(Duration::from_secs(601));
    for policy in [FakeIdentity::anonymous(), FakeIdentity::user("ann"), old, FakeIdentity::bad_credential()]
    {
        let (user, response) = ask(policy, request()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(user, None);
    }
    let (user, response) = ask(FakeIdentity::failing(), request()).await;
    assert_eq!((user, response.status()), (None, StatusCode::SERVICE_UNAVAILABLE));
}

// Who acts for a user could otherwise link an identity of their own, and keep a way into the account.
#[tokio::test]
async fn an_impersonated_user_is_not_fresh() {
    let policy = || EncryptedCookie::new(KeyRing::new(Key::from_bytes((0..32).collect::<Vec<_>>()).unwrap()));
    let mut cookie = String::new();
    for path in ["/login", "/impersonate"] {
        let request = Request::post(path).header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
        let (_, response) = ask(policy(), request).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie = set.split(';').next().unwrap().to_owned();
        let request = Request::post("/").header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
        let (user, response) = ask(policy(), request).await;
        let expected = if path == "/login" { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN };
        assert_eq!((response.status(), user.is_some()), (expected, path == "/login"));
    }
}
