//! Authorization servers over `https` must have a valid certificate.

use std::sync::atomic::Ordering;

use auth_client::{
    ClientCredentials, Environment, Error, ErrorKind, Grant as _, OAuthClient, Provider, Transport,
};

use crate::tls;

async fn ask(address: &str, transport: Transport) -> Result<(), Error> {
    let environment = Environment::with_http_client(transport);
    let client =
        OAuthClient::in_environment(Provider::new(address)?, "me", environment).with_secret("secret");
    ClientCredentials::new(client).obtain().await.map(|_| ())
}

#[tokio::test]
async fn a_provider_shows_who_it_is() {
    let (port, read) = tls::serve(r#"{"access_token":"good"}"#).await;
    let trusting =
        || Transport::builder().with_root_certificate(tls::ROOT.as_bytes()).unwrap().build().unwrap();

    // Signed by an unknown authority.
    let stranger = ask(&format!("https://127.0.0.1:{port}/token"), Transport::new().unwrap()).await;
    assert_eq!(stranger.unwrap_err().kind(), ErrorKind::Transport);
    // Issued for another name.
    let renamed = ask(&format!("https://localhost:{port}/token"), trusting()).await;
    assert_eq!(renamed.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(read.load(Ordering::SeqCst), 0, "no secret was sent");

    ask(&format!("https://127.0.0.1:{port}/token"), trusting()).await.unwrap();
    assert_eq!(read.load(Ordering::SeqCst), 1);
}
