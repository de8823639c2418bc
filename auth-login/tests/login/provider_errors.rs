//! Errors and requests in the forms that single providers have: what is sent, and that no error is read as a
//! success.

use auth_login::{
    descriptor::{Descriptor, ResolvedEndpoints},
    providers,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::oauth2::{Server, pairs, parameter};

/// A provider whose token endpoint answers this; every other request gets its metadata, or `api`.
fn server(descriptor: &Descriptor, status: u16, token: Value, api: Value) -> Server {
    let resolved = descriptor.resolve(&[]).unwrap();
    let issuer = resolved.issuer().to_owned();
    let endpoint = match resolved.endpoints() {
        ResolvedEndpoints::OAuth2 { token, .. } => token.to_string(),
        _ => format!("{issuer}/token"),
    };
    Server::new(descriptor, move |request| {
        let address = request.uri().to_string();
        if address.ends_with("/.well-known/openid-configuration") {
            let metadata = json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
            });
            return (200, metadata);
        }
        let is_token = address.split('?').next() == Some(endpoint.as_str());
        if is_token { (status, token.clone()) } else { (200, api.clone()) }
    })
}

/// Slack answers 200 with `ok: false`; WeChat 200 with a number; Twitch a status with a message. None of them
/// is a log-in, not even with a token beside it.
#[tokio::test]
async fn an_error_that_is_not_called_error_is_not_read_as_a_success() {
    let good = json!({"access_token": "t", "openid": "o", "user_id": 7});
    for (descriptor, status, error, api) in [
        (providers::SLACK, 200, json!({"ok": false, "error": "invalid_code"}), json!({})),
        (providers::SLACK, 200, json!({"ok": false, "access_token": "t", "id_token": "e30.e30."}), json!({})),
        (providers::WECHAT, 200, json!({"errcode": 40029, "errmsg": "invalid code"}), json!({"openid": "o"})),
        (
            providers::WECHAT,
            200,
            json!({"errcode": 1, "access_token": "t", "openid": "o"}),
            json!({"openid": "o"}),
        ),
        (providers::WECHAT, 200, good.clone(), json!({"errcode": 48001, "openid": "o"})),
        (providers::TWITCH, 400, json!({"status": 400, "message": "Invalid authorization code"}), json!({})),
        (
            providers::TWITCH,
            200,
            json!({"status": 400, "access_token": "t", "id_token": "e30.e30."}),
            json!({}),
        ),
        (providers::FACEBOOK, 400, json!({"error": {"code": 100, "message": "m"}}), json!({"id": "7"})),
        (providers::FACEBOOK, 200, json!({"error": {"code": 1}, "access_token": "t"}), json!({"id": "7"})),
        (providers::FACEBOOK, 200, json!({"error_code": 1, "access_token": "t"}), json!({"id": "7"})),
        (providers::FACEBOOK, 200, good.clone(), json!({"error_code": 102, "error_msg": "m", "id": "7"})),
    ] {
        let mut server = server(&descriptor, status, error.clone(), api.clone());
        let page = server.log_in("").await;
        let shown = (page.status, page.code(), page.location());
        assert_eq!(shown, (StatusCode::BAD_GATEWAY, "provider_error", ""), "{} {error}", descriptor.id);
        assert!(server.profiles.lock().unwrap().is_empty(), "{error} {api}");
    }
}

/// The same responses without the error are log-ins: the forms are not read into what is none.
#[tokio::test]
async fn a_success_that_looks_like_an_error_of_another_provider_is_a_success() {
    let token = json!({"access_token": "t", "openid": "o", "ok": true, "errcode": 0, "status": 200});
    for (descriptor, api, subject) in [
        (providers::WECHAT, json!({"errcode": 0, "openid": "o", "unionid": "u"}), "u"),
        (providers::FACEBOOK, json!({"id": "7", "status": 500, "ok": false, "errcode": 3}), "7"),
        (providers::GITHUB, json!({"id": 8, "ok": false, "error_code": 1, "errcode": 9}), "8"),
    ] {
        let mut server = server(&descriptor, 200, token.clone(), api);
        let done = server.log_in("").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}: {}", descriptor.id, done.text);
        assert_eq!(server.browser.get("/me").await.text, subject);
    }
}

/// Facebook's callback may have `error_code` alone. The attempt is over then; a reload does not use it.
#[tokio::test]
async fn an_error_code_in_the_callback_ends_the_attempt() {
    for (descriptor, code, attempts) in
        [(providers::FACEBOOK, "provider_error", 0), (providers::GITHUB, "callback_invalid", 1)]
    {
        let mut server = server(&descriptor, 200, json!({}), json!({}));
        let page = server.come_back("error_code=1349126&error_message=App+not+active").await;
        assert_eq!((page.code(), server.browser.attempts()), (code, attempts), "{}", descriptor.id);
        assert!(!page.text.contains("not active") && server.sent.lock().unwrap().is_empty());
    }
}

