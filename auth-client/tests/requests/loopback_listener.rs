//! The loopback listener binds this host only, accepts only the expected redirect, and is not blocked by
//! other requests.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    AuthorizationCode, Authorizer as _, DeviceCode, DevicePrompt, Environment, Error, ErrorKind, Grant as _,
    Interaction, LoopbackListener, OAuthClient, RequestTemplate, TemplateGrant, TokenAuthorizer,
};
use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
};
use url::Url;

use crate::support::{Fake, HandClock, client, provider};

/// Passes the address to the test.
#[derive(Clone, Debug)]
struct Hand(mpsc::UnboundedSender<Url>, Arc<Mutex<Vec<Duration>>>);

impl Interaction for Hand {
    fn open(&self, address: &Url, left: Duration) {
        self.1.lock().unwrap().push(left);
        let _ = self.0.send(address.clone());
    }

    fn enter_code(&self, _: &DevicePrompt, _: Duration) {}

    fn waiting(&self, left: Duration) {
        self.1.lock().unwrap().push(left);
    }
}

/// A log-in that waits for its browser.
struct Waiting {
    address: SocketAddr,
    state: String,
    answer: JoinHandle<Result<String, Error>>,
    fake: Fake,
}

async fn wait(limit: Duration) -> Waiting {
    wait_at(limit, "127.0.0.1").await
}

async fn wait_at(limit: Duration, host: &str) -> Waiting {
    let fake = Fake::new(|_, _| (200, r#"{"access_token":"good"}"#.to_owned()));
    let (sender, mut addresses) = mpsc::unbounded_channel();
    let grant = AuthorizationCode::new(client(&fake, &HandClock::default()))
        .with_timeout(limit)
        .with_interaction(Hand(sender, Arc::default()));
    let grant = if host == "localhost" { grant.with_localhost_redirect() } else { grant };
    let authorizer = TokenAuthorizer::new(grant);
    let answer = tokio::spawn(async move {
        let credentials = authorizer.authorize().await?;
        Ok(credentials.headers()["authorization"].to_str().unwrap().to_owned())
    });
    let url = addresses.recv().await.unwrap();
    let value = |name: &str| url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
    let redirect: Url = value("redirect_uri").parse().unwrap();
    assert_eq!((redirect.scheme(), redirect.path()), ("http", "/callback"));
    // An address, not a name that could resolve to something else.
    assert_eq!(redirect.host_str().unwrap(), host);
    let address = SocketAddr::new([127, 0, 0, 1].into(), redirect.port().unwrap());
    Waiting { address, state: value("state"), answer, fake }
}

async fn talk(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have responded and closed already.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn get(address: SocketAddr, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n")
}

impl Waiting {
    fn good(&self) -> String {
        get(self.address, &format!("/callback?code=c&state={}", self.state))
    }

    async fn succeed(self) {
        let answer = talk(self.address, &self.good()).await;
        assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("Location: /done\r\n"), "{answer}");
        let page = talk(self.address, &get(self.address, "/done")).await;
        assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("no-store"), "{page}");
        assert_eq!(self.answer.await.unwrap().unwrap(), "Bearer good");
        let exchange = &self.fake.seen()[0].form;
        assert_eq!((exchange["code"].as_str(), exchange["grant_type"].as_str()), ("c", "authorization_code"));
        assert_eq!(exchange["redirect_uri"], format!("http://{}/callback", self.address));
        assert!(exchange["code_verifier"].len() >= 43);
    }
}

// One loopback address and an ephemeral, exclusive port.
#[tokio::test]
async fn it_listens_on_this_machine_only() {
    let listener = LoopbackListener::bind().await.unwrap();
    assert!(listener.local_addr().ip().is_loopback());
    assert_ne!(listener.local_addr().port(), 0);
    // The port is bound before the browser is sent to the server.
    assert!(tokio::net::TcpListener::bind(listener.local_addr()).await.is_err());
    assert!(std::net::TcpStream::connect(("127.0.0.2", listener.local_addr().port())).is_err());
    let second = LoopbackListener::bind().await.unwrap();
    assert_ne!(listener.local_addr(), second.local_addr());
    let uri = listener.redirect_uri().unwrap();
    assert_eq!(uri.as_str(), format!("http://{}/callback", listener.local_addr()));
    for path in ["callback", "/a b", "/a?b", "/a#b", "/\r\n", "/ä", "/done", ""] {
        assert_eq!(
            LoopbackListener::bind_to(path, 0).await.unwrap_err().kind(),
            ErrorKind::Configuration,
            "{path}"
        );
    }
    // If the port of one family is in use, the other family serves.
    let port = listener.local_addr().port();
    let has_v6 = std::net::TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, port)).is_ok();
    let other = LoopbackListener::bind_to("/x", port).await;
    assert_eq!(other.is_ok(), has_v6, "{other:?}");
    if let Ok(other) = other {
        assert!(other.local_addr().is_ipv6());
        assert!(other.redirect_uri().unwrap().as_str().starts_with("http://[::1]:"));
        let third = LoopbackListener::bind_to("/x", port).await.unwrap_err();
        assert_eq!(third.kind(), ErrorKind::Configuration);
    }
}

