//! Comments: who writes them, and who deletes them.

use reqwest::StatusCode;

use crate::site::Site;

const PATH: &str = "/articles/tram-seven/comments";

#[tokio::test]
async fn people_who_are_logged_in_comment_on_what_has_appeared() {
    let site = Site::start().await;
    let mut visitor = site.browser();
    assert!(visitor.get("/articles/tram-seven").await.body.contains("Log in to comment"));
    assert_eq!(visitor.post(PATH, &[("body", "Hello")]).await.status, StatusCode::UNAUTHORIZED);
    let mut rita = site.browser_of("rita").await;
    let done = rita.post(PATH, &[("body", "At <last>!")]).await;
    assert_eq!(done.location(), "/articles/tram-seven?done=commented");
    assert!(visitor.get("/articles/tram-seven").await.body.contains("<p>At &lt;last&gt;!</p>"));
    for body in ["  ", &"x".repeat(2_001)] {
        assert_eq!(rita.post(PATH, &[("body", body)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // What has not appeared has no comments, also for those who see it.
    let mut edda = site.browser_of("edda").await;
    for hidden in ["budget", "swimming-pool"] {
        let got = edda.post(&format!("/articles/{hidden}/comments"), &[("body", "Hello")]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{hidden}");
        assert!(!edda.get(&format!("/articles/{hidden}")).await.body.contains("Comments"));
    }
}

#[tokio::test]
async fn authors_of_comments_and_editors_delete_them() {
    let site = Site::start().await;
    for (deletes, may) in [("rita", true), ("sam", false), ("agnes", false), ("edda", true), ("carla", true)]
    {
        let mut rita = site.browser_of("rita").await;
        rita.post(PATH, &[("body", "At last!")]).await.location();
        let mut other = site.browser_of(deletes).await;
        let page = other.get("/articles/tram-seven").await;
        assert_eq!(page.body.contains("/delete\""), may, "{deletes}");
        let path = rita.get("/articles/tram-seven").await.attribute("At last!", "action");
        let got = other.post(&path, &[]).await;
        let expected = if may { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(got.status, expected, "{deletes}");
        if !may {
            rita.post(&path, &[]).await.location();
        }
        // A comment of another article's is not found.
        let elsewhere = path.replace("tram-seven", "harbour-bridge");
        assert_eq!(other.post(&elsewhere, &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn owners_share_drafts_with_other_authors() {
    let site = Site::start().await;
    let (mut agnes, mut arthur) = (site.browser_of("agnes").await, site.browser_of("arthur").await);
    let path = "/articles/mayor/co-authors";
    assert_eq!(arthur.get("/articles/mayor").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        arthur.post(path, &[("email", "arthur@newsroom.example")]).await.status,
        StatusCode::NOT_FOUND
    );
    agnes.post(path, &[("email", "arthur@newsroom.example")]).await.location();
    assert_eq!(arthur.get("/articles/mayor/edit").await.status, StatusCode::OK);
    // A co-author neither hands it in nor shares it further.
    for path in ["/articles/mayor/submit", path] {
        let got = arthur.post(path, &[("email", "agnes@newsroom.example")]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{path}");
    }
    // A reader writes nothing.
    let reader = agnes.post(path, &[("email", "rita@newsroom.example")]).await;
    assert_eq!(reader.status, StatusCode::UNPROCESSABLE_ENTITY);
    agnes.post(&format!("{path}/remove"), &[("person", "arthur")]).await.location();
    assert_eq!(arthur.get("/articles/mayor").await.status, StatusCode::NOT_FOUND);
}
