//! What a `PageGate` takes for a path, and which patterns match it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use auth_runtime::{
    AuthLayer, LocalPath,
    gate::{PageGate, PathPatterns, PatternErrorKind},
    testing::{self, FakeIdentity},
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{Request, StatusCode, Uri, Version, header},
    routing::any,
};

use crate::support::{ask, send};

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn gate() -> PageGate {
    PageGate::new(LocalPath::from_static("/login"), LocalPath::root())
}

/// Where every segment may be anything, so that a router lets pass what a gate has to stop.
fn routes() -> Router {
    Router::new()
        .route("/admin/x", any(async || "the guarded page"))
        .route("/{seg}/x", any(async |Path(seg): Path<String>| seg))
        .route("/files/{*rest}", any(async |Path(rest): Path<String>| rest))
        .route("/{seg}", any(async |Path(seg): Path<String>| seg))
        .fallback(async || "fallback")
}

/// What the gate lets through has no guard of its own here.
fn anonymous() -> AuthLayer {
    testing::anonymous().allow_unguarded()
}

fn app(auth: AuthLayer) -> Router {
    let protected = ["/admin", "/admin/", "/admin/{*rest}"];
    routes()
        .layer(gate().with_protected(protected).with_public(["/files/{*rest}"]))
        .layer(auth.allow_unguarded())
}

#[tokio::test]
async fn a_path_that_is_not_in_normal_form_is_rejected_for_all() {
    let mut tried: usize = 0;
    for path in [
        "//admin/x",
        "/admin//x",
        "//",
        "///evil.example",
        "/files//admin/x",
        "/./admin/x",
        "/admin/./x",
        "/files/../admin/x",
        "/admin/..",
        "/.",
        "/..",
        "/%2e/admin/x",
        "/files/%2e%2e/admin/x",
        "/files/%2E%2e/admin/x",
        "/files/.%2e/admin/x",
        "/%2e%2e",
        "/admin%2fx",
        "/admin%2Fx",
        "/files/..%2fadmin/x",
        "/admin%5cx",
        "/admin%5Cx",
        "/admin\\x",
        "/%61dmin/x",
        "/%41dmin/x",
        "/admi%6E/x",
        "/admin/%78",
        "/ad%2Dmin",
        "/admin;x",
        "/admin;/x",
        "/admin/x;a=b",
        "/;/admin/x",
        "/admin%3bx",
        "/admin%3B/x",
        "/admin/x%00",
        "/%00admin/x",
        "/admin%0a/x",
        "/admin%0d%0ax",
        "/admin%09",
        "/admin%7F/x",
        "/%C0%AE%C0%AE/admin/x",
        "/files/%c0%af",
        "/%E0%80%AF",
        "/%F0%80%80%AF",
        "/%FF",
        "/%ED%A0%80",
        "/%C3",
        "/%C2%85",
        "/%E2%80%A8",
        "/%252e%252e/admin/x",
        "/admin%252fx",
        "/%2561dmin/x",
        "/a%25",
        "/%",
        "/%2",
        "/%zz",
        "/%u0061dmin/x",
        "/caf\u{e9}/x",
        "http://evil.example//admin/x",
        "http://evil.example/files/../admin/x",
        "http://evil.example/%61dmin/x",
        "http://evil.example/admin;x",
        "evil.example:80",
        "*",
    ] {
        let Ok(uri) = path.parse::<Uri>() else { continue };
        tried += 1;
        for auth in [
            testing::anonymous(),
            testing::acting_as("alice", ["admins"]),
            AuthLayer::new(FakeIdentity::failing()),
        ] {
            let app = app(auth);
            for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE"] {
                for (accept, content_type) in
                    [(HTML, "text/html; charset=utf-8"), ("*/*", "application/problem+json")]
                {
                    let request =
                        Request::builder().method(method).uri(uri.clone()).header(header::ACCEPT, accept);
                    let answer = ask(&app, request).await;
                    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {path}");
                    assert_eq!(answer.header("content-type"), content_type, "{method} {path}");
                }
            }
        }
    }
    assert!(tried > 50, "only {tried} of them are addresses");
}

