//! The examples of `auth-client` do what their heads say.

#![expect(clippy::duplicate_mod, reason = "both examples bring the same provider and service")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::time::Duration;

use auth_client::{DevicePrompt, Interaction};
use url::Url;

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/outgoing/src/login_from_terminal.rs"]
mod login_from_terminal;
#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/outgoing/src/service_to_service.rs"]
mod service_to_service;

/// A person who opens the address and presses the button.
#[derive(Debug)]
struct Person;

impl Interaction for Person {
    fn open(&self, address: &Url, _: Duration) {
        let address = address.clone();
        tokio::spawn(async move {
            let browser = reqwest::Client::new();
            let page = browser.get(address.clone()).send().await.unwrap().text().await.unwrap();
            assert!(page.contains("Log in as alice"));
            let page = browser.post(address).send().await.unwrap();
            assert_eq!(page.url().path(), "/done");
        });
    }

    fn enter_code(&self, _: &DevicePrompt, _: Duration) {}
}

#[tokio::test]
async fn a_person_logs_in_from_the_terminal() {
    let told = login_from_terminal::run(Person).await.unwrap();
    assert_eq!(told, ["200 OK: the invoices of alice", "403 Forbidden"]);
}

#[tokio::test]
async fn a_service_calls_another_one() {
    let told = service_to_service::run().await.unwrap();
    let expected =
        ["200 OK: the invoices of billing", "200 OK: billing has sent them", "one request for a token"];
    assert_eq!(told, expected);
}
