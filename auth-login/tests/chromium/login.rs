//! A log-in from start to end: by query and by form, in several tabs, and one that the user cancels.

use auth_runtime::identity::cookie::SameSite;
use serde_json::json;

use super::app_and_fake_provider::{APP, FORM_POST, Setup};

#[tokio::test]
async fn a_login_from_a_guarded_page_leads_back_to_it_with_its_query() {
    let setup = Setup::new().await;
    let Some(browser) = setup.browser().await else { return };
    browser.open(&format!("{APP}/me?page=2&q=a%20b")).await;
    assert_eq!(browser.address().await, format!("{APP}/login?next=%2Fme%3Fpage%3D2%26q%3Da%2520b"));
    browser.press("Continue with Example").await;
    browser.sees("Fake provider").await;
    assert!(browser.address().await.starts_with(&format!("{}/authorize?", setup.provider.issuer())));
    browser.press("alice").await;
    browser.sees("Page of alice").await;
    browser.sees("Query: page=2&q=a%20b").await;
    assert_eq!(browser.address().await, format!("{APP}/me?page=2&q=a%20b"));
    let cookies = browser.cookies("").await;
    assert_eq!(cookies.len(), 1, "of the log-in nothing is left: {cookies:?}");
    for (name, value) in [("secure", json!(true)), ("httpOnly", json!(true)), ("sameSite", json!("Lax"))] {
        assert_eq!(cookies[0][name], value, "{name}");
    }
    assert!(cookies[0]["name"].as_str().unwrap().starts_with("__Host-"), "{cookies:?}");
    browser.quit().await;
}

#[tokio::test]
async fn two_tabs_log_in_at_the_same_time() {
    let setup = Setup::new().await;
    let Some(browser) = setup.browser().await else { return };
    let first = browser.web.window().await.unwrap();
    let second = browser.web.new_tab().await.unwrap();
    for (tab, page) in [(&first, 1), (&second, 2)] {
        browser.go_to_tab(tab).await;
        browser.open(&format!("{APP}/me?tab={page}")).await;
        browser.press("Continue with Example").await;
        browser.sees("Fake provider").await;
    }
    assert_eq!(browser.cookies("__Secure-login.").await.len(), 2);
    for (tab, page) in [(&first, 1), (&second, 2)] {
        browser.go_to_tab(tab).await;
        browser.press("alice").await;
        browser.sees("Page of alice").await;
        assert_eq!(browser.address().await, format!("{APP}/me?tab={page}"));
    }
    assert!(browser.cookies("__Secure-login.").await.is_empty());
    browser.quit().await;
}

#[tokio::test]
async fn a_denied_consent_is_a_calm_page_and_starts_nothing_by_itself() {
    let setup = Setup::new().await;
    let Some(browser) = setup.browser().await else { return };
    browser.open(&format!("{APP}/me?page=2")).await;
    browser.press("Continue with Example").await;
    browser.press("Cancel").await;
    browser.sees("The log-in was cancelled.").await;
    assert_eq!(browser.code().await, "access_denied");
    let callback = browser.address().await;
    assert!(callback.starts_with(&format!("{APP}/login/fake/callback?")), "{callback}");
    // A new start is the user's own, and still knows the page.
    assert_eq!((setup.requests("POST /login/fake"), setup.provider.requests("/authorize")), (1, 1));
    browser.press("Try again").await;
    browser.press("alice").await;
    browser.sees("Query: page=2").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_provider_that_responds_by_a_form_logs_in_across_sites() {
    let setup = Setup::with(&FORM_POST, SameSite::Lax).await;
    let Some(browser) = setup.browser().await else { return };
    browser.open(&format!("{APP}/me?page=2")).await;
    browser.press("Continue with Example").await;
    browser.sees("Fake provider").await;
    let attempts = browser.cookies("__Secure-login.").await;
    assert_eq!(attempts.len(), 1);
    assert_eq!((&attempts[0]["sameSite"], &attempts[0]["secure"]), (&json!("None"), &json!(true)));
    browser.press("alice").await;
    browser.press("Back to the application").await;
    browser.sees("Page of alice").await;
    assert_eq!(browser.address().await, format!("{APP}/me?page=2"));
    assert_eq!(setup.requests("POST /login/fake/callback"), 1);
    assert!(browser.cookies("__Secure-login.").await.is_empty());
    browser.quit().await;
}
