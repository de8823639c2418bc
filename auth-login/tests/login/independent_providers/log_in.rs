//! Log-ins that succeed, and log-ins that the provider or the application rejects.

use auth_login::{Login, descriptor::ClientMethod};
use auth_runtime::identity::cookie::SameSite;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::{
    super::{app_and_fake_provider::application, browser_with_cookies::Browser},
    Peer, Setup,
    agent::{Agent, Reached},
    sent::Sent,
};

with_each_peer! {
    a_user_logs_in,
    a_pushed_request_leaves_nothing_in_the_address,
    a_client_with_a_key_sends_no_secret,
    a_user_who_must_not_be_asked_is_not,
    a_wrong_secret_is_a_calm_page,
    an_unknown_redirect_address_is_no_way_in,
    a_code_of_another_client_is_rejected,
    a_token_of_another_client_is_rejected,
    new_keys_of_the_provider_are_fetched,
}

async fn a_user_logs_in<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let started = setup.browser.post("/login/peer", "next=/me?page=2").await;
    assert!(started.location().contains("code_challenge_method=S256"), "{}", started.location());
    let callback = setup.peer.sign_in(&mut Agent::new(), started.location(), "alice").await;
    assert!(callback.address.contains("iss="), "{}", callback.address);
    let done = setup.browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me?page=2"), "{}", done.text);
    let profiles = std::mem::take(&mut *setup.profiles.lock().unwrap());
    let account = profiles[0].account();
    assert_eq!((profiles.len(), account.issuer()), (1, setup.peer.issuer()));
    assert_eq!(setup.browser.get("/me").await.text, account.subject());
    assert_eq!(profiles[0].display_name(), "The alice");
    assert_eq!(profiles[0].email.as_ref().unwrap().address(), "alice@example.com");
    // The same code and state again.
    let again = setup.browser.come_back(&callback).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(setup.sent.count("/token"), 1);
}

async fn a_pushed_request_leaves_nothing_in_the_address<P: Peer>() {
    let push = |_: &P, login: Login| login.with_pushed_authorization();
    let Some(mut setup) = Setup::<P>::with(&P::DESCRIPTOR, "web", push).await else { return };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    let url = Url::parse(started.location()).unwrap();
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "{url}");
    let callback = setup.peer.sign_in(&mut Agent::new(), url.as_str(), "alice").await;
    let done = setup.browser.come_back(&callback).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
}

async fn a_client_with_a_key_sends_no_secret<P: Peer>() {
    let descriptor = P::DESCRIPTOR.with_client_method(ClientMethod::PrivateKeyJwt);
    let sign = |peer: &P, login: Login| login.with_client_key(peer.client_key().with_key_id("k1"));
    let Some(mut setup) = Setup::<P>::with(&descriptor, "web-signer", sign).await else { return };
    let done = setup.log_in("alice").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/me"), "{}", done.text);
}

async fn a_user_who_must_not_be_asked_is_not<P: Peer>() {
    let silent = |_: &P, login: Login| login.with_prompt("none");
    let Some(mut setup) = Setup::<P>::with(&P::DESCRIPTOR, "web", silent).await else { return };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let page = setup.browser.come_back(&Agent::new().open(started.location()).await.back()).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_REQUEST, "interaction_required"));
}

async fn a_wrong_secret_is_a_calm_page<P: Peer>() {
    let Some(peer) = P::start("").await else { return };
    let resolved = P::DESCRIPTOR.resolve(&[("issuer", peer.issuer())]).unwrap();
    let login = Login::resolved(resolved, "web", "wrong").unwrap().with_id("peer").unwrap();
    let app = application([login], &super::now(), &std::sync::Arc::default(), SameSite::Lax);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/peer", "next=/me").await;
    let callback = peer.sign_in(&mut Agent::new(), started.location(), "alice").await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
    assert_eq!((browser.attempts(), browser.get("/me").await.status), (0, StatusCode::UNAUTHORIZED));
}

/// A provider rejects the address on a page of its own, or by an error there: then our page says so.
async fn an_unknown_redirect_address_is_no_way_in<P: Peer>() {
    let elsewhere = |_: &P, login: Login| login.with_id("elsewhere").unwrap();
    let Some(mut setup) = Setup::<P>::with(&P::DESCRIPTOR, "web", elsewhere).await else { return };
    let started = setup.browser.post("/login/elsewhere", "next=/me").await;
    match Agent::new().open(started.location()).await {
        Reached::Page(page) => assert!(page.status.is_client_error(), "{}", page.text),
        Reached::Back(callback) => {
            let page = setup.browser.come_back(&callback).await;
            assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
        }
    }
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(setup.sent.count("/token"), 0);
}

/// The user was led to log in to another client, whose code comes back to this one.
async fn a_code_of_another_client_is_rejected<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let address = started.location().replace("client_id=web&", "client_id=web-other&");
    let callback = setup.peer.sign_in(&mut Agent::new(), &address, "alice").await;
    let page = setup.browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "provider_error"));
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(setup.sent.count("/token"), 1);
}

/// As before, and the token response that comes back is the one for the other client: every claim of its
/// `id_token` is right but the audience.
async fn a_token_of_another_client_is_rejected<P: Peer>() {
    let sent = Sent::default();
    let http = sent.client_with(|request| {
        if let Some(ours) = request.headers().get(header::AUTHORIZATION)
            && request.uri().path().ends_with("/token")
        {
            let ours = ours.to_str().unwrap().strip_prefix("Basic ").unwrap();
            let ours = String::from_utf8(BASE64_STANDARD.decode(ours).unwrap()).unwrap();
            let theirs = BASE64_STANDARD.encode(ours.replacen("web:", "web-other:", 1));
            let theirs = HeaderValue::from_str(&format!("Basic {theirs}")).unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, theirs);
        }
    });
    let tamper = |_: &P, login: Login| login.with_http_client(http);
    let Some(mut setup) = Setup::<P>::with(&P::DESCRIPTOR, "web", tamper).await else { return };
    let started = setup.browser.post("/login/peer", "next=/me").await;
    let address = started.location().replace("client_id=web&", "client_id=web-other&");
    let callback = setup.peer.sign_in(&mut Agent::new(), &address, "alice").await;
    let page = setup.browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"));
    assert_eq!(setup.browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!((sent.count("/token"), sent.count(P::USERINFO)), (1, 0));
}

/// A token with an unknown key makes the application fetch the keys again, at once.
async fn new_keys_of_the_provider_are_fetched<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    assert_eq!(setup.log_in("alice").await.location(), "/me");
    setup.peer.rotate_keys().await;
    let done = setup.log_in("alice").await;
    assert_eq!(done.location(), "/me", "{}", done.text);
}
