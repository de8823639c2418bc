//! Step-up by a guard: one provider confirms a recent log-in, the other one states a false time.

use http::StatusCode;

use super::{
    super::{
        browser_with_cookies::{Answer, Browser},
        step_up::application,
    },
    Peer,
    agent::Agent,
    glewlwyd::Glewlwyd,
    oidc_provider::OidcProvider,
};

/// Logs a user in, and again as a guard requires it; returns the browser and the last response.
async fn step_up<P: Peer>() -> Option<(Browser, Answer)> {
    let peer = P::start("").await?;
    let app = application([peer.login(&P::DESCRIPTOR, "web")], &super::now());
    let (mut browser, mut agent) = (Browser::new(&app), Agent::new());
    let started = browser.post("/login/peer", "next=/me").await;
    browser.come_back(&peer.sign_in(&mut agent, started.location(), "alice").await).await;
    let sent = browser.navigate("/pay").await;
    assert_eq!(sent.location(), "/login?next=%2Fpay&max_age=600", "the log-in alone is not recent");
    // The provider has a session of the user, and asks for the password all the same.
    let started = browser.post("/login/peer?max_age=600", "next=/pay").await;
    let done = browser.come_back(&peer.sign_in(&mut agent, started.location(), "alice").await).await;
    Some((browser, done))
}

#[tokio::test]
async fn a_guard_sends_the_browser_to_a_recent_log_in_and_back() {
    let Some((mut browser, done)) = step_up::<OidcProvider>().await else { return };
    assert_eq!(done.location(), "/pay", "{}", done.text);
    assert_eq!(browser.get("/pay").await.text, "alice pays");
}

/// The provider states that the user authenticated in 1970.
#[tokio::test]
async fn a_false_time_of_authentication_is_a_calm_page_and_the_session_stays() {
    let Some((mut browser, page)) = step_up::<Glewlwyd>().await else { return };
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "authentication_insufficient"));
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED);
}
