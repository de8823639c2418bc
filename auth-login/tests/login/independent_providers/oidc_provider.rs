//! The npm package `oidc-provider`, which is certified, and what only it offers.

use std::time::Duration;

use auth_client::ClientKey;
use auth_login::{
    Login,
    descriptor::{ClientMethod, Descriptor, ResponseMode},
    profile::EmailVerification,
    providers,
    testing::Callback,
};
use http::StatusCode;

use super::{
    Peer, Setup,
    agent::{Agent, Page, Reached, attribute},
    openid::OpenId,
};

pub struct OidcProvider(OpenId);

impl Peer for OidcProvider {
    const DESCRIPTOR: Descriptor = providers::OPENID;
    const USERINFO: &str = "me";

    async fn start(application: &str) -> Option<Self> {
        OpenId::start_with(&[("APPLICATION", application)]).map(Self)
    }

    fn issuer(&self) -> &str {
        &self.0.issuer
    }

    fn client_key(&self) -> ClientKey {
        ClientKey::ed25519(self.0.key.as_bytes()).unwrap()
    }

    /// Fills in the forms for the password and for the consent, as they come.
    async fn log_in(&self, agent: &mut Agent, mut page: Page, user: &str) -> Callback {
        loop {
            let form = match attribute(&page.text, "name=\"prompt\"", "value").as_deref() {
                Some("login") => format!("prompt=login&login={user}&password=x"),
                Some("consent") => "prompt=consent".to_owned(),
                _ => panic!("{}: {}", page.url, page.text),
            };
            page = match agent.submit(&page, form).await {
                Reached::Back(callback) => return callback,
                Reached::Page(page) => page,
            };
        }
    }

    async fn log_out(&self, agent: &mut Agent, page: Page) -> Reached {
        let secret = attribute(&page.text, "name=\"xsrf\"", "value").unwrap();
        agent.submit(&page, format!("xsrf={secret}&logout=yes")).await
    }

    async fn is_logged_in(&self, agent: &mut Agent, address: &str) -> bool {
        matches!(agent.open(address).await, Reached::Back(_))
    }

    async fn rotate_keys(&self) {
        let address = format!("{}/new-key", self.issuer());
        assert!(reqwest::Client::new().post(address).send().await.unwrap().status().is_success());
    }
}

#[tokio::test]
async fn a_user_denies_the_login() {
    let Some(mut setup) = Setup::<OidcProvider>::new().await else { return };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let mut agent = Agent::new();
    let page = agent.page(started.location()).await;
    let abort = page.url.join(&attribute(&page.text, "/abort", "href").unwrap()).unwrap();
    let denied = agent.open(abort.as_str()).await.back();
    let page = setup.browser.come_back(&denied).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "access_denied"));
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_provider_responds_by_form_post() {
    let descriptor = OidcProvider::DESCRIPTOR.with_response_mode(ResponseMode::FormPost);
    let Some(mut setup) = Setup::<OidcProvider>::with(&descriptor, "web", |_, login| login).await else {
        return;
    };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let callback = setup.peer.sign_in(&mut Agent::new(), started.location(), "alice").await;
    assert!(callback.form.is_some(), "{callback:?}");
    let done = setup.browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(setup.browser.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_client_with_a_key_pushes_its_request() {
    let descriptor = OidcProvider::DESCRIPTOR.with_client_method(ClientMethod::PrivateKeyJwt);
    let sign = |peer: &OidcProvider, login: Login| {
        login.with_client_key(peer.client_key().with_key_id("k1")).with_pushed_authorization()
    };
    let Some(mut setup) = Setup::<OidcProvider>::with(&descriptor, "web-signer", sign).await else { return };
    let done = setup.log_in("alice").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
    assert_eq!(setup.sent.count("/request"), 1);
}

/// The `id_token` has no e-mail address; the signed userinfo response has.
#[tokio::test]
async fn a_signed_userinfo_response_is_verified_and_read() {
    let Some(mut setup) =
        Setup::<OidcProvider>::with(&OidcProvider::DESCRIPTOR, "web-userinfo", |_, login| login).await
    else {
        return;
    };
    assert_eq!(setup.log_in("alice").await.location(), "/me");
    let types = setup.sent.types_of("/me");
    assert_eq!(types, ["application/jwt; charset=utf-8"]);
    let profiles = setup.profiles.lock().unwrap();
    let email = profiles[0].email.as_ref().unwrap();
    assert_eq!((email.address(), email.verification()), ("alice@example.com", EmailVerification::Verified));
}

/// The provider asks for no password a second time, unless the request says so.
#[tokio::test]
async fn a_prompt_makes_the_provider_ask_again() {
    let Some(mut setup) = Setup::<OidcProvider>::new().await else { return };
    let mut agent = Agent::new();
    for _ in 0..2 {
        let started = setup.browser.post("/login/peer", "").await;
        setup.peer.sign_in(&mut agent, started.location(), "alice").await;
    }
    let silent = setup.browser.post("/login/peer", "").await;
    agent.open(silent.location()).await.back();
    let asking = setup.browser.post("/login/peer", "prompt=login").await;
    let page = agent.open(asking.location()).await.page();
    assert_eq!(attribute(&page.text, "name=\"prompt\"", "value").as_deref(), Some("login"));
}

#[tokio::test]
async fn a_login_with_too_weak_a_method_is_rejected() {
    for (asked, code) in [("urn:example:password", ""), ("urn:example:key", "identity_invalid")] {
        let ask = |_: &OidcProvider, login: Login| login.with_acr_values([asked]);
        let Some(mut setup) = Setup::<OidcProvider>::with(&OidcProvider::DESCRIPTOR, "web", ask).await else {
            return;
        };
        let done = setup.log_in("alice").await;
        assert_eq!(done.code(), code, "{asked}: {}", done.text);
        assert_eq!(setup.browser.get("/me").await.status.is_success(), code.is_empty());
    }
}

#[tokio::test]
async fn the_provider_states_when_the_user_authenticated() {
    let recent =
        |_: &OidcProvider, login: Login| login.with_prompt("login").with_max_age(Duration::from_mins(5));
    let Some(mut setup) = Setup::<OidcProvider>::with(&OidcProvider::DESCRIPTOR, "web", recent).await else {
        return;
    };
    let done = setup.log_in("alice").await;
    assert_eq!(done.location(), "/me", "{}", done.text);
}

/// To the application's clock, the user authenticated long ago.
#[tokio::test]
async fn a_login_at_the_provider_that_is_too_old_is_rejected() {
    let recent = |_: &OidcProvider, login: Login| login.with_max_age(Duration::from_mins(1));
    let Some(mut setup) = Setup::<OidcProvider>::with(&OidcProvider::DESCRIPTOR, "web", recent).await else {
        return;
    };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let callback = setup.peer.sign_in(&mut Agent::new(), started.location(), "alice").await;
    setup.clock.advance(Duration::from_mins(4));
    let page = setup.browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"));
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}
