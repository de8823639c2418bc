//! A form on a page of another site.

use axum::{Router, response::Html, routing::get};
use tokio::net::TcpListener;

use crate::{chromium_driver::Chromium, site::Site, visitor::Visitor};

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let site = Site::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let form = format!(
        "<!doctype html><title>Prizes</title><form method=\"post\" action=\"{}/account/devices/end-all\">\
         <button>Win a prize</button></form>",
        site.base
    );
    let evil = Router::new().route("/", get(move || async move { Html(form) }));
    tokio::spawn(async move { axum::serve(listener, evil).await.unwrap() });

    let Some(browser) = Chromium::start(&[("prizes.example", port)]).await else { return };
    let rita = Visitor::with(browser, &site.base);
    rita.log_in("rita").await;
    rita.browser.open("http://prizes.example/").await;
    rita.browser.press("Win a prize").await;
    rita.sees("To the news").await;
    assert_eq!(rita.path().await, "/account/devices/end-all");
    rita.open("/account").await;
    rita.sees("rita@newsroom.example").await;
    rita.browser.quit().await;
}
