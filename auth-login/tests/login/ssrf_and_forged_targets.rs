//! Attacks that need more than one changed response: SSRF, forged targets, log-ins that the user did not
//! begin; and log-ins that would go in circles.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use auth_login::{
    Login,
    descriptor::{Descriptor, Placeholder, ResponseMode},
    testing::Step,
};
use auth_runtime::{identity::cookie::SameSite, testing::FrozenClock};
use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;
use tower::ServiceExt as _;

use super::{
    app_and_fake_provider::{NOON, Setup, application, provider},
    browser_with_cookies::{Browser, Site},
};

/// A server on loopback that counts connections.
async fn trap() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, count)
}

/// Server-side request forgery: no address in a response is asked for.
#[tokio::test]
async fn ssrf_an_address_in_a_response_is_not_fetched() {
    for (path, is_redirect) in
        [("/userinfo", false), ("/token", false), ("/token", true), ("/userinfo", true)]
    {
        let (address, count) = trap().await;
        let setup = Setup::new().await;
        let there = address.clone();
        setup.provider.tamper(move |step| match step {
            Step::Response { path: found, response } if found == path => {
                if is_redirect {
                    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                    response.headers_mut().insert(header::LOCATION, there.parse().unwrap());
                    return;
                }
                let mut answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
                answer["_claim_names"] = json!({"email": "src1"});
                answer["_claim_sources"] = json!({"src1": {"endpoint": there, "access_token": "x"}});
                for name in ["userinfo_endpoint", "jwks_uri", "request_uri", "picture", "profile"] {
                    answer[name] = json!(there);
                }
                *response.body_mut() = answer.to_string().into_bytes();
            }
            Step::Claims { header, claims } => {
                for name in ["jku", "x5u"] {
                    header.insert(name.to_owned(), json!(there));
                }
                claims.insert("_claim_sources".to_owned(), json!({"src1": {"endpoint": there}}));
            }
            _ => {}
        });
        let mut browser = setup.browser();
        let started = setup.start(&mut browser).await;
        browser.come_back(&setup.provider.sign_in(&started, "alice").unwrap()).await;
        assert_eq!(count.load(Ordering::SeqCst), 0, "{path} {is_redirect}");
        // The trap works.
        drop(tokio::net::TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap());
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// The target of a callback is that of the attempt, and nothing in the callback's address changes it.
#[tokio::test]
async fn open_redirect_a_target_in_the_callback_is_ignored() {
    for more in [
        "next=https%3A%2F%2Fevil.example",
        "redirect_uri=https%3A%2F%2Fevil.example&return_to=%2F%2Fevil.example",
        "target_link_uri=https%3A%2F%2Fevil.example&RelayState=https%3A%2F%2Fevil.example",
    ] {
        let setup = Setup::new().await;
        let mut browser = setup.browser();
        let address = setup.start(&mut browser).await;
        let callback = setup.provider.sign_in(&address, "alice").unwrap();
        let again = format!("{}&{more}", callback.address);
        let done = browser.send(Method::GET, &again, Site::Cross, "").await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me?page=2"), "{more}");
        // Neither does it after a failure.
        let denied = setup.provider.deny(&setup.start(&mut browser).await).unwrap();
        let page = browser.send(Method::GET, &format!("{}&{more}", denied.address), Site::Cross, "").await;
        assert!(page.code() == "access_denied" && !page.text.contains("evil"), "{}", page.text);
    }
}

/// From a guarded page to the log-in page, to the provider, and back.
#[tokio::test]
async fn host_header_injection_does_not_change_the_redirect_target() {
    let setup = Setup::new().await;
    for host in ["evil.example", "app.example.com@evil.example", "evil.example/x?"] {
        let request = Request::get("/me?page=2")
            .header(header::HOST, host)
            .header("x-forwarded-host", "evil.example")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header(header::ACCEPT, "text/html")
            .body(Body::empty())
            .unwrap();
        let answer = setup.app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[header::LOCATION], "/login?next=%2Fme%3Fpage%3D2", "{host}");
    }
}

#[tokio::test]
async fn a_redirect_target_with_a_query_of_its_own_loses_nothing() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    // A `code` of the page's own does not make a callback of the log-in page either.
    let target = "/me?a=1&b=2&code=evil&state=x";
    let sent = browser.navigate(target).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = browser.get(sent.location()).await;
    assert_eq!((page.status, browser.attempts()), (StatusCode::OK, 0));
    let next = page.text.split(r#"name="next" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let next = next.replace("&amp;", "&");
    assert_eq!(next, target);
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
    let started = browser.post("/login/fake", &form).await;
    let done = browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!(done.location(), target);
    assert_eq!(setup.provider.requests("/token"), 1);
}

/// Vercel's and other frameworks prefetch links.
#[tokio::test]
async fn a_prefetch_or_background_fetch_does_not_start_a_login() {
    let setup = Setup::new().await;
    for (name, value) in [("sec-purpose", "prefetch"), ("purpose", "prefetch"), ("x-moz", "prefetch")] {
        for path in ["/login/fake?next=/me", "/login?next=/me", "/logout"] {
            let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
            let answer = setup.app.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let headers = answer.headers();
            assert!(!headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::LOCATION));
        }
    }
    assert_eq!(setup.provider.requests("/.well-known/openid-configuration"), 0);
}

