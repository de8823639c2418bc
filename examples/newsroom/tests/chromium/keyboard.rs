//! The newsroom with a keyboard alone, and without scripts.

use serde_json::json;
use thirtyfour::Key;

use crate::{chromium_driver::Chromium, site::Site, visitor::Visitor};

async fn press(browser: &Chromium, key: Key) {
    browser.web.action_chain().send_keys(key.value().to_string()).perform().await.unwrap();
}

async fn focused(browser: &Chromium) -> String {
    browser.web.active_element().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn the_first_key_leads_to_the_content_and_the_log_in_needs_no_mouse() {
    let site = Site::start().await;
    let Some(visitor) = Visitor::arrive(&site.base).await else { return };
    let browser = &visitor.browser;
    visitor.open("/").await;
    press(browser, Key::Tab).await;
    assert_eq!(focused(browser).await, "Skip to the content");
    press(browser, Key::Enter).await;
    press(browser, Key::Tab).await;
    let within = "return document.activeElement.closest('main') !== null";
    assert_eq!(browser.web.execute(within, Vec::new()).await.unwrap().json(), &json!(true));

    visitor.open("/login").await;
    // The first field has the focus.
    browser.web.action_chain().send_keys("edda@newsroom.example").perform().await.unwrap();
    press(browser, Key::Tab).await;
    browser.web.action_chain().send_keys(newsroom::DEMO_PASSWORD).perform().await.unwrap();
    press(browser, Key::Enter).await;
    visitor.sees("Edda Editor").await;
    visitor.browser.quit().await;
}

#[tokio::test]
async fn an_article_is_written_without_scripts() {
    let site = Site::start().await;
    let preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
    let Some(browser) = Chromium::start_with(&[], &preferences).await else { return };
    let visitor = Visitor::with(browser, &site.base);
    visitor.log_in("arthur").await;
    visitor.menu("Write").await;
    visitor.type_in("title", "Ducks").await;
    visitor.type_in("body", "They are back.").await;
    visitor.press("Save").await;
    visitor.sees("The article is saved.").await;
    visitor.browser.quit().await;
}