#[tokio::test]
async fn the_expected_redirect_is_accepted_and_the_listener_is_closed() {
    let waiting = wait(Duration::from_secs(30)).await;
    let address = waiting.address;
    waiting.succeed().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::net::TcpListener::bind(address).await.unwrap();
}

// 10,000 stray requests, then the valid one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stray_requests_do_not_end_a_log_in() {
    let waiting = wait(Duration::from_mins(5)).await;
    let address = waiting.address;
    let strays = [
        get(address, "/favicon.ico"),
        get(address, "/callback?code=c&state=wrong"),
        get(address, "/callback?error=access_denied&state=wrong"),
        format!("POST /callback?code=c&state={} HTTP/1.1\r\nHost: {address}\r\n\r\n", waiting.state),
        format!("GET /callback?code=c&state={} HTTP/1.1\r\nHost: rebound.example\r\n\r\n", waiting.state),
        get(address, &format!("/callback?code=c&code=d&state={}", waiting.state)),
        get(address, "/done"),
        "\u{16}\u{3}\u{1} this is not HTTP\r\n\r\n".to_owned(),
        String::new(),
        "GET /callback?code=c&state=".to_owned(),
    ];
    let strays = Arc::new(strays);
    let tasks: Vec<_> = (0..8)
        .map(|offset| {
            let strays = Arc::clone(&strays);
            tokio::spawn(async move {
                for nth in 0..1250 {
                    let request = &strays[(nth + offset) % strays.len()];
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    let _ = stream.write_all(request.as_bytes()).await;
                    let _ = stream.shutdown().await;
                    let mut answer = String::new();
                    let _ = stream.read_to_string(&mut answer).await;
                    assert!(!answer.contains("303"), "{answer}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(!waiting.answer.is_finished());
    waiting.succeed().await;
}

// Silent and slow connections, and endless heads (slowloris), do not block the listener for long.
#[tokio::test]
async fn slow_clients_do_not_hold_it_up() {
    let waiting = wait(Duration::from_mins(1)).await;
    let mut held = Vec::new();
    for _ in 0..15 {
        let mut stream = TcpStream::connect(waiting.address).await.unwrap();
        stream.write_all(b"GET /callback").await.unwrap();
        held.push(stream);
    }
    // 15 of 16 connection slots are in use.
    let huge = format!("GET /callback HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert!(!talk(waiting.address, &huge).await.contains("303"));
    let mut last = TcpStream::connect(waiting.address).await.unwrap();
    last.write_all(b"GET").await.unwrap();
    // All slots are in use; each connection is closed after five seconds, and the valid one is accepted. If they
    // were closed one after the other, the minute of the listener would be over before.
    waiting.succeed().await;
}

#[tokio::test]
async fn a_denial_is_typed() {
    let waiting = wait(Duration::from_secs(30)).await;
    let target =
        format!("/callback?error=access_denied&error_description=%3Cscript%3E&state={}", waiting.state);
    let answer = talk(waiting.address, &get(waiting.address, &target)).await;
    assert!(answer.starts_with("HTTP/1.1 303 ") && !answer.contains("script>"), "{answer}");
    let error = waiting.answer.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.denial().unwrap().code(), "access_denied");
    assert_eq!(error.to_string(), "library: refused with access_denied: <script>");
    assert_eq!(waiting.fake.count(), 0, "no code, no exchange");
}

// The server could not read the request, so it does not know the state; its error details are reported.
#[tokio::test]
async fn a_denial_without_a_state_ends_the_log_in_with_its_details() {
    let waiting = wait(Duration::from_hours(1)).await;
    let target = "/callback?error=invalid_scope&error_description=no+such+scope";
    let answer = talk(waiting.address, &get(waiting.address, target)).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("The log-in was refused"), "{answer}");
    let error = waiting.answer.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.to_string(), "library: refused with invalid_scope: no such scope");
    assert_eq!(waiting.fake.count(), 0);
}

// Any page in the browser could have sent the denial: a valid response still counts.
#[tokio::test]
async fn a_denial_without_a_state_does_not_block_a_valid_response() {
    let waiting = wait(Duration::from_mins(1)).await;
    for _ in 0..5 {
        talk(waiting.address, &get(waiting.address, "/callback?error=access_denied")).await;
    }
    waiting.succeed().await;
}

#[tokio::test]
async fn a_redirect_to_localhost_is_accepted_in_both_address_families() {
    let waiting = wait_at(Duration::from_mins(1), "localhost").await;
    let port = waiting.address.port();
    let named = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    let good = format!("/callback?code=c&state={}", waiting.state);
    // The redirect address has the name; the listener has an address.
    assert!(talk(waiting.address, &get(waiting.address, &good)).await.starts_with("HTTP/1.1 400 "));
    let six = SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), port);
    let has_six = tokio::net::TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, 0)).await.is_ok();
    let address = if has_six { six } else { waiting.address };
    assert!(talk(address, &named(&good)).await.starts_with("HTTP/1.1 303 "));
    assert!(talk(waiting.address, &named("/done")).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(waiting.answer.await.unwrap().unwrap(), "Bearer good");
    assert_eq!(waiting.fake.seen()[0].form["redirect_uri"], format!("http://localhost:{port}/callback"));
}

