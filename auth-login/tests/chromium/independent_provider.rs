//! Log-ins with a certified `OpenID` Provider of other authors, whose pages the browser shows, scripts
//! included.

use auth_login::{Login, descriptor::Descriptor, providers};
use auth_runtime::identity::cookie::SameSite;
use thirtyfour::{By, extensions::query::ElementQueryable as _};

use super::{
    app_and_fake_provider::{APP, FORM_POST, HOST, application},
    chromium_driver::Chromium,
    tls_server::serve,
};

#[expect(dead_code, reason = "its browser is for other tests")]
#[path = "../../../auth-client/tests/support/openid.rs"]
mod openid;

/// A browser that has come to the log-in page of a provider of this kind.
async fn start(descriptor: &Descriptor, same_site: SameSite) -> Option<(Chromium, openid::OpenId)> {
    let peer = openid::OpenId::start(3600)?;
    let resolved = descriptor.resolve(&[("issuer", &peer.issuer)]).unwrap();
    let login = Login::resolved(resolved, "web", "s:e%c+r/e=t&!").unwrap().with_id("peer").unwrap();
    let app = application([login.with_label("Peer")], same_site, &std::sync::Arc::default());
    let browser = Chromium::start(&[(HOST, serve(app).await)]).await?;
    browser.open(&format!("{APP}/me?page=2")).await;
    browser.press("Continue with Peer").await;
    Some((browser, peer))
}

async fn log_in(browser: &Chromium) {
    for (name, text) in [("login", "alice"), ("password", "x")] {
        let field = browser.web.query(By::Name(name)).first().await.unwrap();
        field.send_keys(text).await.unwrap();
    }
    browser.press("Sign-in").await;
    browser.press("Continue").await;
    browser.sees("Page of alice").await;
    assert_eq!(browser.address().await, format!("{APP}/me?page=2"));
}

#[tokio::test]
async fn a_user_of_a_certified_provider_cancels_and_then_logs_in() {
    let Some((browser, _peer)) = start(&providers::OPENID, SameSite::Lax).await else { return };
    browser.press("[ Cancel ]").await;
    browser.sees("The log-in was cancelled.").await;
    assert_eq!(browser.code().await, "access_denied");
    browser.press("Try again").await;
    log_in(&browser).await;
    browser.quit().await;
}

#[tokio::test]
async fn a_certified_provider_responds_by_a_form_to_an_application_with_strict_sessions() {
    let Some((browser, _peer)) = start(&FORM_POST, SameSite::Strict).await else { return };
    log_in(&browser).await;
    browser.quit().await;
}