#[tokio::test]
async fn every_other_path_is_the_routers() {
    for auth in [testing::anonymous(), testing::acting_as("alice", ["admins"])] {
        let app = app(auth);
        for (path, text) in [
            ("/caf%C3%A9/x", "caf\u{e9}"),
            ("/bob%40example.com", "bob@example.com"),
            ("/a%20b", "a b"),
            ("/a+b,c=d&e:@!$'()*", "a+b,c=d&e:@!$'()*"),
            ("/~bob_.-/x", "~bob_.-"),
            ("/files/a/b..c/...", "a/b..c/..."),
            ("/files/a/", "a/"),
            ("/Admin/x", "Admin"),
            ("/administration", "administration"),
            ("/x/?a=//../%2e%00", "fallback"),
        ] {
            let answer = ask(&app, Request::get(path)).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, text), "{path}");
        }
        // HTTP/2 names the host with every path, and HTTP/1 may.
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            let request = Request::get("http://example.com/files/a").version(version);
            assert_eq!(send(&app, request.body(Body::empty()).unwrap()).await.text(), "a", "{version:?}");
        }
    }
    // What protects a path protects it in either form.
    let app = app(testing::anonymous());
    for path in ["/admin/x", "http://evil.example/admin/x", "http://evil.example/admin"] {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let request = Request::get(path).version(version).header(header::ACCEPT, HTML);
            let answer = send(&app, request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {version:?}");
        }
    }
}

/// What a decoder that also drops parameters and resolves `..` might take a path for.
fn as_a_lenient_decoder_reads_it(path: &str) -> Vec<String> {
    let mut text = path.to_owned();
    for _ in 0..3 {
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        text = decoded;
    }
    let mut segments: Vec<String> = Vec::new();
    for segment in text.replace('\\', "/").split('/') {
        let segment = segment.split(';').next().unwrap().trim_matches(|c: char| c.is_control());
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other.to_owned()),
        }
    }
    segments
}

// What the gate lets pass is not under the protected paths, however it is read.
#[tokio::test]
async fn no_other_spelling_of_a_path_bypasses_the_gate() {
    const PIECES: [&str; 32] = [
        "/", "/", "/", "admin", "admin", "/admin/", "%61dmin", "admi%6e", "a", "dmin", "x", "/x", "..", ".",
        "%2e", "%2E", "%2f", "%5C", "\\", ";", ";x", "%3b", "%00", "%0a", "%25", "%2561", "%C0%AE", "files",
        "/files/", "~", "%40", "A",
    ];
    let app = app(testing::anonymous());
    let mut random: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 33).unwrap() % below
    };
    let (mut passed, mut refused, mut malformed) = (0_usize, 0_usize, 0_usize);
    for _ in 0..100_000 {
        let mut path = "/".to_owned();
        for _ in 0..=next(6) {
            path.push_str(PIECES[next(PIECES.len())]);
        }
        let Ok(uri) = path.parse::<Uri>() else { continue };
        let answer = send(&app, Request::get(uri).body(Body::empty()).unwrap()).await;
        let is_admin = as_a_lenient_decoder_reads_it(&path).first().is_some_and(|first| first == "admin");
        match answer.status.as_u16() {
            200 => {
                assert!(!is_admin, "{path}");
                assert_ne!(answer.text(), "the guarded page", "{path}");
                passed += 1;
            }
            400 => malformed += 1,
            401 => {
                assert!(is_admin, "{path}");
                refused += 1;
            }
            other => panic!("{other} {path}"),
        }
    }
    assert!(passed > 1_000 && refused > 1_000 && malformed > 1_000, "{passed} {refused} {malformed}");
}

