//! Every grant against a certified, independent `OpenID` Provider.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_client::{
    AuthorizationCode, Authorizer, ClientAuthentication, ClientCredentials, DeviceCode, DevicePrompt,
    ErrorKind, FileStore, Grant as _, Interaction, LoginAttempt, OAuthClient, Provider, RequestTemplate,
    TokenAuthorizer, TokenTester, Transport,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::openid::{self, Browser, OpenId};

const LOG_IN_TIMEOUT: Duration = Duration::from_secs(30);
const SECRET: &str = "s:e%c+r/e=t&!";

async fn provider(openid: &OpenId) -> Provider {
    Provider::discover(&openid.issuer, &Transport::new().unwrap()).await.unwrap()
}

async fn client(openid: &OpenId, id: &str) -> OAuthClient {
    OAuthClient::new(provider(openid).await, id).unwrap().with_service_name("openid")
}

/// Acts as the user.
#[derive(Clone, Debug, Default)]
struct Robot {
    refuses: bool,
    /// The prompts in order.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Robot {
    fn hear(&self, what: impl Into<String>) {
        self.heard.lock().unwrap().push(what.into());
    }
}

impl Interaction for Robot {
    fn open(&self, address: &Url, left: Duration) {
        self.hear(format!("open, {} s", left.as_secs()));
        let (address, robot) = (address.clone(), self.clone());
        tokio::spawn(async move {
            let mut browser = Browser::default();
            let page =
                if robot.refuses { browser.refuse(&address).await } else { browser.log_in(&address).await };
            assert_eq!(page.url.path(), "/done");
            assert!(page.url.query().is_none(), "no code stays in the address");
            assert!(page.text.contains("You may close this window"), "{}", page.text);
            robot.hear("done");
        });
    }

    fn enter_code(&self, prompt: &DevicePrompt, left: Duration) {
        assert!(left <= Duration::from_mins(1));
        assert!(prompt.complete_address().unwrap().as_str().contains(prompt.code()));
        let (prompt, robot) = (prompt.clone(), self.clone());
        tokio::spawn(async move {
            Browser::default().enter(prompt.address(), prompt.code(), !robot.refuses).await;
            robot.hear("entered");
        });
    }

    fn waiting(&self, left: Duration) {
        assert!(left <= Duration::from_mins(5));
        self.hear("waiting");
    }

    fn finished(&self, is_logged_in: bool) {
        self.hear(format!("finished: {is_logged_in}"));
    }
}

/// Returns the status of a request that needs a valid token.
async fn ask(openid: &OpenId, authorizer: &dyn Authorizer) -> u16 {
    let credentials = authorizer.await.unwrap();
    let request =
        reqwest::Client::new().get(format!("{}/me", openid.issuer)).headers(credentials.headers().clone());
    request.send().await.unwrap().status().as_u16()
}

// Ids and secrets with `:`, `%`, `+` and other special characters arrive unchanged, with each authentication
// method.
#[tokio::test]
async fn client_credentials_by_header_body_and_key() {
    let Some(openid) = OpenId::start(3600) else { return };
    let basic = client(&openid, "a:b%c+d").await.with_secret(SECRET);
    let post = client(&openid, "poster").await.with_authentication(ClientAuthentication::Post(SECRET.into()));
    let mut clients = vec![basic, post];
    #[cfg(feature = "jwt")]
    {
        let key = auth_client::ClientKey::ed25519(openid.key.as_bytes()).unwrap().with_key_id("k1");
        let by_issuer = key.clone().with_audience(&openid.issuer);
        for key in [key, by_issuer] {
            let signer = client(&openid, "signer").await;
            clients.push(signer.with_authentication(ClientAuthentication::PrivateKeyJwt(key)));
        }
    }
    for client in clients {
        let authorizer = TokenAuthorizer::new(ClientCredentials::new(client.clone()).with_scopes(["read"]));
        let token = authorizer.token().await.unwrap();
        assert_eq!(token.scopes().unwrap(), ["read"]);
        assert_eq!(token.lifetime(), Some(Duration::from_hours(1)));
        assert_eq!((&authorizer).await.unwrap().headers().len(), 1);

        // The server knows the token, and after revocation does not.
        let facts = client.introspect(token.access_token()).await.unwrap();
        assert!(facts.active && facts.client_id.as_deref() == Some(client.id()));
        assert_eq!(facts.scopes, ["read"]);
        assert!(authorizer.log_out().await.unwrap());
        assert!(!client.introspect(token.access_token()).await.unwrap().active);
    }
}

