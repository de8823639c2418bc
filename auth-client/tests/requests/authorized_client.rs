//! Authorized HTTP clients: credentials are sent to their origins only, one retry after a 401, one retry
//! budget.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]
#![cfg(all(feature = "middleware", feature = "tower"))]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use auth_client::{
    ApiKeyAuthorizer, AuthorizationLayer, AuthorizedClient, BasicAuthorizer, BearerAuthorizer,
    ClientCredentials, Origin, RetryPolicy, TokenAuthorizer,
};
use axum::{Router, body::Bytes, extract::Request, response::IntoResponse, routing::any};
use http::{HeaderMap, Method, Response, StatusCode, header};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tower::{Layer as _, Service as _, ServiceExt as _};

use crate::support::{Fake, HandClock, client};

/// A server that is a closure, and records methods and headers.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<(Method, HeaderMap, Bytes)>>>,
}

impl Server {
    async fn start<R: IntoResponse>(
        answer: impl Fn(usize, &str, &HeaderMap) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<Vec<(Method, HeaderMap, Bytes)>>> = Arc::default();
        let list = Arc::clone(&seen);
        let handler = move |request: Request| {
            let (list, answer) = (Arc::clone(&list), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                let nth = {
                    let mut list = list.lock().unwrap();
                    list.push((parts.method, parts.headers.clone(), body));
                    list.len()
                };
                answer(nth, parts.uri.path(), &parts.headers).into_response()
            }
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(handler))).await });
        Self { address, seen }
    }

    fn origin(&self) -> Origin {
        Origin::parse(&self.address).unwrap()
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn authorizations(&self) -> Vec<Option<String>> {
        let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(_, headers, _)| headers.get(header::AUTHORIZATION).map(text))
            .collect()
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().with_first_wait(Duration::from_millis(2))
}

fn machine(fake: &Fake) -> TokenAuthorizer<ClientCredentials> {
    TokenAuthorizer::new(ClientCredentials::new(client(fake, &HandClock::default()).with_secret("secret")))
}

fn build(client: AuthorizedClient) -> ClientWithMiddleware {
    client.build(reqwest::Client::builder()).unwrap()
}

// Endless 401 responses cost two requests and one new token.
#[tokio::test]
async fn an_endless_401_is_at_most_two_requests() {
    let server = Server::start(|_, _, _| StatusCode::UNAUTHORIZED).await;
    let fake = Fake::counting(3600);
    let client = build(
        AuthorizedClient::new(machine(&fake), [server.origin()]).with_retry(quick().with_max_requests(10)),
    );
    let answer = client.get(&server.address).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!((server.count(), fake.count()), (2, 2));
    assert_eq!(server.authorizations(), [Some("Bearer t1".to_owned()), Some("Bearer t2".to_owned())]);
    // Static credentials are sent once.
    let basic = BasicAuthorizer::new("user", "password").unwrap();
    let client = build(AuthorizedClient::new(basic, [server.origin()]));
    assert_eq!(client.get(&server.address).send().await.unwrap().status(), 401);
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_401_is_answered_with_a_new_token_and_the_same_body() {
    let server = Server::start(|_, _, headers| {
        if headers[header::AUTHORIZATION] == "Bearer t2" { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    })
    .await;
    let fake = Fake::counting(3600);
    let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]));
    let answer = client.post(&server.address).body("hello").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let bodies: Vec<_> = server.seen.lock().unwrap().iter().map(|(_, _, body)| body.clone()).collect();
    assert_eq!(bodies, ["hello", "hello"]);
    // The next request uses the new token.
    assert_eq!(client.get(&server.address).send().await.unwrap().status(), 200);
    assert_eq!((server.count(), fake.count()), (3, 2));
}

/// Marks each request that it passes on.
struct Mark;

#[async_trait::async_trait]
impl Middleware for Mark {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        request.headers_mut().insert("x-mark", http::HeaderValue::from_static("1"));
        next.run(request, extensions).await
    }
}

// The application's client and middleware are kept, and the credential goes to its origins only.
#[tokio::test]
async fn the_middleware_can_be_combined_with_others() {
    let (server, other) = (Server::start(|_, _, _| "").await, Server::start(|_, _, _| "").await);
    let authorizer = BearerAuthorizer::new("secret").unwrap();
    let signing = AuthorizedClient::new(authorizer, [server.origin()]);
    let inner =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let client = ClientBuilder::new(inner).with(Mark).with(signing.into_insecure_middleware()).build();
    for (server, authorization) in [(&server, Some("Bearer secret".to_owned())), (&other, None)] {
        assert_eq!(client.get(&server.address).send().await.unwrap().status(), 200);
        assert_eq!(server.authorizations(), [authorization]);
        let marked = server.seen.lock().unwrap().iter().all(|(_, headers, _)| headers["x-mark"] == "1");
        assert!(marked);
    }
}