// A gate on a nested router sees the whole path.
#[tokio::test]
async fn inside_of_a_nested_router_the_whole_path_counts() {
    let inner = |gate: PageGate| {
        Router::new()
            .route("/x", any(async || "x"))
            .nest("/deep", Router::new().route("/y", any(async || "y")).layer(gate))
    };
    let app = |gate: PageGate| Router::new().nest("/admin", inner(gate)).layer(anonymous());
    let by_whole_path = app(gate().with_protected(["/admin/deep/{*rest}"]));
    assert_eq!(ask(&by_whole_path, Request::get("/admin/deep/y")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&by_whole_path, Request::get("/admin/x")).await.text(), "x", "outside of the gate");
    let by_stripped_path = app(gate().with_protected(["/y", "/deep/y"]));
    assert_eq!(ask(&by_stripped_path, Request::get("/admin/deep/y")).await.text(), "y");
    let navigation = || Request::get("/admin/deep/y").header(header::ACCEPT, HTML);
    let answer = ask(&by_stripped_path, navigation()).await;
    assert_eq!(answer.header("location"), "/login?next=%2Fadmin%2Fdeep%2Fy");
    let public = app(gate().with_public(["/admin/{*rest}"]));
    assert_eq!(ask(&public, navigation()).await.text(), "y");
}

// The seed matched a regular expression at the start, and then wanted its first match to end with the path; `/a|/ab`
// did not match `/ab`. Here a pattern matches whole paths, as a route does.
#[test]
fn a_pattern_matches_whole_paths_as_a_route_does() {
    let patterns = gate()
        .with_public(["/a", "/ab", "/users/{id}", "/users/{id}/posts", "/assets/{*path}", "/v{n}"])
        .public();
    for path in
        ["/a", "/ab", "/users/7", "/users/7/posts", "/assets/a", "/assets/a/b.css", "/assets/a/", "/v1"]
    {
        assert!(patterns.matches(path), "{path}");
    }
    for path in [
        "/",
        "",
        "/abc",
        "/a/",
        "/a/b",
        "/A",
        "/b/a",
        "/users",
        "/users/",
        "/users/7/",
        "/users/7/posts/1",
        "/assets",
        "/assets/",
        "/Assets/a",
        "/v",
        "/v/1",
        "x/a",
    ] {
        assert!(!patterns.matches(path), "{path}");
    }
    assert!(!gate().public().matches("/"), "without patterns there is nothing to match");
}