#[tokio::test]
async fn a_port_that_another_program_has_in_one_family_is_not_shared() {
    let Ok(other) = tokio::net::TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, 0)).await else { return };
    let port = other.local_addr().unwrap().port();
    let error = LoopbackListener::bind_localhost("/callback", port).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    drop(other);
    let listener = LoopbackListener::bind_localhost("/callback", port).await.unwrap();
    assert_eq!(listener.redirect_uri().unwrap().as_str(), format!("http://localhost:{port}/callback"));
}

#[tokio::test]
async fn a_log_in_times_out() {
    let waiting = wait(Duration::from_millis(100)).await;
    let error = waiting.answer.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "library: the browser did not come back from the provider in time");
    tokio::net::TcpListener::bind(waiting.address).await.unwrap();
}

// A cancelled log-in releases its port.
#[tokio::test]
async fn a_cancelled_log_in_closes_the_listener() {
    let waiting = wait(Duration::from_mins(5)).await;
    waiting.answer.abort();
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::net::TcpListener::bind(waiting.address).await.unwrap();
}

// For programs that open the browser themselves.
#[tokio::test]
async fn a_listener_receives_the_redirect_of_an_attempt_that_the_program_began() {
    let fake = Fake::new(|_, _| (200, r#"{"access_token":"good"}"#.to_owned()));
    let grant = AuthorizationCode::new(client(&fake, &HandClock::default()));
    let listener = LoopbackListener::bind().await.unwrap();
    let address = listener.local_addr();
    let attempt = grant.begin(listener.redirect_uri().unwrap()).unwrap();
    let state = attempt.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let (sender, _addresses) = mpsc::unbounded_channel();
    let hand = Hand(sender, Arc::default());
    let received =
        tokio::spawn(async move { attempt.receive(listener, Duration::from_mins(1), &hand).await });
    let forged = talk(address, &get(address, "/callback?code=c&state=forged")).await;
    assert!(forged.starts_with("HTTP/1.1 400 "), "{forged}");
    let redirected = talk(address, &get(address, &format!("/callback?code=c&state={state}"))).await;
    assert!(redirected.starts_with("HTTP/1.1 303 "), "{redirected}");
    talk(address, &get(address, "/done")).await;
    let token = received.await.unwrap().unwrap();
    assert_eq!(token.access_token().expose_secret(), "good");
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn a_listener_on_its_own_times_out_with_the_name_of_the_service() {
    let fake = Fake::counting(60);
    let grant = AuthorizationCode::new(client(&fake, &HandClock::default()));
    let listener = LoopbackListener::bind().await.unwrap();
    let attempt = grant.begin(listener.redirect_uri().unwrap()).unwrap();
    let (sender, _addresses) = mpsc::unbounded_channel();
    let hand = Hand(sender, Arc::default());
    let error = attempt.receive(listener, Duration::from_millis(50), &hand).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "library: the browser did not come back from the provider in time");
    assert_eq!(fake.count(), 0);
}

// Some authorization servers compare the port and the path of the redirect address.
#[tokio::test]
async fn the_redirect_address_has_the_registered_port_and_path() {
    let port = LoopbackListener::bind().await.unwrap().local_addr().port();
    let (sender, mut addresses) = mpsc::unbounded_channel();
    let grant = AuthorizationCode::new(client(&Fake::counting(60), &HandClock::default()))
        .with_redirect_port(port)
        .with_redirect_path("/signed-in")
        .with_interaction(Hand(sender, Arc::default()));
    let log_in = tokio::spawn(async move { grant.obtain().await });
    let url = addresses.recv().await.unwrap();
    let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    log_in.abort();
    assert!(
        [format!("http://127.0.0.1:{port}/signed-in"), format!("http://[::1]:{port}/signed-in")]
            .contains(&redirect),
        "{redirect}"
    );
    let grant = AuthorizationCode::new(client(&Fake::counting(60), &HandClock::default()))
        .with_redirect_path("signed-in");
    assert_eq!(grant.obtain().await.unwrap_err().kind(), ErrorKind::Configuration);
}

// Otherwise one user of a program would get the stored token of another.
#[test]
fn tokens_of_different_accounts_have_different_store_keys() {
    let fake = Fake::counting(60);
    let client = || client(&fake, &HandClock::default());
    let keys = |account: &str| {
        let request = RequestTemplate::new(http::Method::POST, "https://login.example.com/login").unwrap();
        let environment = Environment::with_http_client(fake.clone());
        [
            AuthorizationCode::new(client()).with_account(account).store_key(),
            DeviceCode::new(client()).with_account(account).store_key(),
            TemplateGrant::new(request, environment).with_account(account).store_key(),
        ]
    };
    let all: std::collections::HashSet<String> =
        [keys("alice"), keys("bob"), keys("")].iter().flatten().map(|key| key.as_str().to_owned()).collect();
    assert_eq!(all.len(), 9);
    assert_eq!(
        keys("alice").map(|key| key.as_str().to_owned()),
        keys("alice").map(|key| key.as_str().to_owned())
    );
}

// Each attempt has new secrets, and PKCE uses S256.
#[tokio::test]
async fn each_attempt_has_its_own_secrets() {
    let environment = Environment::with_http_client(Fake::counting(60));
    let grant = AuthorizationCode::new(OAuthClient::in_environment(provider(), "me", environment))
        .with_scopes(["openid", "read"])
        .with_param("prompt", "login");
    let redirect: Url = "http://127.0.0.1:7/callback".parse().unwrap();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let attempt = grant.begin(&redirect).unwrap();
        let value =
            |name: &str| attempt.url().query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
        assert_eq!(value("code_challenge_method"), "S256");
        assert_eq!(value("response_type"), "code");
        assert_eq!(value("client_id"), "me");
        assert_eq!(value("redirect_uri"), redirect.as_str());
        assert_eq!(value("scope"), "openid read");
        assert_eq!(value("prompt"), "login");
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(value(name).len(), 43);
            assert!(seen.insert(value(name)), "{name} came twice");
        }
    }
    let plain = auth_client::Provider::new("https://login.example.com/token").unwrap();
    let grant = AuthorizationCode::new(OAuthClient::new(plain, "me").unwrap());
    assert_eq!(grant.begin(&redirect).unwrap_err().kind(), ErrorKind::Configuration);
}