// Concurrent 401 responses to many tasks cost one new token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_refusals_at_a_time_cost_one_token() {
    let server = Server::start(|_, _, headers| {
        if headers[header::AUTHORIZATION] == "Bearer t1" { StatusCode::UNAUTHORIZED } else { StatusCode::OK }
    })
    .await;
    let fake = Fake::counting(3600).slow(Duration::from_millis(30));
    let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]));
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (client, address) = (client.clone(), server.address.clone());
            tokio::spawn(async move { client.get(&address).send().await.unwrap().status() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!(fake.count(), 2);
}

#[tokio::test]
async fn credentials_go_to_their_origin_and_nowhere_else() {
    let ours = Server::start(|_, _, _| StatusCode::OK).await;
    let theirs = Server::start(|_, _, _| StatusCode::OK).await;
    let key = ApiKeyAuthorizer::new("x-api-key", "CANARY").unwrap();
    let client = build(AuthorizedClient::new(key, [ours.origin()]));
    for address in [&ours.address, &theirs.address] {
        client.get(address).send().await.unwrap();
    }
    assert_eq!(ours.seen.lock().unwrap()[0].1["x-api-key"], "CANARY");
    assert!(!ours.seen.lock().unwrap()[0].1.contains_key(header::AUTHORIZATION));
    assert!(!format!("{:?}", theirs.seen.lock().unwrap()[0].1).contains("CANARY"));
}

// The caller's `Authorization` header is kept, and the caller's request is not modified.
#[tokio::test]
async fn the_callers_own_authorization_stays() {
    let server = Server::start(|_, _, _| StatusCode::UNAUTHORIZED).await;
    let fake = Fake::counting(3600);
    let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]));
    let answer = client.get(&server.address).header("authorization", "Bearer mine").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(server.authorizations(), [Some("Bearer mine".to_owned())]);
    assert_eq!(fake.count(), 0);

    let key = ApiKeyAuthorizer::new("x-api-key", "theirs").unwrap();
    let client = build(AuthorizedClient::new(key, [server.origin()]));
    client.get(&server.address).header("x-api-key", "mine").send().await.unwrap();
    assert_eq!(server.seen.lock().unwrap().last().unwrap().1["x-api-key"], "mine");
}

// Credentials do not cross a redirect to another port, or to another scheme where both are served, whether it
// is followed or not.
#[tokio::test]
async fn credentials_do_not_cross_a_redirect() {
    let theirs = Server::start(|_, _, _| "theirs").await;
    let target = theirs.address.clone();
    let ours = Server::start(move |_, path, _| {
        let location = match path {
            "/out" => format!("{target}/x"),
            "/in" => "/end".to_owned(),
            "/scheme" => "ftp://127.0.0.1/".to_owned(),
            "/loop" => "/loop".to_owned(),
            _ => return "ours".into_response(),
        };
        (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
    })
    .await;
    let key = || ApiKeyAuthorizer::new("x-api-key", "CANARY").unwrap();
    let at = |path: &str| format!("{}{path}", ours.address);
    let still = build(AuthorizedClient::new(key(), [ours.origin()]));
    assert_eq!(still.get(at("/out")).send().await.unwrap().status(), 302);
    assert_eq!(theirs.count(), 0);

    let moving = build(AuthorizedClient::new(key(), [ours.origin()]).with_redirects(3));
    let answer =
        moving.get(at("/out")).header("cookie", "a=CANARY").header("x-kept", "1").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "theirs");
    let there = theirs.seen.lock().unwrap()[0].1.clone();
    assert!(!format!("{there:?}").contains("CANARY"), "{there:?}");
    assert_eq!(there["x-kept"], "1");
    let bearer =
        build(AuthorizedClient::new(BearerAuthorizer::new("t").unwrap(), [ours.origin()]).with_redirects(3));
    bearer.get(at("/out")).send().await.unwrap();
    bearer.get(at("/out")).header("authorization", "Bearer mine").send().await.unwrap();
    assert_eq!(theirs.authorizations(), [None, None, None]);

    // They are sent along a redirect within the origin.
    assert_eq!(moving.get(at("/in")).send().await.unwrap().text().await.unwrap(), "ours");
    assert_eq!(ours.seen.lock().unwrap().last().unwrap().1["x-api-key"], "CANARY");
    // Redirects to other schemes, endless redirects and redirects with a body are not followed.
    assert_eq!(moving.get(at("/scheme")).send().await.unwrap().status(), 302);
    let before = ours.count();
    assert_eq!(moving.get(at("/loop")).send().await.unwrap().status(), 302);
    assert_eq!(ours.count() - before, 4);
    assert_eq!(moving.post(at("/in")).body("x").send().await.unwrap().status(), 302);
}

