//! The example `jwks_resource_server` does what its head says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::guarded;
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use tokio::net::TcpListener;

use crate::{
    programs::jwks_resource_server,
    support::{self, Answer},
};

async fn post(app: &Router, path: &str, form: &'static str) -> String {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = support::send(app, request.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 200, "{path}");
    answer.text().to_owned()
}

async fn ask(api: &guarded::App, path: &str, token: &str) -> Answer {
    support::ask(api, Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"))).await
}

#[tokio::test]
async fn keys_are_fetched_and_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = format!("http://{}", listener.local_addr().unwrap());
    let issuer = jwks_resource_server::issuer(&name).unwrap();
    let api = jwks_resource_server::api(&name).unwrap();

    // The issuer is not up yet: what is public is served, a token cannot be judged.
    let first = post(&issuer, "/token", "name=alice").await;
    assert_eq!(support::get(&api, "/").await.status.as_u16(), 200);
    drop(listener);
    assert_eq!(ask(&api, "/profile", &first).await.status.as_u16(), 503);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = format!("http://{}", listener.local_addr().unwrap());
    let issuer = jwks_resource_server::issuer(&name).unwrap();
    let api = jwks_resource_server::api(&name).unwrap();
    tokio::spawn(axum::serve(listener, issuer.clone()).into_future());
    let absent = support::get(&api, "/profile").await;
    assert_eq!(
        (absent.status.as_u16(), absent.header("www-authenticate").starts_with("Bearer")),
        (401, true)
    );

    let first = post(&issuer, "/token", "name=alice").await;
    let answer = ask(&api, "/profile", &first).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello alice\n"));
    let answer = ask(&api, "/articles", &first).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));

    assert_eq!(post(&issuer, "/rotate", "").await, "key-2 signs from now on\n");
    let second = post(&issuer, "/token", "name=bob&scope=articles").await;
    // The pause between two looks is a second, by the clock of the system.
    let mut answer = ask(&api, "/profile", &second).await;
    for _ in 0..100 {
        if answer.status.as_u16() == 200 {
            break;
        }
        assert_eq!(answer.status.as_u16(), 401);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        answer = ask(&api, "/profile", &second).await;
    }
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello bob\n"));
    assert_eq!(ask(&api, "/articles", &second).await.text(), "bob reads articles\n");
    assert_eq!(ask(&api, "/profile", &first).await.status.as_u16(), 200);
    let tampered = format!("{}A", &second[..second.len() - 1]);
    for bad in [tampered.as_str(), "x", "a.b.c"] {
        assert!(bad == second || ask(&api, "/profile", bad).await.status.as_u16() == 401, "{bad}");
    }
    // Tokens of another issuer are rejected, with any key.
    let stranger = jwks_resource_server::issuer("http://127.0.0.1:9").unwrap();
    let foreign = post(&stranger, "/token", "name=mallory").await;
    assert_eq!(ask(&api, "/profile", &foreign).await.status.as_u16(), 401);
}
