//! Log-ins by OAuth 1.0a through the routes, with a server that checks each signature.

use std::sync::Arc;

use auth_login::{
    Login,
    descriptor::{Call, Descriptor, Issuer, TokenPlace},
    profile::{Mapping, Subject},
};
use auth_runtime::{identity::cookie::SameSite, testing::FrozenClock};
use http::{Method, StatusCode};
use url::{Url, form_urlencoded};

use super::{
    app_and_fake_provider::{NOON, application},
    browser_with_cookies::{Answer, Browser, Site},
};
use server::Server;

#[path = "../oauth1/signature_checking_server.rs"]
mod server;

const DESCRIPTOR: Descriptor = Descriptor::oauth1(
    "old",
    "Old",
    "https://old.example/request",
    "https://old.example/authorize",
    "https://old.example/token",
)
.with_issuer(Issuer::Namespace("https://old.example"))
.with_calls(&[Call::get("user", "https://old.example/api/me").with_token(TokenPlace::OAuth1)])
.with_mapping(Mapping::new(Subject::Member("/user/id")))
.with_api("https://old.example/api")
.validated();

struct Setup {
    server: Server,
    browser: Browser,
    state: String,
}

impl Setup {
    /// Starts a log-in.
    async fn start(server: Server) -> Self {
        let login = Login::provider(DESCRIPTOR, "consumer key", "consumer secret&").unwrap();
        let login = login.with_http_client(server.client());
        let app = application([login], &FrozenClock::at(NOON), &Arc::default(), SameSite::Lax);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/old", "next=/me").await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
        let url = Url::parse(started.location()).unwrap();
        assert_eq!(url.as_str(), "https://old.example/authorize?oauth_token=temporary");
        let header = {
            let seen = server.seen.lock().unwrap();
            seen[0].headers()["authorization"].to_str().unwrap().to_owned()
        };
        // The provider sends the browser to the address that was signed, with its own parameters added.
        let callback = header.split("oauth_callback=\"").nth(1).unwrap().split('"').next().unwrap();
        let callback =
            form_urlencoded::parse(format!("c={callback}").as_bytes()).next().unwrap().1.into_owned();
        let state = callback.strip_prefix("https://app.example.com/login/old/callback?state=").unwrap();
        Self { state: state.to_owned(), server, browser }
    }

    async fn come_back(&mut self, query: &str) -> Answer {
        let address = format!("/login/old/callback?{}", query.replace("STATE", &self.state));
        self.browser.send(Method::GET, &address, Site::Cross, "").await
    }

    fn paths(&self) -> Vec<String> {
        let seen = self.server.seen.lock().unwrap();
        seen.iter().map(|request| request.uri().path().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_user_logs_in_by_oauth_1() {
    let mut setup = Setup::start(Server::default()).await;
    let done = setup.come_back("state=STATE&oauth_token=temporary&oauth_verifier=v").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(setup.browser.get("/me").await.text, "7");
    assert_eq!(setup.paths(), ["/request", "/token", "/api/me"]);
    let again = setup.come_back("state=STATE&oauth_token=temporary&oauth_verifier=v").await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(setup.paths().len(), 3, "each attempt is used once");
}

#[tokio::test]
async fn callbacks_that_do_not_belong_to_the_attempt_are_rejected() {
    for (query, code) in [
        ("oauth_token=temporary&oauth_verifier=v", "attempt_missing"),
        ("state=x&oauth_token=temporary&oauth_verifier=v", "attempt_missing"),
        ("state=STATE&oauth_token=other&oauth_verifier=v", "callback_invalid"),
        ("state=STATE&oauth_verifier=v", "callback_invalid"),
        ("state=STATE&oauth_token=temporary", "callback_invalid"),
        ("state=STATE&oauth_token=temporary&oauth_token=temporary&oauth_verifier=v", "callback_invalid"),
        ("state=STATE&denied=temporary", "access_denied"),
    ] {
        let mut setup = Setup::start(Server::default()).await;
        let page = setup.come_back(query).await;
        assert_eq!((page.code(), page.location()), (code, ""), "{query}");
        assert_eq!(setup.paths(), ["/request"], "{query}");
        assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_server_that_is_down_or_does_not_confirm_the_callback_is_a_page() {
    for (server, code) in [
        (Server { status: Some(503), ..Server::default() }, "provider_unavailable"),
        (Server { status: Some(401), ..Server::default() }, "provider_error"),
        (Server { is_unconfirmed: true, ..Server::default() }, "provider_error"),
    ] {
        let login = Login::provider(DESCRIPTOR, "consumer key", "consumer secret&").unwrap();
        let login = login.with_http_client(server.client());
        let app = application([login], &FrozenClock::at(NOON), &Arc::default(), SameSite::Lax);
        let page = Browser::new(&app).post("/login/old", "").await;
        assert_eq!((page.code(), page.location()), (code, ""));
    }
}
