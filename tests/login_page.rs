//! Who is sent to the log-in page, and with which way back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod support;

use auth_runtime::{
    AuthLayer, LocalPath, Refusal, RefusalKind, auth_required,
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Uri, header},
    routing::any,
};
use support::Answer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[auth_required]
async fn secret() -> &'static str {
    "secret"
}

fn routes() -> Router {
    Router::new()
        .route("/secret", any(secret))
        .route("/login", any(secret))
        .nest("/deep", Router::new().nest("/er", Router::new().route("/secret", any(secret))))
        .fallback(secret)
}

fn app() -> Router {
    routes().layer(testing::anonymous().with_login_page(LocalPath::from_static("/login")))
}

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn navigate(app: &Router, target: &str) -> Answer {
    support::ask(app, Request::get(target).header(header::ACCEPT, HTML)).await
}

#[tokio::test]
async fn rd5_rd6_rd9_only_navigations_are_sent_to_the_log_in_page() {
    let mut sent: usize = 0;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"] {
        for accept in [
            None,
            Some("*/*"),
            Some(HTML),
            Some("application/json"),
            Some("application/json,text/html;q=0.5"),
        ] {
            for mode in [
                None,
                Some("navigate"),
                Some("cors"),
                Some("no-cors"),
                Some("same-origin"),
                Some("websocket"),
            ] {
                for extra in [None, Some("x-requested-with"), Some("hx-request"), Some("upgrade")] {
                    let mut request = Request::builder().method(method).uri("/secret");
                    for (name, value) in [("accept", accept), ("sec-fetch-mode", mode)] {
                        if let Some(value) = value {
                            request = request.header(name, value);
                        }
                    }
                    if let Some(name) = extra {
                        request = request.header(name, "true");
                    }
                    let answer = support::ask(&app(), request).await;
                    let navigation = matches!(method, "GET" | "HEAD")
                        && accept == Some(HTML)
                        && matches!(mode, None | Some("navigate"))
                        && extra.is_none();
                    let at = format!("{method} {accept:?} {mode:?} {extra:?}");
                    if navigation {
                        sent += 1;
                        assert_eq!((answer.status.as_u16(), answer.body.len()), (303, 0), "{at}");
                        assert_eq!(answer.header("location"), "/login?next=%2Fsecret");
                        assert_eq!(answer.header("cache-control"), "no-store", "{at}");
                        assert_eq!(answer.header("referrer-policy"), "no-referrer");
                        assert!(answer.header("vary").contains("cookie"));
                    } else {
                        assert_eq!(
                            (answer.status.as_u16(), answer.header("location")),
                            (401, String::new()),
                            "{at}"
                        );
                        assert!(answer.headers.contains_key("www-authenticate"), "{at}");
                    }
                }
            }
        }
    }
    assert_eq!(sent, 4);
}

#[tokio::test]
async fn only_the_unknown_are_sent_and_never_those_who_may_not() {
    let page = LocalPath::from_static("/login");
    for (layer, status) in [
        (testing::acting_as_barred("alice"), 403),
        (AuthLayer::new(FakeIdentity::failing()), 503),
        (AuthLayer::new(FakeIdentity::bad_credential()), 303),
    ] {
        let app = routes().layer(layer.with_login_page(page.clone()));
        assert_eq!(navigate(&app, "/secret").await.status.as_u16(), status);
    }
    let websocket =
        Request::get("/secret").header("upgrade", "websocket").header("origin", "https://evil.example");
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_login_page(page));
    let answer = support::ask(&app, websocket.header(USER_HEADER, "alice").header("accept", HTML)).await;
    assert_eq!(answer.status, RefusalKind::CrossOrigin.status());
}

#[tokio::test]
async fn rd2_rd3_the_way_back_is_checked_and_encoded() {
    for (target, next) in [
        ("/secret", Some("%2Fsecret")),
        ("/deep/er/secret", Some("%2Fdeep%2Fer%2Fsecret")),
        (
            "/secret?a=1&b=%2F%0d%0a&next=//x",
            Some("%2Fsecret%3Fa%3D1%26b%3D%252F%250d%250a%26next%3D%2F%2Fx"),
        ),
        ("/caf%C3%A9", Some("%2Fcaf%25C3%25A9")),
        ("http://evil.example/secret", Some("%2Fsecret")),
        ("http://evil.example//secret", None),
        ("//evil.example", None),
        ("//evil.example/secret", None),
        ("///evil.example", None),
        ("/a//b", None),
        ("/./secret", None),
        ("/../secret", None),
        ("/%2e%2E/secret", None),
        ("/a%2fb", None),
        ("/a%5cb", None),
        ("/a%00b", None),
        ("/a%0d%0aset-cookie:x=1", None),
        ("/a%25%30%30", None),
        ("/a%zz", None),
    ] {
        let Ok(uri) = target.parse::<Uri>() else { panic!("{target}") };
        let request = Request::builder().method(Method::GET).uri(uri).header(header::ACCEPT, HTML);
        let answer = support::send(&app(), request.body(Body::empty()).unwrap()).await;
        let expected = next.map_or_else(|| "/login".to_owned(), |next| format!("/login?next={next}"));
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, expected), "{target}");
    }
    let long = format!("/{}", "a".repeat(2_048));
    assert_eq!(navigate(&app(), &long).await.header("location"), "/login");
}

