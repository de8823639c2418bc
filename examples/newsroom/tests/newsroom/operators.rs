//! What operators see.

use reqwest::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn pages_of_operators_are_for_operators() {
    let site = Site::start().await;
    let paths = ["", "/access", "/denied", "/next-rules", "/audit"].map(|path| format!("/operators{path}"));
    for (name, expected) in
        [("carla", StatusCode::OK), ("sam", StatusCode::OK), ("edda", StatusCode::FORBIDDEN)]
    {
        let mut browser = site.browser_of(name).await;
        for path in paths.iter().map(String::as_str).chain(["/metrics"]) {
            assert_eq!(browser.get(path).await.status, expected, "{name} {path}");
        }
        assert_eq!(browser.get("/").await.body.contains("href=\"/operators\""), expected == StatusCode::OK);
    }
    assert_eq!(site.browser().get("/operators").await.location(), "/login?next=%2Foperators");
}

#[tokio::test]
async fn the_access_table_is_a_page_with_a_search() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    let all = carla.get("/operators/access").await;
    assert!(
        all.body.contains("POST /articles/{id}/publish") && all.body.contains("GET /desk"),
        "{}",
        all.body
    );
    let some = carla.get("/operators/access?q=PUBLISH").await;
    assert!(
        some.body.contains("POST /articles/{id}/publish") && !some.body.contains("GET /desk"),
        "{}",
        some.body
    );
}

#[tokio::test]
async fn a_denial_is_explained_rule_by_rule() {
    let site = Site::start().await;
    let mut sam = site.browser_of("sam").await;
    let ask = "/operators/denied?email=Arthur%40newsroom.example&can=publish&article=swimming-pool";
    let got = sam.get(ask).await;
    assert!(got.body.contains("Denied") && got.body.contains("<td>co-author</td>"), "{}", got.body);
    assert!(got.body.contains("It would be enough to be in the group `editor`"), "{}", got.body);
    let got = sam.get("/operators/denied?email=&can=write").await;
    assert!(got.body.contains("Denied"), "{}", got.body);
    let got = sam.get("/operators/denied?email=carla%40newsroom.example&can=write").await;
    assert!(got.body.contains("Allowed"), "{}", got.body);
    let got = sam.get("/operators/denied?email=x%40y.example&can=write").await;
    assert!(got.body.contains("No person has this address"), "{}", got.body);
    let got = sam.get("/operators/denied?email=&can=view&article=nothing").await;
    assert!(got.body.contains("There is no such article"), "{}", got.body);
}

#[tokio::test]
async fn differences_of_the_next_rules_are_shown_before_they_decide() {
    let site = Site::start().await;
    let mut edda = site.browser_of("edda").await;
    assert_eq!(edda.get("/operators").await.status, StatusCode::FORBIDDEN);
    let mut carla = site.browser_of("carla").await;
    let got = carla.get("/operators/next-rules").await;
    assert!(got.body.contains("wider: GET /operators for group editor"), "{}", got.body);
    assert!(got.body.contains("narrower: GET /operators for group support"), "{}", got.body);
    assert!(got.body.contains("auth_shadow_differences_total{"), "{}", got.body);
    assert!(carla.get("/metrics").await.body.contains("auth_decisions_total"));
}
