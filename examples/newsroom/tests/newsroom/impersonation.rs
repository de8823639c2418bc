//! Support acts as another person, with a banner, and leaves that person's account alone.

use reqwest::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn support_sees_what_a_person_sees_and_every_page_says_so() {
    let site = Site::start().await;
    let mut sam = site.browser_of("sam").await;
    assert_eq!(sam.get("/desk").await.status, StatusCode::FORBIDDEN);
    assert!(sam.get("/people").await.body.contains("Act as Agnes Author"));
    assert_eq!(sam.post("/people/agnes/impersonate", &[]).await.location(), "/");
    for path in ["/", "/desk", "/account", "/articles/mayor"] {
        let page = sam.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("acts as <strong>Agnes Author"), "{path}: {}", page.body);
    }
    // The person sees it, too.
    let mut agnes = site.browser_of("agnes").await;
    assert!(agnes.get("/account").await.body.contains("(support, in your name)"));
    assert!(!agnes.get("/").await.body.contains("acts as"));

    assert_eq!(sam.post("/impersonation/end", &[]).await.location(), "/people?done=impersonation-ended");
    assert!(sam.get("/account").await.body.contains("sam@newsroom.example"));
    assert_eq!(sam.get("/desk").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn support_does_not_change_the_account_of_a_person() {
    let site = Site::start().await;
    let mut sam = site.browser_of("sam").await;
    sam.post("/people/agnes/impersonate", &[]).await.location();
    for path in ["/account/password", "/account/email"] {
        assert_eq!(sam.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        let got = sam.post(path, &[("password", "of support, long enough"), ("email", "a@b.example")]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/account/devices/end-others", "/account/devices/end-all"] {
        assert_eq!(sam.post(path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn only_support_acts_as_others_and_never_as_a_chief_or_support() {
    let site = Site::start().await;
    for person in ["rita", "edda", "carla"] {
        let mut browser = site.browser_of(person).await;
        let got = browser.post("/people/agnes/impersonate", &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{person}");
        assert_eq!(browser.post("/impersonation/end", &[]).await.status, StatusCode::FORBIDDEN);
    }
    let mut sam = site.browser_of("sam").await;
    for target in ["carla", "sam"] {
        let got = sam.post(&format!("/people/{target}/impersonate"), &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{target}");
    }
    assert!(sam.get("/account").await.body.contains("sam@newsroom.example"));
}
