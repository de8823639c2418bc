//! A session that ends in the middle of a form costs nothing that was typed.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::site::Site;

const TEXT: [(&str, &str); 3] =
    [("title", "Ducks & bread"), ("body", "One.\r\n\r\nTwo \"and\" <three>."), ("revision", "0")];

#[tokio::test]
async fn a_form_is_sent_again_after_the_log_in() {
    let site = Site::start().await;
    let mut arthur = site.browser_of("arthur").await;
    site.clock.advance(Duration::from_mins(31));
    let ended = arthur.post("/articles/new", &TEXT).await;
    assert_eq!((ended.status, ended.title()), (StatusCode::UNAUTHORIZED, "Log in to go on"));
    let hidden = |got: &crate::browser::Got, name: &str| got.attribute(&format!("name=\"{name}\""), "value");
    let (kept, to) = (hidden(&ended, "kept"), hidden(&ended, "kept_to"));
    assert_eq!(to, "/articles/new");

    let email = ("email", "arthur@newsroom.example");
    let wrong = [email, ("password", "guess"), ("kept", &kept), ("kept_to", &to)];
    let wrong = arthur.post("/login", &wrong).await;
    assert_eq!((wrong.status, hidden(&wrong, "kept")), (StatusCode::UNPROCESSABLE_ENTITY, kept.clone()));
    let right = [email, ("password", newsroom::DEMO_PASSWORD), ("kept", &kept), ("kept_to", &to)];
    let back = arthur.post("/login", &right).await;
    assert_eq!((back.status, back.title()), (StatusCode::OK, "Welcome back"));
    // Nothing is sent without a click.
    assert!(!arthur.get("/desk").await.body.contains("Ducks"));
    assert_eq!(back.attribute("<form", "action"), "/articles/new");
    let title = hidden(&back, "title");
    let body = hidden(&back, "body").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    assert_eq!([title.as_str(), body.as_str()], [TEXT[0].1, TEXT[1].1]);
    let again = [("title", title.as_str()), ("body", body.as_str()), ("revision", "0")];
    let saved = arthur.post("/articles/new", &again).await.location().to_owned();
    assert_eq!(arthur.get(&saved).await.title(), "Ducks &amp; bread");
}

#[tokio::test]
async fn a_form_of_another_site_is_not_kept() {
    let site = Site::start().await;
    let mut visitor = site.browser();
    let headers = [("sec-fetch-site", "cross-site")];
    let got = visitor.send_with(Method::POST, "/articles/new", "title=Evil&body=Text", &headers).await;
    assert!(got.status.is_client_error());
    assert!(!got.body.contains("Evil"), "{}", got.body);
}

#[tokio::test]
async fn a_kept_form_goes_to_a_path_of_the_newsroom_only() {
    let site = Site::start().await;
    let mut rita = site.browser();
    let fields = [
        ("email", "rita@newsroom.example"),
        ("password", newsroom::DEMO_PASSWORD),
        ("kept", "a=b"),
        ("kept_to", "//evil.example/"),
    ];
    assert_eq!(rita.post("/login", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
