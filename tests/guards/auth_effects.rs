//! What handlers changed is written on every kind of response, once, and the last explicit word counts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::time::Duration;

use auth_runtime::{
    Auth, AuthError, AuthLayer, KeyRing, SiteData, TicketCookie, UserId, allow_anonymous, auth_required,
    guard,
    testing::{Call, FakeIdentity, FrozenClock},
};
use axum::{
    Router,
    body::Body,
    extract::Query,
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::support::{self, Answer};

/// What a handler is to do, in order: `r`emember, `f`orget, re`a`d; then set a cookie of our `n`ame or another (`o`).
#[derive(serde::Deserialize)]
struct Script {
    acts: String,
    status: u16,
}

async fn play(auth: Auth, Query(script): Query<Script>) -> Result<Response, AuthError> {
    let mut response = Response::new(Body::from("done"));
    *response.status_mut() = StatusCode::from_u16(script.status).unwrap();
    for act in script.acts.chars() {
        match act {
            'r' => auth.remember("bob").await?,
            'f' => auth.forget().await?,
            'a' => drop(auth.user_id().await?),
            'n' => drop(
                response
                    .headers_mut()
                    .append(header::SET_COOKIE, HeaderValue::from_static("fake=own; Path=/x")),
            ),
            _ => drop(
                response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static("fakes=other")),
            ),
        }
    }
    Ok(response)
}