/// Sends bytes that clients' libraries would not, and returns the `Location` line.
async fn raw(app: Router, target: &[u8]) -> Option<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = b" HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n";
    stream.write_all(&[b"GET ", target, head].concat()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    server.abort();
    let text = String::from_utf8(answer).unwrap();
    text.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned)
}

#[tokio::test]
async fn rd2_a_target_that_looks_like_another_host_leads_nowhere_on_the_wire() {
    for target in [
        &b"//evil.example"[..],
        b"//evil.example/%2e%2e",
        b"/\\evil.example",
        b"/\t/evil.example",
        b"/\xE2\x80\xAE",
        b"http://evil.example//x",
        b"/a\x00b",
    ] {
        let location = raw(app(), target).await;
        assert!(location.is_none() || location.as_deref() == Some("/login"), "{target:?} {location:?}");
    }
    assert_eq!(raw(app(), b"/secret?x").await.as_deref(), Some("/login?next=%2Fsecret%3Fx"));
    let absolute = raw(app(), b"http://evil.example/secret").await;
    assert_eq!(absolute.as_deref(), Some("/login?next=%2Fsecret"));
}

#[tokio::test]
async fn rd7_a_guarded_log_in_page_sends_nobody_round_in_circles() {
    for page in ["/login", "/login?lang=en", "/deep/er/secret"] {
        let app = routes().layer(testing::anonymous().with_login_page(LocalPath::parse(page).unwrap()));
        let mut target = "/secret".to_owned();
        let mut redirects = 0_u32;
        loop {
            let answer = navigate(&app, &target).await;
            if answer.status.as_u16() == 401 {
                assert!(answer.text().contains("Please log in first."));
                break;
            }
            assert_eq!(answer.status.as_u16(), 303);
            target = answer.header("location");
            redirects = redirects.wrapping_add(1);
            assert!(redirects <= 2, "{page} {target}");
        }
    }
}

#[tokio::test]
async fn rd8_the_way_back_does_not_grow() {
    let app = app();
    let mut lengths = Vec::new();
    let mut target = "/secret?q=1".to_owned();
    for _ in 0..100 {
        let location = navigate(&app, &target).await.header("location");
        lengths.push(location.len());
        // The log-in page's own link to a guarded page keeps what it was given.
        let (_, next) = location.split_once("next=").unwrap();
        target = next.replace("%2F", "/").replace("%3F", "?").replace("%3D", "=");
    }
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    // One that nests what it was given ends at the longest path.
    let mut target = "/secret".to_owned();
    for _ in 0..100 {
        let location = navigate(&app, &target).await.header("location");
        assert!(location.len() <= "/login?next=".len() + 3 * 2_048, "{}", location.len());
        target = location.replace("/login?next=", "/secret?next=");
        if location == "/login" {
            target = "/secret".to_owned();
        }
    }
}

#[tokio::test]
async fn the_parameter_and_a_page_with_a_query_are_the_applications() {
    for (page, parameter, expected) in [
        ("/login", "back", "/login?back=%2Fsecret"),
        ("/login?lang=en", "next", "/login?lang=en&next=%2Fsecret"),
        ("/login?", "next", "/login?&next=%2Fsecret"),
    ] {
        let page = LocalPath::parse(page).unwrap();
        let app = routes().layer(testing::anonymous().with_login_page_and_parameter(page, parameter));
        assert_eq!(navigate(&app, "/secret").await.header("location"), expected);
    }
}

#[tokio::test]
async fn rd6_a_replacement_learns_of_no_way_back_to_what_was_no_get() {
    let layer = testing::anonymous().with_refusal(|refusal: &Refusal| format!("{:?}", refusal.return_path()));
    let app = routes().layer(layer);
    for (method, expected) in [
        ("GET", "Some(LocalPath(\"/secret?x=1\"))"),
        ("POST", "None"),
        ("PUT", "None"),
        ("DELETE", "None"),
        ("OPTIONS", "None"),
        ("get", "None"),
    ] {
        let answer = support::ask(&app, Request::builder().method(method).uri("/secret?x=1")).await;
        assert_eq!(answer.text(), expected, "{method}");
    }
}
