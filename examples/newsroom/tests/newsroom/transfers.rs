//! Export and import of articles, with progress.

use reqwest::StatusCode;

use crate::{
    browser::{Browser, Got},
    site::Site,
};

/// Looks at the progress until it is done.
async fn done(browser: &mut Browser, path: &str) -> Got {
    loop {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        if page.header("refresh").is_empty() {
            assert!(!page.body.contains("hx-trigger"), "{}", page.body);
            return page;
        }
        assert!(page.body.contains("hx-trigger=\"every 500ms\""), "{}", page.body);
    }
}

#[tokio::test]
async fn articles_are_exported_and_imported() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    let path = carla.post("/transfers/export", &[]).await.location().to_owned();
    let page = done(&mut carla, &path).await;
    assert!(
        page.body.contains("6 of 6 articles") && page.body.contains("value=\"6\" max=\"6\""),
        "{}",
        page.body
    );
    let file = carla.get(&format!("{path}/file")).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.body.contains("\"id\": \"mayor\""), "{}", file.body);

    // Another newsroom has one of them.
    let other = Site::start().await;
    let mut chief = other.browser_of("carla").await;
    let text = file.body.replace("\"mayor\"", "\"a-walk\"");
    let path = chief.post("/transfers/import", &[("articles", &text)]).await.location().to_owned();
    let page = done(&mut chief, &path).await;
    assert!(
        page.body.contains("6 of 6 articles") && page.body.contains("1 articles are new"),
        "{}",
        page.body
    );
    let imported = chief.get("/articles/a-walk").await;
    assert!(imported.body.contains("by Carla Chief") && imported.body.contains("draft"), "{}", imported.body);
    assert_eq!(other.browser().get("/articles/a-walk").await.status, StatusCode::NOT_FOUND);
    assert_eq!(chief.get(&format!("{path}/file")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_transfer_is_for_the_chief_who_began_it() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    let path = carla.post("/transfers/export", &[]).await.location().to_owned();
    done(&mut carla, &path).await;
    carla.post("/people/edda/role", &[("role", "chief")]).await.location();
    let mut edda = site.browser_of("edda").await;
    for person in ["rita", "arthur", "sam"] {
        let mut browser = site.browser_of(person).await;
        for path in ["/transfers", &path, &format!("{path}/file")] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{person} {path}");
        }
        assert_eq!(browser.post("/transfers/export", &[]).await.status, StatusCode::FORBIDDEN, "{person}");
    }
    assert_eq!(edda.get("/transfers").await.status, StatusCode::OK);
    assert_eq!(edda.get(&format!("{path}/file")).await.status, StatusCode::FORBIDDEN);
    // A chief who is one no longer has no files of that time.
    edda.post("/people/carla/role", &[("role", "author")]).await.location();
    assert_eq!(carla.get(&format!("{path}/file")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_cannot_be_imported_says_why() {
    let site = Site::start().await;
    let mut carla = site.browser_of("carla").await;
    let long = format!(r#"[{{"id":"x","title":"{}","body":"b"}}]"#, "t".repeat(201));
    let twice = r#"[{"id":"x","title":"t","body":"b","id":"y"}]"#;
    let deep = "[".repeat(100_000);
    for (text, why) in [
        ("{}", "not a list of articles"),
        (r#"[{"id":"../x","title":"t","body":"b"}]"#, "is not an id"),
        // The limits of a form.
        (&long, "x: The title is longer than 200 characters."),
        (r#"[{"id":"x","title":" ","body":"b"}]"#, "x: An article needs a title and a text."),
        (twice, "duplicate field"),
        (&deep, "not a list of articles"),
    ] {
        let got = carla.post("/transfers/import", &[("articles", text)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.body.contains(why), "{}", got.body);
    }
}
