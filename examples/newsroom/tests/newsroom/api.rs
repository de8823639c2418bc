//! The JSON API: each end-point for a key that has the scope and an owner who may, and for those that lack one.

use newsroom::DEMO_PEOPLE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    api_keys::{ALL, Program, key},
    site::Site,
};

/// A draft of Agnes's.
const DRAFT: &str = "/api/articles/mayor";
/// An article of Arthur's, in review.
const REVIEW: &str = "/api/articles/swimming-pool";
const APPEARED: &str = "/api/articles/harbour-bridge";

async fn program(site: &Site, person: &str, scopes: &[&str]) -> Program {
    let mut browser = site.browser_of(person).await;
    Program::new(site, &key(&mut browser, scopes).await)
}

fn ids(list: &Value) -> Vec<&str> {
    let lines = list.get("articles").unwrap().as_array().unwrap().iter();
    lines.map(|line| line.get("id").unwrap().as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_has_what_the_owner_of_the_key_may_see() {
    let site = Site::start().await;
    let hidden = |list: &Value| {
        let mut found: Vec<_> = ids(list).into_iter().map(str::to_owned).collect();
        found.retain(|id| ["budget", "swimming-pool", "mayor"].contains(&id.as_str()));
        found.sort();
        found.join(" ")
    };
    let expected = [
        ("rita", ""),
        ("arthur", "swimming-pool"),
        ("agnes", "budget mayor swimming-pool"),
        ("edda", "budget swimming-pool"),
        ("carla", "budget mayor swimming-pool"),
        ("sam", ""),
    ];
    assert_eq!(expected.map(|(id, _)| id), DEMO_PEOPLE.map(|person| person.id));
    for (person, articles) in expected {
        let program = program(&site, person, &["articles:read"]).await;
        let got = program.get("/api/articles").await;
        assert_eq!((got.status, hidden(&got.json)), (StatusCode::OK, articles.to_owned()), "{person}");
        // Each article of the list, and no other, can be read.
        for article in ["budget", "swimming-pool", "mayor", "tram-seven"] {
            let found = ids(&got.json).contains(&article);
            let status = program.get(&format!("/api/articles/{article}")).await.status;
            assert_eq!(
                status,
                if found { StatusCode::OK } else { StatusCode::NOT_FOUND },
                "{person} {article}"
            );
        }
    }
}

#[tokio::test]
async fn pages_of_a_list_have_each_article_once() {
    let site = Site::start().await;
    let carla = program(&site, "carla", &["articles:read"]).await;
    for limit in [1, 2, 3, 5, 6] {
        let (mut next, mut found) = (format!("/api/articles?limit={limit}"), Vec::new());
        loop {
            let got = carla.get(&next).await;
            let page = ids(&got.json);
            assert!(!page.is_empty() && page.len() <= limit, "{page:?}");
            found.extend(page.into_iter().map(str::to_owned));
            let Some(path) = got.json["next"].as_str() else { break };
            path.clone_into(&mut next);
        }
        found.sort();
        let all = ["budget", "harbour-bridge", "library-fines", "mayor", "swimming-pool", "tram-seven"];
        assert_eq!(found, all, "{limit}");
    }
    for query in ["limit=0", "limit=101", "limit=-1", "limit=many", "after=", "after=x.y", "after=1"] {
        let got = carla.get(&format!("/api/articles?{query}")).await;
        assert!(got.status.is_client_error(), "{query}: {}", got.status);
        got.is_problem();
    }
}

#[tokio::test]
async fn an_article_goes_from_a_draft_to_the_newspaper() {
    let site = Site::start().await;
    let agnes = program(&site, "agnes", &["articles:read", "articles:write"]).await;
    let edda = program(&site, "edda", &["articles:read", "articles:review"]).await;
    let got = agnes.send(Method::POST, "/api/articles", json!({ "title": "One", "body": "Text" })).await;
    assert_eq!(got.status, StatusCode::CREATED);
    let path = format!("/api/articles/{}", got.json["id"].as_str().unwrap());
    assert_eq!(got.location, path);

    let change = json!({ "title": "Two", "body": "Text", "revision": 0 });
    assert_eq!(agnes.send(Method::PUT, &path, change.clone()).await.json["revision"], 1);
    // The revision is not the newest one any more.
    let got = agnes.send(Method::PUT, &path, change).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    got.is_problem();

    let publish = format!("{path}/publish");
    assert_eq!(edda.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(edda.send(Method::POST, &publish, json!({})).await.status, StatusCode::NOT_FOUND);
    let submit = async || agnes.send(Method::POST, &format!("{path}/submit"), json!({})).await.status;
    assert_eq!(submit().await, StatusCode::NO_CONTENT);
    assert_eq!(submit().await, StatusCode::FORBIDDEN);
    let back = edda.send(Method::POST, &format!("{path}/send-back"), json!({})).await;
    assert_eq!(back.status, StatusCode::NO_CONTENT);
    assert_eq!(submit().await, StatusCode::NO_CONTENT);
    let got = edda.send(Method::POST, &publish, json!({ "appears": "tomorrow" })).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(edda.send(Method::POST, &publish, json!({})).await.status, StatusCode::NO_CONTENT);
    let got = edda.get(&path).await;
    assert_eq!((&got.json["title"], &got.json["stage"]), (&json!("Two"), &json!("published")));
    assert_eq!(edda.send(Method::POST, &publish, json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn comments_are_written_listed_and_deleted() {
    let site = Site::start().await;
    let rita = program(&site, "rita", &["articles:read", "comments:write"]).await;
    let sam = program(&site, "sam", &["comments:write"]).await;
    let path = format!("{APPEARED}/comments");
    let got = rita.send(Method::POST, &path, json!({ "body": "Hello" })).await;
    assert_eq!(got.status, StatusCode::CREATED);
    let comment = format!("{path}/{}", got.json["id"].as_str().unwrap());
    let list = rita.get(&path).await.json;
    assert_eq!(
        (&list["comments"][0]["body"], &list["comments"][0]["author"]),
        (&json!("Hello"), &json!("Rita Reader"))
    );
    assert_eq!(sam.send(Method::DELETE, &comment, json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rita.send(Method::DELETE, &comment, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rita.send(Method::DELETE, &comment, json!({})).await.status, StatusCode::NOT_FOUND);
    for body in [
        json!({ "body": " " }),
        json!({ "body": "x".repeat(2001) }),
        json!({}),
        json!([]),
        json!({ "body": 1 }),
    ] {
        let got = rita.send(Method::POST, &path, body).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        got.is_problem();
    }
}

/// Each end-point, a scope that opens it, and a person who may.
fn end_points() -> [(Method, String, &'static str, &'static str); 10] {
    let path = |article: &str, end: &str| format!("{article}{end}");
    [
        (Method::GET, path("/api/articles", ""), "articles:read", "rita"),
        (Method::POST, path("/api/articles", ""), "articles:write", "arthur"),
        (Method::GET, path(APPEARED, ""), "articles:read", "rita"),
        (Method::PUT, path(DRAFT, ""), "articles:write", "agnes"),
        (Method::POST, path(DRAFT, "/submit"), "articles:write", "agnes"),
        (Method::POST, path(REVIEW, "/send-back"), "articles:review", "edda"),
        (Method::POST, path(REVIEW, "/publish"), "articles:review", "edda"),
        (Method::GET, path(APPEARED, "/comments"), "articles:read", "rita"),
        (Method::POST, path(APPEARED, "/comments"), "comments:write", "rita"),
        (Method::DELETE, path(APPEARED, "/comments/none"), "comments:write", "rita"),
    ]
}

#[tokio::test]
async fn each_end_point_requires_a_key_with_its_scope() {
    let site = Site::start().await;
    for (method, path, scope, person) in end_points() {
        let got = Program::anonymous(&site).send(method.clone(), &path, json!({})).await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert!(got.challenge.starts_with("Bearer"), "{}", got.challenge);
        got.is_problem();
        let others: Vec<_> = ALL.into_iter().filter(|other| *other != scope).collect();
        let got = program(&site, person, &others).await.send(method.clone(), &path, json!({})).await;
        // Whether the path names something is not told.
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{method} {path}");
        got.is_problem();
        let got = program(&site, person, &[scope]).await.send(method.clone(), &path, json!({})).await;
        assert!(![401, 403].contains(&got.status.as_u16()), "{method} {path}: {}", got.status);
    }
}

#[tokio::test]
async fn a_key_gives_no_more_than_its_owner_has() {
    let site = Site::start().await;
    let rita = program(&site, "rita", &ALL).await;
    let got = rita.send(Method::POST, "/api/articles", json!({ "title": "A", "body": "B" })).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    got.is_problem();
    let arthur = program(&site, "arthur", &ALL).await;
    for end in ["/publish", "/send-back"] {
        let got = arthur.send(Method::POST, &format!("{REVIEW}{end}"), json!({})).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{end}");
        got.is_problem();
    }
    for (method, end) in [(Method::PUT, ""), (Method::POST, "/submit"), (Method::POST, "/comments")] {
        let got = rita.send(method, &format!("{DRAFT}{end}"), json!({})).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{end}");
        got.is_problem();
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_in_json_even_for_a_browser() {
    let site = Site::start().await;
    let mut browser = site.browser();
    for path in ["/api/nowhere", "/api/articles", "/api/articles/mayor/submit"] {
        let got = browser.get(path).await;
        assert!(got.status.is_client_error(), "{path}: {}", got.status);
        assert_eq!(got.header("content-type"), "application/problem+json", "{path}");
        let details: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(details["status"], got.status.as_u16(), "{path}");
    }
}
