//! A day of each role, from log-in to log-out.

use crate::{site::Site, visitor::Visitor};

#[tokio::test]
async fn an_article_goes_from_its_author_to_its_readers() {
    let site = Site::start().await;
    let Some(author) = Visitor::logged_in(&site.base, "arthur").await else { return };
    author.menu("Write").await;
    author.type_in("title", "The ducks are back").await;
    author.type_in("body", "Forty of them, by noon.").await;
    author.press("Save").await;
    author.sees("The article is saved.").await;
    let article = author.path().await.split('?').next().unwrap().to_owned();
    author.press("Hand to the editors").await;
    author.sees("The article is with the editors now.").await;
    assert!(!author.has("Publish").await);
    author.menu("Log out").await;
    author.sees("You are logged out.").await;
    author.browser.quit().await;

    let Some(editor) = Visitor::logged_in(&site.base, "edda").await else { return };
    editor.menu("Desk").await;
    editor.press("The ducks are back").await;
    editor.press("Publish").await;
    editor.sees("The article is published.").await;
    editor.menu("Log out").await;
    editor.sees("You are logged out.").await;
    editor.browser.quit().await;

    let Some(reader) = Visitor::logged_in(&site.base, "rita").await else { return };
    reader.open("/").await;
    reader.press("The ducks are back").await;
    reader.type_in("comment", "I have seen forty-one.").await;
    reader.press("Send").await;
    reader.sees("I have seen forty-one.").await;
    reader.open(&format!("{article}/edit")).await;
    reader.sees("You may not do this").await;
    assert!(!reader.has("Desk").await);
    reader.open("/").await;
    reader.menu("Log out").await;
    reader.sees("You are logged out.").await;
    reader.browser.quit().await;
}

#[tokio::test]
async fn the_chief_sees_who_may_what_and_changes_it() {
    let site = Site::start().await;
    let Some(chief) = Visitor::logged_in(&site.base, "carla").await else { return };
    chief.menu("Operators").await;
    chief.press("Who may call what").await;
    chief.type_in("q", "publish").await;
    chief.press("Search").await;
    chief.sees("POST /articles/{id}/publish").await;
    assert!(!chief.has("GET /desk").await);
    chief.menu("Operators").await;
    chief.press("The next rules").await;
    chief.sees("wider: GET /operators for group editor").await;
    chief.menu("Log out").await;
    chief.sees("You are logged out.").await;
    chief.browser.quit().await;
}

#[tokio::test]
async fn support_sees_the_newsroom_as_a_reader_does_and_explains_a_denial() {
    let site = Site::start().await;
    let Some(support) = Visitor::logged_in(&site.base, "sam").await else { return };
    support.open("/operators/denied?can=publish").await;
    support.type_in("email", "rita@newsroom.example").await;
    support.type_in("article", "swimming-pool").await;
    support.press("Explain").await;
    support.sees("It would be enough to").await;
    support.menu("People").await;
    support.press("Act as Rita Reader").await;
    support.sees("acts as").await;
    assert!(!support.has("Operators").await);
    support.open("/account/password").await;
    assert!(!support.has("New password").await);
    support.open("/").await;
    support.browser.press("End").await;
    support.sees("You are yourself again.").await;
    support.menu("Log out").await;
    support.sees("You are logged out.").await;
    support.browser.quit().await;
}