#[tokio::test]
async fn wrong_secrets_and_scopes_are_typed_denials() {
    let Some(openid) = OpenId::start(3600) else { return };
    let wrong = ClientCredentials::new(client(&openid, "a:b%c+d").await.with_secret("CANARY"));
    let error = TokenAuthorizer::new(wrong).authorize().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.denial().unwrap().code(), "invalid_client");
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.to_string().starts_with("openid: refused with invalid_client"));
    assert!(!format!("{error:?}").contains("CANARY"));

    let greedy = ClientCredentials::new(client(&openid, "a:b%c+d").await.with_secret(SECRET))
        .with_scopes(["offline_access"]);
    let error = TokenAuthorizer::new(greedy).authorize().await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_scope");
}

#[tokio::test]
async fn a_person_logs_in_and_the_token_is_refreshed_and_revoked() {
    let Some(openid) = OpenId::start(3600) else { return };
    let robot = Robot::default();
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("token.json"));
    let client = client(&openid, "cli").await;
    let grant = || {
        AuthorizationCode::new(client.clone())
            .with_scopes(["openid", "offline_access"])
            .with_param("prompt", "consent")
            .with_interaction(robot.clone())
            .with_timeout(LOG_IN_TIMEOUT)
    };
    let authorizer = TokenAuthorizer::new(grant()).with_store(store.clone());
    assert_eq!(ask(&openid, &authorizer).await, 200);
    assert_eq!(*robot.heard.lock().unwrap(), ["open, 30 s", "done", "finished: true"]);

    // Another run of the program uses the stored token without a prompt.
    let again = TokenAuthorizer::new(grant()).with_store(store.clone()).without_interaction();
    assert_eq!(ask(&openid, &again).await, 200);
    let first = again.token().await.unwrap();

    // A rejected token is refreshed; the refresh token rotates.
    again.reject(&again.authorize().await.unwrap()).await;
    assert_eq!(ask(&openid, &again).await, 200);
    let second = again.token().await.unwrap();
    let text = |token: Option<&SecretString>| token.unwrap().expose_secret().to_owned();
    assert_ne!(text(first.refresh_token()), text(second.refresh_token()));
    assert_ne!(first.access_token().expose_secret(), second.access_token().expose_secret());

    // Refresh token rotation with reuse detection: the old one is denied, and its family is revoked.
    let error = client.refresh(first.refresh_token().unwrap()).await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_grant");
    let error = client.refresh(second.refresh_token().unwrap()).await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_grant");

    // Only a new log-in is possible; an authorizer without prompts reports that.
    again.reject(&again.authorize().await.unwrap()).await;
    assert_eq!(again.authorize().await.unwrap_err().kind(), ErrorKind::LoginRequired);
    let anew = TokenAuthorizer::new(grant()).with_store(store);
    let stale = anew.authorize().await.unwrap();
    anew.reject(&stale).await;
    assert_eq!(ask(&openid, &anew).await, 200);

    // Revoked at the server and removed here.
    let last = anew.token().await.unwrap();
    assert!(anew.log_out().await.unwrap());
    let error = client.refresh(last.refresh_token().unwrap()).await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_grant");
    assert!(!folder.path().join("token.json").exists());
}

#[tokio::test]
async fn a_refused_log_in_is_a_typed_denial() {
    let Some(openid) = OpenId::start(3600) else { return };
    let robot = Robot { refuses: true, ..Robot::default() };
    let grant = AuthorizationCode::new(client(&openid, "cli").await)
        .with_scopes(["openid"])
        .with_interaction(robot.clone())
        .with_timeout(LOG_IN_TIMEOUT);
    let error = TokenAuthorizer::new(grant).authorize().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.denial().unwrap().code(), "access_denied");
    assert!(robot.heard.lock().unwrap().contains(&"finished: false".to_owned()));
}

/// Runs a log-in without a listener; returns the attempt and the final address of the browser.
async fn half(openid: &OpenId) -> (LoginAttempt, String) {
    let grant = AuthorizationCode::new(client(openid, "cli").await).with_scopes(["openid"]);
    // Nothing listens there: the last request fails, as on another device, and only its address matters.
    let redirect = "http://127.0.0.1:9/callback";
    let attempt = grant.begin(redirect).unwrap();
    let address = openid::last_address(attempt.url()).await;
    (attempt, address)
}

#[tokio::test]
async fn a_log_in_in_two_halves() {
    let Some(openid) = OpenId::start(3600) else { return };
    let (attempt, address) = half(&openid).await;
    let token = attempt.finish(&address).await.unwrap();
    assert!(token.id_token().is_some() && token.scopes().unwrap() == ["openid"]);
}

