//! An application around the policy, and clients that keep what it gives them.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Router,
    body::{Body, Bytes, to_bytes},
    extract::ConnectInfo,
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header, request::Parts};
use tower_service::Service;

use super::{Subject, subject::Credentials};
use crate::{
    auth::{Auth, AuthError},
    clock::Clock,
    guard,
    identity::{DataEdits, Identified, Identity, IdentityError, IdentityPolicy, Incoming},
    layer::AuthLayer,
};

/// The user whom most tests are about.
pub(super) const ALICE: &str = "alice";
pub(super) const BOB: &str = "bob";

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// What a client wants done.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// This value under this key
    Keep(&'static str, &'static str),
    LogIn(String),
    LogOut,
    Rotate,
}

/// An answer that has arrived whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// Whom the application took the client for; `None` for nobody, and where the answer is a refusal.
    pub(super) fn known(&self) -> Option<&str> {
        if !self.status.is_success() {
            return None;
        }
        std::str::from_utf8(&self.body).ok()?.strip_prefix("known ")
    }

    pub(super) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()).collect()
    }
}

/// The application.
pub(super) struct App {
    pub(super) subject: Subject,
    router: Router,
}

/// A client with what it was given: cookies, or headers that were issued elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) headers: HeaderMap,
    pub(super) cookies: BTreeMap<String, String>,
}

async fn who(auth: Auth) -> Result<String, AuthError> {
    Ok(match auth.identity().await? {
        Some(identity) => format!("known {}", identity.as_str()),
        None => "nobody".to_owned(),
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
        let layer = AuthLayer::sharing(Arc::clone(&subject.policy)).with_clock(subject.clock.clone());
        let router = Router::new()
            .route("/guarded", any(|| async { "passed" }).layer(guard::auth()))
            .route("/who", any(who))
            .route("/act", any(act))
            .layer(layer);
        Self { subject, router }
    }

    pub(super) fn policy(&self) -> &dyn IdentityPolicy {
        &*self.subject.policy
    }

    pub(super) const fn remembers(&self) -> bool {
        matches!(self.subject.credentials, Credentials::Remembered)
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(PEER));
        let answer = self.router.clone().call(request).await.unwrap_or_else(|error| match error {});
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Asks, and keeps the cookies of the answer.
    pub(super) async fn ask(&self, client: &mut Client, path: &str) -> Answer {
        let answer = self.send(client.request("GET", path)).await;
        client.keep(&answer);
        answer
    }

    pub(super) async fn who(&self, client: &mut Client) -> Answer {
        self.ask(client, "/who").await
    }

    /// Logs in or out, and keeps the cookies of the answer, which has this status.
    pub(super) async fn act(&self, client: &mut Client, wish: Wish, status: StatusCode) -> Answer {
        let mut request = client.request("POST", "/act");
        request.extensions_mut().insert((wish, status));
        let answer = self.send(request).await;
        client.keep(&answer);
        answer
    }

    pub(super) async fn log_in(&self, client: &mut Client, identity: &str) {
        let answer = self.act(client, Wish::LogIn(identity.to_owned()), StatusCode::OK).await;
        let status = answer.status;
        assert!(status == 200, "`remember` failed for the identity `{identity}`: the answer is {status}");
        assert!(
            !answer.set_cookies().is_empty(),
            "`remember` set no cookie; use `Subject::presenting` for a policy that does not remember with cookies"
        );
    }

    /// A client with a valid credential; `None` when there can be none for this identity.
    pub(super) async fn client_of(&self, identity: &str) -> Option<Client> {
        let mut client = Client::default();
        match &self.subject.credentials {
            Credentials::Remembered => self.log_in(&mut client, identity).await,
            Credentials::Presented(present) => {
                let identity = Identity::new(identity).ok()?;
                client.headers = present(identity, self.subject.clock.now()).await?;
            }
        }
        Some(client)
    }

    /// A client of one of the two users for whom there must be credentials.
    pub(super) async fn client(&self, identity: &str) -> Client {
        let client = self.client_of(identity).await;
        assert!(client.is_some(), "`Subject::presenting` has no credential for `{identity}`; issue one");
        client.unwrap_or_default()
    }

    /// What the policy itself finds.
    pub(super) async fn identify(&self, client: &Client) -> Result<Identified, IdentityError> {
        let parts = client.parts();
        self.policy().identify(&self.incoming(&parts)).await
    }

    pub(super) fn incoming<'a>(&self, parts: &'a Parts) -> Incoming<'a> {
        Incoming::new(parts, Some(PEER), self.subject.clock.now())
    }
}

impl Client {
    pub(super) const fn with_headers(headers: HeaderMap) -> Self {
        Self { headers, cookies: BTreeMap::new() }
    }

    /// All headers with which it asks.
    pub(super) fn all_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let line = pairs.collect::<Vec<_>>().join("; ");
            if let Ok(line) = HeaderValue::try_from(line) {
                headers.append(header::COOKIE, line);
            }
        }
        headers
    }

    /// The texts that are credentials: the values of cookies, and of other headers.
    pub(super) fn credentials(&self) -> Vec<(Option<String>, HeaderName, Vec<u8>)> {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| (Some(name.clone()), header::COOKIE, value.clone().into_bytes()));
        let headers =
            self.headers.iter().map(|(name, value)| (None, name.clone(), value.as_bytes().to_vec()));
        cookies.chain(headers).collect()
    }

    pub(super) fn parts(&self) -> Parts {
        self.request("GET", "/").into_parts().0
    }

    fn request(&self, method: &str, path: &str) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method.parse().unwrap_or_default();
        *request.uri_mut() = path.parse().unwrap_or_default();
        *request.headers_mut() = self.all_headers();
        request
    }

    /// Keeps cookies as a browser does.
    fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
