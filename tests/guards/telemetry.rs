//! Metrics, spans and the alarm about denied probes, for operators.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Groups, KeyRing, Permission, TicketCookie, UserId, acl,
    acl_required, allow_anonymous, auth_required, guarded, permission_required,
    testing::{FakeIdentity, FakePolicy, FrozenClock, USER_HEADER},
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    routing::{get, post},
};
use tracing::{Subscriber, field, instrument::WithSubscriber as _, span};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry::LookupSpan};

use crate::{
    support::{App, Log, ask, send},
    test_metrics::Numbers,
};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

const NOON: u64 = 1_700_000_000;
const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[auth_required]
async fn profile() {
    tracing::info!(target: "application", "in the handler");
}

#[permission_required(Can::View)]
async fn by_policy() {}

#[allow_anonymous]
async fn public() {}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn watch(auth: Auth) -> Result<(), AuthError> {
    let watch = auth.watch("view", ARTICLES).await?;
    tokio::task::yield_now().await;
    drop(watch);
    Ok(())
}

fn routes() -> Router {
    Router::new()
        .route("/view/{id}", get(view))
        .route("/edit/{id}", get(edit))
        .route("/profile", get(profile))
        .route("/policy", get(by_policy))
        .route("/public", get(public))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/watch", post(watch))
}

/// Counts while something runs on this thread.
async fn counted(doing: impl Future<Output = ()>) -> BTreeMap<String, u64> {
    let numbers = Numbers::default();
    {
        let _local = metrics::set_default_local_recorder(&numbers);
        doing.await;
    }
    // Keys of rings have tests of their own.
    numbers.all().into_iter().filter(|(name, _)| !name.starts_with("auth_key")).collect()
}

fn of<'a>(numbers: &'a BTreeMap<String, u64>, name: &str) -> Vec<(&'a str, u64)> {
    let ours = numbers.iter().filter(|(full, _)| full.split(' ').next() == Some(name));
    ours.map(|(full, number)| (full.split_once(' ').map_or("", |(_, labels)| labels), *number)).collect()
}

async fn groups(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    tokio::task::yield_now().await;
    match user {
        Some(user) if user == "unlucky" => Err("the table is locked".into()),
        _ => Ok(Some(Groups::none())),
    }
}

#[tokio::test]
async fn decisions_are_counted_by_guard_and_reason_and_by_nothing_of_the_request() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    let numbers = counted(async {
        for at in 0..50 {
            let user = format!("user{at}");
            for path in ["view", "edit"] {
                let request = Request::get(format!("/{path}/{at}")).header(USER_HEADER, &user);
                ask(&app, request).await;
            }
            ask(&app, Request::get(format!("/edit/{at}"))).await;
        }
        let answer = ask(&app, Request::get("/edit/1").header(USER_HEADER, "unlucky")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    })
    .await;
    let decisions = of(&numbers, "auth_decisions_total");
    let shown: Vec<_> = decisions
        .iter()
        .map(|(labels, number)| {
            let (guard, rest) = labels.split_once(" outcome=").unwrap();
            assert!(guard.contains("telemetry.rs:"), "{guard}");
            (guard.rsplit(' ').next().unwrap(), rest, *number)
        })
        .collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    for expected in [
        ("view", "allow reason=rule", 50),
        ("edit", "deny reason=no_rule", 100),
        ("edit", "deny reason=failure", 1),
    ] {
        assert!(shown.contains(&expected), "{expected:?} in {shown:?}");
    }
    assert_eq!(of(&numbers, "auth_failures_total"), [("operation=groups", 1)]);
    let look_ups = of(&numbers, "auth_look_up_seconds");
    assert!(
        look_ups.iter().any(|(labels, number)| *labels == "operation=groups" && *number >= 50),
        "{look_ups:?}"
    );
}

#[tokio::test]
async fn log_ins_log_outs_bad_credentials_and_policies_are_counted() {
    let app = routes().layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let numbers = counted(async {
        let cookie = ask(&app, Request::post("/login")).await.cookies().remove(0);
        ask(&app, Request::post("/logout").header("cookie", &cookie)).await;
        ask(&app, Request::post("/login")).await;
        ask(&app, Request::get("/profile").header("cookie", "__Host-auth=forged")).await;
    })
    .await;
    assert_eq!(of(&numbers, "auth_logins_total"), [("", 2)]);
    assert_eq!(of(&numbers, "auth_logouts_total"), [("", 1)]);
    assert_eq!(of(&numbers, "auth_bad_credentials_total"), [("", 1)]);

    let app = routes().layer(
        AuthLayer::new(FakeIdentity::user("alice").waiting())
            .with_policy(FakePolicy::permitting([Can::View])),
    );
    let numbers = counted(async {
        assert_eq!(ask(&app, Request::get("/policy")).await.status, StatusCode::OK);
    })
    .await;
    let operations: Vec<_> = of(&numbers, "auth_look_up_seconds").into_iter().collect();
    for operation in ["operation=identify", "operation=authorized_userid", "operation=permits"] {
        assert!(operations.contains(&(operation, 1)), "{operations:?}");
    }
}

#[tokio::test]
async fn watches_are_counted_while_they_last() {
    let app = routes().layer(AuthLayer::new(FakeIdentity::user("alice")));
    let numbers = counted(async {
        assert_eq!(ask(&app, Request::post("/watch")).await.status, StatusCode::OK);
    })
    .await;
    assert_eq!(
        of(&numbers, "auth_watches").iter().map(|(_, bits)| f64::from_bits(*bits)).collect::<Vec<_>>(),
        [0.0]
    );
}

/// The spans of requests and the events in them.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Seen(BTreeMap<String, String>);

