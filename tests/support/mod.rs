//! What the tests of behaviour share: sending requests, reading answers, listening to events.

#![allow(dead_code, reason = "each test uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header, request::Builder},
    response::Response,
};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};
use tracing::{Event, Level, Subscriber, field, instrument::WithSubscriber};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// An answer that has arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// All lines of one header, joined.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect::<Vec<_>>().join(", ")
    }

    /// The `Set-Cookie` lines, each up to its first attribute.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
    }
}

/// An application as tests send requests to it: an axum router, or a guarded application.
pub(crate) trait App:
    Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<T> App for T where
    T: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

pub(crate) async fn send(app: &impl App, request: Request<Body>) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

/// Sends a request without a body.
pub(crate) async fn ask(app: &impl App, request: Builder) -> Answer {
    send(app, request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn get(app: &impl App, path: &str) -> Answer {
    ask(app, Request::get(path)).await
}

/// One event, each of its fields as text.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) message: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Told {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Keeps the events of the code that runs inside [`Log::of`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Told>>>);

impl Log {
    /// Runs something, and returns what it told besides what it answered.
    pub(crate) async fn of<T>(doing: impl Future<Output = T>) -> (T, Vec<Told>) {
        keep_events_alive();
        let log = Self::default();
        let done = doing.with_subscriber(tracing_subscriber::registry().with(log.clone())).await;
        (done, log.told())
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

/// Listens to everything for as long as the process lives.
///
/// Whether anybody listens to an event is found out when it is first met. A test without a [`Log`] may meet it in the
/// moment in which another test's is set up, and would keep it silent for both.
fn keep_events_alive() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        tracing::callsite::rebuild_interest_cache();
    });
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut reader = Reader::default();
        event.record(&mut reader);
        let mut fields = reader.0;
        let message = fields.remove("message").unwrap_or_default();
        let (level, target) = (*event.metadata().level(), event.metadata().target().to_owned());
        self.0.lock().unwrap().push(Told { level, target, message, fields });
    }
}

#[derive(Default)]
struct Reader(BTreeMap<String, String>);

impl field::Visit for Reader {
    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}
