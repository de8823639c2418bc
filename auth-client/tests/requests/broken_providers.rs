//! Slow, broken, malicious and unreachable authorization servers, over the real transport.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

mod proxies;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_client::{
    ClientCredentials, Environment, Error, ErrorKind, Grant as _, HttpClient as _, OAuthClient, Provider,
    Transport,
};
use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::{Instant, timeout},
};

/// Serves each connection with a function; returns the address and the number of connections.
async fn serve<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream));
        }
    });
    (address, count)
}

/// Reads the head of a request and writes these bytes.
async fn write(mut stream: TcpStream, bytes: Vec<u8>) {
    let _ = stream.read(&mut [0; 4096]).await;
    let _ = stream.write_all(&bytes).await;
}

/// Longer than any machine needs to answer itself.
const TIMEOUT: Duration = Duration::from_hours(1);

async fn fetch(address: &str) -> Result<String, Error> {
    let transport = Transport::builder().with_timeout(TIMEOUT).build().unwrap();
    let client = OAuthClient::in_environment(
        Provider::new(address)?,
        "me",
        Environment::with_http_client(transport).with_service_name("library"),
    )
    .with_secret("CANARY");
    Ok(ClientCredentials::new(client).obtain().await?.access_token().expose_secret().to_owned())
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn a_response_may_be_as_long_as_the_builder_says_and_no_longer() {
    let body = "x".repeat(1000);
    let answer = format!("{OK}Content-Length: 1000\r\n\r\n{body}");
    let (address, _) = serve(move |stream| write(stream, answer.clone().into_bytes())).await;
    let send = async |most: usize| {
        let transport = Transport::builder().with_max_response(most).build().unwrap();
        transport.send(http::Request::get(&address).body(Vec::new()).unwrap()).await
    };
    assert_eq!(send(1000).await.unwrap().body().len(), 1000);
    assert_eq!(send(999).await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn broken_providers_are_typed_errors_in_bounded_time() {
    let good = r#"{"access_token":"good"}"#;
    let length = good.len();
    let huge = format!("{OK}Content-Length: 10000000\r\n\r\n{}", " ".repeat(1_000_000));
    let endless_head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(2_000_000));
    for (name, answer, expected) in [
        ("good", format!("{OK}Content-Length: {length}\r\n\r\n{good}"), None),
        ("nothing", String::new(), Some(ErrorKind::Transport)),
        ("no HTTP", "\u{16}\u{3}\u{1}garbage".to_owned(), Some(ErrorKind::Transport)),
        ("half a head", "HTTP/1.1 200 OK\r\nContent-Ty".to_owned(), Some(ErrorKind::Transport)),
        ("a head without an end", endless_head, Some(ErrorKind::Transport)),
        (
            "a body that breaks off",
            format!("{OK}Content-Length: 500\r\n\r\n{good}"),
            Some(ErrorKind::Transport),
        ),
        ("a body too long", huge, Some(ErrorKind::Protocol)),
        (
            "bad chunks",
            format!("{OK}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{good}"),
            Some(ErrorKind::Transport),
        ),
        (
            "another media type",
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{good}"),
            None,
        ),
        (
            "two objects",
            format!("{OK}Content-Length: {}\r\n\r\n{good}{good}", 2 * length),
            Some(ErrorKind::Protocol),
        ),
        ("an empty body", format!("{OK}Content-Length: 0\r\n\r\n"), Some(ErrorKind::Protocol)),
        (
            "an error with 200",
            format!("{OK}Content-Length: 22\r\n\r\n{{\"error\":\"slow_downs\"}}"),
            Some(ErrorKind::Denied),
        ),
        (
            "502 in HTML",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>".to_owned(),
            Some(ErrorKind::Transport),
        ),
        (
            "429",
            "HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Some(ErrorKind::Transport),
        ),
        ("404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), Some(ErrorKind::Protocol)),
        ("100 for ever", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), Some(ErrorKind::Transport)),
    ] {
        let bytes = answer.into_bytes();
        let (address, count) = serve(move |stream| write(stream, bytes.clone())).await;
        let found = timeout(Duration::from_mins(5), fetch(&address)).await;
        let found = found.unwrap_or_else(|_| panic!("{name}: ends before its timeout"));
        let source =
            found.as_ref().err().map(|error| format!("{error:?} {:?}", std::error::Error::source(error)));
        assert_eq!(found.map_err(|error| error.kind()).err(), expected, "{name}: {source:?}");
        assert!(!format!("{source:?}").contains("CANARY"), "{name}");
        assert!(count.load(Ordering::SeqCst) <= 2, "{name}: no storm");
    }
}

#[tokio::test]
async fn slow_providers_are_given_up() {
    let stalled = Arc::new(Notify::new());
    let silent = serve({
        let stalled = Arc::clone(&stalled);
        move |mut stream| {
            let stalled = Arc::clone(&stalled);
            async move {
                let _ = stream.read(&mut [0; 4096]).await;
                stalled.notify_one();
                while stream.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {}
            }
        }
    });
    let dripping = serve({
        let stalled = Arc::clone(&stalled);
        move |mut stream| {
            let stalled = Arc::clone(&stalled);
            async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(format!("{OK}Content-Length: 1000\r\n\r\n").as_bytes()).await;
                stalled.notify_one();
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(TIMEOUT / 20).await;
                }
            }
        }
    });
    for (address, _) in [silent.await, dripping.await] {
        let start = Instant::now();
        // Once the provider stalls, nothing but the timeout can end the request, however slow the machine is.
        let time_passes = async {
            stalled.notified().await;
            tokio::time::pause();
        };
        let (found, ()) = tokio::join!(fetch(&address), time_passes);
        let error = found.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(error.to_string().starts_with("library: the provider"), "{error}");
        assert!(
            start.elapsed() >= TIMEOUT && start.elapsed() < TIMEOUT.saturating_mul(2),
            "{:?}",
            start.elapsed()
        );
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = fetch(&address).await.unwrap_err();
    assert_eq!(error.to_string(), "library: the provider cannot be reached");
    assert!(std::error::Error::source(&error).is_some(), "the cause is kept");
    let error = fetch("https://nowhere.invalid/token").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
}

// A redirected token request would send the secret to another server.
#[tokio::test]
async fn redirects_of_a_provider_are_not_followed() {
    let (trap, count) = serve(|stream| write(stream, Vec::new())).await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let answer =
            format!("HTTP/1.1 {status}\r\nLocation: {trap}/token\r\nContent-Length: 0\r\n\r\n").into_bytes();
        let (address, _) = serve(move |stream| write(stream, answer.clone())).await;
        let error = fetch(&address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{status}");
        assert!(error.to_string().contains("redirects are not followed"), "{error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "the redirect was not followed");
}

// `https` requires a valid certificate, and `http` is for loopback addresses.
#[tokio::test]
async fn only_certified_providers_are_talked_to() {
    // A TLS alert, as from a server that supports only an old version.
    let (address, _) = serve(|stream| write(stream, vec![21, 3, 1, 0, 2, 2, 70])).await;
    let error = fetch(&address.replace("http://", "https://")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    for address in [
        "http://login.example.com/token",
        "http://localhost/token",
        "ftp://login.example.com",
        "https://u:p@a.example/",
    ] {
        assert_eq!(fetch(address).await.unwrap_err().kind(), ErrorKind::Configuration, "{address}");
    }
    let request = http::Request::get("http://192.0.2.1/").body(Vec::new()).unwrap();
    let error = Transport::new().unwrap().send(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        Transport::builder()
            .with_root_certificate(b"no certificate")
            .and_then(auth_client::TransportBuilder::build)
            .is_err()
    );
}
