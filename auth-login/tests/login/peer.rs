//! Log-ins with a certified OpenID Provider of other authors, the npm package `oidc-provider`.

use std::collections::HashMap;

use auth_login::{
    Login,
    descriptor::{ClientMethod, Descriptor, ResponseMode},
    providers,
    testing::Callback,
};
use auth_runtime::{
    clock::{Clock as _, SystemClock},
    identity::cookie::SameSite,
    testing::FrozenClock,
};
use http::StatusCode;
use url::{Url, form_urlencoded};

use super::{browser::Browser, setup::application};
use openid::OpenId;

#[expect(dead_code, reason = "its browser is for other callbacks")]
#[path = "../../../auth-client/tests/support/openid.rs"]
mod openid;

/// A user agent at the provider, up to the redirect or the form that leads back.
struct Agent {
    client: reqwest::Client,
    cookies: HashMap<String, String>,
}

enum Reached {
    Page { url: Url, text: String },
    Back(Callback),
}

impl Agent {
    fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: HashMap::new() }
    }

    /// Follows redirects until there is a page, or the way back to the application.
    async fn go(&mut self, mut request: reqwest::RequestBuilder) -> Reached {
        loop {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = request.header("cookie", pairs.join("; ")).send().await.unwrap();
            for line in response.headers().get_all("set-cookie") {
                let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
            let url = response.url().clone();
            let Some(location) = response.headers().get("location") else {
                let text = response.text().await.unwrap();
                return match attribute(&text, "form ", "action") {
                    Some(action) if action.starts_with("https://app.example.com/") => {
                        Reached::Back(form_post(&text, action))
                    }
                    _ => Reached::Page { url, text },
                };
            };
            let next = url.join(location.to_str().unwrap()).unwrap();
            if next.as_str().starts_with("https://app.example.com/") {
                return Reached::Back(Callback::new(next.into(), None));
            }
            request = self.client.get(next);
        }
    }

    async fn page(&mut self, url: &Url) -> (Url, String) {
        match self.go(self.client.get(url.clone())).await {
            Reached::Page { url, text } => (url, text),
            Reached::Back(callback) => panic!("{callback:?}"),
        }
    }

    async fn submit(&mut self, (url, text): &(Url, String), form: &'static str) -> Reached {
        let action = attribute(text, "form ", "action").unwrap();
        let request = self.client.post(url.join(&action).unwrap());
        self.go(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    async fn sign_in(&mut self, address: &str) -> Callback {
        let login = self.page(&Url::parse(address).unwrap()).await;
        let Reached::Page { url, text } = self.submit(&login, "prompt=login&login=alice&password=x").await
        else {
            panic!("no page that asks for consent");
        };
        match self.submit(&(url, text), "prompt=consent").await {
            Reached::Back(callback) => callback,
            Reached::Page { text, .. } => panic!("{text}"),
        }
    }

    async fn deny(&mut self, address: &str) -> Callback {
        let (url, text) = self.page(&Url::parse(address).unwrap()).await;
        let abort = url.join(&attribute(&text, "/abort", "href").unwrap()).unwrap();
        match self.go(self.client.get(abort)).await {
            Reached::Back(callback) => callback,
            Reached::Page { text, .. } => panic!("{text}"),
        }
    }
}

/// The value of an attribute in the first tag that has this text in it.
fn attribute(text: &str, tag: &str, name: &str) -> Option<String> {
    let tag = text.split('<').find(|piece| piece.split('>').next().unwrap().contains(tag))?;
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

fn form_post(text: &str, action: String) -> Callback {
    let inputs =
        text.split("<input").skip(1).map(|piece| format!("input {}", piece.split('>').next().unwrap()));
    let mut form = form_urlencoded::Serializer::new(String::new());
    for input in inputs {
        let input = format!("<{input}>");
        let value = |name: &str| attribute(&input, "input", name);
        if let (Some(name), Some(value)) = (value("name"), value("value")) {
            form.append_pair(&name, &value);
        }
    }
    Callback::new(action, Some(form.finish()))
}

struct Peer {
    _process: OpenId,
    browser: Browser,
}

fn peer(descriptor: &Descriptor) -> Option<Peer> {
    let process = OpenId::start(3600)?;
    let resolved = descriptor.resolve(&[("issuer", &process.issuer)]).unwrap();
    let login = Login::resolved(resolved, "web", "s:e%c+r/e=t&!").unwrap().with_id("peer").unwrap();
    let clock = FrozenClock::at(SystemClock.now().as_secs());
    let app = application([login], &clock, &std::sync::Arc::default(), SameSite::Lax);
    Some(Peer { _process: process, browser: Browser::new(&app) })
}

#[tokio::test]
async fn a_user_of_a_certified_provider_logs_in() {
    let Some(Peer { _process, mut browser }) = peer(&providers::OPENID) else { return };
    let started = browser.post("/login/peer", "next=/me").await;
    let callback = Agent::new().sign_in(started.location()).await;
    assert!(callback.address.contains("&iss="), "{}", callback.address);
    let done = browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(browser.get("/me").await.text, "alice");
    // The same code and state again.
    let again = browser.come_back(&callback).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test]
async fn a_user_of_a_certified_provider_denies_the_login() {
    let Some(Peer { _process, mut browser }) = peer(&providers::OPENID) else { return };
    let started = browser.post("/login/peer", "next=/me").await;
    let page = browser.come_back(&Agent::new().deny(started.location()).await).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "access_denied"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_certified_provider_responds_by_form_post() {
    const FORM_POST: Descriptor = providers::OPENID.with_response_mode(ResponseMode::FormPost);
    let Some(Peer { _process, mut browser }) = peer(&FORM_POST) else { return };
    let started = browser.post("/login/peer", "next=/me").await;
    let callback = Agent::new().sign_in(started.location()).await;
    assert!(callback.form.is_some(), "{callback:?}");
    let done = browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(browser.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_certified_provider_states_when_the_user_authenticated() {
    let Some(process) = OpenId::start(3600) else { return };
    let login = Login::openid("peer", &process.issuer, "web", "s:e%c+r/e=t&!")
        .unwrap()
        .with_prompt("login")
        .with_max_age(std::time::Duration::from_mins(5));
    let clock = FrozenClock::at(SystemClock.now().as_secs());
    let app = application([login], &clock, &std::sync::Arc::default(), SameSite::Lax);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/peer", "next=/me").await;
    let done = browser.come_back(&Agent::new().sign_in(started.location()).await).await;
    assert_eq!(done.location(), "/me", "{}", done.text);
}

#[tokio::test]
async fn a_certified_provider_takes_a_pushed_request_of_a_client_with_a_key() {
    let Some(process) = OpenId::start(3600) else { return };
    let key = auth_client::ClientKey::ed25519(process.key.as_bytes()).unwrap().with_key_id("k1");
    let resolved = providers::OPENID.with_client_method(ClientMethod::PrivateKeyJwt);
    let resolved = resolved.resolve(&[("issuer", &process.issuer)]).unwrap();
    let login = Login::resolved(resolved, "web-signer", "")
        .unwrap()
        .with_id("peer")
        .unwrap()
        .with_client_key(key)
        .with_pushed_authorization();
    let clock = FrozenClock::at(SystemClock.now().as_secs());
    let app = application([login], &clock, &std::sync::Arc::default(), SameSite::Lax);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/peer", "next=/me").await;
    let url = Url::parse(started.location()).unwrap();
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "{url}");
    let done = browser.come_back(&Agent::new().sign_in(url.as_str()).await).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
}
