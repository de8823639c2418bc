//! Responses of token endpoints.

use std::time::{Duration, SystemTime};

use auth_client::{
    ClientCredentials, Environment, Grant as _, OAuthClient, Provider, Token, TokenWireFormat,
};
use axum::http::{Request, Response, StatusCode, header};
use futures_util::FutureExt as _;
use serde_json::Value;

use super::json::Tree;

/// The first line is the status, the rest is the body. A token occurs once in its response and fits into a
/// header. An error contains nothing that could break a log line (log injection).
pub fn check(bytes: &[u8]) -> bool {
    let (line, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let status = str::from_utf8(line).ok().and_then(|line| line.parse().ok()).unwrap_or(StatusCode::OK);

    let read = Token::from_json(body, SystemTime::UNIX_EPOCH, &TokenWireFormat::default());
    if let Ok(token) = &read {
        check_token(token, body);
    }
    let body = body.to_vec();
    let http = move |_: Request<Vec<u8>>| {
        let answer = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        let answer = answer.body(body.clone()).unwrap();
        async move { Ok(answer) }
    };
    let provider = Provider::new("https://login.example.com/token").unwrap();
    let client = OAuthClient::in_environment(provider, "billing", Environment::with_http_client(http));
    let obtained =
        ClientCredentials::new(client).obtain().now_or_never().expect("nothing has to be waited for");
    match &obtained {
        Ok(token) => {
            assert_eq!(status, StatusCode::OK);
            let read = read.expect("what the protocol reads is read by itself, too");
            let headers = |token| TokenWireFormat::default().credentials(token).unwrap();
            assert!(headers(token).same(&headers(&read)));
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
    }
    obtained.is_ok()
}

fn check_token(token: &Token, body: &[u8]) {
    let Some(Tree::Members(members)) = Tree::parse(body) else { panic!("a token out of no object") };
    let named = |name: &str| {
        let mut values = members.iter().filter(|(member, _)| member == name).map(|(_, tree)| tree);
        let value = values.next();
        assert!(values.next().is_none(), "{name} is there twice");
        value
    };
    let Some(Tree::Leaf(Value::String(text))) = named("access_token") else {
        panic!("a token out of nothing")
    };
    for name in ["token_type", "expires_in", "refresh_token", "id_token", "scope"] {
        named(name);
    }
    let credentials = TokenWireFormat::default().credentials(token).unwrap();
    assert_eq!(credentials.headers()["authorization"].to_str().unwrap(), format!("Bearer {text}"));
    assert!(token.lifetime().is_none_or(|lifetime| lifetime <= Duration::from_hours(10 * 365 * 24)));
}
