//! E-mail addresses are changed by a link to the new one.

use reqwest::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn an_address_is_changed_when_the_new_one_confirms_it() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let sent = rita.post("/account/email", &[("email", "Rita@Home.Example")]).await;
    assert_eq!(sent.status, StatusCode::OK);
    assert!(rita.get("/account").await.body.contains("rita@newsroom.example"));
    let link = site.link(0).await;
    assert!(site.mail(0).await.starts_with("To: rita@home.example\n"));

    // The link may be opened in a browser without a session, as on a phone.
    let mut phone = site.browser();
    let page = phone.get(&link).await;
    assert!(page.body.contains("rita@home.example"), "{}", page.body);
    let token = page.attribute("name=\"link\"", "value");
    phone.post("/account/email/confirm", &[("link", &token)]).await.location();
    assert!(rita.get("/account").await.body.contains("rita@home.example"));
    assert!(site.mail(1).await.starts_with("To: rita@newsroom.example\n"));
    let again = phone.post("/account/email/confirm", &[("link", &token)]).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_address_of_another_person_is_not_taken_over() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let taken = rita.post("/account/email", &[("email", "edda@newsroom.example")]).await;
    assert!(!site.mail(0).await.contains("link="));
    let free = rita.post("/account/email", &[("email", "rita@home.example")]).await;
    assert_eq!((taken.status, taken.body), (free.status, free.body));

    // Another person takes it before the link is used.
    let link = site.link(1).await;
    let mut sam = site.browser_of("sam").await;
    sam.post("/account/email", &[("email", "rita@home.example")]).await;
    let other = site.link(2).await;
    let secret_of = |link: &str| link.split_once("link=").unwrap().1.to_owned();
    sam.post("/account/email/confirm", &[("link", &secret_of(&other))]).await.location();
    let late = rita.post("/account/email/confirm", &[("link", &secret_of(&link))]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(rita.get("/account").await.body.contains("rita@newsroom.example"));
}
