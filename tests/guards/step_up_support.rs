//! What the tests of step-up authentication share: permissions, a resource, changes of a log-in, and a browser with one
//! cookie.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::time::Duration;

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, IdentityPolicy, LoginOptions, Permission, Resource, Rule, User, acl,
    clock::UnixTime,
    identity::{Acr, AuthTime, CredentialId},
    testing::{self, FrozenClock},
};
use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{
        Request, StatusCode, header,
        request::{Builder, Parts},
    },
    routing::post,
};

use crate::support::{self, Answer};

pub(crate) const NOON: u64 = 1_700_000_000;

#[derive(Clone, Copy, Permission)]
pub(crate) enum Can {
    Edit,
    View,
}

pub(crate) const PAGES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

/// Alice may edit it.
pub(crate) struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = StatusCode;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), testing::names(["edit"]))]
    }
}

async fn log_in(auth: Auth, Path(how): Path<String>) -> Result<(), AuthError> {
    let at = |ago| AuthTime::At(UnixTime::from_secs(NOON - ago));
    let strong = LoginOptions::new().with_acr(Acr::new("phr").unwrap());
    let options = match how.as_str() {
        "plain" => LoginOptions::new(),
        "named" => strong.with_login_id(CredentialId::new("the log-in")?),
        "unknown" => strong.with_auth_time(AuthTime::Unknown),
        "provider" => strong.with_auth_time(at(500)),
        "earlier" => strong.with_auth_time(at(3600)),
        _ => strong,
    };
    auth.remember_with("alice", &options).await
}

async fn rotate(auth: Auth) -> Result<(), AuthError> {
    auth.rotate().await
}

async fn impersonate(auth: Auth) -> Result<(), AuthError> {
    auth.impersonate("bob").await
}

async fn stop(auth: Auth) -> Result<(), AuthError> {
    auth.stop_impersonating().await
}

/// A browser with the cookie of one policy.
pub(crate) struct Browser {
    app: Router,
    pub(crate) clock: FrozenClock,
    cookie: String,
}

impl Browser {
    /// Of an application with these routes, and those that change the log-in.
    pub(crate) fn new(
        policy: impl IdentityPolicy,
        routes: Router,
        change: impl FnOnce(AuthLayer, FrozenClock) -> AuthLayer,
    ) -> Self {
        let clock = FrozenClock::at(NOON);
        let layer = AuthLayer::new(policy).with_clock(clock.clone());
        let app = routes
            .route("/login/{how}", post(log_in))
            .route("/rotate", post(rotate))
            .route("/impersonate", post(impersonate))
            .route("/stop", post(stop))
            .layer(change(layer, clock.clone()));
        Self { app, clock, cookie: String::new() }
    }

    pub(crate) async fn send(&mut self, request: Builder) -> Answer {
        let answer = support::ask(&self.app, request.header(header::COOKIE, &self.cookie)).await;
        if let Some(cookie) = answer.cookies().pop() {
            self.cookie = cookie;
        }
        answer
    }

    pub(crate) async fn status(&mut self, path: &str) -> u16 {
        self.send(Request::get(path)).await.status.as_u16()
    }

    pub(crate) async fn text(&mut self, path: &str) -> String {
        self.send(Request::get(path)).await.text().to_owned()
    }

    pub(crate) async fn post(&mut self, path: &str) {
        let answer = self.send(Request::post(path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }

    /// After a revocation, a log-in counts from the next second.
    pub(crate) async fn post_and_wait(&mut self, path: &str) {
        self.post(path).await;
        self.clock.advance(Duration::from_secs(1));
    }
}
