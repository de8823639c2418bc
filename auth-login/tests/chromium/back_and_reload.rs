//! The history of the browser: the back button and the reload button, during a log-in and after a log-out.

use std::sync::{Arc, Mutex};

use auth_login::testing::Step;
use url::form_urlencoded;

use super::app_and_fake_provider::{APP, Setup};

#[tokio::test]
async fn the_back_button_after_a_logout_shows_nothing_of_a_guarded_page() {
    let setup = Setup::new().await;
    let Some(browser) = setup.browser().await else { return };
    // This browser does show a page again that it may keep, without a request.
    browser.open(&format!("{APP}/public")).await;
    browser.press("Go home").await;
    browser.web.back().await.unwrap();
    browser.sees("Public").await;
    assert_eq!(setup.requests("GET /public"), 1);

    setup.log_in(&browser, "/me").await;
    browser.press("Log out").await;
    browser.sees("Home").await;
    browser.web.back().await.unwrap();
    browser.sees("Continue with Example").await;
    assert_eq!(browser.address().await, format!("{APP}/login?next=%2Fme"));
    assert!(!browser.web.source().await.unwrap().contains("alice"));
    browser.web.forward().await.unwrap();
    browser.sees("Home").await;
    browser.web.back().await.unwrap();
    browser.sees("Continue with Example").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_callback_that_is_opened_again_neither_fails_nor_logs_in_again() {
    let setup = Setup::new().await;
    let callback = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&callback);
    setup.provider.tamper(move |step| {
        if let Step::Callback(pairs) = step {
            *seen.lock().unwrap() =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs.iter()).finish();
        }
    });
    let Some(browser) = setup.browser().await else { return };
    setup.log_in(&browser, "/me").await;
    let callback = format!("{APP}/login/fake/callback?{}", callback.lock().unwrap());
    // Back to the provider's page, and its form once more: a new code, for an attempt that is over.
    browser.web.back().await.unwrap();
    browser.press("bob").await;
    browser.sees("Home").await;
    browser.open(&callback).await;
    browser.sees("Home").await;
    browser.open(&format!("{APP}/me")).await;
    browser.sees("Page of alice").await;
    assert_eq!(setup.provider.requests("/token"), 1);

    // The same without a session.
    browser.press("Log out").await;
    browser.sees("Home").await;
    browser.open(&callback).await;
    browser.sees("This log-in was not started in this browser").await;
    assert_eq!(browser.code().await, "attempt_missing");
    assert_eq!((setup.requests("POST /login/fake"), setup.provider.requests("/token")), (1, 1));
    browser.quit().await;
}

#[tokio::test]
async fn a_reload_of_the_page_about_a_cancelled_login_starts_nothing() {
    let setup = Setup::new().await;
    let Some(browser) = setup.browser().await else { return };
    browser.open(&format!("{APP}/me")).await;
    browser.press("Continue with Example").await;
    browser.press("Cancel").await;
    browser.sees("The log-in was cancelled.").await;
    let address = browser.address().await;
    browser.web.refresh().await.unwrap();
    browser.sees("Try again").await;
    assert_eq!(browser.address().await, address);
    // Back to the provider's page: the user may log in after all, in a new attempt.
    browser.web.back().await.unwrap();
    browser.sees("Fake provider").await;
    browser.press("alice").await;
    browser.sees("Try again").await;
    assert_eq!(setup.requests("POST /login/fake"), 1);
    browser.press("Try again").await;
    browser.press("alice").await;
    browser.sees("Home").await;
    browser.quit().await;
}
