//! The example, as its first lines say: over http, on this machine only.

use std::net::SocketAddr;

use auth_login::testing::{FakeProvider, FakeUser};
use auth_runtime::{EncryptedCookie, KeyRing};
use serde_json::json;
use tokio::net::TcpListener;

use super::chromium_driver::Chromium;

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/login_with_accounts.rs"]
mod login_with_accounts;

#[tokio::test]
async fn the_example_logs_in_over_http_on_loopback() {
    let provider = FakeProvider::start([FakeUser::new("1001").with_name("Alice Example")]).await.unwrap();
    let way = provider.login("fake").unwrap().with_label("Example");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let sessions = EncryptedCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
    let accounts = login_with_accounts::Accounts::default();
    let (app, _) = login_with_accounts::app(&base, vec![way], accounts, sessions).unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let Some(browser) = Chromium::start(&[]).await else { return };
    browser.open(&format!("{base}/me")).await;
    browser.press("Continue with Example").await;
    browser.press("1001").await;
    browser.sees("You are Alice Example.").await;
    assert_eq!(browser.address().await, format!("{base}/me"));
    assert_eq!(browser.cookies("").await[0]["secure"], json!(false));
    browser.open(&format!("{base}/logout")).await;
    browser.press("Log out").await;
    browser.sees("Anyone may read this.").await;
    browser.open(&format!("{base}/me")).await;
    browser.sees("Continue with Example").await;
    browser.quit().await;
}
