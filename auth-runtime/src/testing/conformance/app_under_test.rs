//! Serves the policy under test with an application that responds to requests of every method and path:
//! [`App`].

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any},
};
use http::{HeaderValue, Method, Request, StatusCode, header, request::Parts};
use tower_service::Service;

use super::{
    cookie_jar_client::{Client, Reply},
    policy_under_test::{Credentials, Subject},
};
use crate::{
    auth::{Auth, AuthError},
    clock::Clock,
    config::peer_of,
    guard::{GuardKind, GuardLayer, Site, Spec},
    identity::{DataEdits, Identified, Identity, IdentityError, IdentityPolicy, Incoming},
    layer::AuthLayer,
};

/// The user of most tests.
pub(super) const ALICE: &str = "alice";
pub(super) const BOB: &str = "bob";

/// A request of a client.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// Sets a key to a value
    Keep(&'static str, &'static str),
    LogIn(String),
    LogOut,
    Rotate,
}

/// The handler of a request. It does not depend on the method and the path, so a policy sees them unchanged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Handler {
    /// Responds behind a guard that requires a user
    Guarded,
    /// Returns the user
    Who,
}

impl Handler {
    pub(super) const ALL: [Self; 2] = [Self::Guarded, Self::Who];
}

/// The application.
pub(super) struct App {
    pub(super) subject: Subject,
    guarded: Router,
    who: Router,
    act: Router,
}

async fn who(auth: Auth) -> Result<String, AuthError> {
    Ok(match auth.identity().await? {
        Some(identity) => format!("known {}", identity.as_str()),
        None => "anonymous".to_owned(),
    })
}

async fn act(auth: Auth, Extension((wish, status)): Extension<(Wish, StatusCode)>) -> Response {
    let done = match wish {
        Wish::Keep(key, value) => auth.store(&DataEdits::new().set(key, value)).await,
        Wish::LogIn(identity) => auth.remember(&identity).await,
        Wish::LogOut => auth.forget().await,
        Wish::Rotate => auth.rotate().await,
    };
    match done {
        Ok(()) => (status, [(header::LOCATION, "/")]).into_response(),
        Err(error) => error.into_response(),
    }
}

impl App {
    pub(super) fn new(subject: Subject) -> Self {
        // By hand: the macros are a feature of their own.
        const ANY_USER: &Spec = &Spec::new(Site::new("", file!(), line!()), GuardKind::AnyUser, "", "", &[]);
        let router = |handler: MethodRouter| {
            let layer = AuthLayer::sharing(Arc::clone(&subject.policy)).with_clock(subject.clock.clone());
            Router::new().fallback(handler).layer(layer)
        };
        let guarded = router(any(|| async { "passed" }).layer(GuardLayer::__new(ANY_USER)));
        Self { guarded, who: router(any(who)), act: router(any(act)), subject }
    }

    pub(super) fn policy(&self) -> &dyn IdentityPolicy {
        &*self.subject.policy
    }

    /// Returns the headers that `vary` names, in lower case.
    pub(super) fn vary_names(&self) -> BTreeSet<String> {
        let vary = self.policy().vary();
        vary.to_str().unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase()).collect()
    }

    pub(super) const fn remembers(&self) -> bool {
        matches!(self.subject.credentials, Credentials::Remembered)
    }

    /// Sends a request unchanged.
    pub(super) async fn send(&self, handler: Handler, parts: Parts) -> Reply {
        let router = match handler {
            Handler::Guarded => &self.guarded,
            Handler::Who => &self.who,
        };
        reply_of(router, parts).await
    }

    /// Sends a request, and stores the cookies of the response.
    pub(super) async fn ask(&self, client: &mut Client, handler: Handler) -> Reply {
        let reply = self.send(handler, client.parts()).await;
        client.keep(&reply);
        reply
    }

    pub(super) async fn who(&self, client: &mut Client) -> Reply {
        self.ask(client, Handler::Who).await
    }

    /// Logs in or out, and stores the cookies of the response, which has this status.
    pub(super) async fn act(&self, client: &mut Client, wish: Wish, status: StatusCode) -> Reply {
        let reply = reply_of(&self.act, self.acting(client, wish, status)).await;
        client.keep(&reply);
        reply
    }

    /// Starts an action, and drops the request after so many polls. Returns whether it had completed by then.
    pub(super) async fn begin_to_act(&self, client: &Client, wish: Wish, polls: usize) -> bool {
        let parts = self.acting(client, wish, StatusCode::OK);
        let request = Request::from_parts(parts, Body::empty());
        drop_after(polls, pin!(self.act.clone().call(request))).await
    }

    fn acting(&self, client: &Client, wish: Wish, status: StatusCode) -> Parts {
        let mut parts = client.parts();
        if self.remembers() {
            parts.method = Method::POST;
        }
        parts.extensions.insert((wish, status));
        parts
    }

    pub(super) async fn log_in(&self, client: &mut Client, identity: &str) {
        let reply = self.act(client, Wish::LogIn(identity.to_owned()), StatusCode::OK).await;
        let status = reply.status;
        assert!(status == 200, "`remember` failed for the identity `{identity}`: the answer is {status}");
        assert!(
            !reply.set_cookies().is_empty(),
            "`remember` set no cookie; use `Subject::presenting` for a policy that does not remember with cookies"
        );
    }

    /// A client without a credential.
    pub(super) fn anonymous(&self) -> Client {
        Client::of(self.subject.request.clone())
    }

    /// A client without a credential, but with this header.
    pub(super) fn with_header(&self, name: http::HeaderName, value: HeaderValue) -> Client {
        let mut parts = self.subject.request.clone();
        parts.headers.append(name, value);
        Client::of(parts)
    }

    /// A client with a valid credential; `None` if there can be none for this identity.
    pub(super) async fn client_of(&self, identity: &str) -> Option<Client> {
        match &self.subject.credentials {
            Credentials::Remembered => {
                let mut client = self.anonymous();
                self.log_in(&mut client, identity).await;
                Some(client)
            }
            Credentials::Presented(present) => {
                let identity = Identity::new(identity).ok()?;
                Some(Client::of(present(identity, self.subject.clock.now()).await?))
            }
        }
    }

    /// A client of one of the two users who must have credentials.
    pub(super) async fn client(&self, identity: &str) -> Client {
        let client = self.client_of(identity).await;
        assert!(client.is_some(), "`Subject::presenting` has no credential for `{identity}`; issue one");
        client.unwrap_or_else(|| self.anonymous())
    }

    /// Returns the result of the policy itself.
    pub(super) async fn identify(&self, client: &Client) -> Result<Identified, IdentityError> {
        self.find(&client.parts()).await
    }

    /// Returns the result of the policy itself for a request.
    pub(super) async fn find(&self, parts: &Parts) -> Result<Identified, IdentityError> {
        self.policy().identify(&self.incoming(parts)).await
    }

    pub(super) fn incoming<'a>(&self, parts: &'a Parts) -> Incoming<'a> {
        Incoming::new(parts, peer_of(parts), self.subject.clock.now())
    }
}

async fn reply_of(router: &Router, parts: Parts) -> Reply {
    let request = Request::from_parts(parts, Body::empty());
    let answer = router.clone().call(request).await.unwrap_or_else(|error| match error {});
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Reply { status: parts.status, headers: parts.headers, body }
}

/// Polls a future so many times, and drops it. Returns whether it had completed by then.
pub(super) async fn drop_after<F: Future>(polls: usize, mut future: Pin<&mut F>) -> bool {
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return true;
        }
        // Lets other threads and tasks run.
        tokio::task::yield_now().await;
    }
    false
}