// The state and the verifier of another attempt, and a response of another issuer (mix-up attack).
#[tokio::test]
async fn answers_to_other_attempts_are_refused() {
    let Some(openid) = OpenId::start(3600) else { return };
    let (one, of_one) = half(&openid).await;
    let (two, of_two) = half(&openid).await;
    let error = one.finish(&of_two).await.unwrap_err();
    assert_eq!(error.to_string(), "openid: the address does not belong to this log-in");

    // The right state with the code of another attempt: the server compares the verifier (PKCE).
    let value = |address: &str, name: &str| {
        let url = Url::parse(address).unwrap();
        url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
    };
    let injected = of_two.replace(&value(&of_two, "code"), &value(&of_one, "code"));
    let error = two.finish(&injected).await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_grant");

    let (three, of_three) = half(&openid).await;
    let error = three.finish(&without_iss(&of_three)).await.unwrap_err();
    assert_eq!(error.to_string(), "openid: the answer does not say which provider it is from");
    let (four, of_four) = half(&openid).await;
    let other = without_iss(&of_four) + "&iss=https%3A%2F%2Fevil.example";
    let error = four.finish(&other).await.unwrap_err();
    assert_eq!(error.to_string(), "openid: the answer is from another provider");
}

fn without_iss(address: &str) -> String {
    address.split('&').filter(|pair| !pair.starts_with("iss=")).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn a_provider_that_demands_pkce_gets_it() {
    let Some(openid) = OpenId::start(3600) else { return };
    let grant =
        AuthorizationCode::new(client(&openid, "cli").await).with_scopes(["openid"]).insecure_without_pkce();
    let attempt = grant.begin("http://127.0.0.1:9/callback").unwrap();
    assert!(!attempt.url().as_str().contains("code_challenge"));
    let address = openid::first_answer(attempt.url()).await;
    let error = attempt.finish(&address).await.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "invalid_request");
    assert!(error.denial().unwrap().description().unwrap().contains("PKCE"));
}

#[tokio::test]
async fn an_expired_token_is_replaced_before_the_service_refuses_it() {
    let Some(openid) = OpenId::start(2) else { return };
    let grant = ClientCredentials::new(client(&openid, "a:b%c+d").await.with_secret(SECRET));
    let authorizer = TokenAuthorizer::new(grant);
    let old = authorizer.token().await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let service = client(&openid, "a:b%c+d").await.with_secret(SECRET);
    assert!(!service.introspect(old.access_token()).await.unwrap().active);
    let new = authorizer.token().await.unwrap();
    assert!(service.introspect(new.access_token()).await.unwrap().active);
}

#[tokio::test]
async fn a_device_is_let_in_and_a_stranger_is_not() {
    let Some(openid) = OpenId::start(3600) else { return };
    let client = client(&openid, "tv").await;
    let let_in = Robot::default();
    let refused = Robot { refuses: true, ..Robot::default() };
    let grant = |robot: &Robot| {
        DeviceCode::new(client.clone()).with_scopes(["openid"]).with_interaction(robot.clone())
    };
    let (one, two) = (TokenAuthorizer::new(grant(&let_in)), TokenAuthorizer::new(grant(&refused)));
    let (welcome, stranger) = tokio::join!(one.token(), two.token());
    let token = welcome.unwrap();
    assert!(token.refresh_token().is_some() && token.id_token().is_some());
    assert_eq!(ask(&openid, &one).await, 200);
    let next = client.refresh(token.refresh_token().unwrap()).await.unwrap();
    assert!(next.refresh_token().is_some());
    let error = stranger.unwrap_err();
    assert_eq!(error.denial().unwrap().code(), "access_denied");
    let heard = let_in.heard.lock().unwrap();
    assert!(heard.contains(&"waiting".to_owned()) && heard.last().unwrap() == "finished: true", "{heard:?}");
}

#[tokio::test]
async fn a_live_test_at_the_provider() {
    let Some(openid) = OpenId::start(3600) else { return };
    let robot = Robot::default();
    let template = RequestTemplate::new(http::Method::GET, &format!("{}/me", openid.issuer)).unwrap();
    let grant = AuthorizationCode::new(client(&openid, "cli").await)
        .with_scopes(["openid"])
        .with_interaction(robot)
        .with_timeout(LOG_IN_TIMEOUT);
    let tester = TokenTester::new().with_live_test(template, |answer| answer.status() == 200);
    let authorizer = TokenAuthorizer::new(grant).with_tester(tester);
    authorizer.authorize().await.unwrap();
    assert!(authorizer.is_token_valid().await.unwrap());
    authorizer.grant().revoke(&authorizer.token().await.unwrap()).await.unwrap();
    assert!(!authorizer.is_token_valid().await.unwrap(), "revoked at the provider");
}

#[tokio::test]
async fn discovery_compares_the_issuer() {
    let Some(openid) = OpenId::start(3600) else { return };
    let provider = provider(&openid).await;
    assert_eq!(provider.issuer(), Some(openid.issuer.as_str()));
    assert!(provider.authorization_url().is_some());
    let transport = Transport::new().unwrap();
    let error = Provider::discover(&format!("{}/", openid.issuer), &transport).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let error = Provider::discover(&format!("{}/nowhere", openid.issuer), &transport).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}