/// Third-party-initiated log-in (OpenID Connect Core section 4) and silent log-in are not offered.
#[tokio::test]
async fn a_session_does_not_begin_without_an_action_of_the_user() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let initiated = format!(
        "iss={}&login_hint=mallory&target_link_uri=https%3A%2F%2Fevil.example&prompt=none",
        setup.provider.issuer()
    );
    for path in ["/login", "/login/fake"] {
        let page = browser.send(Method::GET, &format!("{path}?{initiated}"), Site::Cross, "").await;
        assert_eq!((page.status, page.location(), browser.attempts()), (StatusCode::OK, "", 0));
        assert!(!page.text.contains("evil") && !page.text.contains("mallory"), "{}", page.text);
        assert!(!page.text.contains("http-equiv") && !page.text.contains("<script"));
    }
    let page = browser.send(Method::POST, "/login/fake", Site::Cross, &initiated).await;
    assert_eq!((page.code(), browser.attempts()), ("cross_site", 0));
    // A form of the application cannot ask for a log-in that shows nothing.
    let started = browser.post("/login/fake", "prompt=none").await;
    assert!(started.status == StatusCode::SEE_OTHER && !started.location().contains("prompt"));
}

/// Every `SameSite` of a session with both ways back from the provider: each log-in ends at a page that sees
/// the user.
#[tokio::test]
async fn a_login_does_not_loop_with_any_same_site_and_response_mode() {
    const FORM_POST: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}")
        .with_placeholders(&[Placeholder::base("issuer", "")])
        .with_response_mode(ResponseMode::FormPost)
        .validated();
    for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
        for is_form in [false, true] {
            let clock = FrozenClock::at(NOON);
            let provider = provider(&clock).await;
            let (id, secret) = provider.client();
            let login = if is_form {
                let resolved = FORM_POST.resolve(&[("issuer", provider.issuer())]).unwrap();
                Login::resolved(resolved, id, secret).unwrap()
            } else {
                provider.login("fake").unwrap()
            };
            let app = application([login], &clock, &Arc::new(Mutex::default()), same_site);
            let mut browser = Browser::new(&app);
            let started = browser.post("/login/fake", "next=/me").await;
            let callback = provider.sign_in(started.location(), "alice").unwrap();
            let done = browser.come_back(&callback).await;
            // The provider began the chain of redirects, so only a page of the application's own ends it.
            let is_page = done.status == StatusCode::OK && done.text.contains("0;url=/me");
            let site = if is_page { Site::Same } else { Site::Cross };
            assert!(is_page || done.location() == "/me", "{}", done.text);
            let seen = browser.send(Method::GET, "/me", site, "").await;
            assert_eq!(seen.text, "alice", "{same_site:?} {is_form}");
        }
    }
}