// `Retry-After` in both forms; a wait beyond the budget returns immediately.
#[tokio::test]
async fn retry_after_is_kept_to() {
    let clock = HandClock::default();
    let now = auth_client::clock::Clock::now(&clock);
    for (value, expected, least) in [
        ("1".to_owned(), 2, 1000),
        (httpdate::fmt_http_date(now + Duration::from_secs(1)), 2, 1000),
        (httpdate::fmt_http_date(now - Duration::from_secs(99)), 2, 0),
        ("0".to_owned(), 2, 0),
        ("60".to_owned(), 1, 0),
        (httpdate::fmt_http_date(now + Duration::from_hours(1)), 1, 0),
        ("99999999999999999999".to_owned(), 1, 0),
    ] {
        let text = value.clone();
        let server = Server::start(move |nth, _, _| {
            let status = if nth == 1 { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
            (status, [(header::RETRY_AFTER, text.clone())])
        })
        .await;
        let authorized = AuthorizedClient::new(BearerAuthorizer::new("t").unwrap(), [server.origin()]);
        let client = build(authorized.with_clock(clock.clone()).with_retry(quick()));
        let start = Instant::now();
        let answer = client.get(&server.address).send().await.unwrap();
        assert_eq!(server.count(), expected, "{value}");
        assert_eq!(answer.status(), if expected == 2 { 200 } else { 429 }, "{value}");
        assert!(start.elapsed() >= Duration::from_millis(least), "{value}");
        // Less than the shortest wait that was asked for.
        assert!(expected == 2 || start.elapsed() < Duration::from_mins(1), "{value}");
    }
}

#[tokio::test]
async fn only_what_is_idempotent_is_sent_again() {
    for (status, method, keyed, expected) in [
        (503, Method::GET, false, 3),
        (429, Method::PUT, false, 3),
        (502, Method::DELETE, false, 3),
        (504, Method::HEAD, false, 3),
        (503, Method::POST, false, 1),
        (429, Method::PATCH, false, 1),
        (503, Method::POST, true, 3),
        (500, Method::GET, false, 1),
        (403, Method::GET, false, 1),
        (404, Method::GET, false, 1),
    ] {
        let server = Server::start(move |_, _, _| StatusCode::from_u16(status).unwrap()).await;
        let client = build(
            AuthorizedClient::new(BearerAuthorizer::new("t").unwrap(), [server.origin()]).with_retry(quick()),
        );
        let mut request = client.request(method.clone(), &server.address);
        if keyed {
            request = request.header("idempotency-key", "7");
        }
        assert_eq!(request.send().await.unwrap().status(), status);
        assert_eq!(server.count(), expected, "{status} to {method}, keyed: {keyed}");
    }
}

#[tokio::test]
async fn there_is_one_budget() {
    // 503, 401, 503 …: each retry uses the same budget of three requests.
    let server =
        Server::start(
            |nth, _, _| {
                if nth % 2 == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNAUTHORIZED }
            },
        )
        .await;
    for (policy, expected) in [
        (quick(), 3),
        (quick().with_max_requests(2), 2),
        (quick().with_max_requests(0), 1),
        (RetryPolicy::never(), 1),
        (RetryPolicy::only_new_credentials(), 1),
        (quick().with_max_wait(Duration::ZERO), 1),
    ] {
        let fake = Fake::counting(3600);
        server.seen.lock().unwrap().clear();
        let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]).with_retry(policy));
        client.get(&server.address).send().await.unwrap();
        assert_eq!(server.count(), expected);
    }
    let refusing =
        Server::start(|nth, _, _| if nth == 1 { StatusCode::UNAUTHORIZED } else { StatusCode::OK }).await;
    let fake = Fake::counting(3600);
    let client = build(
        AuthorizedClient::new(machine(&fake), [refusing.origin()])
            .with_retry(RetryPolicy::only_new_credentials()),
    );
    assert_eq!(client.get(&refusing.address).send().await.unwrap().status(), 200);
}

