//! The example `jwt_api` does what its head says.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::guarded;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::Value;

use crate::{
    programs::jwt_api,
    support::{self, Answer},
};

async fn post(app: &guarded::App, path: &str, form: String) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    support::send(app, request.body(Body::from(form)).unwrap()).await
}

async fn ask(app: &guarded::App, method: Method, path: &str, access: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    support::ask(app, request.header(header::AUTHORIZATION, format!("Bearer {access}"))).await
}

fn tokens(answer: &Answer) -> (String, String) {
    assert_eq!((answer.status.as_u16(), answer.header("cache-control").as_str()), (200, "no-store"));
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[tokio::test]
async fn tokens_are_given_used_refreshed_and_ended() {
    let app = jwt_api::app().unwrap();
    let absent = support::get(&app, "/articles").await;
    assert_eq!(
        (absent.status.as_u16(), absent.header("www-authenticate")),
        (401, r#"Bearer realm="restricted""#.into())
    );
    assert_eq!(post(&app, "/login", "name=reader&password=guess".into()).await.status, 401);

    let (access, refresh) = tokens(&post(&app, "/login", "name=reader&password=reader".into()).await);
    assert_eq!(ask(&app, Method::GET, "/articles", &access).await.status, 200);
    let refused = ask(&app, Method::POST, "/articles", &access).await;
    let challenge = r#"Bearer realm="restricted", error="insufficient_scope", scope="articles:write""#;
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate").as_str()), (403, challenge));
    let refused = ask(&app, Method::GET, "/articles", &format!("x{access}")).await;
    let challenge = r#"Bearer realm="restricted", error="invalid_token""#;
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate").as_str()), (401, challenge));

    // Used once, the token is used up; used twice, all of its family is.
    let (newer, second) = tokens(&post(&app, "/refresh", format!("refresh_token={refresh}")).await);
    assert_eq!(ask(&app, Method::GET, "/articles", &newer).await.status, 200);
    for token in [&refresh, &second] {
        let answer = post(&app, "/refresh", format!("refresh_token={token}")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (400, r#"{"error":"invalid_grant"}"#));
    }

    let (access, refresh) = tokens(&post(&app, "/login", "name=writer&password=writer".into()).await);
    assert_eq!(ask(&app, Method::POST, "/articles", &access).await.text(), "writer wrote another article\n");
    let me: Value = serde_json::from_slice(&ask(&app, Method::GET, "/me", &access).await.body).unwrap();
    assert_eq!(
        me,
        serde_json::json!({ "sub": "writer", "scope": "articles:read articles:write", "theme": "dark" })
    );
    // Less than was granted, for one access token.
    let answer = post(&app, "/refresh", format!("refresh_token={refresh}&scope=articles:read")).await;
    let (narrow, refresh) = tokens(&answer);
    assert_eq!(ask(&app, Method::POST, "/articles", &narrow).await.status, 403);
    for scope in ["admin", "\"", "articles:read++articles:write"] {
        let answer = post(&app, "/refresh", format!("refresh_token={refresh}&scope={scope}")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (400, r#"{"error":"invalid_scope"}"#), "{scope}");
    }
    // A log-out ends both tokens that it was sent, and no other.
    assert_eq!(ask(&app, Method::GET, "/me", &access).await.status, 200);
    let logout = Request::post("/logout")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Bearer {access}"));
    let logout = logout.body(Body::from(format!("refresh_token={refresh}"))).unwrap();
    assert_eq!(support::send(&app, logout).await.status, 204);
    assert_eq!(post(&app, "/refresh", format!("refresh_token={refresh}")).await.status, 400);
    let refused = ask(&app, Method::GET, "/me", &access).await;
    let challenge = r#"Bearer realm="restricted", error="invalid_token""#;
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate").as_str()), (401, challenge));
    assert_eq!(ask(&app, Method::GET, "/articles", &narrow).await.status, 200);
    // Without an access token there is only the other one to be ended.
    let (_, refresh) = tokens(&post(&app, "/login", "name=writer&password=writer".into()).await);
    assert_eq!(post(&app, "/logout", format!("refresh_token={refresh}")).await.status, 204);
    assert_eq!(post(&app, "/refresh", format!("refresh_token={refresh}")).await.status, 400);
}
