//! Who is sent to the log-in page, and with which way back.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    AuthErrorKind, AuthLayer, LocalPath, Refusal, auth_required,
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Uri, header},
    routing::any,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{self, Answer, Log};

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
async fn only_navigations_are_sent_to_the_log_in_page() {
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
        (testing::acting_as_blocked("alice"), 403),
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
    assert_eq!(answer.status, AuthErrorKind::CrossOrigin.status());
}

#[tokio::test]
async fn the_way_back_is_checked_and_encoded() {
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
async fn a_target_that_looks_like_another_host_leads_nowhere_on_the_wire() {
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
async fn a_guarded_log_in_page_causes_no_redirect_loop() {
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

/// Follows redirects as a browser does, through a proxy that strips a prefix, and returns the last answer.
async fn follow(app: &Router, prefix: &str, start: &str) -> Answer {
    let mut target = start.to_owned();
    for _ in 0..4 {
        let answer = navigate(app, target.strip_prefix(prefix).unwrap()).await;
        if answer.status.as_u16() != 303 {
            return answer;
        }
        target = answer.header("location");
    }
    panic!("redirected in circles: {target}");
}

#[tokio::test]
async fn a_guarded_log_in_page_is_401_and_the_log_names_the_route() {
    for (page, base, prefix, start, route) in [
        ("/login", "/", "", "/secret", "GET /login"),
        ("/login?lang=en", "/", "", "/secret?x=1", "GET /login"),
        ("/deep/er/secret", "/", "", "/secret", "GET /deep/er/secret"),
        ("/login", "/app", "/app", "/app/secret", "GET /login"),
        // The application wrote the public path of the page, and did not say that a proxy strips its front.
        ("/app/login", "/", "/app", "/app/secret", "GET /login"),
        ("/app/", "/", "/app", "/app/secret", "GET /"),
    ] {
        let layer = testing::anonymous().with_login_page(LocalPath::parse(page).unwrap());
        let app = routes().layer(layer.with_base_path(base).unwrap());
        let (answer, told) = Log::of(follow(&app, prefix, start)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (401, String::new()),
            "{page} {base}"
        );
        let told: Vec<&str> =
            told.iter().filter(|it| it.message == "misconfigured").map(|it| it.field("error")).collect();
        assert_eq!(told.len(), 1, "{page} {base} {told:?}");
        assert!(
            told[0].contains(&format!("`{route}`")) && told[0].contains("#[allow_anonymous]"),
            "{told:?}"
        );
    }
    // What is only called alike is another page, and nothing is said of it.
    let layer = testing::anonymous().with_login_page(LocalPath::from_static("/account/login"));
    let app = routes().layer(layer);
    let (answer, told) = Log::of(navigate(&app, "/login")).await;
    assert_eq!(answer.header("location"), "/account/login?next=%2Flogin");
    assert!(told.iter().all(|it| it.message != "misconfigured"), "{told:?}");
}

#[tokio::test]
async fn behind_a_proxy_that_strips_a_prefix_redirects_lead_below_the_base_path() {
    let layer = || testing::anonymous().with_login_page(LocalPath::from_static("/login"));
    for (base, target, expected) in [
        ("/app", "/secret", "/app/login?next=%2Fapp%2Fsecret"),
        ("/app", "/secret?x=1&y=/", "/app/login?next=%2Fapp%2Fsecret%3Fx%3D1%26y%3D%2F"),
        ("/a/b.c", "/deep/er/secret", "/a/b.c/login?next=%2Fa%2Fb.c%2Fdeep%2Fer%2Fsecret"),
        ("/app", "/", "/app/login?next=%2Fapp%2F"),
        ("/app", "http://elsewhere.example/secret", "/app/login?next=%2Fapp%2Fsecret"),
        ("/app", "//evil.example", "/app/login"),
        ("/app", "/../secret", "/app/login"),
        ("/", "/secret", "/login?next=%2Fsecret"),
    ] {
        let app = routes().layer(layer().with_base_path(base).unwrap());
        assert_eq!(navigate(&app, target).await.header("location"), expected, "{base} {target}");
    }
    // The prefix counts for the length of the path.
    let app = routes().layer(layer().with_base_path("/app").unwrap());
    let longest = format!("/{}", "a".repeat(2_048 - "/app/".len()));
    let expected = format!("/app/login?next=%2Fapp%2F{}", &longest[1..]);
    assert_eq!(navigate(&app, &longest).await.header("location"), expected);
    assert_eq!(navigate(&app, &format!("{longest}a")).await.header("location"), "/app/login");
    // No header of the client's moves it.
    let request = Request::get("/secret").header(header::ACCEPT, HTML).header("x-forwarded-prefix", "//evil");
    let answer = support::ask(&app, request).await;
    assert_eq!(answer.header("location"), "/app/login?next=%2Fapp%2Fsecret");
    // A replacement gets it with the prefix; elsewhere the request is what it was.
    let layer = testing::anonymous().with_refusal(|refusal: &Refusal| format!("{:?}", refusal.return_path()));
    let app = routes().layer(layer.with_base_path("/app").unwrap());
    assert_eq!(navigate(&app, "/secret?x").await.text(), "Some(LocalPath(\"/app/secret?x\"))");
}

#[test]
fn a_base_path_is_checked() {
    for text in ["/", "/app", "/a/b", "/a-b_c.d~", "/caf%C3%A9"] {
        assert!(testing::anonymous().with_base_path(text).is_ok(), "{text}");
    }
    for (text, reason) in [
        ("", "must start with `/`"),
        ("app", "must start with `/`"),
        ("https://app.example", "must start with `/`"),
        ("/app/", "must not end with `/`"),
        ("/app?x", "must not hold a query"),
        ("/app#x", "visible ASCII"),
        ("//app", "must not hold `//`"),
        ("/a//b", "must not hold `//`"),
        ("/a/..", "segments `.` and `..`"),
        ("/a%2fb", "escaped"),
        ("/a b", "visible ASCII"),
        ("/a\r\nb", "visible ASCII"),
    ] {
        let error = testing::anonymous().with_base_path(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text:?}: {error}");
    }
}

#[tokio::test]
async fn the_way_back_does_not_grow() {
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
async fn a_replacement_learns_of_no_way_back_to_what_was_no_get() {
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

#[tokio::test]
async fn the_page_may_be_given_as_text() {
    let app = routes().layer(testing::anonymous().with_login_page("/login"));
    let answer = navigate(&app, "/secret").await;
    assert_eq!(answer.status.as_u16(), 303);
    assert_eq!(answer.header("location"), "/login?next=%2Fsecret");
}

#[test]
#[should_panic(expected = "a local path must not hold `//`")]
fn a_page_elsewhere_stops_the_start() {
    drop(testing::anonymous().with_login_page("//evil.example/login"));
}
