//! Chiefs give roles and block people.

use std::time::Duration;

use reqwest::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn a_new_role_counts_for_the_next_request() {
    let site = Site::start().await;
    let (mut carla, mut rita) = (site.browser_of("carla").await, site.browser_of("rita").await);
    assert_eq!(rita.get("/desk").await.status, StatusCode::FORBIDDEN);
    let page = carla.get("/people").await;
    assert!(page.body.contains("Rita Reader") && !page.body.contains("Act as"), "{}", page.body);
    carla.post("/people/rita/role", &[("role", "author")]).await.location();
    assert_eq!(rita.get("/desk").await.status, StatusCode::OK);
    carla.post("/people/rita/role", &[("role", "reader")]).await.location();
    assert_eq!(rita.get("/desk").await.status, StatusCode::FORBIDDEN);
    let unknown = carla.post("/people/rita/role", &[("role", "owner")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn only_chiefs_manage_people_and_not_themselves() {
    let site = Site::start().await;
    for person in ["rita", "arthur", "edda", "sam"] {
        let mut browser = site.browser_of(person).await;
        for path in ["/people/rita/role", "/people/rita/block", "/people/rita/unblock"] {
            let got = browser.post(path, &[("role", "chief")]).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{person} {path}");
        }
    }
    let mut carla = site.browser_of("carla").await;
    let page = carla.get("/people").await.body;
    assert!(page.contains("/people/edda/block") && !page.contains("/people/carla/"), "{page}");
    // A newsroom without a chief could not get one.
    let own = carla.post("/people/carla/role", &[("role", "reader")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert_eq!(carla.post("/people/carla/block", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(carla.post("/people/rick/block", &[]).await.status, StatusCode::NOT_FOUND);
    site.clock.advance(Duration::from_mins(11));
    assert_eq!(carla.get("/people").await.location(), "/login?next=%2Fpeople&max_age=600");
    assert_eq!(carla.post("/people/rita/block", &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_blocked_person_is_logged_out_and_cannot_log_in() {
    let site = Site::start().await;
    let (mut carla, mut rita) = (site.browser_of("carla").await, site.browser_of("rita").await);
    carla.post("/people/rita/block", &[]).await.location();
    assert!(!rita.is_logged_in().await);
    let denied = rita.try_log_in("rita", newsroom::DEMO_PASSWORD).await;
    assert_eq!(denied.status, StatusCode::UNPROCESSABLE_ENTITY);
    carla.post("/people/rita/unblock", &[]).await.location();
    rita.log_in("rita").await;
    assert!(rita.is_logged_in().await);
}