impl field::Visit for Seen {
    fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut seen = Seen::default();
        attributes.record(&mut seen);
        context.span(id).unwrap().extensions_mut().insert(seen);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        values.record(context.span(id).unwrap().extensions_mut().get_mut::<Seen>().unwrap());
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        let scope: Vec<String> = context
            .event_scope(event)
            .into_iter()
            .flatten()
            .map(|span| {
                let extensions = span.extensions();
                let fields = &extensions.get::<Seen>().unwrap().0;
                let guard =
                    fields.get("guard").and_then(|guard| guard.rsplit(' ').next()).unwrap_or_default();
                let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
                format!("{} {} {} {guard}", span.name(), field("method"), field("route"))
            })
            .collect();
        self.0.lock().unwrap().push(format!("{}: {}", seen.0.get("message").unwrap(), scope.join(" < ")));
    }
}

async fn spans(app: &impl App, requests: Vec<Request<Body>>) -> Vec<String> {
    // Keeps events alive for all threads.
    Log::of(async {}).await;
    let spans = Spans::default();
    let doing = async {
        for request in requests {
            send(app, request).await;
        }
    };
    doing.with_subscriber(tracing_subscriber::registry().with(spans.clone())).await;
    let seen = spans.0.lock().unwrap().clone();
    seen.into_iter().filter(|event| !event.starts_with("explanation")).collect()
}

#[tokio::test]
async fn a_request_has_a_span_with_the_pattern_of_its_route_around_guard_and_handler() {
    let request =
        |path: &str, user: &str| Request::get(path).header(USER_HEADER, user).body(Body::empty()).unwrap();
    let layer = || AuthLayer::new(FakeIdentity::by_header());
    let expected = [
        "deny: request GET /edit/{id} edit",
        "allow: request GET /profile profile",
        "in the handler: request GET /profile profile",
    ];
    let requests = || vec![request("/edit/7?secret=8", "alice"), request("/profile", "alice")];
    assert_eq!(spans(&routes().layer(layer()), requests()).await, expected);

    let strict = guarded::Router::new()
        .route("/edit/{id}", guarded::get(edit))
        .route("/profile", guarded::get(profile))
        .with_auth(layer());
    assert_eq!(spans(&strict, requests()).await, expected);

    // Within a nested router the whole pattern.
    let nested = Router::new().nest("/shop", routes()).layer(layer());
    assert_eq!(
        spans(&nested, vec![request("/shop/edit/7", "bob")]).await,
        ["deny: request GET /shop/edit/{id} edit"]
    );
}

fn alarmed(clock: &FrozenClock) -> Router {
    let throttle = Throttle::new(MemoryThrottle::new()).with_probe_alarm(3, Duration::from_mins(1));
    let mut app = Router::new();
    for at in 0..20 {
        app = app.route(&format!("/edit{at}"), get(edit)).route(&format!("/view{at}"), get(view));
    }
    app.layer(AuthLayer::new(FakeIdentity::by_header()).with_clock(clock.clone()).with_throttle(throttle))
}

/// Requests these paths, and returns the alarms.
async fn alarms(app: &Router, paths: &[String], user: Option<&str>, from: [u8; 4]) -> Vec<[String; 3]> {
    let doing = async {
        for path in paths {
            let mut request = Request::get(path).extension(ConnectInfo(SocketAddr::from((from, 50_000))));
            if let Some(user) = user {
                request = request.header(USER_HEADER, user);
            }
            ask(app, request).await;
        }
    };
    let ((), events) = Log::of(doing).await;
    let alarms = events.iter().filter(|event| event.message == "denied probes");
    alarms
        .map(|event| {
            assert_eq!(event.level, tracing::Level::WARN);
            ["user", "guards", "seconds"].map(|name| event.field(name).to_owned())
        })
        .collect()
}

#[tokio::test]
async fn many_guards_that_deny_one_caller_raise_one_alarm() {
    const HOME: [u8; 4] = [192, 0, 2, 1];
    const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];
    let paths =
        |name: &str, range: std::ops::Range<u32>| range.map(|at| format!("/{name}{at}")).collect::<Vec<_>>();
    let clock = FrozenClock::at(NOON);
    let app = alarmed(&clock);
    let of_mallory = [["mallory", "3", "60"].map(str::to_owned)];
    // Two guards, however often; and what is allowed does not count.
    for _ in 0..10 {
        assert!(alarms(&app, &paths("edit", 0..2), Some("mallory"), HOME).await.is_empty());
    }
    assert!(alarms(&app, &paths("view", 0..20), Some("mallory"), HOME).await.is_empty());
    assert_eq!(alarms(&app, &paths("edit", 2..3), Some("mallory"), ELSEWHERE).await, of_mallory);
    assert!(
        alarms(&app, &paths("edit", 3..20), Some("mallory"), HOME).await.is_empty(),
        "once within the time"
    );
    // Other users, and clients without a user, have counts of their own.
    assert!(alarms(&app, &paths("edit", 0..2), Some("bob"), HOME).await.is_empty());
    assert!(alarms(&app, &paths("edit", 0..2), None, HOME).await.is_empty());
    assert!(alarms(&app, &paths("edit", 2..4), None, ELSEWHERE).await.is_empty());
    assert_eq!(alarms(&app, &paths("edit", 2..3), None, HOME).await, [["", "3", "60"].map(str::to_owned)]);
    clock.advance(Duration::from_mins(2));
    assert!(alarms(&app, &paths("edit", 0..2), Some("mallory"), HOME).await.is_empty(), "a new window");
    assert_eq!(alarms(&app, &paths("edit", 2..3), Some("mallory"), HOME).await, of_mallory);
}
