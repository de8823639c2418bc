//! Log-ins with OAuth 2 servers that are described as data: what is sent, and what becomes of their
//! responses.

use std::sync::{Arc, Mutex};

use auth_login::{Login, descriptor::Descriptor, profile::Profile, providers};
use auth_runtime::{identity::cookie::SameSite, testing::FrozenClock};
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    app_and_fake_provider::{NOON, application},
    browser_with_cookies::{Answer, Browser, Site},
};

type Reply = dyn Fn(&Request<Vec<u8>>) -> (u16, Value) + Send + Sync;

/// A server of OAuth 2 without sockets, and an application that logs in with it.
pub(crate) struct Server {
    pub(crate) browser: Browser,
    id: &'static str,
    pub(crate) sent: Arc<Mutex<Vec<Request<Vec<u8>>>>>,
    pub(crate) profiles: Arc<Mutex<Vec<Profile>>>,
}

impl Server {
    pub(crate) fn new(
        descriptor: &Descriptor,
        reply: impl Fn(&Request<Vec<u8>>) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (log, reply): (_, Arc<Reply>) = (Arc::clone(&sent), Arc::new(reply));
        let http = move |request: Request<Vec<u8>>| {
            let (status, body) = reply(&request);
            log.lock().unwrap().push(request);
            let mut response = Response::new(body.to_string().into_bytes());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            async move { Ok(response) }
        };
        let login = Login::provider(*descriptor, "me", "secret").unwrap().with_http_client(http);
        let profiles = Arc::default();
        let app = application([login], &FrozenClock::at(NOON), &profiles, SameSite::Lax);
        Self { browser: Browser::new(&app), id: descriptor.id, sent, profiles }
    }

    /// Starts a log-in, and returns the authorization request.
    pub(crate) async fn start(&mut self) -> Url {
        let started = self.browser.post(&format!("/login/{}", self.id), "next=/me").await;
        Url::parse(started.location()).unwrap()
    }

    /// Logs in; `more` are further parameters of the callback.
    pub(crate) async fn log_in(&mut self, more: &str) -> Answer {
        self.come_back(&format!("code=the-code{more}")).await
    }

    /// Starts a log-in, and comes back with these parameters and the state.
    pub(crate) async fn come_back(&mut self, query: &str) -> Answer {
        let state = parameter(&self.start().await, "state").unwrap();
        let address = format!("/login/{}/callback?state={state}&{query}", self.id);
        self.browser.send(Method::GET, &address, Site::Cross, "").await
    }

    pub(crate) fn form(&self, index: usize) -> Vec<(String, String)> {
        let sent = self.sent.lock().unwrap();
        let mut pairs: Vec<_> = form_urlencoded::parse(sent[index].body()).into_owned().collect();
        pairs.retain(|(name, _)| name != "code_verifier");
        pairs.sort();
        pairs
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|request| request.uri().to_string()).collect()
    }
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const TOKEN: &str = "https://github.com/login/oauth/access_token";
const USER: &str = "https://api.github.com/user";
const EMAILS: &str = "https://api.github.com/user/emails";

fn github(user: Value, emails: (u16, Value)) -> Server {
    Server::new(&providers::GITHUB, move |request| match request.uri().to_string().as_str() {
        TOKEN => (200, json!({"access_token": "t", "token_type": "bearer", "scope": "read:user,user:email"})),
        USER => (200, user.clone()),
        EMAILS => emails.clone(),
        _ => (404, json!({})),
    })
}

fn octocat() -> Value {
    json!({"id": 583_231, "login": "octocat", "name": null, "avatar_url": "https://a.example/1"})
}

