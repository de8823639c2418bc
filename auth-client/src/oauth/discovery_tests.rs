//! Tests the discovery of endpoints: both addresses, errors, and metadata with unusual members.

use serde_json::{Value, json};

use super::*;

async fn ask(issuer: &str, metadata: Value) -> Result<Provider, Error> {
    let http = move |_| {
        let body = metadata.to_string().into_bytes();
        async move { Ok(Response::new(body)) }
    };
    discover(issuer, &http).await
}

#[tokio::test]
async fn the_endpoints_are_found() {
    let provider = ask(
        "https://login.example.com/tenant",
        json!({
            "issuer": "https://login.example.com/tenant",
            "token_endpoint": "https://login.example.com/t",
            "revocation_endpoint": "https://login.example.com/r",
            "code_challenge_methods_supported": ["plain"],
        }),
    )
    .await
    .unwrap();
    assert_eq!(provider.issuer(), Some("https://login.example.com/tenant"));
    assert_eq!(provider.token_url().as_str(), "https://login.example.com/t");
    assert!(provider.revocation.is_some() && provider.authorization.is_none());
    assert!(provider.lacks_s256 && !provider.names_itself);
}

/// Responds to the two addresses in turn; status 0 stands for a network error.
async fn ask_both(answers: [(u16, &'static str); 2]) -> Result<Provider, Error> {
    let http = move |request: Request<Vec<u8>>| {
        let nth = usize::from(request.uri().path().ends_with("openid-configuration"));
        let (status, body) = answers[nth];
        async move {
            if status == 0 {
                return Err(Error::transport("the network is gone"));
            }
            Ok(Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
        }
    };
    discover("https://a.example", &http).await
}

const GOOD: &str = r#"{"issuer":"https://a.example","token_endpoint":"https://a.example/t"}"#;

#[tokio::test]
async fn what_is_not_metadata_leads_to_the_next_address() {
    for (status, body) in [
        (404, ""),
        (400, ""),
        (401, r#"{"error":"unauthorized"}"#),
        (403, "<html>"),
        (405, ""),
        (429, ""),
        (301, ""),
        (302, ""),
        (308, ""),
        (204, ""),
        (200, "<!doctype html><html></html>"),
        (200, ""),
        (200, "{}"),
        (200, "[]"),
        (200, r#"{"issuer":5,"token_endpoint":"https://a.example/t"}"#),
        (200, r#"{"issuer":"https://a.example"}"#),
        (200, r#"{"issuer":"https://other.example","token_endpoint":"https://other.example/t"}"#),
        (200, r#"{"issuer":"https://a.example","token_endpoint":"http://a.example/t"}"#),
        (500, ""),
        (503, ""),
        (0, ""),
    ] {
        let found = ask_both([(status, body), (200, GOOD)]).await;
        assert!(found.is_ok(), "{status} {body}: {found:?}");
        assert!(ask_both([(200, GOOD), (status, body)]).await.is_ok());
    }
}

#[tokio::test]
async fn the_error_names_each_address_with_its_status() {
    let error = ask_both([(403, ""), (200, "<html>")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the issuer publishes no usable metadata: \
         https://a.example/.well-known/oauth-authorization-server answers 403 Forbidden; \
         https://a.example/.well-known/openid-configuration answers 200 OK without metadata (RFC 8414)"
    );
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let error = ask_both([(0, ""), (404, "")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("does not answer (the network is gone); https://"), "{error}");
    let error = ask_both([(404, ""), (503, "")]).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, Some(StatusCode::SERVICE_UNAVAILABLE)));
    let other = r#"{"issuer":"https://a.example/","token_endpoint":"https://a.example/t"}"#;
    let error = ask_both([(200, other), (404, "")]).await.unwrap_err().to_string();
    assert!(error.contains("`https://a.example/` instead of `https://a.example`"), "{error}");
}

#[tokio::test]
async fn an_odd_member_costs_no_more_than_itself() {
    for (name, value) in [
        ("authorization_endpoint", json!(null)),
        ("authorization_endpoint", json!("")),
        ("device_authorization_endpoint", json!(5)),
        ("introspection_endpoint", json!(false)),
        ("revocation_endpoint", json!(["https://a.example/r"])),
        ("revocation_endpoint", json!("/revoke")),
        ("code_challenge_methods_supported", json!("S256")),
        ("code_challenge_methods_supported", json!("plain S256")),
        ("code_challenge_methods_supported", json!([null, "S256"])),
        ("code_challenge_methods_supported", json!({})),
        ("authorization_response_iss_parameter_supported", json!("false")),
        ("authorization_response_iss_parameter_supported", json!(null)),
        ("scopes_supported", json!(7)),
    ] {
        let mut metadata: Value = serde_json::from_str(GOOD).unwrap();
        metadata[name] = value.clone();
        let provider = ask("https://a.example", metadata).await;
        let provider = provider.unwrap_or_else(|error| panic!("{name}: {value}: {error}"));
        assert!(provider.authorization.is_none() && provider.revocation.is_none(), "{name}: {value}");
        assert!(!provider.lacks_s256 && !provider.names_itself, "{name}: {value}");
    }
    let mut metadata: Value = serde_json::from_str(GOOD).unwrap();
    metadata["authorization_response_iss_parameter_supported"] = json!("true");
    assert!(ask("https://a.example", metadata).await.unwrap().names_itself);
}

#[tokio::test]
async fn openid_metadata_are_asked_at_one_address_and_under_the_name_that_is_expected() {
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&asked);
    let http = move |request: Request<Vec<u8>>| {
        seen.lock().unwrap().push(request.uri().to_string());
        let body = json!({
            "issuer": "https://a.example/{tenantid}/v2.0",
            "token_endpoint": "https://a.example/t",
            "userinfo_endpoint": "https://a.example/u",
            "jwks_uri": "https://a.example/k",
            "end_session_endpoint": "https://a.example/e",
            "pushed_authorization_request_endpoint": "https://a.example/p",
            "require_pushed_authorization_requests": true,
        });
        async move { Ok(Response::new(body.to_string().into_bytes())) }
    };
    let place = "https://a.example/common/v2.0";
    let provider = discover_openid(place, "https://a.example/{tenantid}/v2.0", &http).await.unwrap();
    assert_eq!(provider.userinfo_url().unwrap().path(), "/u");
    assert_eq!(provider.jwks_url().unwrap().path(), "/k");
    assert_eq!(provider.end_session_url().unwrap().path(), "/e");
    assert_eq!(provider.pushed_authorization_url().unwrap().path(), "/p");
    assert!(provider.requires_pushed_authorization());
    assert!(!provider.announces_issuer() && !provider.lacks_s256());
    assert_eq!(discover_openid(place, place, &http).await.unwrap_err().kind(), ErrorKind::Protocol);
    let openid = "https://a.example/common/v2.0/.well-known/openid-configuration";
    assert_eq!(*asked.lock().unwrap(), [openid, openid]);
}

#[test]
fn both_well_known_addresses_are_asked() {
    let found = addresses(&Url::parse("https://a.example/tenant/").unwrap()).map(String::from);
    assert_eq!(
        found,
        [
            "https://a.example/.well-known/oauth-authorization-server/tenant",
            "https://a.example/tenant/.well-known/openid-configuration"
        ]
    );
}

// Ten issuers that nearly match.
#[tokio::test]
async fn an_impostor_is_refused() {
    for other in [
        "https://login.example.com/",
        "https://login.example.com:443",
        "https://LOGIN.example.com",
        "https://login.example.com.evil.org",
        "https://evil.org",
        "http://login.example.com",
        "https://login.example.com/a",
        "https://login.example.com?",
        " https://login.example.com",
        "",
    ] {
        let metadata = json!({"issuer": other, "token_endpoint": "https://login.example.com/t"});
        let error = ask("https://login.example.com", metadata).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{other:?}");
    }
}

#[tokio::test]
async fn endpoints_without_encryption_are_refused() {
    for name in ["token_endpoint", "authorization_endpoint", "revocation_endpoint"] {
        let mut metadata = json!({"issuer": "https://a.example", "token_endpoint": "https://a.example/t"});
        metadata[name] = json!("http://a.example/x");
        assert_eq!(
            ask("https://a.example", metadata).await.unwrap_err().kind(),
            ErrorKind::Protocol,
            "{name}"
        );
    }
    assert_eq!(ask("http://a.example", json!({})).await.unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(ask("https://a.example?x", json!({})).await.unwrap_err().kind(), ErrorKind::Configuration);
}
