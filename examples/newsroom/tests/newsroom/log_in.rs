//! Log-in with a password, and log-out.

use reqwest::{Method, StatusCode};

use crate::site::Site;

#[tokio::test]
async fn a_person_is_sent_to_the_log_in_and_back_to_the_page() {
    let site = Site::start().await;
    let mut rita = site.browser();
    assert_eq!(rita.get("/account").await.location(), "/login?next=%2Faccount");
    let form = rita.get("/login?next=%2Faccount").await;
    assert_eq!(form.attribute("name=\"next\"", "value"), "/account");
    let fields =
        [("email", " Rita@Newsroom.Example "), ("password", newsroom::DEMO_PASSWORD), ("next", "/account")];
    assert_eq!(rita.post("/login", &fields).await.location(), "/account");
    let page = rita.get("/account").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Rita Reader") && page.body.contains("rita@newsroom.example"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_redirect_target_elsewhere_is_rejected() {
    let site = Site::start().await;
    let mut rita = site.browser();
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let fields =
            [("email", "rita@newsroom.example"), ("password", newsroom::DEMO_PASSWORD), ("next", next)];
        assert_eq!(rita.post("/login", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{next}");
        assert!(!rita.is_logged_in().await);
    }
}

#[tokio::test]
async fn unknown_people_and_wrong_passwords_get_the_same_page() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let wrong = browser.try_log_in("rita", "guess").await;
    let unknown = browser.try_log_in("rick", "guess").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.status, wrong.status);
    assert!(wrong.body.contains("role=\"alert\""), "{}", wrong.body);
    assert_eq!(unknown.body.replace("rick@", "rita@"), wrong.body);
    assert!(browser.cookies.is_empty());
    // An empty password is not an error of the form.
    assert_eq!(browser.try_log_in("rita", "").await.body, wrong.body);
}

#[tokio::test]
async fn guesses_are_slowed_down_and_other_people_are_not() {
    let site = Site::start().await;
    let mut attacker = site.browser();
    for _ in 0..5 {
        assert_eq!(attacker.try_log_in("carla", "guess").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let slowed = attacker.try_log_in("carla", newsroom::DEMO_PASSWORD).await;
    assert_eq!((slowed.status, slowed.title()), (StatusCode::TOO_MANY_REQUESTS, "Too many attempts"));
    assert!(!slowed.header("retry-after").is_empty());
    site.browser_of("rita").await;
}

#[tokio::test]
async fn a_log_out_ends_copies_of_the_cookie() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let mut copy = rita.clone();
    assert!(copy.is_logged_in().await);
    // A link only asks.
    assert_eq!(rita.get("/logout").await.title(), "Log out");
    assert!(rita.is_logged_in().await);
    assert_eq!(rita.post("/logout", &[]).await.location(), "/?done=logged-out");
    assert!(rita.get("/?done=logged-out").await.body.contains("You are logged out."));
    assert!(!copy.is_logged_in().await);
}

#[tokio::test]
async fn another_site_can_neither_log_in_nor_log_out() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")]] {
        let got = rita.send_with(Method::POST, "/logout", "", &headers).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(rita.is_logged_in().await);
        let form =
            format!("email=rita%40newsroom.example&password={}", newsroom::DEMO_PASSWORD.replace(' ', "+"));
        let mut other = site.browser();
        let got = other.send_with(Method::POST, "/login", &form, &headers).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(!other.is_logged_in().await);
    }
}