#[tokio::test]
async fn a_user_logs_in_with_github() {
    let emails = json!([
        {"email": "old@example.com", "primary": false, "verified": true},
        {"email": "octocat@github.com", "primary": true, "verified": true},
    ]);
    let mut server = github(octocat(), (200, emails));
    let done = server.log_in("&iss=https://github.com/login/oauth").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(server.browser.get("/me").await.text, "583231");
    assert_eq!(server.addresses(), [TOKEN, USER, EMAILS]);
    let expected = pairs(&[
        ("client_id", "me"),
        ("client_secret", "secret"),
        ("code", "the-code"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://app.example.com/login/github/callback"),
    ]);
    assert_eq!(server.form(0), expected);
    let sent = server.sent.lock().unwrap();
    assert_eq!(sent[0].headers()[header::ACCEPT], "application/json");
    assert_eq!(sent[1].headers()[header::AUTHORIZATION], "Bearer t");
    let accepted: Vec<_> = sent[1].headers().get_all(header::ACCEPT).iter().collect();
    assert_eq!(accepted, ["application/vnd.github+json"]);
    let profiles = server.profiles.lock().unwrap();
    assert_eq!(profiles[0].account().issuer(), "https://github.com/login/oauth");
    assert_eq!(profiles[0].email.as_ref().unwrap().address(), "octocat@github.com");
}

#[tokio::test]
async fn an_authorization_request_has_what_github_knows() {
    let mut server = github(octocat(), (200, json!([])));
    let url = server.start().await;
    assert_eq!(url.as_str().split('?').next().unwrap(), "https://github.com/login/oauth/authorize");
    assert_eq!(parameter(&url, "scope").unwrap(), "read:user user:email");
    assert_eq!(parameter(&url, "code_challenge_method").unwrap(), "S256");
    assert_eq!(parameter(&url, "nonce"), None, "there is nothing that would repeat it");
    assert!(server.sent.lock().unwrap().is_empty(), "never discovered");
}

#[tokio::test]
async fn the_account_is_the_numeric_id_and_not_the_name_that_can_be_renamed() {
    let renamed = json!({"id": 999, "login": "octocat"});
    for (user, expected) in [(octocat(), "583231"), (renamed, "999")] {
        let mut server = github(user, (404, json!({"message": "Not Found"})));
        server.log_in("").await;
        assert_eq!(server.browser.get("/me").await.text, expected);
    }
}

#[tokio::test]
async fn an_optional_part_of_the_profile_may_be_forbidden() {
    for status in [403, 404, 500] {
        let mut server = github(octocat(), (status, json!({"message": "no"})));
        assert_eq!(server.log_in("").await.status, StatusCode::SEE_OTHER, "{status}");
        assert!(server.profiles.lock().unwrap()[0].email.is_none());
    }
}

#[tokio::test]
async fn a_user_without_a_usable_id_does_not_log_in() {
    for user in [json!({}), json!({"id": null}), json!({"id": ""}), json!({"id": 1.5}), json!([]), json!("x")]
    {
        let mut server = github(user.clone(), (200, json!([])));
        let page = server.log_in("").await;
        assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"), "{user}");
        assert!(server.profiles.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_error_with_status_200_is_an_error() {
    let mut server = Server::new(&providers::GITHUB, |_| (200, json!({"error": "bad_verification_code"})));
    let page = server.log_in("").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
    assert_eq!(server.addresses(), [TOKEN]);
}

#[tokio::test]
async fn an_unannounced_issuer_is_compared_and_a_missing_one_is_not_demanded() {
    for (more, code) in [
        ("", ""),
        ("&iss=https://github.com/login/oauth", ""),
        ("&iss=https://github.com", "issuer_mismatch"),
        ("&iss=https://evil.example", "issuer_mismatch"),
    ] {
        let page = github(octocat(), (200, json!([]))).log_in(more).await;
        assert_eq!(page.code(), code, "{more}");
    }
}

#[tokio::test]
async fn tiktok_gets_its_own_names_and_its_own_form_of_pkce() {
    let mut server = Server::new(&providers::TIKTOK, |request| match request.uri().path() {
        "/v2/oauth/token/" => (200, json!({"access_token": "t", "token_type": "Bearer", "open_id": "o"})),
        _ => (200, json!({"data": {"user": {"open_id": "o", "display_name": "O"}}, "error": {"code": "ok"}})),
    });
    let url = server.start().await;
    assert_eq!(parameter(&url, "client_key").unwrap(), "me");
    assert_eq!(parameter(&url, "client_id"), None);
    let challenge = parameter(&url, "code_challenge").unwrap();
    assert!(challenge.len() == 64 && challenge.bytes().all(|byte| byte.is_ascii_hexdigit()), "{challenge}");
    let done = server.log_in("").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(server.form(0).contains(&("client_key".to_owned(), "me".to_owned())));
    assert!(!server.form(0).iter().any(|(name, _)| name == "client_id"));
}

#[tokio::test]
async fn vk_gets_parameters_of_the_callback_back() {
    let mut server = Server::new(&providers::VK, |request| match request.uri().path() {
        "/oauth2/auth" => (200, json!({"access_token": "t", "token_type": "Bearer"})),
        _ => (200, json!({"user": {"user_id": "7", "first_name": "I"}})),
    });
    let done = server.log_in("&device_id=the-device").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(server.form(0).contains(&("device_id".to_owned(), "the-device".to_owned())));
    assert_eq!(server.form(1), pairs(&[("access_token", "t"), ("client_id", "me")]));
}

#[tokio::test]
async fn pkce_is_left_out_for_providers_that_reject_it_and_for_no_others() {
    let mut server = Server::new(&providers::FACEBOOK, |request| match request.uri().path() {
        "/v24.0/oauth/access_token" => (200, json!({"access_token": "token", "token_type": "bearer"})),
        _ => (200, json!({"id": "7", "name": "F B"})),
    });
    let url = server.start().await;
    assert!(!url.as_str().contains("code_challenge"));
    let done = server.log_in("#_=_").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let sent = server.sent.lock().unwrap();
    assert!(!String::from_utf8_lossy(sent[0].body()).contains("code_verifier"));
    let proof = "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a";
    assert!(sent[1].uri().to_string().contains(proof), "{}", sent[1].uri());
}

#[tokio::test]
async fn an_api_that_rejects_the_token_logs_no_user_in() {
    let mut server = Server::new(&providers::FACEBOOK, |request| match request.uri().path() {
        "/v24.0/oauth/access_token" => (200, json!({"access_token": "t", "token_type": "bearer"})),
        _ => (200, json!({"error": {"code": 190, "message": "Invalid OAuth access token"}})),
    });
    let page = server.log_in("").await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
}
