//! Articles: who sees, writes, reviews and publishes them.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::site::Site;

const ALL: [&str; 6] = ["harbour-bridge", "tram-seven", "library-fines", "budget", "swimming-pool", "mayor"];

#[tokio::test]
async fn pages_lists_and_articles_show_the_same_to_each_person() {
    let site = Site::start().await;
    let appeared = [true, true, true];
    // Whether the person sees the article under embargo, the one in review, and the draft.
    let people = [
        (None, [false, false, false]),
        (Some("rita"), [false, false, false]),
        (Some("sam"), [false, false, false]),
        (Some("arthur"), [false, true, false]),
        (Some("agnes"), [true, true, true]),
        (Some("edda"), [true, true, false]),
        (Some("carla"), [true, true, true]),
    ];
    for (person, hidden) in people {
        let mut browser = match person {
            Some(person) => site.browser_of(person).await,
            None => site.browser(),
        };
        let (news, desk) = (browser.get("/").await.body, browser.get("/desk").await.body);
        let expected: Vec<bool> = appeared.into_iter().chain(hidden).collect();
        for (id, sees) in ALL.into_iter().zip(expected) {
            let status = browser.get(&format!("/articles/{id}")).await.status;
            assert_eq!(status == StatusCode::OK, sees, "{person:?} {id}");
            let link = format!("\"/articles/{id}\"");
            assert_eq!(news.contains(&link) || desk.contains(&link), sees, "{person:?} {id} in a list");
        }
    }
}

#[tokio::test]
async fn a_hidden_article_looks_like_a_missing_one() {
    let site = Site::start().await;
    for mut browser in [site.browser(), site.browser_of("rita").await] {
        let hidden = browser.get("/articles/mayor").await;
        let missing = browser.get("/articles/nothing-at-all").await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        assert_eq!((hidden.status, &hidden.body), (missing.status, &missing.body));
        let names = |got: &crate::browser::Got| got.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&hidden), names(&missing));
    }
}

#[tokio::test]
async fn an_article_is_written_reviewed_and_published() {
    let site = Site::start().await;
    let mut arthur = site.browser_of("arthur").await;
    let text = [("title", "Ducks <3 bread"), ("body", "One.\r\n\r\nTwo & three.")];
    let created = arthur.post("/articles/new", &text).await.location().to_owned();
    let path = created.strip_suffix("?done=saved").unwrap().to_owned();
    let page = arthur.get(&created).await;
    assert_eq!(page.title(), "Ducks &lt;3 bread");
    assert!(page.body.contains("<p>One.</p><p>Two &amp; three.</p>"), "{}", page.body);

    // Its author has no right to publish it, and an editor does not see it yet.
    assert_eq!(arthur.post(&format!("{path}/publish"), &[]).await.status, StatusCode::FORBIDDEN);
    let mut edda = site.browser_of("edda").await;
    assert_eq!(edda.get(&path).await.status, StatusCode::NOT_FOUND);

    assert_eq!(arthur.post(&format!("{path}/submit"), &[]).await.location(), "/desk?done=submitted");
    assert_eq!(arthur.post(&format!("{path}/edit"), &text).await.status, StatusCode::FORBIDDEN);
    assert_eq!(edda.post(&format!("{path}/send-back"), &[]).await.location(), "/desk?done=sent-back");
    assert_eq!(edda.get(&path).await.status, StatusCode::NOT_FOUND);
    arthur.post(&format!("{path}/submit"), &[]).await.location();

    // It appears in an hour.
    let tomorrow = "2027-01-15T09:00";
    let published = edda.post(&format!("{path}/publish"), &[("appears", tomorrow)]).await;
    assert_eq!(published.location(), format!("{path}?done=published"));
    assert_eq!(
        edda.post(&format!("{path}/publish"), &[("appears", tomorrow)]).await.status,
        StatusCode::CONFLICT
    );
    let mut visitor = site.browser();
    assert_eq!(visitor.get(&path).await.status, StatusCode::NOT_FOUND);
    assert!(!visitor.get("/").await.body.contains("Ducks"));
    site.clock.advance(Duration::from_hours(1));
    assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
    assert!(visitor.get("/").await.body.contains("Ducks"));
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let site = Site::start().await;
    let (mut edda, mut carla) = (site.browser_of("edda").await, site.browser_of("carla").await);
    let path = "/articles/swimming-pool/edit";
    let revision = edda.get(path).await.attribute("name=\"revision\"", "value");
    let text = |body| [("title", "The pool"), ("body", body), ("revision", revision.as_str())];
    carla.post(path, &text("Carla's text")).await.location();
    let late = edda.post(path, &text("Edda's text")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Edda&#39;s text") || late.body.contains("Edda's text"), "{}", late.body);
    assert!(edda.get("/articles/swimming-pool").await.body.contains("Carla"));
    // The form has the newest revision, so a second attempt is deliberate.
    let newest = late.attribute("name=\"revision\"", "value");
    let again = [("title", "The pool"), ("body", "Edda's text"), ("revision", newest.as_str())];
    edda.post(path, &again).await.location();
    assert!(edda.get("/articles/swimming-pool").await.body.contains("Edda"));
}

#[tokio::test]
async fn what_was_typed_survives_an_error() {
    let site = Site::start().await;
    let mut arthur = site.browser_of("arthur").await;
    let got = arthur.post("/articles/new", &[("title", " "), ("body", "A long text.")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("A long text.") && got.body.contains("role=\"alert\""), "{}", got.body);
    let long = "x".repeat(201);
    let got = arthur.post("/articles/new", &[("title", &long), ("body", "A long text.")]).await;
    assert!(got.body.contains(&long) && got.body.contains("200 characters"));
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let site = Site::start().await;
    let mut edda = site.browser_of("edda").await;
    let headers = [("sec-fetch-site", "cross-site")];
    let got = edda.send_with(Method::POST, "/articles/swimming-pool/send-back", "", &headers).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(edda.get("/articles/swimming-pool").await.body.contains("in review"));
}
