//! What handlers may take as arguments: users, perhaps users, and the handle.

use std::sync::Arc;

use auth_runtime::{
    Answer, Auth, AuthError, AuthErrorKind, AuthLayer, Identity, LoginOptions, UserId, async_trait,
    auth_required,
    identity::{ChangeContext, Effects, Identification, Identified, IdentityError, IdentityPolicy, Incoming},
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    extract::Request as Whole,
    http::{HeaderValue, Request, StatusCode, request::Builder},
    middleware::{Next, from_fn},
    response::Response,
    routing::{any, get, post},
};

use crate::support;

async fn user(user: UserId) -> String {
    user.to_string()
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn fallible(user: Result<UserId, Response>) -> String {
    user.map_or_else(|answer| answer.status().to_string(), |user| user.to_string())
}

async fn handle(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

#[auth_required]
async fn known(user: UserId) -> String {
    user.to_string()
}

fn routes() -> Router {
    Router::new()
        .route("/user", any(user))
        .route("/maybe", any(maybe))
        .route("/fallible", any(fallible))
        .route("/handle", any(handle))
        .route("/known", any(known))
}

async fn ask(app: &Router, path: &str, user: &str) -> support::Answer {
    let request = Request::get(path);
    support::ask(app, if user.is_empty() { request } else { request.header(USER_HEADER, user) }).await
}

async fn texts(app: &Router, user: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for path in ["/user", "/maybe", "/fallible", "/handle", "/known"] {
        let answer = ask(app, path, user).await;
        texts.push(if answer.status.is_success() {
            answer.text().to_owned()
        } else {
            answer.status.as_u16().to_string()
        });
    }
    texts
}

#[tokio::test]
async fn a_user_is_there_or_not() {
    for policy in [FakeIdentity::by_header(), FakeIdentity::by_header().waiting()] {
        let app = routes().layer(AuthLayer::new(policy));
        assert_eq!(texts(&app, "alice").await, ["alice"; 5]);
        let nobody = ["401", "anonymous", "401 Unauthorized", "anonymous", "401"];
        assert_eq!(texts(&app, "").await, nobody);
        for bad in [&b" "[..], b"\t", b" alice", b"0x\xFF"] {
            let value = HeaderValue::from_bytes(bad).unwrap();
            let answer = support::ask(&app, Request::get("/maybe").header(USER_HEADER, value)).await;
            assert_eq!(answer.text(), "anonymous", "{}", bad.escape_ascii());
        }
        assert_eq!(texts(&app, "0").await, ["0"; 5], "a user whose name looks like a number is a user");
    }
    let app = routes().layer(AuthLayer::new(FakeIdentity::failing()));
    assert_eq!(texts(&app, "").await, ["503", "503", "503 Service Unavailable", "503", "503"]);
}

#[tokio::test]
async fn the_handle_works_in_middleware_too() {
    async fn audit(auth: Auth, request: Whole, next: Next) -> Result<Response, AuthError> {
        let user = auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string());
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-user", user.parse().unwrap());
        Ok(response)
    }
    let policy = FakeIdentity::by_header();
    let app = routes().layer(from_fn(audit)).layer(AuthLayer::new(policy.clone()));
    assert_eq!(ask(&app, "/known", "alice").await.header("x-user"), "alice");
    assert_eq!(policy.calls().len(), 1);
    let refused = ask(&app, "/known", "").await;
    assert_eq!(
        (refused.status, refused.header("x-user")),
        (StatusCode::UNAUTHORIZED, "anonymous".to_owned())
    );
}

/// A trusted gateway names the user; it waits, it stores data, and it has no log-in.
struct Gateway;

#[async_trait]
impl IdentityPolicy for Gateway {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        Answer::later(async move {
            tokio::task::yield_now().await;
            let Some(name) = request.headers().get("x-gateway-user") else {
                return Ok(Identified::anonymous());
            };
            let identity = name.to_str().ok().and_then(|name| Identity::new(name).ok());
            Ok(identity.map_or_else(Identified::bad_credential, |identity| {
                Identified::known(identity).with_memo(Arc::new(7_u32))
            }))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("the gateway logs users in"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none().and_header(
            "x-log-out".parse().map_err(IdentityError::unavailable)?,
            HeaderValue::from_static("1"),
        ))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn challenge(&self) -> HeaderValue {
        HeaderValue::from_static("Gateway")
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("x-gateway-user")
    }
}

#[tokio::test]
async fn an_own_identity_policy_has_its_own_challenge_and_effects() {
    async fn memo(auth: Auth) -> Result<String, AuthError> {
        Ok(format!(
            "{:?} {:?}",
            auth.credential_data::<u32>().await?,
            auth.credential_data::<String>().await?
        ))
    }
    async fn change(auth: Auth) -> Result<(), AuthError> {
        assert_eq!(auth.remember("bob").await.unwrap_err().kind(), AuthErrorKind::Misconfigured);
        assert_eq!(auth.user_id().await?.unwrap(), "alice", "who could not be logged in is not");
        auth.forget().await
    }
    let app =
        routes().route("/memo", get(memo)).route("/change", post(change)).layer(AuthLayer::new(Gateway));
    let refused = support::get(&app, "/known").await;
    assert_eq!(
        (refused.header("www-authenticate"), refused.header("vary")),
        ("Gateway".into(), "x-gateway-user".into())
    );
    let alice = |request: Builder| request.header("x-gateway-user", "alice");
    assert_eq!(support::ask(&app, alice(Request::get("/known"))).await.text(), "alice");
    assert_eq!(support::ask(&app, alice(Request::get("/memo"))).await.text(), "Some(7) None");
    let out = support::ask(&app, alice(Request::post("/change"))).await;
    assert_eq!(
        (out.status, out.header("x-log-out"), out.header("cache-control")),
        (StatusCode::OK, "1".into(), "private, no-store".into())
    );
}
