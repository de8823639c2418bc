//! Log-ins in a browser that runs no scripts.

use auth_runtime::identity::cookie::SameSite;
use serde_json::json;

use super::{
    app_and_fake_provider::{APP, FORM_POST, HOST, Setup},
    chromium_driver::Chromium,
};

#[tokio::test]
async fn a_whole_login_and_logout_work_without_scripts() {
    // With all that a script could be wanted for: a form, a strict session, a page in between.
    let setup = Setup::with(&FORM_POST, SameSite::Strict).await;
    let hosts = [(HOST, setup.port)];
    let blocked = json!({"profile.default_content_setting_values.javascript": 2});
    for (preferences, text) in [(json!({}), "Scripts are on"), (blocked, "Scripts are off")] {
        let Some(browser) = Chromium::start_with(&hosts, &preferences).await else { return };
        browser.open(&format!("{APP}/public")).await;
        browser.sees(text).await;
        if text == "Scripts are off" {
            browser.open(&format!("{APP}/me?page=2")).await;
            browser.press("Continue with Example").await;
            browser.press("alice").await;
            browser.press("Back to the application").await;
            browser.sees("Query: page=2").await;
            browser.open(&format!("{APP}/logout")).await;
            browser.press("Log out").await;
            browser.sees("Home").await;
            browser.open(&format!("{APP}/me")).await;
            browser.sees("Continue with Example").await;
        }
        browser.quit().await;
    }
}
