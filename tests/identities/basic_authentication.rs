//! What `Basic` promises: names and passwords of RFC 7617, and nothing else, are taken to the application's verifier.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::sync::{Arc, Mutex};

use auth_runtime::{
    Auth, AuthError, AuthLayer, Basic, BoxError, Identity, UserId, async_trait, auth_required,
    identity::{BasicVerifier, Password},
};
use axum::{
    Router,
    http::{Request, StatusCode, header, request::Builder},
    routing::{any, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support::{self, Answer, Log};

/// Knows one user, is down for another, and records its calls.
#[derive(Clone, Default)]
struct Users(Arc<Mutex<Vec<String>>>);

impl Users {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl BasicVerifier for Users {
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError> {
        self.0.lock().unwrap().push(format!("{name}/{}", std::str::from_utf8(password.expose())?));
        tokio::task::yield_now().await;
        if name == "down" {
            return Err("the table is locked".into());
        }
        let right = [("alice", "open sesame"), ("jürgen", "päß:wört"), ("empty", "")];
        let is_right =
            right.iter().any(|(known, word)| name == *known && *password == Password::new(*word).unwrap());
        Ok(is_right.then(|| Identity::new(name)).transpose()?)
    }
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

fn app(policy: Basic<impl BasicVerifier>) -> Router {
    Router::new()
        .route("/maybe", any(maybe))
        .route("/profile", any(profile))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .layer(AuthLayer::new(policy))
}

fn credentials(text: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

async fn ask(app: &Router, request: Builder, authorization: &str) -> Answer {
    support::ask(app, request.header(header::AUTHORIZATION, authorization)).await
}

#[tokio::test]
async fn right_credentials_are_a_user() {
    let users = Users::default();
    let app = app(Basic::new(users.clone()));
    for (text, user) in [("alice:open sesame", "alice"), ("jürgen:päß:wört", "jürgen"), ("empty:", "empty")]
    {
        let answer = ask(&app, Request::get("/profile"), &credentials(text)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, user));
        assert_eq!(answer.header("vary"), "authorization");
        assert_eq!(users.asked(), [text.replacen(':', "/", 1)], "asked once, with exactly this");
    }
    let lower = credentials("alice:open sesame").replace("Basic", "bASIC ");
    assert_eq!(ask(&app, Request::get("/profile"), &lower).await.text(), "alice");
}

#[tokio::test]
async fn without_credentials_the_client_is_asked_for_them() {
    let app = app(Basic::new(Users::default()));
    let answer = support::get(&app, "/profile").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"restricted\", charset=\"UTF-8\"");
    assert_eq!(support::get(&app, "/maybe").await.text(), "anonymous");
    // Another scheme is another policy's.
    assert_eq!(ask(&app, Request::get("/maybe"), "Bearer abc").await.text(), "anonymous");
    let own = self::app(Basic::new(Users::default()).with_realm("the \"shop\"").unwrap());
    let answer = support::get(&own, "/profile").await;
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"the \\\"shop\\\"\", charset=\"UTF-8\"");
    assert!(Basic::new(Users::default()).with_realm("a\r\nb").is_err());
}

// User enumeration: the response is the same for every wrong credential.
#[tokio::test]
async fn wrong_credentials_are_refused_all_alike() {
    let users = Users::default();
    let app = app(Basic::new(users.clone()));
    let mut seen = Vec::new();
    for text in ["alice:wrong", "alice:", "anonymous:open sesame", "Alice:open sesame", "alice:open sesame "]
    {
        for path in ["/profile", "/maybe"] {
            let answer = ask(&app, Request::get(path), &credentials(text)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {text}");
            seen.push((answer.header("www-authenticate"), answer.body));
        }
        assert_eq!(users.asked().len(), 2);
    }
    // What is malformed is refused before anybody is asked.
    let long_name = format!("{}:x", "n".repeat(256));
    let long_word = format!("alice:{}", "x".repeat(1025));
    let texts: [&[u8]; 14] = [
        b"",
        b":",
        b":open sesame",
        b"alice",
        b" alice:open sesame",
        b"alice\0:open sesame",
        b"al\nice:open sesame",
        b"alice:open\0sesame",
        b"alice:open sesame\r\n",
        b"alice:\x7f",
        "al\u{200B}ice:open sesame".as_bytes(),
        b"\xe4lice:latin",
        long_name.as_bytes(),
        long_word.as_bytes(),
    ];
    for text in texts {
        let answer = ask(&app, Request::get("/profile"), &credentials(text)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", text.escape_ascii());
        seen.push((answer.header("www-authenticate"), answer.body));
    }
    for line in
        ["Basic", "Basic ", "Basic !", "Basic YWxpY2U6b3Blbg", "Basic YQ==, Basic YQ==", "Basic \tYQ=="]
    {
        let answer = ask(&app, Request::get("/profile"), line).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{line}");
        seen.push((answer.header("www-authenticate"), answer.body));
    }
    let twice = Request::get("/profile").header(header::AUTHORIZATION, credentials("alice:open sesame"));
    let answer = ask(&app, twice, &credentials("alice:open sesame")).await;
    seen.push((answer.header("www-authenticate"), answer.body));
    assert!(users.asked().is_empty());
    assert!(seen.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test]
async fn the_longest_name_and_password_are_taken() {
    let app = app(Basic::new(|name: String, password: Password| async move {
        assert_eq!((name.len(), password.expose().len()), (255, 1024));
        Ok(Some(Identity::new(name)?))
    }));
    let text = format!("{}:{}", "n".repeat(255), "x".repeat(1024));
    assert_eq!(ask(&app, Request::get("/profile"), &credentials(text)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_verifier_that_is_down_is_neither_yes_nor_no() {
    let app = app(Basic::new(Users::default()));
    for path in ["/profile", "/maybe"] {
        let answer = ask(&app, Request::get(path), &credentials("down:x")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn browsers_send_it_by_themselves_so_other_sites_are_kept_out() {
    let app = app(Basic::new(Users::default()));
    let right = credentials("alice:open sesame");
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let request = Request::post("/profile").header("sec-fetch-site", site);
        assert_eq!(ask(&app, request, &right).await.status.as_u16(), status, "{site}");
    }
    assert_eq!(ask(&app, Request::post("/profile"), &right).await.status, StatusCode::OK, "not a browser");
}

#[tokio::test]
async fn there_is_no_log_in_and_no_log_out() {
    let app = app(Basic::new(Users::default()));
    for path in ["/login", "/logout"] {
        let (answer, told) = Log::of(ask(&app, Request::post(path), &credentials("alice:open sesame"))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            told.iter()
                .any(|told| told.message == "failed" && told.field("error").contains("basic credentials"))
        );
    }
}

#[tokio::test]
async fn no_password_is_printed() {
    let app = app(Basic::new(Users::default()));
    let ((), told) = Log::of(async {
        for text in ["alice:open sesame", "alice:wr0ng-canary", "down:wr0ng-canary", "a\nb:wr0ng-canary"] {
            ask(&app, Request::get("/profile"), &credentials(text)).await;
        }
    })
    .await;
    let told = format!("{told:?}");
    for secret in ["open sesame", "wr0ng-canary", "d3IwbmctY2FuYXJ5", "b3BlbiBzZXNhbWU"] {
        assert!(!told.contains(secret));
    }
    let shown = format!("{:?} {:?}", Password::new("canary").unwrap(), Basic::new(Users::default()));
    assert!(!shown.contains("canary"));
}
