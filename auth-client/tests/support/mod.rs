//! Shared test support: a settable clock and a small authorization server.

#![allow(dead_code, reason = "each test uses a part")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use auth_client::{Environment, Error, HttpClient, OAuthClient, Provider, clock::Clock};
use http::{Request, Response};

/// A clock that tests set. Clones show the same time.
#[derive(Clone, Debug)]
pub(crate) struct HandClock {
    /// In seconds since the Unix epoch.
    calendar: Arc<AtomicU64>,
    running: Arc<AtomicU64>,
}

impl Default for HandClock {
    fn default() -> Self {
        Self { calendar: Arc::new(AtomicU64::new(1_700_000_000)), running: Arc::default() }
    }
}

impl HandClock {
    pub(crate) fn pass(&self, seconds: u64) {
        self.calendar.fetch_add(seconds, Ordering::SeqCst);
        self.running.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, seconds: u64) {
        self.calendar.fetch_sub(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.calendar.load(Ordering::SeqCst))
    }

    fn running(&self) -> Duration {
        Duration::from_secs(self.running.load(Ordering::SeqCst))
    }
}

/// A request to a token endpoint, as received.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) uri: String,
    pub(crate) authorization: Option<String>,
    pub(crate) headers: http::HeaderMap,
    pub(crate) form: HashMap<String, String>,
    pub(crate) pairs: usize,
}

type Script = dyn Fn(&Seen, usize) -> (u16, String) + Send + Sync;

/// An authorization server that is a function from requests to responses; it counts and records requests.
#[derive(Clone)]
pub(crate) struct Fake {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
    delay: Duration,
    headers: Vec<(u16, &'static str, &'static str)>,
    pub(crate) running: Arc<AtomicUsize>,
}

impl Fake {
    pub(crate) fn new(script: impl Fn(&Seen, usize) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            seen: Arc::default(),
            delay: Duration::ZERO,
            headers: Vec::new(),
            running: Arc::default(),
        }
    }

    /// Delays responses, so that other requests overlap.
    pub(crate) fn slow(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a header to responses with this status; a second one of the same name replaces the first.
    pub(crate) fn with_header(mut self, status: u16, name: &'static str, value: &'static str) -> Self {
        self.headers.push((status, name, value));
        self
    }

    /// Waits until this number of requests is in progress.
    pub(crate) async fn until_running(&self, number: usize) {
        while self.running.load(Ordering::SeqCst) < number {
            tokio::task::yield_now().await;
        }
    }

    /// Issues a new token for each request: `t1`, `t2` …, with a refresh token `r1`, `r2` …
    pub(crate) fn counting(lifetime: u64) -> Self {
        Self::new(move |_, nth| {
            (
                200,
                format!(
                    r#"{{"access_token":"t{nth}","refresh_token":"r{nth}","expires_in":{lifetime},"token_type":"bearer"}}"#
                ),
            )
        })
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

#[async_trait::async_trait]
impl HttpClient for Fake {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let header = request.headers().get("authorization");
        let seen = Seen {
            uri: request.uri().to_string(),
            authorization: header.map(|value| value.to_str().unwrap().to_owned()),
            headers: request.headers().clone(),
            pairs: pairs.len(),
            form: pairs.into_iter().collect(),
        };
        let nth = {
            let mut all = self.seen.lock().unwrap();
            all.push(seen.clone());
            all.len()
        };
        self.running.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.delay).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        let (status, body) = (self.script)(&seen, nth);
        if status == 0 {
            return Err(Error::transport("the network is gone"));
        }
        let mut answer = Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .body(body.into_bytes())
            .unwrap();
        for (_, name, value) in self.headers.iter().filter(|(wanted, ..)| *wanted == status) {
            answer.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(answer)
    }
}

pub(crate) fn provider() -> Provider {
    Provider::new("https://login.example.com/token")
        .unwrap()
        .with_authorization_url("https://login.example.com/authorize")
        .unwrap()
        .with_device_authorization_url("https://login.example.com/device")
        .unwrap()
        .with_revocation_url("https://login.example.com/revoke")
        .unwrap()
        .with_introspection_url("https://login.example.com/introspect")
        .unwrap()
}

pub(crate) fn client(fake: &Fake, clock: &HandClock) -> OAuthClient {
    let environment =
        Environment::with_http_client(fake.clone()).with_clock(clock.clone()).with_service_name("library");
    OAuthClient::in_environment(provider(), "me", environment)
}
