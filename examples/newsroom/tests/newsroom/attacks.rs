//! Attacks on the newsroom. None gets anywhere.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::{browser::Browser, site::Site};

const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// Support acts as a person, who is then given another role.
#[tokio::test]
async fn support_gets_no_role_that_a_person_is_given_meanwhile() {
    let site = Site::start().await;
    let (mut carla, mut sam) = (site.browser_of("carla").await, site.browser_of("sam").await);
    let mut agnes = site.browser_of("agnes").await;
    sam.post("/people/agnes/impersonate", &[]).await.location();
    carla.post("/people/agnes/role", &[("role", "chief")]).await.location();
    let got = sam.post("/people/sam/role", &[("role", "chief")]).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    assert!(!sam.is_logged_in().await);
    // The person's own session goes on, with the new role.
    assert_eq!(agnes.get("/people").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_no_longer_support_acts_as_no_other_person() {
    let site = Site::start().await;
    let (mut carla, mut sam) = (site.browser_of("carla").await, site.browser_of("sam").await);
    sam.post("/people/edda/impersonate", &[]).await.location();
    assert_eq!(sam.get("/articles/budget/edit").await.status, StatusCode::OK);
    carla.post("/people/sam/role", &[("role", "reader")]).await.location();
    assert_ne!(sam.get("/articles/budget/edit").await.status, StatusCode::OK);
    assert!(!sam.is_logged_in().await);
    assert!(site.browser_of("sam").await.is_logged_in().await);
}

/// Mass assignment: fields that no form has are ignored.
#[tokio::test]
async fn fields_that_a_form_does_not_have_set_nothing() {
    let site = Site::start().await;
    let mut arthur = site.browser_of("arthur").await;
    let fields = [
        ("title", "Mine"),
        ("body", "Text"),
        ("id", "chosen"),
        ("owner", "carla"),
        ("stage", "published"),
        ("publish_at", "0"),
    ];
    let path = arthur.post("/articles/new", &fields).await.location().to_owned();
    let page = arthur.get(&path).await.body;
    assert!(page.contains("by Arthur Author") && page.contains("draft"), "{page}");
    assert_eq!(site.browser().get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(arthur.get("/articles/chosen").await.status, StatusCode::NOT_FOUND);

    let mut eve = site.browser();
    let fields =
        [("name", "Eve"), ("email", "eve@else.example"), ("role", "chief"), ("id", "eve"), ("revision", "9")];
    eve.post("/register", &fields).await;
    let link = site.link(0).await;
    let link = link.split_once("link=").unwrap().1;
    let fields = [("link", link), ("password", "a long sentence of eve"), ("role", "chief")];
    eve.post("/register/confirm", &fields).await.location();
    let fields = [("email", "eve@else.example"), ("password", "a long sentence of eve")];
    assert_eq!(eve.post("/login", &fields).await.location(), "/");
    assert_eq!(eve.get("/desk").await.status, StatusCode::FORBIDDEN);
    assert!(eve.get("/account").await.body.contains("reader"));
}

/// Broken object-level authorization: ids of others in paths and fields.
#[tokio::test]
async fn ids_of_others_open_nothing() {
    let site = Site::start().await;
    let (mut rita, mut carla) = (site.browser_of("rita").await, site.browser_of("carla").await);
    rita.post("/articles/tram-seven/comments", &[("body", "Mine")]).await.location();
    let page = rita.get("/articles/tram-seven").await;
    let path = delete_path(&page.body);
    let mut arthur = site.browser_of("arthur").await;
    assert_eq!(arthur.post(&path, &[]).await.status, StatusCode::FORBIDDEN);
    // The comment below another article is not found, also not by its author.
    let elsewhere = path.replace("/tram-seven/", "/budget/");
    assert_eq!(rita.post(&elsewhere, &[]).await.status, StatusCode::NOT_FOUND);
    // The session of another person is not ended.
    let devices = carla.get("/account").await.body;
    let own = devices.split("/account/devices/").nth(1).unwrap().split('/').next().unwrap();
    let path = format!("/account/devices/{own}/end");
    assert_eq!(rita.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(carla.is_logged_in().await);
    for id in ["..", "%2e%2e", "%00", "' OR 1=1 --", "budget%2F..%2Ftram-seven"] {
        let got = rita.get(&format!("/articles/{id}/edit")).await;
        assert!(got.status.is_client_error(), "{id}: {}", got.status);
    }
}

/// Information disclosure: each route of an article that a person may not see is that of a missing one.
#[tokio::test]
async fn no_route_tells_whether_a_hidden_article_exists() {
    let site = Site::start().await;
    for person in ["rita", "arthur", "edda", "sam"] {
        let mut browser = site.browser_of(person).await;
        for (method, end) in [
            (Method::GET, ""),
            (Method::GET, "/edit"),
            (Method::POST, "/edit"),
            (Method::POST, "/co-authors"),
            (Method::POST, "/co-authors/remove"),
            (Method::POST, "/submit"),
            (Method::POST, "/send-back"),
            (Method::POST, "/publish"),
            (Method::POST, "/comments"),
        ] {
            let path = |id: &str| format!("/articles/{id}{end}");
            let hidden = browser.send(method.clone(), &path("mayor"), "body=x").await;
            let missing = browser.send(method.clone(), &path("no-such-article"), "body=x").await;
            assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{person} {method} {end}");
            assert_eq!(
                (hidden.status, hidden.body),
                (missing.status, missing.body),
                "{person} {method} {end}"
            );
        }
    }
}

fn delete_path(page: &str) -> String {
    let (before, _) = page.split_once("/delete\"").unwrap();
    format!("{}/delete", before.rsplit('"').next().unwrap())
}

/// Cross-site scripting, stored and reflected.
#[tokio::test]
async fn no_text_becomes_markup() {
    let site = Site::start().await;
    let mut eve = site.browser();
    eve.post("/register", &[("name", MARKUP), ("email", "eve@else.example")]).await;
    let link = site.link(0).await;
    let link = link.split_once("link=").unwrap().1.to_owned();
    eve.post("/register/confirm", &[("link", &link), ("password", "a long sentence of eve")]).await;
    eve.post("/login", &[("email", "eve@else.example"), ("password", "a long sentence of eve")]).await;
    eve.name = MARKUP.to_owned();
    eve.post("/articles/tram-seven/comments", &[("body", MARKUP)]).await.location();
    let mut carla = site.browser_of("carla").await;
    let text = [("title", MARKUP), ("body", MARKUP)];
    let article = carla.post("/articles/new", &text).await.location().to_owned();
    let mut seen = 0;
    let query = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E";
    for path in [
        "/account",
        "/articles/tram-seven",
        &article,
        "/desk",
        "/people",
        "/feed",
        &format!("/operators/access?q={query}"),
        &format!("/operators/denied?email={query}&can=view&article={query}"),
        &format!("/login?next={query}"),
        &format!("/?done={query}"),
        &format!("/{query}"),
    ] {
        for browser in [&mut carla, &mut eve] {
            let page = browser.get(path).await;
            assert!(!page.body.contains("<script>alert"), "{path}");
            assert!(!page.body.contains("<img"), "{path}");
            assert!(!page.header("content-security-policy").contains("unsafe"), "{path}");
            seen += page.body.matches("&lt;script&gt;").count();
        }
    }
    assert!(seen > 5, "{seen}");
    let again = eve.post("/login", &[("email", MARKUP), ("password", MARKUP), ("next", "/")]).await;
    assert!(!again.body.contains("<script>alert"), "{}", again.body);
}

/// One request may come twice at once, and links of one purpose are none of another.
#[tokio::test]
async fn a_link_works_once_and_for_its_purpose() {
    let site = Site::start().await;
    let mut browser = site.browser();
    browser.post("/password/forgotten", &[("email", "rita@newsroom.example")]).await;
    let reset = site.link(0).await.split_once("link=").unwrap().1.to_owned();
    browser.post("/register", &[("name", "Eve"), ("email", "eve@else.example")]).await;
    let register = site.link(1).await.split_once("link=").unwrap().1.to_owned();
    for (path, link) in [
        ("/register/confirm", &reset),
        ("/account/email/confirm", &reset),
        ("/password/reset", &register),
        ("/account/email/confirm", &register),
    ] {
        let fields = [("link", link.as_str()), ("password", "of mallory, long enough")];
        assert_eq!(browser.post(path, &fields).await.status, StatusCode::GONE, "{path}");
    }
    let attempts = (0..8).map(|number| {
        let (mut browser, link) = (site.browser(), reset.clone());
        tokio::spawn(async move {
            let password = format!("a long sentence, number {number}");
            browser.post("/password/reset", &[("link", &link), ("password", &password)]).await.status
        })
    });
    let mut changed = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        let status = attempt.await.unwrap();
        assert!([StatusCode::SEE_OTHER, StatusCode::GONE, StatusCode::SERVICE_UNAVAILABLE].contains(&status));
        changed += usize::from(status == StatusCode::SEE_OTHER);
    }
    assert_eq!(changed, 1);
    let fields = [("link", reset.as_str()), ("password", "of mallory, long enough")];
    assert_eq!(browser.post("/password/reset", &fields).await.status, StatusCode::GONE);
}

/// Session fixation: a cookie that was there before is not the session of the log-in.
#[tokio::test]
async fn a_planted_session_is_not_logged_in() {
    let site = Site::start().await;
    let mut mallory = site.browser_of("rita").await;
    let mut victim = site.browser();
    victim.cookies = mallory.cookies.clone();
    victim.log_in("carla").await;
    assert_ne!(victim.cookies, mallory.cookies);
    assert!(!mallory.get("/account").await.body.contains("Carla"));
    assert!(!mallory.is_logged_in().await, "the session that was replaced has ended");
    victim.post("/password/forgotten", &[("email", "carla@newsroom.example")]).await;
    let link = site.link(0).await.split_once("link=").unwrap().1.to_owned();
    let mut planted = victim.clone();
    victim.post("/password/reset", &[("link", &link), ("password", "a long sentence of carla")]).await;
    assert!(!planted.is_logged_in().await);
}

/// The page of a log-in that fails repeats what was typed before: no other site may choose it.
#[tokio::test]
async fn another_site_puts_no_form_into_the_log_in_page() {
    let site = Site::start().await;
    let form = "email=x&password=x&kept=role%3Dchief&kept_to=%2Fpeople%2Fmallory%2Frole";
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")]] {
        let mut carla = site.browser_of("carla").await;
        let got = carla.send_with(Method::POST, "/login", form, &headers).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(!got.body.contains("mallory"), "{}", got.body);
    }
}

/// Headers that proxies set do not give a client further attempts.
#[tokio::test]
async fn a_client_has_no_more_attempts_with_headers_of_proxies() {
    let site = Site::start().await;
    let mut attacker = site.browser();
    let mut last = StatusCode::OK;
    for number in 0..8 {
        let address = format!("198.51.100.{number}");
        let forwarded = format!("for={address}");
        let headers = [
            ("x-forwarded-for", address.as_str()),
            ("x-real-ip", &address),
            ("forwarded", &forwarded),
            ("true-client-ip", &address),
        ];
        let form = "email=carla%40newsroom.example&password=guess";
        last = attacker.send_with(Method::POST, "/login", form, &headers).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

/// Malformed, huge and ambiguous input causes no error of the server.
#[tokio::test]
async fn malformed_requests_are_no_errors_of_the_server() {
    let site = Site::start().await;
    let mut rita = site.browser_of("rita").await;
    let cookies = (0..10_000).map(|number| format!("c{number}=x")).collect::<Vec<_>>().join("; ");
    let twice = rita.cookies.keys().map(|name| format!("{name}=a; {name}=b")).collect::<Vec<_>>().join("; ");
    let long = "x".repeat(100_000);
    let headers: [&[(&str, &str)]; 9] = [
        &[("cookie", &cookies)],
        &[("cookie", &twice)],
        &[("cookie", &long)],
        &[("cookie", ";;=;=; =\"")],
        &[("authorization", &long)],
        &[("accept-language", &long), ("hx-request", "true"), ("hx-current-url", "//evil.example/")],
        &[("content-type", "application/x-www-form-urlencoded; charset=\"")],
        &[("content-type", "multipart/form-data; boundary=")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
    ];
    let bodies = ["", "=", "&&&", "%", "%ff=%ff", "email=a&email=b", "next=%00&kept=%ff", "link=%ff"];
    let paths = [
        "/",
        "/login",
        "/register/confirm",
        "/account",
        "/articles/tram-seven/comments",
        "/transfers/import",
    ];
    for path in paths {
        for headers in headers {
            let mut browser = site.browser();
            let got = browser.send_with(Method::GET, path, "", headers).await;
            assert!(got.status.as_u16() < 500, "{path} {}: {}", got.status, got.body);
        }
        for body in bodies {
            for method in [Method::POST, Method::PUT, Method::OPTIONS, Method::HEAD] {
                let got = rita.send_with(method.clone(), path, body, &[]).await;
                assert!(got.status.as_u16() < 500, "{method} {path} {body}: {}", got.status);
            }
        }
    }
    assert!(rita.is_logged_in().await);
}

/// Forms that need no account have limits.
#[tokio::test]
async fn what_an_anonymous_client_can_cause_is_limited() {
    let site = Site::start().await;
    let mut browser: Browser = site.browser();
    for (path, field) in
        [("/password/forgotten", "email"), ("/register", "email"), ("/password/reset", "link")]
    {
        let mut last = StatusCode::OK;
        for _ in 0..21 {
            last = browser.post(path, &[(field, "x"), ("name", "x"), ("password", "x")]).await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    site.clock.advance(Duration::from_hours(2));
    let got = browser.post("/password/forgotten", &[("email", "x")]).await;
    assert_eq!(got.status, StatusCode::OK);
}
