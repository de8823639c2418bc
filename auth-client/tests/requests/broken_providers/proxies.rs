//! Proxies are never used for loopback addresses, whether from the environment or from a builder.

use std::{process::Command, sync::atomic::Ordering};

use auth_client::{
    AuthorizedClient, BearerAuthorizer, ClientCredentials, Environment, ErrorKind, Grant as _, OAuthClient,
    Origin, Provider, Transport,
};

use super::{OK, serve, write};

const GOOD: &str = r#"{"access_token":"good"}"#;

fn good() -> Vec<u8> {
    format!("{OK}Content-Length: {}\r\n\r\n{GOOD}", GOOD.len()).into_bytes()
}

/// Requests a token and an authorized resource at this address.
async fn talk(address: &str, transport: Transport, client: reqwest::ClientBuilder) {
    let environment = Environment::with_http_client(transport);
    let oauth = OAuthClient::in_environment(Provider::new(address).unwrap(), "me", environment);
    ClientCredentials::new(oauth.with_secret("CANARY")).obtain().await.unwrap();
    let bearer = BearerAuthorizer::new("CANARY").unwrap();
    let client = AuthorizedClient::new(bearer, [Origin::parse(address).unwrap()]).build(client).unwrap();
    assert_eq!(client.get(address).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_proxy_of_a_builder_does_not_see_what_goes_to_this_machine() {
    let (proxy, proxied) = serve(|stream| write(stream, Vec::new())).await;
    let (address, direct) = serve(|stream| write(stream, good())).await;
    let proxy = || reqwest::Proxy::all(&proxy).unwrap();
    let transport = || Transport::builder().with_proxy(proxy()).build().unwrap();
    talk(&address, transport(), reqwest::Client::builder().proxy(proxy())).await;
    assert_eq!((direct.load(Ordering::SeqCst), proxied.load(Ordering::SeqCst)), (2, 0));
    // Other destinations are reached through it.
    let far = Provider::new("https://login.example.com/token").unwrap();
    let far = OAuthClient::in_environment(far, "me", Environment::with_http_client(transport()));
    assert_eq!(ClientCredentials::new(far).obtain().await.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(proxied.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn origins_here_and_elsewhere_need_two_clients() {
    for here in ["http://127.0.0.1:1", "http://[::1]:1", "https://localhost:1"] {
        let origins = [here, "https://api.example.com"].map(|origin| Origin::parse(origin).unwrap());
        let client = AuthorizedClient::new(BearerAuthorizer::new("x").unwrap(), origins);
        let error = client.build(reqwest::Client::builder()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{here}");
    }
}

/// Runs only in the process that the next test starts, with a proxy in its environment.
#[tokio::test]
async fn in_an_environment_with_a_proxy() {
    let Ok(address) = std::env::var("ADDRESS_ON_THIS_MACHINE") else { return };
    talk(&address, Transport::new().unwrap(), reqwest::Client::builder()).await;
    let far = Provider::new("https://login.example.com/token").unwrap();
    let far = OAuthClient::new(far, "me").unwrap();
    assert_eq!(ClientCredentials::new(far).obtain().await.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_proxy_of_the_environment_does_not_see_what_goes_to_this_machine() {
    let (proxy, proxied) = serve(|stream| write(stream, Vec::new())).await;
    let (address, direct) = serve(|stream| write(stream, good())).await;
    // In a separate process, because the environment is shared by all tests of this one.
    let child = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "broken_providers::proxies::in_an_environment_with_a_proxy"]);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, &proxy);
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy").env("ADDRESS_ON_THIS_MACHINE", address);
        command.output().unwrap()
    });
    let output = child.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert_eq!(direct.load(Ordering::SeqCst), 2);
    // The one remote request shows that the proxy was used.
    assert_eq!(proxied.load(Ordering::SeqCst), 1);
}
