//! Tabs, history, and sessions that end at the wrong moment.

use std::time::Duration;

use crate::{site::Site, visitor::Visitor};

#[tokio::test]
async fn a_session_that_ends_in_the_middle_of_a_form_costs_nothing_that_was_typed() {
    let site = Site::start().await;
    let Some(arthur) = Visitor::logged_in(&site.base, "arthur").await else { return };
    arthur.menu("Write").await;
    arthur.type_in("title", "Ducks & \"bread\"").await;
    arthur.type_in("body", "One.\n\nTwo <three>.").await;
    site.clock.advance(Duration::from_mins(31));
    arthur.press("Save").await;
    arthur.sees("What you have written is kept").await;
    arthur.type_in("email", "arthur@newsroom.example").await;
    arthur.type_in("password", newsroom::DEMO_PASSWORD).await;
    arthur.press("Log in").await;
    arthur.press("Send it now").await;
    arthur.sees("The article is saved.").await;
    arthur.press("Edit").await;
    arthur.sees("Edit the article").await;
    assert_eq!(arthur.value("title").await, "Ducks & \"bread\"");
    assert_eq!(arthur.value("body").await, "One.\n\nTwo <three>.");
    arthur.browser.quit().await;
}

#[tokio::test]
async fn a_log_out_in_one_tab_is_one_in_the_other() {
    let site = Site::start().await;
    let Some(rita) = Visitor::logged_in(&site.base, "rita").await else { return };
    let web = &rita.browser.web;
    rita.open("/account").await;
    let first = web.window().await.unwrap();
    let second = web.new_tab().await.unwrap();
    rita.browser.go_to_tab(&second).await;
    rita.open("/account").await;
    rita.sees("Rita Reader").await;
    rita.menu("Log out").await;
    rita.sees("You are logged out.").await;

    rita.browser.go_to_tab(&first).await;
    rita.press("Log out elsewhere").await;
    rita.sees("Log in").await;
    assert!(!rita.has("rita@newsroom.example").await);
    rita.browser.quit().await;
}

#[tokio::test]
async fn the_back_button_after_a_log_out_shows_nothing_of_the_account() {
    let site = Site::start().await;
    let Some(rita) = Visitor::logged_in(&site.base, "rita").await else { return };
    rita.open("/account").await;
    rita.sees("rita@newsroom.example").await;
    rita.menu("Log out").await;
    rita.sees("You are logged out.").await;
    rita.browser.web.back().await.unwrap();
    rita.sees("E-mail address").await;
    assert_eq!(rita.path().await, "/login?next=%2Faccount");
    assert!(!rita.has("rita@newsroom.example").await);
    rita.browser.quit().await;
}

#[tokio::test]
async fn a_session_that_another_browser_ends_stops_the_feed_and_the_next_page() {
    let site = Site::start().await;
    let Some(phone) = Visitor::logged_in(&site.base, "rita").await else { return };
    let Some(laptop) = Visitor::logged_in(&site.base, "rita").await else { return };
    phone.open("/feed").await;
    phone.sees("News appear here as they happen.").await;
    laptop.open("/account").await;
    laptop.press("Log out everywhere").await;
    laptop.sees("You are logged out everywhere.").await;
    phone.sees("The live feed has ended.").await;
    phone.open("/account").await;
    assert_eq!(phone.path().await, "/login?next=%2Faccount");
    phone.browser.quit().await;
    laptop.browser.quit().await;
}
