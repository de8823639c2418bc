//! Pages of another site, and of another host of the same site, whose forms and frames lead to the
//! application.

use axum::{Router, extract::RawQuery, response::Html, routing::get};
use maud::html;
use thirtyfour::{By, extensions::query::ElementQueryable as _};

use super::{
    app_and_fake_provider::{APP, HOST, Setup},
    chromium_driver::Chromium,
    tls_server::serve,
};

/// A host of another site, and one of the same site, whose requests come with the session's cookie.
const OTHERS: [&str; 2] = ["evil.example", "evil.example.com"];

/// A page with a form that is sent to the path in the query, and a frame that shows it.
async fn page(RawQuery(path): RawQuery) -> Html<String> {
    let address = format!("{APP}{}", path.unwrap_or_default());
    let page = html! {
        form method="post" action=(address) {
            input type="hidden" name="next" value="/me";
            button { "You win" }
        }
        iframe src=(address) {}
    };
    Html(page.into_string())
}

async fn browser(setup: &Setup) -> Option<Chromium> {
    let port = serve(Router::new().route("/", get(page))).await;
    let [other_site, same_site] = OTHERS;
    Chromium::start(&[(HOST, setup.port), (other_site, port), (same_site, port)]).await
}

#[tokio::test]
async fn a_form_of_another_host_neither_logs_in_nor_out() {
    let setup = Setup::new().await;
    let Some(browser) = browser(&setup).await else { return };
    setup.log_in(&browser, "/me").await;
    for host in OTHERS {
        for (path, text) in [
            ("/logout", "Do you want to log out?"),
            ("/login/fake", "Please confirm that you want to log in."),
        ] {
            let before = setup.requests(&format!("POST {path}"));
            browser.open(&format!("https://{host}/?{path}")).await;
            browser.press("You win").await;
            browser.sees(text).await;
            assert_eq!(setup.requests(&format!("POST {path}")), before + 1, "the form was sent");
            browser.open(&format!("{APP}/me")).await;
            browser.sees("Page of alice").await;
        }
        // The application's own form.
        let before = setup.requests("POST /logout-everywhere");
        browser.open(&format!("https://{host}/?/logout-everywhere")).await;
        browser.press("You win").await;
        browser.web.query(By::XPath("//button[.='You win']")).wait_until_gone().await.unwrap();
        assert_eq!(setup.requests("POST /logout-everywhere"), before + 1, "the form was sent");
        browser.open(&format!("{APP}/me")).await;
        browser.sees("Page of alice").await;
    }
    assert_eq!(setup.provider.requests("/authorize"), 1);
    assert!(browser.cookies("__Secure-login.").await.is_empty());
    browser.quit().await;
}

#[tokio::test]
async fn a_form_of_another_host_starts_no_login_of_an_anonymous_user() {
    let setup = Setup::new().await;
    let Some(browser) = browser(&setup).await else { return };
    for host in OTHERS {
        browser.open(&format!("https://{host}/?/login/fake")).await;
        browser.press("You win").await;
        browser.sees("Please confirm that you want to log in.").await;
        assert_eq!(browser.code().await, "cross_site");
    }
    assert_eq!(setup.provider.requests("/authorize"), 0);
    assert!(browser.cookies("").await.is_empty());
    // The user may want to.
    browser.press("Continue").await;
    browser.press("alice").await;
    browser.sees("Page of alice").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_pages_are_not_shown_in_a_frame_of_another_host() {
    let setup = Setup::new().await;
    let Some(browser) = browser(&setup).await else { return };
    for host in OTHERS {
        for (path, text) in [("/public", "Public"), ("/login", ""), ("/login/fake", ""), ("/logout", "")] {
            browser.open(&format!("https://{host}/?{path}")).await;
            browser.web.enter_frame(0).await.unwrap();
            let shown = browser.text().await;
            assert!(!shown.contains("Log") && !shown.contains("Continue"), "{path}: {shown}");
            assert!(shown.contains(text), "{path}: {shown}");
        }
    }
    browser.quit().await;
}
