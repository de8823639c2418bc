//! Sessions with `SameSite=Strict`: the provider began the chain of redirects, so a redirect alone would lose
//! them.

use auth_login::{descriptor::Descriptor, providers};
use auth_runtime::identity::cookie::SameSite;
use serde_json::json;

use super::app_and_fake_provider::{APP, FORM_POST, Setup};

async fn log_in(descriptor: &Descriptor) {
    let setup = Setup::with(descriptor, SameSite::Strict).await;
    let Some(browser) = setup.browser().await else { return };
    browser.open(&format!("{APP}/me?page=2")).await;
    browser.press("Continue with Example").await;
    browser.press("alice").await;
    if descriptor.response_mode == FORM_POST.response_mode {
        browser.press("Back to the application").await;
    }
    browser.sees("Page of alice").await;
    assert_eq!(browser.address().await, format!("{APP}/me?page=2"));
    assert_eq!(browser.cookies("").await[0]["sameSite"], json!("Strict"));
    // No loop: one page was shown, one log-in started, and the guarded page was denied once.
    assert_eq!((setup.requests("GET /login"), setup.requests("POST /login/fake")), (1, 1));
    assert_eq!((setup.requests("GET /me"), setup.provider.requests("/authorize")), (2, 1));
    browser.web.refresh().await.unwrap();
    browser.sees("Page of alice").await;
    // The page in between is not in the history, where it would lead on again and again.
    browser.web.back().await.unwrap();
    browser.sees("Fake provider").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_strict_session_works_after_the_callback_without_a_loop() {
    log_in(&providers::OPENID).await;
}

#[tokio::test]
async fn a_strict_session_works_after_a_callback_by_a_form() {
    log_in(&FORM_POST).await;
}
