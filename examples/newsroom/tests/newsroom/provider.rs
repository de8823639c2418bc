//! Log-in with the provider.

use reqwest::StatusCode;

use crate::{
    browser::{Browser, Got},
    site::Site,
};

/// Logs in with the provider as one of its users, as a browser does without scripts, and returns the last
/// response.
async fn log_in(browser: &mut Browser, action: &str, subject: &str) -> Got {
    let authorize = browser.post(action, &[("next", "/account")]).await.location().to_owned();
    let page = browser.get(&authorize).await;
    assert_eq!(page.status, StatusCode::OK);
    let callback = browser.post(&authorize, &[("user", subject)]).await;
    let address = callback.header("location").to_owned();
    assert!(address.contains("/login/with/house/callback"), "{address}");
    browser.get(&address).await
}

#[tokio::test]
async fn a_person_of_the_provider_becomes_a_reader() {
    let site = Site::start().await;
    let mut paul = site.browser();
    let page = paul.get("/login").await;
    assert!(page.body.contains("Continue with the house provider"), "{}", page.body);
    let action = page.attribute("href=\"/register\"", "action");
    log_in(&mut paul, &action, "1001").await;
    let account = paul.get("/account").await;
    for text in ["Paul Provider", "paul@provider.example", "reader"] {
        assert!(account.body.contains(text), "{text}: {}", account.body);
    }
    // The same person at the next log-in, in another browser.
    let mut again = site.browser();
    log_in(&mut again, "/login/with/house", "1001").await;
    assert!(again.get("/account").await.body.matches("since ").count() == 2);
}

#[tokio::test]
async fn an_answer_of_the_provider_in_another_browser_logs_in_no_other_person() {
    let site = Site::start().await;
    let mut paul = site.browser();
    let authorize = paul.post("/login/with/house", &[]).await.location().to_owned();
    let callback = paul.post(&authorize, &[("user", "1001")]).await.header("location").to_owned();
    let mut victim = site.browser();
    assert!(victim.get(&callback).await.status.is_client_error());
    assert!(!victim.is_logged_in().await);
}
