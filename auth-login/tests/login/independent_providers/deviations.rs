//! Where `glewlwyd` deviates from the standards, and what becomes of a log-in there.

use std::time::Duration;

use auth_login::{Login, descriptor::ResponseMode, providers};
use http::StatusCode;

use super::{Peer as _, Setup, glewlwyd::Glewlwyd};

/// The provider does not decode the secret, as RFC 6749 section 2.3.1 wants: that is a fact for its descriptor,
/// and the code is not sent a second time in another way.
#[tokio::test]
async fn an_encoded_secret_that_the_provider_rejects_is_not_sent_otherwise() {
    let Some(mut setup) = Setup::<Glewlwyd>::with(&providers::OPENID, "web", |_, login| login).await else {
        return;
    };
    let page = setup.log_in("alice").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
    assert_eq!(setup.sent.count("/token"), 1);
}

/// The provider writes the issuer into the form as it is encoded in addresses, and so names another one.
#[tokio::test]
async fn a_form_with_an_issuer_that_is_encoded_twice_is_rejected() {
    let descriptor = Glewlwyd::DESCRIPTOR.with_response_mode(ResponseMode::FormPost);
    let Some(mut setup) = Setup::<Glewlwyd>::with(&descriptor, "web", |_, login| login).await else { return };
    let page = setup.log_in("alice").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_REQUEST, "issuer_mismatch"));
    assert_eq!((setup.browser.attempts(), setup.sent.count("/token")), (1, 0), "the attempt stays");
}

/// To its token endpoint, which gets no cookies, the provider states that the user authenticated in 1970.
#[tokio::test]
async fn a_false_time_of_authentication_is_rejected_where_one_is_demanded() {
    let recent = |_: &Glewlwyd, login: Login| login.with_max_age(Duration::from_mins(5));
    let Some(mut setup) = Setup::<Glewlwyd>::with(&Glewlwyd::DESCRIPTOR, "web", recent).await else { return };
    let page = setup.log_in("alice").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"));
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}
