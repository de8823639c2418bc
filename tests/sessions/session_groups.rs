//! Groups from the data of a session, without a look-up.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, EncryptedCookie, IdentityPolicy, KeyRing, Session, SessionIdentity, acl,
    acl_required,
    authorization::{GroupPath, SessionGroups},
};
use axum::{
    Json, Router,
    extract::Path,
    http::{Request, StatusCode, header},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::support::{self, Answer, Log};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

async fn write(session: Session, Path(key): Path<String>, Json(value): Json<Value>) -> Result<(), AuthError> {
    session.insert(key, &value).await
}

struct Client {
    app: Router,
    cookie: String,
}

impl Client {
    fn new(policy: impl IdentityPolicy, path: GroupPath) -> Self {
        let auth = AuthLayer::new(policy).with_groups(SessionGroups::new(path));
        let app = Router::new()
            .route("/view", get(view))
            .route("/edit", get(edit))
            .route("/login", post(login))
            .route("/write/{key}", post(write))
            .layer(auth);
        Self { app, cookie: String::new() }
    }

    fn keep(&mut self, answer: &Answer) {
        assert_eq!(answer.status, StatusCode::OK);
        if let Some(cookie) = answer.cookies().pop() {
            self.cookie = cookie;
        }
    }

    async fn login(&mut self) {
        let request = Request::post("/login").header(header::COOKIE, &self.cookie);
        let answer = support::ask(&self.app, request).await;
        self.keep(&answer);
    }

    async fn write(&mut self, key: &str, value: &Value) {
        let request = Request::post(format!("/write/{key}"))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = support::send(&self.app, request.body(value.to_string().into()).unwrap()).await;
        self.keep(&answer);
    }

    async fn status(&self, path: &str) -> StatusCode {
        support::ask(&self.app, Request::get(path).header(header::COOKIE, &self.cookie)).await.status
    }
}

async fn groups_are_read(policy: impl IdentityPolicy) {
    let mut client = Client::new(policy, GroupPath::from_static("profile.teams"));
    client.login().await;
    assert_eq!(client.status("/edit").await, StatusCode::FORBIDDEN, "nothing is written yet");
    client.write("profile", &json!({ "teams": ["readers", "editors"] })).await;
    assert_eq!(client.status("/edit").await, StatusCode::OK);
    client.write("profile", &json!({ "teams": ["readers"] })).await;
    assert_eq!(client.status("/edit").await, StatusCode::FORBIDDEN);
    client.write("profile", &json!({ "teams": 7 })).await;
    let (status, told) = Log::of(client.status("/view")).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "malformed data denies everything");
    let event = told.iter().find(|told| told.message == "malformed groups").unwrap();
    assert_eq!((event.field("path"), event.field("found")), ("profile.teams", "a number"));
    client.write("profile", &json!({})).await;
    assert_eq!(client.status("/view").await, StatusCode::OK);
    // A log-in begins with empty data: the next user has none of these groups.
    client.write("profile", &json!({ "teams": ["editors"] })).await;
    client.login().await;
    assert_eq!(client.status("/edit").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn of_a_session_on_the_server() {
    groups_are_read(SessionIdentity::memory()).await;
}

#[tokio::test]
async fn of_an_encrypted_cookie() {
    groups_are_read(EncryptedCookie::new(KeyRing::random())).await;
}

/// What an anonymous client's session holds puts the client into no group.
#[tokio::test]
async fn anonymous_sessions_have_no_groups() {
    let mut client = Client::new(EncryptedCookie::new(KeyRing::random()), GroupPath::from_static("teams"));
    client.write("teams", &json!(["editors"])).await;
    assert!(!client.cookie.is_empty());
    assert_eq!(client.status("/edit").await, StatusCode::UNAUTHORIZED);
    client.login().await;
    assert_eq!(client.status("/edit").await, StatusCode::FORBIDDEN);
}
