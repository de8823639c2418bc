//! Log-outs that end the session of another browser: by the user, and by the provider.

use auth_login::testing::Step;
use auth_runtime::clock::{Clock as _, SystemClock};
use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::form_urlencoded;

use super::{
    app_and_fake_provider::{APP, Setup},
    chromium_driver::Chromium,
};

/// The next request of this browser is anonymous.
async fn is_logged_out(browser: &Chromium) {
    browser.web.refresh().await.unwrap();
    browser.sees("Continue with Example").await;
    assert_eq!(browser.address().await, format!("{APP}/login?next=%2Fme"));
}

#[tokio::test]
async fn a_logout_everywhere_in_one_browser_ends_the_session_in_another() {
    let setup = Setup::new().await;
    let (Some(one), Some(other)) = (setup.browser().await, setup.browser().await) else { return };
    setup.log_in(&one, "/me").await;
    setup.log_in(&other, "/me").await;
    other.press("Log out").await;
    other.sees("Home").await;
    one.web.refresh().await.unwrap();
    one.sees("Page of alice").await;

    setup.log_in(&other, "/me").await;
    other.press("Log out everywhere").await;
    other.sees("Home").await;
    is_logged_out(&one).await;
    // A log-in after that is valid at once.
    setup.log_in(&one, "/me").await;
    one.quit().await;
    other.quit().await;
}

#[tokio::test]
async fn a_logout_by_the_provider_ends_the_session_in_the_browser() {
    let setup = Setup::new().await;
    setup.provider.tamper(|step| {
        if let Step::Claims { claims, .. } = step {
            claims.insert("sid".to_owned(), json!("session"));
        }
    });
    let Some(browser) = setup.browser().await else { return };
    setup.log_in(&browser, "/me").await;
    let now = SystemClock.now().as_secs();
    let claims = json!({
        "iss": setup.provider.issuer(),
        "aud": setup.provider.client().0,
        "iat": now,
        "exp": now + 60,
        "jti": "once",
        "sid": "session",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let head = json!({"alg": "ES256", "kid": "fake-1", "typ": "logout+jwt"});
    let object = |value: &Value| value.as_object().unwrap().clone();
    let token = setup.provider.sign(&object(&head), &object(&claims)).unwrap();
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let request = Request::post("/login/fake/backchannel-logout")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    let answer = setup.app.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    is_logged_out(&browser).await;
    browser.quit().await;
}