#[tokio::test]
async fn patterns_agree_with_the_router() {
    let patterns = [
        "/a/{x}",
        "/a/{x}/b",
        "/a/c/{*rest}",
        "/a/c",
        "/d-{x}",
        "/d-e",
        "/{x}/f",
        "/g/{*rest}",
        "/g",
        "/h.{x}/i",
    ];
    let public = gate().with_public(patterns).public();
    let router = patterns.iter().fold(Router::new(), |router, path| router.route(path, any(async || {})));
    let pieces = ["a", "b", "c", "d-", "d-e", "f", "g", "h.", "h.1", "x", "i", ""];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                for path in
                    [format!("/{first}"), format!("/{first}/{second}"), format!("/{first}/{second}/{third}")]
                {
                    let status = ask(&router, Request::get(&path)).await.status;
                    assert_eq!(public.matches(&path), status == StatusCode::OK, "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn patterns_change_at_run_time_and_at_once() {
    let gate = gate().with_public(["/about"]).with_protected(["/api/{*path}"]);
    let (public, protected) = (gate.public(), gate.protected());
    let app = routes().layer(gate).layer(anonymous());
    let status =
        async |path: &str| ask(&app, Request::get(path).header(header::ACCEPT, HTML)).await.status.as_u16();

    assert_eq!(status("/campaign").await, 303);
    public.add("/campaign").unwrap();
    assert_eq!(status("/campaign").await, 200);
    assert_eq!(public.to_vec(), ["/about", "/campaign"]);
    protected.add("/campaign").unwrap();
    assert_eq!(status("/campaign").await, 401, "what is both is protected");
    protected.remove("/campaign").unwrap();
    assert_eq!(status("/campaign").await, 200);
    public.remove("/campaign").unwrap();
    assert_eq!(status("/campaign").await, 303);
    assert_eq!(status("/about").await, 200, "the others are still there");

    // Removing what is not there tells so, and so does adding what is.
    let error = public.remove("/campaign").unwrap_err();
    assert_eq!(error.kind(), PatternErrorKind::Missing);
    assert_eq!(error.to_string(), "cannot remove the pattern `/campaign`; it is not there");
    let error = public.add("/about").unwrap_err();
    assert_eq!(error.kind(), PatternErrorKind::Conflict);
    assert_eq!(error.to_string(), "cannot add the pattern `/about`; `/about` is there already");
    assert_eq!(public.to_vec(), ["/about"]);
    assert_eq!(protected.to_vec(), ["/api/{*path}"]);
}

#[test]
fn patterns_may_be_made_of_the_patterns_that_are_there() {
    let gate = gate().with_public(["/a", "/b"]);
    let public = gate.public();
    let more = public.to_vec().into_iter().inspect(|path| {
        public.remove(path).unwrap();
        public.add(&format!("{path}/old")).unwrap();
    });
    assert_eq!(gate.with_public(more).public().to_vec(), ["/a/old", "/b/old", "/a", "/b"]);
}

#[test]
fn a_change_never_shows_half_of_it() {
    let patterns = gate().with_public(["/kept/{id}"]).public();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        assert!(patterns.matches("/kept/1"));
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let patterns = patterns.clone();
                scope.spawn(move || {
                    for round in 0..200 {
                        let pattern = format!("/new-{writer}-{round}/{{id}}");
                        patterns.add(&pattern).unwrap();
                        assert!(patterns.matches(&format!("/new-{writer}-{round}/1")));
                        patterns.remove(&pattern).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(patterns.to_vec(), ["/kept/{id}"]);
}

fn complaint(patterns: &PathPatterns, pattern: &str) -> (PatternErrorKind, String) {
    let before = patterns.to_vec();
    let error = patterns.add(pattern).unwrap_err();
    assert_eq!(patterns.to_vec(), before, "{pattern}");
    (error.kind(), error.to_string())
}

#[test]
fn a_pattern_that_no_path_could_match_is_rejected() {
    let patterns = gate().public();
    for (bad, reason) in [
        ("", "it must start with `/`"),
        ("about", "it must start with `/`"),
        ("//", "no path with `//` gets so far as to be matched"),
        ("/a//b", "no path with `//` gets so far as to be matched"),
        ("/a//", "no path with `//` gets so far as to be matched"),
        ("/./a", "no path with the segments `.` and `..` gets so far as to be matched"),
        ("/a/..", "no path with the segments `.` and `..` gets so far as to be matched"),
        ("/a b", SPELLING),
        ("/caf\u{e9}", SPELLING),
        ("/caf%C3%A9", SPELLING),
        ("/%61dmin", SPELLING),
        ("/a;b", SPELLING),
        ("/@bob", SPELLING),
        ("/.*", SPELLING),
        ("/a|/ab", SPELLING),
        ("/:id", SPELLING),
        ("/*path", SPELLING),
        ("/^a$", SPELLING),
        ("/a?b", SPELLING),
        ("/{{a}}", SPELLING),
        ("/a}", SPELLING),
        ("/{id", "a parameter must end its segment, and must have a name in braces, such as `{name}`"),
        ("/{}", "a parameter must end its segment, and must have a name in braces, such as `{name}`"),
        ("/{a}b", "a parameter must end its segment, and must have a name in braces, such as `{name}`"),
        ("/{a}{b}", "a parameter must end its segment, and must have a name in braces, such as `{name}`"),
        ("/{*path}/a", "`{*name}` must be its last segment"),
    ] {
        let (kind, text) = complaint(&patterns, bad);
        assert_eq!(
            (kind, text),
            (PatternErrorKind::Invalid, format!("cannot add the pattern `{bad}`; {reason}"))
        );
    }
    patterns.add("/users/{id}").unwrap();
    for conflict in ["/users/{id}", "/users/{name}", "/users/{*rest}"] {
        let (kind, text) = complaint(&patterns, conflict);
        let expected = format!("cannot add the pattern `{conflict}`; `/users/{{id}}` is there already");
        assert_eq!((kind, text), (PatternErrorKind::Conflict, expected));
    }
    for good in [
        "/",
        "/a/",
        "/users/me",
        "/users/{id}/posts",
        "/v{n}",
        "/a.b-c_d~e",
        "/other/{*rest}",
        "/...",
        "/..a",
    ] {
        patterns.add(good).unwrap();
    }
}

const SPELLING: &str = "it may hold letters, digits and `-._~`, which have one spelling only; write a parameter, such as `{name}` or `{*path}`, in place of a segment with anything else";

#[test]
fn an_application_with_a_bad_pattern_does_not_start() {
    let message = |set_up: &dyn Fn() -> PageGate| {
        let panic = catch_unwind(AssertUnwindSafe(set_up)).unwrap_err();
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
    };
    assert_eq!(
        message(&|| gate().with_public(["about"])),
        "cannot add the pattern `about`; it must start with `/`"
    );
    assert_eq!(
        message(&|| gate().with_protected(["/api/{*rest}", "/api/{id}"])),
        "cannot add the pattern `/api/{id}`; `/api/{*rest}` is there already"
    );
    for page in ["/login", "/", "/{*all}"] {
        let patterns = if page == "/{*all}" { vec![page] } else { vec!["/api", page] };
        let at = if page == "/" { "/" } else { "/login" };
        let expected = format!("cannot add the pattern `{page}`; {}", unprotectable(at));
        assert_eq!(message(&|| gate().with_protected(patterns.clone())), expected);
    }
    // Pages that the gate itself refuses
    for page in ["/%6Cogin", "/login;a", "/caf%E9"] {
        let path = LocalPath::from_static(page);
        for gate in [&|| PageGate::new(path.clone(), LocalPath::root()) as PageGate, &|| {
            PageGate::new(LocalPath::from_static("/login"), path.clone())
        }] as [&dyn Fn() -> PageGate; 2]
        {
            let text = message(gate);
            assert!(
                text.starts_with("the log-in page or the main page is at a path that is refused"),
                "{text}"
            );
        }
    }
}

fn unprotectable(page: &str) -> String {
    format!("it matches `{page}`, the log-in page or the main page, and a protected path never gets a page")
}

// A mistake at run time does not lock users out.
#[tokio::test]
async fn the_pages_cannot_become_protected_at_run_time() {
    let gate = gate().with_protected(["/api"]);
    let protected = gate.protected();
    let app = Router::new().route("/login", any(async || "the form")).layer(gate).layer(anonymous());
    for (pattern, page) in [("/login", "/login"), ("/", "/"), ("/{*all}", "/login"), ("/{page}", "/login")] {
        let (kind, text) = complaint(&protected, pattern);
        let expected = format!("cannot add the pattern `{pattern}`; {}", unprotectable(page));
        assert_eq!((kind, text), (PatternErrorKind::Page, expected));
    }
    protected.add("/login/{*rest}").unwrap();
    let answer = ask(&app, Request::get("/login").header(header::ACCEPT, HTML)).await;
    assert_eq!(answer.text(), "the form");
}

#[test]
fn what_is_printed_names_the_patterns() {
    let gate = gate().with_public(["/about"]).with_protected(["/api"]);
    let text = format!("{gate:?}");
    assert!(text.contains(r#"public: ["/about"], protected: ["/api"]"#), "{text}");
}
