//! The token of a WebSocket handshake as a sub-protocol: it is found there, and sent back by no handler.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use auth_runtime::{
    Acl, AuthLayer, FirstOf, Identity, KeyRing, TicketCookie, UserId, acl, acl_required, allow_anonymous,
    auth_required,
    clock::UnixTime,
    identity::{ConcealedCredentials, IdentityPolicy, Incoming},
    jwt::{BearerJwt, JwtConfigErrorKind, RingKeys, WebSocketProtocol},
    testing::FrozenClock,
};
use axum::{
    Router,
    extract::ws::WebSocketUpgrade,
    http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Builder},
    response::{IntoResponse, Response},
    routing::any,
};
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::{
    support::{self, Answer},
    tokens::{self, AUDIENCE, ISSUER, NOON},
};

const FEED: Acl = acl![(Allow, Everyone, ["view"])];

#[acl_required("view", FEED)]
async fn who(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

/// Sends the header back as it is, as a careless handler would.
#[allow_anonymous(reason = "shows what a handler sees")]
async fn echo(headers: HeaderMap) -> impl IntoResponse {
    headers
        .get(header::SEC_WEBSOCKET_PROTOCOL)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

#[auth_required]
async fn socket(user: UserId, upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols(["bearer"]).on_upgrade(async move |mut socket| {
        let _ = socket.send(user.to_string().into()).await;
    })
}

fn policy() -> BearerJwt {
    let policy = BearerJwt::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE);
    policy.with_token_getter(WebSocketProtocol::new())
}

fn app(policy: impl IdentityPolicy) -> Router {
    Router::new()
        .route("/who", any(who))
        .route("/echo", any(echo))
        .route("/socket", any(socket))
        .layer(AuthLayer::new(policy).with_clock(FrozenClock::at(NOON)))
}

fn handshake(path: &str) -> Builder {
    Request::get(path).header("upgrade", "websocket").header("connection", "upgrade")
}

async fn ask(app: &Router, path: &str, lines: &[&str]) -> Answer {
    let token = tokens::valid();
    let add =
        |request: Builder, line: &&str| request.header("sec-websocket-protocol", line.replace('$', &token));
    support::ask(app, lines.iter().fold(handshake(path), add)).await
}

#[tokio::test]
async fn the_item_after_the_marker_is_the_token() {
    let app = app(policy());
    for lines in [
        &["bearer, $"][..],
        &["bearer,$"],
        &["graphql-ws, bearer, $"],
        &["bearer, $, graphql-ws"],
        &["bearer", "$"],
        &["graphql-ws", ",bearer ,,", "$, x"],
    ] {
        assert_eq!(ask(&app, "/who", lines).await.text(), "alice", "{lines:?}");
    }
    for lines in [&[][..], &["graphql-ws"], &["Bearer, $"], &["bearer2, $"], &["$"]] {
        assert_eq!(ask(&app, "/who", lines).await.text(), "anonymous", "{lines:?}");
    }
    for lines in [
        &["bearer"][..],
        &["$, bearer"],
        &["bearer, bearer"],
        &["bearer, $, bearer, $"],
        &["bearer, $", "bearer, $"],
        &["bearer, x y"],
        &["bearer, \"$\""],
        &["bearer, x.y.z"],
        &["bearer, graphql-ws, $"],
    ] {
        let answer = ask(&app, "/who", lines).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{lines:?}");
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{lines:?}");
    }
    let odd =
        handshake("/who").header("sec-websocket-protocol", HeaderValue::from_bytes(b"bearer, \xff").unwrap());
    assert_eq!(support::ask(&app, odd).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_a_handshake_has_its_token_there() {
    let app = app(policy());
    let list = format!("bearer, {}", tokens::valid());
    for request in [
        Request::get("/who"),
        Request::post("/who").header("upgrade", "websocket"),
        Request::get("/who").header("upgrade", "h2c"),
    ] {
        let answer = support::ask(&app, request.header("sec-websocket-protocol", &list)).await;
        assert_eq!(answer.text(), "anonymous");
    }
    // One method per request.
    let line = format!("Bearer {}", tokens::valid());
    let both = handshake("/who").header(header::AUTHORIZATION, &line).header("sec-websocket-protocol", &list);
    assert_eq!(support::ask(&app, both).await.status, StatusCode::UNAUTHORIZED);
    let by_header = Request::get("/who").header(header::AUTHORIZATION, &line);
    assert_eq!(support::ask(&app, by_header).await.text(), "alice");
    // Browsers do not send it by themselves, so other sites have no use of it (CSRF).
    let foreign = handshake("/who").header("origin", "https://evil.example").header("host", "api.example");
    assert_eq!(support::ask(&app, foreign.header("sec-websocket-protocol", &list)).await.text(), "alice");
}

/// The response repeats one of the offered protocols, and must not repeat the token.
#[tokio::test]
async fn no_handler_sees_the_token() {
    let plain = app(policy());
    let first = app(FirstOf::new(TicketCookie::new(KeyRing::random())).then(policy()));
    for app in [plain, first] {
        for (lines, seen) in [
            (&["bearer, $"][..], "bearer"),
            (&["a, bearer, $, b"], "a, bearer, b"),
            (&["a", "bearer", "$", "b"], "a, bearer, b"),
            (&["bearer, $, bearer, $"], "bearer, bearer"),
            (&["bearer"], "bearer"),
            (&["a, b"], "a, b"),
        ] {
            assert_eq!(ask(&app, "/echo", lines).await.text(), seen, "{lines:?}");
        }
        assert_eq!(ask(&app, "/who", &["bearer, $"]).await.text(), "alice");
    }
    // A request that is not a handshake has no credential there, and is not to be repeated either.
    let list = format!("bearer, {}", tokens::valid());
    let request = Request::get("/echo").header("sec-websocket-protocol", list);
    assert_eq!(support::ask(&app(policy()), request).await.text(), "bearer");
}

#[tokio::test]
async fn the_marker_may_be_another() {
    let getter = WebSocketProtocol::new().with_marker("access_token").unwrap();
    let app = app(policy().with_token_getter(getter));
    assert_eq!(ask(&app, "/who", &["access_token, $"]).await.text(), "alice");
    assert_eq!(ask(&app, "/who", &["bearer, $"]).await.text(), "anonymous");
    assert_eq!(ask(&app, "/echo", &["access_token, $, bearer"]).await.text(), "access_token, bearer");
    for marker in ["", "a b", "a,b", "a=b", "é"] {
        let error = WebSocketProtocol::new().with_marker(marker).unwrap_err();
        assert_eq!(error.kind(), JwtConfigErrorKind::Scheme, "{marker}");
    }
}

/// A handshake of HTTP/2 (RFC 8441, section 4), which axum routes only on such a connection.
#[test]
fn an_extended_connect_is_a_handshake() {
    let list = format!("bearer, {}", tokens::valid());
    for (version, expected) in [(Some("13"), Some("alice")), (None, None)] {
        let request = Request::connect("/who").header("sec-websocket-protocol", &list);
        let request = version
            .into_iter()
            .fold(request, |request, version| request.header("sec-websocket-version", version));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let request = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
        let policy = policy();
        let found = policy.identify(&request).now().unwrap().unwrap();
        assert_eq!(found.identity().map(Identity::as_str), expected, "{version:?}");
    }
}

/// A second layer, or a second policy, finds the token that was taken out before it, and takes out nothing else.
#[tokio::test]
async fn nested_layers_and_several_policies_share_the_token() {
    let clocked = |policy| AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
    let nested = app(policy()).layer(clocked(policy()));
    let stranger = || {
        let policy = BearerJwt::new(RingKeys::new(KeyRing::random())).with_issuer("https://other.example");
        policy.with_token_getter(WebSocketProtocol::new())
    };
    let twice = app(FirstOf::new(policy()).then(policy()));
    let mut apps = vec![nested, twice];
    let other = || policy().with_token_getter(WebSocketProtocol::new().with_marker("access_token").unwrap());
    apps.push(app(FirstOf::new(other()).then(policy())));
    apps.push(app(policy()).layer(clocked(other())));
    for app in &apps {
        assert_eq!(ask(app, "/who", &["bearer, $"]).await.text(), "alice");
        assert_eq!(ask(app, "/who", &["bearer, $, graphql-ws"]).await.text(), "alice");
        assert_eq!(ask(app, "/echo", &["a, bearer, $, b"]).await.text(), "a, bearer, b");
        for lines in [&["bearer"][..], &["bearer, x.y.z, b"], &["bearer, $, bearer, $"]] {
            assert_eq!(ask(app, "/who", lines).await.status, StatusCode::UNAUTHORIZED, "{lines:?}");
        }
    }
    // Both tokens of a handshake are taken out, each by its policy.
    let both = &["bearer, $, access_token, $, b"];
    assert_eq!(ask(&apps[2], "/echo", both).await.text(), "bearer, access_token, b");
    assert_eq!(ask(&apps[3], "/echo", both).await.text(), "bearer, access_token, b");
    // A token that the inner layer does not accept is rejected by it, although the outer one has read it.
    let strict = app(stranger()).layer(clocked(policy()));
    assert_eq!(ask(&strict, "/who", &["bearer, $"]).await.status, StatusCode::UNAUTHORIZED);
}

/// What another policy concealed is not a token of this one.
#[test]
fn a_concealed_credential_belongs_to_its_marker() {
    let (mut parts, ()) = handshake("/").body(()).unwrap().into_parts();
    let token = tokens::valid();
    let mut concealed = ConcealedCredentials::default();
    concealed.insert("other", Some(&token));
    assert!(!format!("{concealed:?}").contains(&token));
    parts.extensions.insert(concealed);
    let request = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
    let policy = policy();
    let found = policy.identify(&request).now().unwrap().unwrap();
    assert!(found.identity().is_none());
    let mut concealed = ConcealedCredentials::default();
    concealed.insert("bearer", Some(&token));
    parts.extensions.insert(concealed);
    let request = Incoming::new(&parts, None, UnixTime::from_secs(NOON));
    let found = policy.identify(&request).now().unwrap().unwrap();
    assert_eq!(found.identity().unwrap().as_str(), "alice");
}

/// Over a connection, with a client of other authors.
#[tokio::test]
async fn a_client_connects_with_its_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app(policy())).await.unwrap() });
    let token = tokens::valid();
    let mut request = format!("ws://{address}/socket").into_client_request().unwrap();
    let list = format!("bearer, {token}");
    request.headers_mut().insert("sec-websocket-protocol", list.parse().unwrap());
    let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "bearer");
    assert!(!format!("{:?}", response.headers()).contains(&token));
    assert_eq!(socket.next().await.unwrap().unwrap().to_text().unwrap(), "alice");
    server.abort();
}
