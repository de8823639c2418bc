//! Providers that are down, and what of the application works all the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_client::{Transport, TransportBuilder};
use auth_login::{Login, testing::Step};
use auth_runtime::{identity::cookie::SameSite, testing::FrozenClock};
use http::{Response, StatusCode, header};

use super::{
    app_and_fake_provider::{NOON, Setup, application, provider},
    browser_with_cookies::Browser,
};

/// Answers 503 for a path while the switch is on.
fn outage(
    path: &'static str,
    wait: Option<&'static str>,
) -> (Arc<AtomicBool>, impl Fn(Step<'_>) + Send + Sync) {
    let is_down = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&is_down);
    let tampering = move |step: Step<'_>| {
        if let Step::Response { path: found, response } = step
            && found == path
            && switch.load(Ordering::SeqCst)
        {
            *response = Response::new(Vec::new());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            if let Some(wait) = wait {
                response.headers_mut().insert(header::RETRY_AFTER, wait.parse().unwrap());
            }
        }
    };
    (is_down, tampering)
}

const METADATA: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn an_issuer_that_is_down_stops_neither_the_start_nor_other_providers() {
    let clock = FrozenClock::at(NOON);
    let (works, broken) = (provider(&clock).await, provider(&clock).await);
    let (is_down, tampering) = outage(METADATA, None);
    broken.tamper(tampering);
    let nowhere = Login::openid("nowhere", "http://127.0.0.1:1", "me", "secret").unwrap();
    let ways = [works.login("works").unwrap(), broken.login("broken").unwrap(), nowhere];
    let app = application(ways, &clock, &Arc::default(), SameSite::Lax);
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get("/login").await.status, StatusCode::OK);
    for id in ["broken", "nowhere"] {
        let page = browser.post(&format!("/login/{id}"), "next=/me").await;
        assert_eq!((page.status, page.code()), (StatusCode::SERVICE_UNAVAILABLE, "provider_unavailable"));
        assert_eq!(page.header("retry-after"), "5");
        assert!(page.text.contains("/login?next="), "{}", page.text);
    }
    assert_eq!(browser.post("/login/works", "").await.status, StatusCode::SEE_OTHER);
    // It is not asked again at once.
    is_down.store(false, Ordering::SeqCst);
    assert_eq!(browser.post("/login/broken", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.requests(METADATA), 1);
    clock.advance(Duration::from_secs(5));
    assert_eq!(browser.post("/login/broken", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(broken.requests(METADATA), 2);
}

#[tokio::test]
async fn a_provider_that_says_when_to_come_again_is_left_alone_until_then() {
    for (wait, expected) in [("30", "30"), ("0", "1"), ("86400", "300")] {
        let setup = Setup::new().await;
        let (_, tampering) = outage(METADATA, Some(wait));
        setup.provider.tamper(tampering);
        let page = setup.browser().post("/login/fake", "").await;
        assert_eq!(page.header("retry-after"), expected);
    }
}

#[tokio::test]
async fn metadata_that_were_read_outlive_an_outage() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    setup.start(&mut browser).await;
    let (_, tampering) = outage(METADATA, None);
    setup.provider.tamper(tampering);
    setup.advance(24 * 3600 + 1);
    setup.start(&mut browser).await;
    assert_eq!(setup.provider.requests(METADATA), 2);
    setup.start(&mut browser).await;
    assert_eq!(setup.provider.requests(METADATA), 2, "the provider is left alone for a moment");
}

#[tokio::test]
async fn parallel_starts_ask_for_the_metadata_once() {
    let setup = Arc::new(Setup::new().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let setup = Arc::clone(&setup);
        tasks.spawn(async move { drop(setup.start(&mut setup.browser()).await) });
    }
    tasks.join_all().await;
    assert_eq!(setup.provider.requests(METADATA), 1);
}

#[tokio::test]
async fn a_token_request_is_never_repeated() {
    let setup = Setup::new().await;
    let (is_down, tampering) = outage("/token", None);
    setup.provider.tamper(tampering);
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let callback = setup.provider.sign_in(&address, "alice").unwrap();
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::SERVICE_UNAVAILABLE, "provider_unavailable"));
    is_down.store(false, Ordering::SeqCst);
    let page = browser.come_back(&callback).await;
    assert_eq!(page.code(), "attempt_missing");
    assert_eq!(setup.provider.requests("/token"), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_an_outage_and_no_login() {
    let setup = Setup::new().await;
    let (_, tampering) = outage("/jwks", None);
    setup.provider.tamper(tampering);
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let page = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::SERVICE_UNAVAILABLE, "provider_unavailable"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up() {
    // It accepts connections, and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    let server = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            held.push(connection);
        }
    });
    let transport: TransportBuilder = Transport::builder().with_timeout(Duration::from_millis(50));
    let login = Login::openid("silent", &format!("http://{address}"), "me", "secret")
        .unwrap()
        .with_http_client(transport.build().unwrap());
    let app = application([login], &FrozenClock::at(NOON), &Arc::default(), SameSite::Lax);
    let page = Browser::new(&app).post("/login/silent", "").await;
    assert_eq!((page.status, page.code()), (StatusCode::SERVICE_UNAVAILABLE, "provider_unavailable"));
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
    server.abort();
}
