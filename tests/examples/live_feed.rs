//! The example `live_feed`, over real connections: streams are closed within a second of the withdrawal, and go on otherwise.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use auth_runtime::{KeyRing, TicketCookie};
use futures_util::StreamExt as _;
use reqwest::{Client, Response, header, redirect::Policy};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, protocol::CloseFrame},
};

use crate::programs::live_feed;

const LONG: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Site {
    address: SocketAddr,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cookie = TicketCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
        let app = live_feed::app(cookie).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { address, client: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    async fn post(&self, path: &str, cookie: &str, form: &'static str) -> Response {
        let request = self.client.post(format!("http://{}{path}", self.address)).body(form);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.header(header::COOKIE, cookie).send().await.unwrap()
    }

    async fn login(&self, form: &'static str) -> String {
        let answer = self.post("/login", "", form).await;
        assert_eq!(answer.status().as_u16(), 303);
        answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    /// What an administrator does; returns when it was done.
    async fn order(&self, path: &str, admin: &str) -> Instant {
        assert_eq!(self.post(path, admin, "").await.status().as_u16(), 303, "{path}");
        Instant::now()
    }

    async fn events(&self, cookie: &str) -> Response {
        let request = self.client.get(format!("http://{}/events", self.address));
        request.header(header::COOKIE, cookie).send().await.unwrap()
    }

    /// Opens a socket, or returns the status of the refusal.
    async fn socket(&self, cookie: &str, origin: Option<&str>) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/socket", self.address).into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The next text, or the frame that closes the socket.
async fn next(socket: &mut Socket) -> Result<String, Option<CloseFrame>> {
    loop {
        match timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => return Ok(text.to_string()),
            Message::Close(frame) => return Err(frame),
            _ => {}
        }
    }
}

/// Reads until the socket is closed.
async fn closed(socket: &mut Socket) -> (u16, String) {
    loop {
        if let Err(frame) = next(socket).await {
            let frame = frame.unwrap();
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

/// The notification ended it, not the regular check, which comes after half a minute.
fn assert_prompt(since: Instant) {
    assert!(since.elapsed() < LONG, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_socket_is_closed_when_the_right_is_withdrawn_and_others_go_on() {
    let site = Site::start().await;
    assert_eq!(site.socket("", None).await.unwrap_err(), 401);
    let admin = site.login("name=root&password=toor").await;
    let (alice, bob) =
        (site.login("name=alice&password=wonderland").await, site.login("name=bob&password=builder").await);
    let mut hers = site.socket(&alice, None).await.unwrap();
    let mut his = site.socket(&bob, None).await.unwrap();
    assert_eq!(next(&mut hers).await.unwrap(), "news 1 for alice");
    assert_eq!(next(&mut his).await.unwrap(), "news 1 for bob");

    let done = site.order("/readers/alice/remove", &admin).await;
    assert_eq!(closed(&mut hers).await, (1008, "not permitted any more".to_owned()));
    assert_prompt(done);
    assert_eq!(site.socket(&alice, None).await.unwrap_err(), 403);
    assert!(next(&mut his).await.is_ok());

    site.order("/readers/alice/add", &admin).await;
    let mut hers = site.socket(&alice, None).await.unwrap();
    assert!(next(&mut hers).await.is_ok());
    let done = site.order("/users/alice/log-out", &admin).await;
    assert_eq!(closed(&mut hers).await, (4401, "signed out".to_owned()));
    assert_prompt(done);
    assert_eq!(site.socket(&alice, None).await.unwrap_err(), 401);
    assert!(next(&mut his).await.is_ok());

    // Bob's own log-out, with the same cookie.
    let done = site.order("/logout", &bob).await;
    assert_eq!(closed(&mut his).await.0, 4401);
    assert_prompt(done);
}

#[tokio::test]
async fn a_stream_of_events_ends_when_the_right_is_withdrawn() {
    let site = Site::start().await;
    assert_eq!(site.events("").await.status().as_u16(), 401);
    let admin = site.login("name=root&password=toor").await;
    let alice = site.login("name=alice&password=wonderland").await;
    for (order, after) in [("/readers/alice/remove", 403), ("/users/alice/log-out", 401)] {
        let mut stream = site.events(&alice).await;
        assert_eq!(stream.status().as_u16(), 200);
        let first = timeout(LONG, stream.chunk()).await.unwrap().unwrap().unwrap();
        assert_eq!(first, "data: news 1 for alice\n\n");
        let done = site.order(order, &admin).await;
        while timeout(LONG, stream.chunk()).await.unwrap().unwrap().is_some() {}
        assert_prompt(done);
        assert_eq!(site.events(&alice).await.status().as_u16(), after);
        site.order("/readers/alice/add", &admin).await;
    }
    let bob = site.login("name=bob&password=builder").await;
    assert_eq!(site.post("/readers/bob/remove", &bob, "").await.status().as_u16(), 403);
}

#[tokio::test]
async fn another_sites_page_opens_no_socket() {
    let site = Site::start().await;
    let alice = site.login("name=alice&password=wonderland").await;
    assert_eq!(site.socket(&alice, Some("http://evil.example")).await.unwrap_err(), 403);
    let own = format!("http://{}", site.address);
    assert!(site.socket(&alice, Some(&own)).await.is_ok());
}
