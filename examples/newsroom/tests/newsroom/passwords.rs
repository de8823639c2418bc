//! Passwords are changed after a step-up, and set anew by one-time links.

use std::time::Duration;

use reqwest::StatusCode;

use crate::site::Site;

const NEW: &str = "another sentence, as good";

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_ends_all_sessions() {
    let site = Site::start().await;
    let mut thief = site.browser_of("rita").await;
    let mut rita = site.browser();
    rita.post("/password/forgotten", &[("email", "rita@newsroom.example")]).await;
    rita.post("/password/forgotten", &[("email", "rita@newsroom.example")]).await;
    let (link, older) = (site.link(1).await, site.link(0).await);
    let token = rita.get(&link).await.attribute("name=\"link\"", "value");
    let done = rita.post("/password/reset", &[("link", &token), ("password", NEW)]).await;
    assert_eq!(done.location(), "/login?done=password-changed");
    assert!(!thief.is_logged_in().await);
    assert!(!rita.is_logged_in().await);

    // Neither this link nor the other one works again.
    for used in [&link, &older] {
        let token = used.split_once("link=").unwrap().1;
        let again =
            rita.post("/password/reset", &[("link", token), ("password", "of a thief, long enough")]).await;
        assert_eq!(again.status, StatusCode::GONE);
    }
    let old = rita.try_log_in("rita", newsroom::DEMO_PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rita.try_log_in("rita", NEW).await.location(), "/");
}

#[tokio::test]
async fn the_page_does_not_tell_who_has_an_account() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let unknown = browser.post("/password/forgotten", &[("email", "rick@newsroom.example")]).await;
    let known = browser.post("/password/forgotten", &[("email", "rita@newsroom.example")]).await;
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
    // The first mail is for the person that exists.
    assert!(site.mail(0).await.starts_with("To: rita@newsroom.example\n"));
}

#[tokio::test]
async fn a_password_is_changed_after_a_recent_log_in_and_logs_out_elsewhere() {
    let site = Site::start().await;
    let (mut laptop, mut phone) = (site.browser_of("rita").await, site.browser_of("rita").await);
    site.clock.advance(Duration::from_mins(11));
    let step_up = laptop.get("/account/password").await.location().to_owned();
    assert_eq!(step_up, "/login?next=%2Faccount%2Fpassword&max_age=600");
    let page = laptop.get(&step_up).await;
    assert!(page.body.contains("Confirm that it is you") && page.body.contains("rita@newsroom.example"));
    assert_eq!(laptop.post("/account/password", &[("password", NEW)]).await.status, StatusCode::UNAUTHORIZED);
    laptop.log_in("rita").await;

    let weak = laptop.post("/account/password", &[("password", "short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = laptop.post("/account/password", &[("password", NEW)]).await;
    assert_eq!(done.location(), "/account?done=password-changed");
    let account = laptop.get("/account").await;
    assert_eq!((account.status, account.body.matches("since ").count()), (StatusCode::OK, 1));
    assert!(!phone.is_logged_in().await);
    assert!(site.mail(0).await.contains("Your password has changed"));
    assert_eq!(phone.try_log_in("rita", NEW).await.location(), "/");
}