/// All sequences of these acts up to a length.
fn scripts(longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|script| ['r', 'f', 'a', 'n', 'o'].map(|act| format!("{script}{act}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

const STATUSES: [u16; 14] = [200, 201, 204, 206, 301, 302, 303, 304, 400, 401, 403, 404, 409, 500];

async fn played(policy: &FakeIdentity, acts: &str, status: u16) -> Answer {
    let app = Router::new().route("/", any(play)).layer(AuthLayer::new(policy.clone()));
    support::ask(&app, Request::post(format!("/?acts={acts}&status={status}"))).await
}

#[tokio::test]
async fn the_last_explicit_word_is_the_only_one() {
    for acts in scripts(4) {
        for due in [true, false] {
            let statuses = if acts.len() < 3 { &STATUSES[..] } else { &[200, 303, 500] };
            for &status in statuses {
                let policy = if due {
                    FakeIdentity::user_due_for_renewal("alice")
                } else {
                    FakeIdentity::user("alice")
                };
                let answer = played(&policy, &acts, status).await;
                let changed = acts.chars().rfind(|act| "rf".contains(*act));
                let renewed = due && changed.is_none() && acts.contains('a') && (200..300).contains(&status);
                let own = acts.chars().filter(|act| *act == 'n').count();
                let expected = match changed {
                    Some('r') => vec!["fake=remembered"],
                    Some(_) => vec!["fake="],
                    None if own > 0 => vec!["fake=own"; own],
                    None if renewed => vec!["fake=renewed"],
                    None => vec![],
                };
                let (mut ours, mut others) = (answer.cookies(), answer.cookies());
                ours.retain(|line| line.starts_with("fake="));
                others.retain(|line| line == "fakes=other");
                assert_eq!(answer.status, status);
                assert_eq!(ours, expected, "{acts} {status} {due}");
                assert_eq!(others.len(), acts.chars().filter(|act| *act == 'o').count(), "{acts}");
                assert_eq!(policy.calls().contains(&Call::Renew), renewed, "{acts} {status} {due}");
                // What a cache must know.
                let wrote = changed.is_some() || (renewed && own == 0);
                assert_eq!(
                    answer.header("cache-control"),
                    if wrote || acts.contains('a') { "private, no-store" } else { "" },
                    "{acts} {due}"
                );
                assert_eq!(
                    answer.header("vary"),
                    if acts.contains('a') { "cookie" } else { "" },
                    "{acts} {due}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_change_takes_effect_on_every_kind_of_response() {
    async fn error(auth: Auth) -> Result<(), AuthError> {
        auth.forget().await?;
        Err(AuthError::forbidden())
    }
    async fn foreign_error(auth: Auth) -> Result<&'static str, (StatusCode, String)> {
        auth.forget().await.unwrap();
        Err((StatusCode::IM_A_TEAPOT, "no".to_owned()))
    }
    async fn redirect(auth: Auth) -> Redirect {
        auth.forget().await.unwrap();
        Redirect::to("/")
    }
    async fn stream(auth: Auth) -> Body {
        auth.forget().await.unwrap();
        let kept = auth.clone();
        Body::new(http_body_util::BodyExt::map_frame(Body::from("streamed"), move |frame| {
            let _ = &kept;
            frame
        }))
    }
    async fn dies(auth: Auth) {
        auth.forget().await.unwrap();
        panic!("a handler's mistake");
    }
    async fn extractor_fails(auth: Auth) -> Result<(), Response> {
        auth.forget().await.unwrap();
        Err(StatusCode::UNPROCESSABLE_ENTITY.into_response())
    }
    let app = Router::new()
        .route("/error", post(error))
        .route("/foreign", post(foreign_error))
        .route("/redirect", post(redirect))
        .route("/stream", post(stream))
        .route("/panic", post(dies))
        .route("/extractor", post(extractor_fails))
        .layer(CatchPanicLayer::new())
        .layer(AuthLayer::new(FakeIdentity::user("alice")));
    for (path, status) in [
        ("/error", 403),
        ("/foreign", 418),
        ("/redirect", 303),
        ("/stream", 200),
        ("/panic", 500),
        ("/extractor", 422),
    ] {
        let answer = support::ask(&app, Request::post(path)).await;
        assert_eq!((answer.status.as_u16(), answer.cookies()), (status, vec!["fake=".to_owned()]), "{path}");
        let expected = if path == "/error" { "no-store" } else { "private, no-store" };
        assert_eq!(answer.header("cache-control"), expected, "{path}");
    }
}

#[tokio::test]
async fn a_handlers_own_headers_for_caches_stay() {
    for (set, vary_after, read) in [
        (vec![("vary", "cookie")], "cookie", true),
        (vec![("vary", "Accept, COOKIE")], "Accept, COOKIE", true),
        (vec![("vary", "*")], "*", true),
        (vec![("vary", "accept"), ("vary", "origin")], "accept, origin, cookie", true),
        (vec![("vary", "x-cookie")], "x-cookie, cookie", true),
        (vec![("vary", "accept")], "accept", false),
        (vec![("cache-control", "private, max-age=60")], "cookie", true),
        (vec![("cache-control", "no-store")], "", false),
        // What shared caches keep must not carry a cookie (RFC 9111, section 7.3).
        (vec![("cache-control", "public, max-age=60")], "cookie", true),
        (vec![("cache-control", "max-age=60")], "", false),
        (vec![("cache-control", "private"), ("cdn-cache-control", "max-age=60")], "cookie", true),
    ] {
        let lines = set.clone();
        let handler = move |auth: Auth| async move {
            if read {
                auth.user_id().await.unwrap();
            }
            auth.forget().await.unwrap();
            let mut response = Response::new(Body::empty());
            for (name, value) in lines {
                response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            response
        };
        let app = Router::new().route("/", post(handler)).layer(AuthLayer::new(FakeIdentity::user("alice")));
        let answer = support::ask(&app, Request::post("/")).await;
        assert_eq!(answer.header("vary"), vary_after, "{set:?}");
        let own = set.iter().find(|(name, _)| *name == "cache-control").map(|it| it.1);
        let kept = own.filter(|own| own.starts_with("private") || *own == "no-store");
        assert_eq!(answer.header("cache-control"), kept.unwrap_or("private, no-store"), "{set:?}");
        assert_eq!(answer.header("cdn-cache-control"), "");
    }
}

/// Answers what a response with these header fields becomes; its handler logs the user out, or only asks for it.
async fn with_header(lines: &[(&'static str, &'static str)], logs_out: bool) -> Answer {
    let lines = lines.to_vec();
    let handler = move |auth: Auth| async move {
        auth.user_id().await.unwrap();
        if logs_out {
            auth.forget().await.unwrap();
        }
        let mut response = Response::new(Body::empty());
        for (name, value) in lines {
            response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    };
    let app = Router::new().route("/", post(handler)).layer(AuthLayer::new(FakeIdentity::user("alice")));
    support::ask(&app, Request::post("/")).await
}

#[tokio::test]
async fn a_cookie_leaves_a_private_choice_and_no_other() {
    for (own, stays) in [
        ("private", true),
        ("PRIVATE, max-age=60", true),
        ("no-store", true),
        ("no-cache, private", true),
        ("private, must-revalidate", true),
        ("public, max-age=60", false),
        ("max-age=60", false),
        ("s-maxage=60, private", false),
        ("private, public", false),
        ("no-store, s-maxage=1", false),
        ("no-cache", false),
        ("no-cache=\"set-cookie\"", false),
        ("private=\"set-cookie\", max-age=60", false),
        ("no-cache=\"x, private, y\"", false),
        ("private=x", false),
        ("must-revalidate", false),
        ("privately", false),
        ("", false),
        (",", false),
    ] {
        let answer = with_header(&[("cache-control", own)], true).await;
        let expected = if stays { own } else { "private, no-store" };
        assert_eq!(answer.headers.get_all("cache-control").iter().collect::<Vec<_>>(), [expected], "{own}");
        let answer = with_header(&[("cache-control", own)], false).await;
        assert_eq!(answer.headers.get_all("cache-control").iter().collect::<Vec<_>>(), [own], "{own}");
    }
}

#[tokio::test]
async fn all_lines_for_caches_count_and_so_do_those_for_some_of_them() {
    let answer = with_header(&[("cache-control", "private"), ("cache-control", "s-maxage=9")], true).await;
    assert_eq!(answer.headers.get_all("cache-control").iter().collect::<Vec<_>>(), ["private, no-store"]);
    let of_some = [
        ("cache-control", "private"),
        ("cdn-cache-control", "max-age=60"),
        ("vendor-cdn-cache-control", "max-age=60"),
        ("x-accel-expires", "60"),
        ("surrogate-control", "max-age=60"),
        ("expires", "Thu, 01 Dec 2044 16:00:00 GMT"),
    ];
    let answer = with_header(&of_some, true).await;
    for (name, value) in of_some {
        let stays = ["cache-control", "expires"].contains(&name);
        assert_eq!(answer.header(name), if stays { value } else { "" }, "{name}");
    }
    let answer = with_header(&[("cdn-cache-control", "max-age=60")], false).await;
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("cdn-cache-control"), "max-age=60");
}

// The back button and shared caches must not show a page after a log-out, so what depended on the user is
// kept by none.
#[tokio::test]
async fn what_depended_on_the_user_is_kept_by_no_cache_unless_the_handler_says_so() {
    #[auth_required]
    async fn guarded() -> &'static str {
        "page"
    }
    #[auth_required]
    async fn own() -> impl IntoResponse {
        ([("cache-control", "private, max-age=60")], "page")
    }
    #[auth_required]
    async fn shared() -> impl IntoResponse {
        ([("cache-control", "public, max-age=60")], "page")
    }
    #[auth_required]
    async fn status(Query(script): Query<Script>) -> StatusCode {
        StatusCode::from_u16(script.status).unwrap()
    }
    #[auth_required(hide)]
    async fn hidden() {}
    #[allow_anonymous]
    async fn public() {}
    async fn personal(user: Option<UserId>) -> String {
        user.map_or_else(String::new, |user| user.to_string())
    }
    /// As services for files answer.
    async fn file(headers: HeaderMap) -> impl IntoResponse {
        let modified = "Thu, 01 Jan 2026 00:00:00 GMT";
        let is_known = headers.get("if-modified-since").is_some_and(|since| since == modified);
        (if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK }, [("last-modified", modified)])
    }
    let app = |policy: FakeIdentity| {
        Router::new()
            .route("/guarded", get(guarded))
            .route("/own", get(own))
            .route("/shared", get(shared))
            .route("/status", get(status))
            .route("/hidden", get(hidden))
            .route("/public", get(public))
            .route("/personal", get(personal))
            .route_service("/file", guard::auth!().around(any(file)))
            .layer(AuthLayer::new(policy))
    };
    let known = app(FakeIdentity::user("alice"));
    for method in ["GET", "HEAD"] {
        for (path, expected) in [
            ("/guarded", "private, no-store"),
            ("/personal", "private, no-store"),
            ("/file", "private, no-store"),
            ("/own", "private, max-age=60"),
            ("/shared", "public, max-age=60"),
            ("/public", ""),
        ] {
            let answer = support::ask(&known, Request::builder().method(method).uri(path)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("cache-control").as_str()),
                (200, expected),
                "{path}"
            );
        }
    }
    for code in STATUSES {
        let answer = support::get(&known, &format!("/status?acts=&status={code}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control").as_str()),
            (code, "private, no-store")
        );
    }
    let modified = support::get(&known, "/file").await.header("last-modified");
    let again = support::ask(&known, Request::get("/file").header("if-modified-since", modified)).await;
    assert_eq!((again.status.as_u16(), again.header("cache-control").as_str()), (304, "private, no-store"));

    let nobody = app(FakeIdentity::anonymous());
    for path in ["/guarded", "/own", "/shared", "/file"] {
        let answer = support::get(&nobody, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control").as_str()),
            (401, "no-store"),
            "{path}"
        );
    }
    // What is hidden looks like what is not there.
    let (hidden, missing) = (support::get(&nobody, "/hidden").await, support::get(&nobody, "/none").await);
    for answer in [hidden, missing] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control"), answer.header("vary")),
            (404, String::new(), String::new())
        );
    }
}

#[tokio::test]
async fn browsers_delete_what_the_layer_says_when_a_log_out_has_succeeded() {
    let app = |policy: FakeIdentity| {
        let layer = AuthLayer::new(policy);
        Router::new().route("/", any(play)).layer(layer.with_clear_site_data([
            SiteData::Storage,
            SiteData::Cache,
            SiteData::Cache,
        ]))
    };
    let known = app(FakeIdentity::user("alice"));
    for (acts, cleared) in [("f", true), ("rf", true), ("a", false), ("r", false), ("fr", false), ("", false)]
    {
        let answer = support::ask(&known, Request::post(format!("/?acts={acts}&status=303"))).await;
        let expected = if cleared { "\"cache\", \"storage\"" } else { "" };
        assert_eq!(answer.header("clear-site-data"), expected, "{acts}");
    }
    let out = |method| Request::builder().method(method).uri("/?acts=f&status=200");
    for method in ["GET", "POST"] {
        let refused = support::ask(&known, out(method).header("sec-fetch-site", "cross-site")).await;
        assert_eq!((refused.status.as_u16(), refused.header("clear-site-data")), (403, String::new()));
    }
    let failed = support::ask(&app(FakeIdentity::failing()), out("POST")).await;
    assert_eq!((failed.status.as_u16(), failed.header("clear-site-data")), (503, String::new()));
    let plain = Router::new().route("/", any(play)).layer(AuthLayer::new(FakeIdentity::user("alice")));
    assert_eq!(support::ask(&plain, out("POST")).await.header("clear-site-data"), "");
}

#[tokio::test]
async fn a_route_that_asks_nothing_is_left_alone() {
    let plain =
        Router::new().route("/", get(|| async { ([("x-own", "1"), ("set-cookie", "fake=own")], "body") }));
    let with = plain.clone().layer(AuthLayer::new(FakeIdentity::user_due_for_renewal("alice")));
    for path in ["/", "/none"] {
        let (without, with) = (support::get(&plain, path).await, support::get(&with, path).await);
        assert_eq!((without.status, without.headers, without.body), (with.status, with.headers, with.body));
    }
}

/// An application with tickets that are always due, and a browser's cookie.
fn due() -> (Router, FrozenClock) {
    #[auth_required]
    async fn logout(auth: Auth, user: UserId) -> Result<String, AuthError> {
        auth.forget().await?;
        Ok(user.to_string())
    }
    #[auth_required]
    async fn switch(auth: Auth, _: UserId) -> Result<(), AuthError> {
        auth.remember("bob").await
    }
    async fn login(auth: Auth) -> Result<(), AuthError> {
        auth.remember("alice").await
    }
    #[auth_required]
    async fn who(user: UserId) -> String {
        user.to_string()
    }
    let clock = FrozenClock::at(1_700_000_000);
    let tickets = TicketCookie::new(KeyRing::random())
        .with_lifetime(Duration::from_mins(1))
        .with_renewal_after(Duration::ZERO);
    let app = Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/switch", post(switch))
        .route("/who", get(who))
        .layer(AuthLayer::new(tickets).with_clock(clock.clone()));
    (app, clock)
}

async fn with_cookie(app: &Router, method: &str, path: &str, cookie: &str) -> Answer {
    support::ask(app, Request::builder().method(method).uri(path).header(header::COOKIE, cookie)).await
}

#[tokio::test]
async fn neither_a_log_out_nor_a_switch_is_undone_by_a_due_renewal() {
    let (app, clock) = due();
    let login = support::ask(&app, Request::post("/login")).await;
    let cookie = login.cookies().remove(0);
    clock.advance(Duration::from_secs(10));

    let renewed = with_cookie(&app, "GET", "/who", &cookie).await;
    assert_eq!((renewed.text(), renewed.cookies().len()), ("alice", 1));
    assert_ne!(renewed.cookies()[0], cookie);
    assert_eq!(
        (renewed.header("cache-control"), renewed.header("vary")),
        ("private, no-store".into(), "cookie".into())
    );

    let out = with_cookie(&app, "POST", "/logout", &cookie).await;
    assert_eq!(out.text(), "alice");
    let [gone] = &out.cookies()[..] else { panic!("{out:?}") };
    assert!(gone.ends_with('=') && out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    assert_eq!(with_cookie(&app, "GET", "/who", gone).await.status, StatusCode::UNAUTHORIZED);

    let switched = with_cookie(&app, "POST", "/switch", &cookie).await;
    let [bob] = &switched.cookies()[..] else { panic!("{switched:?}") };
    assert_eq!(with_cookie(&app, "GET", "/who", bob).await.text(), "bob");
}

#[tokio::test]
async fn nothing_is_renewed_for_another_site() {
    async fn curious(auth: Auth) -> String {
        format!("{:?}", auth.user_id().await.is_ok())
    }
    let policy = FakeIdentity::user_due_for_renewal("alice");
    let app = Router::new().route("/", post(curious)).layer(AuthLayer::new(policy.clone()));
    let answer = support::ask(&app, Request::post("/").header("sec-fetch-site", "cross-site")).await;
    assert_eq!((answer.text(), answer.cookies()), ("false", vec![]));
    assert_eq!(policy.calls(), [Call::Identify]);
}

#[tokio::test]
async fn a_handler_learns_that_its_login_sets_a_strict_cookie() {
    use auth_runtime::identity::cookie::SameSite;

    async fn login(auth: Auth) -> Result<String, AuthError> {
        let before = auth.sets_strict_cookie();
        auth.remember("alice").await?;
        Ok(format!("{before} {}", auth.sets_strict_cookie()))
    }
    for (same_site, expected) in [(SameSite::Strict, "false true"), (SameSite::Lax, "false false")] {
        let policy = TicketCookie::new(KeyRing::random()).with_same_site(same_site).unwrap();
        let app = Router::new().route("/", post(login)).layer(AuthLayer::new(policy));
        assert_eq!(support::ask(&app, Request::post("/")).await.text(), expected, "{same_site:?}");
    }
}