// A body that can be read only once is sent once; the next request has a new token.
#[tokio::test]
async fn a_stream_is_not_sent_again() {
    let server = Server::start(|_, _, headers| {
        if headers[header::AUTHORIZATION] == "Bearer t1" { StatusCode::UNAUTHORIZED } else { StatusCode::OK }
    })
    .await;
    let fake = Fake::counting(3600);
    let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]).with_retry(quick()));
    let stream = futures_util::stream::iter([Ok::<_, Infallible>("once")]);
    let request = client.put(&server.address).body(reqwest::Body::wrap_stream(stream));
    assert_eq!(request.send().await.unwrap().status(), 401);
    assert_eq!(server.count(), 1);
    assert_eq!(client.get(&server.address).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn failures_of_the_network_are_tried_again_if_that_is_harmless() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            // Reads the request and closes the connection.
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 64]).await;
        }
    });
    let bearer = BearerAuthorizer::new("CANARY").unwrap();
    let client = build(AuthorizedClient::new(bearer, [Origin::parse(&address).unwrap()]).with_retry(quick()));
    let error = client.get(&address).send().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("CANARY"));
    let for_get = count.swap(0, Ordering::SeqCst);
    client.post(&address).body("x").send().await.unwrap_err();
    let for_post = count.load(Ordering::SeqCst);
    assert!(for_get >= 3 && for_post < for_get, "{for_get} and {for_post}");
}

#[tokio::test]
async fn an_authorizer_that_fails_stops_the_request() {
    let server = Server::start(|_, _, _| StatusCode::OK).await;
    let fake = Fake::new(|_, _| (400, r#"{"error":"invalid_client"}"#.to_owned()));
    let client = build(AuthorizedClient::new(machine(&fake), [server.origin()]));
    let error = client.get(&server.address).send().await.unwrap_err();
    assert!(format!("{error}").contains("library: refused with invalid_client"), "{error}");
    assert_eq!(server.count(), 0);
}

/// A service that counts requests and responds by token.
fn service(
    good: &'static str,
) -> (
    Arc<AtomicUsize>,
    impl tower::Service<http::Request<String>, Response = Response<()>, Error = Infallible, Future: Send> + Clone,
) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let service = tower::service_fn(move |request: http::Request<String>| {
        counter.fetch_add(1, Ordering::SeqCst);
        assert_eq!(request.body(), "hello");
        let is_good = request.headers().get(header::AUTHORIZATION).is_some_and(|value| value == good);
        let status = if is_good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        async move { Ok(Response::builder().status(status).body(()).unwrap()) }
    });
    (count, service)
}

fn hello(address: &str) -> http::Request<String> {
    http::Request::post(address).body("hello".to_owned()).unwrap()
}

#[tokio::test]
async fn the_layer_does_the_same_for_tower() {
    let origin = || [Origin::parse("https://api.example.com").unwrap()];
    let fake = Fake::counting(3600);
    let (count, inner) = service("Bearer t2");
    let mut client = AuthorizationLayer::new(machine(&fake), origin()).layer(inner);
    let answer = client.ready().await.unwrap().call(hello("https://api.example.com/x")).await.unwrap();
    assert_eq!((answer.status(), count.load(Ordering::SeqCst)), (StatusCode::OK, 2));

    let (count, inner) = service("never");
    let client = AuthorizationLayer::new(machine(&fake), origin())
        .with_retry(quick().with_max_requests(9))
        .layer(inner);
    for (address, expected) in
        [("https://api.example.com/x", 2), ("https://other.example.com/x", 1), ("/relative", 1)]
    {
        count.store(0, Ordering::SeqCst);
        let answer = client.clone().oneshot(hello(address)).await.unwrap();
        assert_eq!(
            (answer.status(), count.load(Ordering::SeqCst)),
            (StatusCode::UNAUTHORIZED, expected),
            "{address}"
        );
    }
    let broken = Fake::new(|_, _| (400, r#"{"error":"invalid_client"}"#.to_owned()));
    let (count, inner) = service("never");
    let client = AuthorizationLayer::new(machine(&broken), origin()).layer(inner);
    let error = client.oneshot(hello("https://api.example.com/x")).await.unwrap_err();
    assert_eq!(error.to_string(), "library: refused with invalid_client");
    assert_eq!(count.load(Ordering::SeqCst), 0);
}
