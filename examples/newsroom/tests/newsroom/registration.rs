//! Registration by a one-time link.

use reqwest::StatusCode;

use crate::site::Site;

const PASSWORD: &str = "a sentence is a good password";

#[tokio::test]
async fn a_person_registers_and_is_a_reader() {
    let site = Site::start().await;
    let mut nora = site.browser();
    let sent = nora.post("/register", &[("name", "Nora New"), ("email", "Nora@Home.Example")]).await;
    assert_eq!(sent.status, StatusCode::OK);
    let link = site.link(0).await;
    assert!(site.mail(0).await.starts_with("To: nora@home.example\n"));
    // The link alone makes no account: a scanner of mail may follow it.
    let page = nora.get(&link).await;
    assert_eq!((page.status, page.title()), (StatusCode::OK, "Register"));
    let token = page.attribute("name=\"link\"", "value");

    let weak = nora.post("/register/confirm", &[("link", &token), ("password", "too short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("at least 12 characters") && weak.body.contains(&token), "{}", weak.body);

    let done = nora.post("/register/confirm", &[("link", &token), ("password", PASSWORD)]).await;
    assert_eq!(done.location(), "/login?done=registered");
    nora.post("/login", &[("email", "nora@home.example"), ("password", PASSWORD)]).await.location();
    let account = nora.get("/account").await.body;
    assert!(account.contains("Nora New") && account.contains("<dd>reader</dd>"), "{account}");

    // It works once.
    assert_eq!(nora.get(&link).await.status, StatusCode::GONE);
    let again =
        nora.post("/register/confirm", &[("link", &token), ("password", "another long password")]).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_page_does_not_tell_who_has_an_account() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let known = browser.post("/register", &[("name", "Rita"), ("email", "rita@newsroom.example")]).await;
    let mail = site.mail(0).await;
    let unknown = browser.post("/register", &[("name", "Rita"), ("email", "rick@newsroom.example")]).await;
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
    assert!(mail.contains("have an account with this address already") && !mail.contains("http"), "{mail}");
    assert!(site.mail(1).await.contains("/register/confirm?link="));
}

#[tokio::test]
async fn links_expire_and_are_not_good_for_another_purpose() {
    let site = Site::start().await;
    let mut nora = site.browser();
    nora.post("/register", &[("name", "Nora New"), ("email", "nora@home.example")]).await;
    let link = site.link(0).await;
    let token = link.split_once("link=").unwrap().1;
    assert_eq!(nora.get(&format!("/password/reset?link={token}")).await.status, StatusCode::GONE);
    assert_eq!(nora.get(&format!("/account/email/confirm?link={token}")).await.status, StatusCode::GONE);
    assert_eq!(nora.get("/register/confirm?link=guess").await.status, StatusCode::GONE);
    site.clock.advance(std::time::Duration::from_mins(61));
    assert_eq!(nora.get(&link).await.status, StatusCode::GONE);
    let late = nora.post("/register/confirm", &[("link", token), ("password", PASSWORD)]).await;
    assert_eq!(late.status, StatusCode::GONE);
}

#[tokio::test]
async fn what_was_typed_wrong_stays_in_the_form() {
    let site = Site::start().await;
    let mut nora = site.browser();
    for (name, email) in
        [("", "nora@home.example"), ("Nora", "nora at home"), ("Nora", "nora@home.example\nBcc: a@b.c")]
    {
        let got = nora.post("/register", &[("name", name), ("email", email)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {email}");
        assert!(got.body.contains("role=\"alert\"") && got.body.contains(email), "{}", got.body);
    }
}