/// WeChat takes token requests in the query only. No other request has the secret in its address.
#[tokio::test]
async fn a_secret_in_the_query_is_not_in_other_addresses_pages_or_errors() {
    let token = json!({"access_token": "t", "openid": "o", "scope": "snsapi_login"});
    let mut good = server(&providers::WECHAT, 200, token, json!({"openid": "o", "nickname": "W"}));
    let url = good.start().await;
    assert_eq!(parameter(&url, "appid").unwrap(), "me");
    assert_eq!((parameter(&url, "client_id"), url.fragment()), (None, Some("wechat_redirect")));
    assert!(!url.as_str().contains("secret"));
    let done = good.log_in("").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    {
        let sent = good.sent.lock().unwrap();
        let query = sent[0].uri().query().unwrap();
        let mut found: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        found.retain(|(name, _)| name != "code_verifier");
        let expected = [
            ("grant_type", "authorization_code"),
            ("code", "the-code"),
            ("redirect_uri", "https://app.example.com/login/wechat/callback"),
            ("appid", "me"),
            ("secret", "secret"),
        ];
        assert_eq!(found, pairs(&expected));
        assert_eq!((sent[0].method(), sent[0].body().len()), (&Method::GET, 0));
        assert_eq!(
            sent[1].uri().to_string(),
            "https://api.weixin.qq.com/sns/userinfo?openid=o&access_token=t"
        );
        assert!(!format!("{done:?}").contains("secret"));
    }
    let mut bad = server(&providers::WECHAT, 500, json!({}), json!({}));
    let page = bad.log_in("").await;
    assert!(page.code() == "provider_unavailable" && !format!("{page:?}").contains("secret"), "{page:?}");
}

/// A redirect address that differs between the two requests hides an injected code from the provider.
#[tokio::test]
async fn the_redirect_address_does_not_differ_between_the_two_requests() {
    for descriptor in [providers::GITHUB, providers::FACEBOOK, providers::BITBUCKET, providers::SPOTIFY] {
        let mut server = server(&descriptor, 200, json!({"access_token": "t"}), json!({}));
        let asked = parameter(&server.start().await, "redirect_uri").unwrap();
        let _ = server.log_in("").await;
        let sent = server.form(0);
        let found = sent.iter().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.clone());
        assert_eq!(found.as_ref(), Some(&asked), "{}", descriptor.id);
    }
}

/// An authorization server that knows no PKCE ignores it. It must not be a reason to leave it out.
#[tokio::test]
async fn pkce_downgrade_a_provider_that_ignores_pkce_still_gets_the_verifier() {
    let mut server = server(&providers::GITHUB, 200, json!({"access_token": "t"}), json!({"id": 7}));
    let url = server.start().await;
    let state = parameter(&url, "state").unwrap();
    let address = format!("/login/github/callback?state={state}&code=c");
    let done = server.browser.send(Method::GET, &address, super::browser_with_cookies::Site::Cross, "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let sent = server.sent.lock().unwrap();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(sent[0].body()).into_owned().collect();
    let verifier = &form.iter().find(|(name, _)| name == "code_verifier").unwrap().1;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(parameter(&url, "code_challenge").unwrap(), challenge);
    assert!(verifier.len() == 43 && !challenge.contains('='));
}

/// A client that closed the application's connection after one request served one user.
#[tokio::test]
async fn one_http_client_serves_every_login() {
    let mut server = server(&providers::GITHUB, 200, json!({"access_token": "t"}), json!({"id": 7}));
    for count in [3, 6, 9] {
        assert_eq!(server.log_in("").await.status, StatusCode::SEE_OTHER);
        assert_eq!(server.sent.lock().unwrap().len(), count);
    }
}

/// Meetup's API is GraphQL: one POST with the query as JSON, and the user below `data`.
#[tokio::test]
async fn a_graphql_api_gets_its_query_in_the_body() {
    let user = json!({"data": {"self": {"id": "7", "name": "Ann Bell"}}});
    let mut server = server(&providers::MEETUP, 200, json!({"access_token": "t"}), user);
    let done = server.log_in("").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let sent = server.sent.lock().unwrap();
    let call = sent.last().unwrap();
    assert_eq!(
        (call.method(), call.headers()[header::CONTENT_TYPE].to_str().unwrap()),
        (&Method::POST, "application/json")
    );
    let body: Value = serde_json::from_slice(call.body()).unwrap();
    assert!(body["query"].as_str().unwrap().contains("self"), "{body}");
}

/// The secret goes where the descriptor says, and a public client sends none; scopes have the provider's own
/// separator.
#[tokio::test]
async fn a_secret_and_scopes_are_not_sent_in_the_form_of_another_provider() {
    for (descriptor, has_header, has_field, scope) in [
        (providers::BITBUCKET, true, false, Some("account email")),
        (providers::FACEBOOK, false, true, Some("email,public_profile")),
        (providers::NAVER, false, true, None),
        (providers::LICHESS, false, false, Some("email:read")),
    ] {
        let mut server = server(&descriptor, 200, json!({"access_token": "t"}), json!({}));
        assert_eq!(parameter(&server.start().await, "scope").as_deref(), scope, "{}", descriptor.id);
        let _ = server.log_in("").await;
        let found = server.form(0).iter().any(|(name, value)| name == "client_secret" && value == "secret");
        let sent = server.sent.lock().unwrap();
        let shown = (sent[0].headers().contains_key(header::AUTHORIZATION), found);
        assert_eq!(shown, (has_header, has_field), "{}", descriptor.id);
    }
}
