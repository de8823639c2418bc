//! Token requests by GET, for the providers that offer nothing else.

use std::{
    error::Error as _,
    time::{Duration, SystemTime},
};

use auth_client::{
    ClientAuthentication, Environment, OAuthClient, Provider, Token, TokenWireFormat, Transport,
};

use super::{GOOD, good, plain};
use crate::support::{self, Fake};

// WeChat's token requests: code and secret are in the address, which no error and no log repeats.
#[tokio::test]
async fn a_secret_in_the_query_is_in_the_address_of_token_requests_alone() {
    let fake = good();
    let provider = support::provider().with_refresh_url("https://login.example.com/refresh?v=1").unwrap();
    let environment = Environment::with_http_client(fake.clone());
    let client = OAuthClient::in_environment(provider, "me", environment)
        .with_parameter_names("appid", "secret")
        .with_authentication(ClientAuthentication::Post("CANARY & more".into()))
        .insecure_query_token_requests();
    client.redeem_code(&"the code".into(), "https://app.example.com/cb", None, &[]).await.unwrap();
    client.refresh(&"r/1".into()).await.unwrap();
    let token =
        Token::from_json(GOOD.as_bytes(), SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap();
    client.revoke(&token).await.unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].uri,
        "https://login.example.com/token?grant_type=authorization_code&code=the+code\
         &redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&appid=me&secret=CANARY+%26+more"
    );
    assert_eq!(
        seen[1].uri,
        "https://login.example.com/refresh?v=1&grant_type=refresh_token&refresh_token=r%2F1&appid=me\
         &secret=CANARY+%26+more"
    );
    for seen in &seen[..2] {
        assert!(seen.pairs == 0 && !seen.headers.contains_key(http::header::CONTENT_TYPE), "{seen:?}");
    }
    assert!(seen[2].uri == "https://login.example.com/revoke" && seen[2].form["secret"].contains("CANARY"));

    // A server that is not there, and each kind of response that is an error.
    let environment = Environment::with_http_client(
        Transport::builder().with_timeout(Duration::from_secs(5)).build().unwrap(),
    );
    let nowhere = Provider::new("http://127.0.0.1:1/token").unwrap();
    let nowhere = OAuthClient::in_environment(nowhere, "me", environment)
        .with_authentication(ClientAuthentication::Post("CANARY".into()))
        .insecure_query_token_requests();
    let mut errors = vec![nowhere.refresh(&"CANARY".into()).await.unwrap_err()];
    for (status, body) in
        [(200, "{}"), (200, r#"{"errcode":40029,"errmsg":"invalid code"}"#), (302, ""), (400, "<"), (503, "")]
    {
        let fake = Fake::new(move |_, _| (status, body.to_owned()));
        let client = plain(&fake).with_authentication(ClientAuthentication::Post("CANARY".into()));
        errors.push(client.insecure_query_token_requests().refresh(&"CANARY".into()).await.unwrap_err());
    }
    for error in &errors {
        let shown = format!("{error} {error:?} {:?}", error.source());
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    assert!(errors[2].to_string().ends_with("40029: invalid code"), "{}", errors[2]);
}
