//! A hostile or broken provider: each script changes one thing, and none logs anyone in.

use auth_login::{Login, testing::Step};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{
    app_and_fake_provider::{NOON, Setup},
    browser_with_cookies::Site,
};

/// The end of a log-in: `logged in`, or the status and the code of the page.
async fn outcome(
    change: impl FnOnce(Login) -> Login,
    script: impl Fn(Step<'_>) + Send + Sync + 'static,
) -> String {
    let setup = Setup::with(change).await;
    setup.provider.tamper(script);
    let mut browser = setup.browser();
    let started = browser.post("/login/fake", "next=/me").await;
    if started.status != StatusCode::SEE_OTHER {
        return format!("{} {}", started.status.as_u16(), started.code());
    }
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    let answer = browser.send(Method::GET, &callback.address, Site::Cross, "").await;
    let is_logged_in = browser.get("/me").await.status == StatusCode::OK;
    assert_eq!(is_logged_in, answer.status == StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(setup.provider.requests("/token") <= 1, "a code is sent once");
    if is_logged_in {
        assert_eq!(browser.get("/me").await.text, "alice");
        return "logged in".to_owned();
    }
    assert!(setup.profiles.lock().unwrap().is_empty(), "the application is not asked");
    format!("{} {}", answer.status.as_u16(), answer.code())
}

const INVALID: &str = "502 identity_invalid";
const ERROR: &str = "502 provider_error";
const DOWN: &str = "503 provider_unavailable";
const MISMATCH: &str = "400 issuer_mismatch";
const CALLBACK: &str = "400 callback_invalid";

async fn claims(expected: &str, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) {
    let script = move |step: Step<'_>| {
        if let Step::Claims { claims, .. } = step {
            change(claims);
        }
    };
    assert_eq!(outcome(|login| login, script).await, expected);
}

async fn responses(
    expected: &str,
    path: &'static str,
    change: impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static,
) {
    let script = move |step: Step<'_>| {
        if let Step::Response { path: found, response } = step
            && found == path
        {
            change(response);
        }
    };
    assert_eq!(outcome(|login| login, script).await, expected);
}

async fn body(expected: &str, path: &'static str, text: impl Into<Vec<u8>>) {
    let text = text.into();
    responses(expected, path, move |response| response.body_mut().clone_from(&text)).await;
}

/// Changes one member of a JSON response; `null` removes it.
async fn member(expected: &str, path: &'static str, name: &'static str, value: Value) {
    responses(expected, path, move |response| {
        let mut answer: Value = serde_json::from_slice(response.body()).unwrap();
        if value.is_null() {
            answer.as_object_mut().unwrap().remove(name);
        } else {
            answer[name] = value.clone();
        }
        *response.body_mut() = answer.to_string().into_bytes();
    })
    .await;
}

async fn callback(expected: &str, change: impl Fn(&mut Vec<(String, String)>) + Send + Sync + 'static) {
    let script = move |step: Step<'_>| {
        if let Step::Callback(pairs) = step {
            change(pairs);
        }
    };
    assert_eq!(outcome(|login| login, script).await, expected);
}

async fn id_token(expected: &str, change: impl Fn(&str) -> String + Send + Sync + 'static) {
    let script = move |step: Step<'_>| {
        if let Step::IdToken(token) = step {
            *token = change(token);
        }
    };
    assert_eq!(outcome(|login| login, script).await, expected);
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn put(name: &'static str, value: Value) -> impl Fn(&mut Map<String, Value>) + Send + Sync {
    move |claims| {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.to_owned(), value.clone());
        }
    }
}

/// One test for each script, named after the attack.
macro_rules! scripts {
    ($($name:ident: $script:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            $script.await;
        })*
    };
}

scripts! {
    an_honest_provider_logs_in: claims("logged in", |_| {});

    // id_token: claims (OpenID Connect Core section 3.1.3.7).
    id_token_of_another_issuer: claims(INVALID, put("iss", json!("https://evil.example")));
    id_token_without_issuer: claims(INVALID, put("iss", Value::Null));
    id_token_for_another_client: claims(INVALID, put("aud", json!("other-client")));
    id_token_for_an_additional_client:
        claims(INVALID, put("aud", json!(["test-client", "other-client"])));
    id_token_without_audience: claims(INVALID, put("aud", Value::Null));
    id_token_of_another_authorized_party: claims(INVALID, put("azp", json!("other-client")));
    id_token_for_one_client_in_a_list: claims("logged in", put("aud", json!(["test-client"])));
    id_token_that_has_expired: claims(INVALID, put("exp", json!(NOON - 61)));
    id_token_within_the_leeway: claims("logged in", put("exp", json!(NOON - 30)));
    id_token_without_expiry: claims(INVALID, put("exp", Value::Null));
    id_token_from_the_future: claims(INVALID, put("iat", json!(NOON + 120)));
    id_token_not_valid_yet: claims(INVALID, put("nbf", json!(NOON + 120)));
    id_token_with_a_clock_a_little_ahead: claims("logged in", put("nbf", json!(NOON + 30)));
    id_token_that_is_old: claims(INVALID, put("iat", json!(NOON - 3600)));
    id_token_without_time_of_issue: claims(INVALID, put("iat", Value::Null));
    id_token_with_another_nonce: claims(INVALID, put("nonce", json!("other")));
    id_token_without_nonce: claims(INVALID, put("nonce", Value::Null));
    id_token_without_subject: claims(INVALID, put("sub", Value::Null));
    id_token_with_an_empty_subject: claims(INVALID, put("sub", json!("")));
    id_token_with_a_number_as_subject: claims(INVALID, put("sub", json!(7)));
    id_token_with_a_subject_that_is_too_long: claims(INVALID, put("sub", json!("x".repeat(300))));
    id_token_with_a_wrong_c_hash: claims(INVALID, put("c_hash", json!("LDktKdoQak3Pk0cnXxCltA")));
    id_token_with_a_wrong_at_hash: claims(INVALID, put("at_hash", json!("LDktKdoQak3Pk0cnXxCltA")));
    id_token_without_at_hash: claims("logged in", put("at_hash", Value::Null));
    id_token_with_large_and_odd_claims:
        claims("logged in", put("groups", json!([["x".repeat(2000)], 7, null])));

    // id_token: signature.
    id_token_with_algorithm_none: id_token(INVALID, |token| {
        let claims = token.split('.').nth(1).unwrap();
        format!("{}.{claims}.", encoded(&json!({"alg": "none"})))
    });
    id_token_without_signature: id_token(INVALID, |token| {
        format!("{}.", token.rsplit_once('.').unwrap().0)
    });
    algorithm_confusion_id_token_signed_with_the_clients_secret: id_token(INVALID, |token| {
        let claims = token.split('.').nth(1).unwrap();
        let input = format!("{}.{claims}", encoded(&json!({"alg": "HS256", "typ": "JWT"})));
        let key = auth_runtime::jwt::SigningKey::hs256(super::app_and_fake_provider::SECRET).unwrap();
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
    });
    id_token_signed_with_another_key_of_the_same_name: id_token(INVALID, |token| {
        let input = token.rsplit_once('.').unwrap().0;
        let key = auth_runtime::jwt::SigningKey::generate(auth_runtime::jwt::Algorithm::ES256).unwrap();
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
    });
    id_token_that_brings_its_own_key: id_token(INVALID, |token| {
        let claims = token.split('.').nth(1).unwrap();
        let key = auth_runtime::jwt::SigningKey::generate(auth_runtime::jwt::Algorithm::ES256).unwrap();
        let jwk: Value = serde_json::from_str(&key.to_jwk().unwrap()).unwrap();
        let input = format!("{}.{claims}", encoded(&json!({"alg": "ES256", "jwk": jwk})));
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
    });
    id_token_with_changed_claims: id_token(INVALID, |token| {
        let mut parts = token.split('.');
        let mut part = || parts.next().unwrap();
        let (header, claims, signature) = (part(), part(), part());
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
        let mut claims: Value = serde_json::from_slice(&claims).unwrap();
        claims["sub"] = json!("root");
        format!("{header}.{}.{signature}", encoded(&claims))
    });
    id_token_that_is_not_a_token: id_token(INVALID, |_| "a.b".to_owned());
    id_token_of_a_huge_size: id_token(INVALID, |token| format!("{token}{}", "A".repeat(20_000)));
    a_logout_token_in_the_place_of_an_id_token: claims_and_type("logout+jwt");
    an_access_token_in_the_place_of_an_id_token: claims_and_type("at+jwt");

    // Token response.
    token_response_without_id_token: member(INVALID, "/token", "id_token", Value::Null);
    token_response_without_access_token: member(ERROR, "/token", "access_token", Value::Null);
    token_response_with_an_empty_access_token: member(ERROR, "/token", "access_token", json!(""));
    token_response_with_a_number_as_access_token: member(ERROR, "/token", "access_token", json!(7));
    token_response_with_a_number_as_id_token: member(ERROR, "/token", "id_token", json!(7));
    token_response_with_a_header_injection: member(ERROR, "/token", "access_token", json!("a\r\nX-Evil: b"));
    token_response_of_an_unknown_type: member(ERROR, "/token", "token_type", json!("mac"));
    token_response_with_a_negative_lifetime: member(ERROR, "/token", "expires_in", json!(-1));
    token_response_200_with_an_error: body(ERROR, "/token", r#"{"error": "bad_verification_code"}"#);
    token_response_without_content_type: responses("logged in", "/token", |response| {
        response.headers_mut().remove(header::CONTENT_TYPE);
    });
    token_response_in_html: body(ERROR, "/token", "<html><body>It works!</body></html>");
    token_response_that_is_empty: body(ERROR, "/token", "");
    token_response_that_is_a_list: body(ERROR, "/token", "[]");
    token_response_that_is_cut: responses(ERROR, "/token", |response| {
        let half = response.body().len() / 2;
        response.body_mut().truncate(half);
    });
    token_response_with_a_member_twice: responses(ERROR, "/token", |response| {
        let text = String::from_utf8(response.body().clone()).unwrap();
        let text = text.replacen('{', r#"{"access_token":"evil","#, 1);
        *response.body_mut() = text.into_bytes();
    });
    token_response_of_a_megabyte: body(ERROR, "/token", format!(r#"{{"x": "{}"}}"#, "x".repeat(1 << 20)));
    token_response_deeply_nested:
        body(ERROR, "/token", format!("{{\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000)));
    token_response_that_claims_to_be_compressed: responses(ERROR, "/token", |response| {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *response.body_mut() = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    });
    token_response_not_in_utf_8: body(ERROR, "/token", b"{\"access_token\": \"\xff\"}".as_slice());
    token_endpoint_that_redirects: responses(ERROR, "/token", |response| {
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        let elsewhere = HeaderValue::from_static("http://127.0.0.1:1/steal");
        response.headers_mut().insert(header::LOCATION, elsewhere);
    });
    token_endpoint_that_rejects_the_client: responses(ERROR, "/token", |response| {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        *response.body_mut() = br#"{"error": "invalid_client"}"#.to_vec();
    });
    token_endpoint_that_is_too_busy: responses(DOWN, "/token", |response| {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    });

    // Userinfo (section 5.3.2).
    userinfo_about_another_user: member(INVALID, "/userinfo", "sub", json!("bob"));
    userinfo_without_subject: member(INVALID, "/userinfo", "sub", Value::Null);
    userinfo_without_content_type: responses("logged in", "/userinfo", |response| {
        response.headers_mut().remove(header::CONTENT_TYPE);
    });
    userinfo_in_html: body(INVALID, "/userinfo", "<html>");
    userinfo_with_a_member_twice: body(INVALID, "/userinfo", r#"{"sub":"bob","sub":"alice"}"#);
    userinfo_with_an_object_that_is_read_as_a_number:
        body(INVALID, "/userinfo", r#"{"sub":"alice","x":{"$serde_json::private::Number":"7"}}"#);
    userinfo_that_is_down: responses(DOWN, "/userinfo", |response| {
        *response.status_mut() = StatusCode::BAD_GATEWAY;
    });
    userinfo_that_is_forbidden: responses(ERROR, "/userinfo", |response| {
        *response.status_mut() = StatusCode::FORBIDDEN;
    });
    userinfo_with_claims_of_other_sources: member("logged in", "/userinfo", "_claim_sources",
        json!({"src1": {"endpoint": "http://169.254.169.254/", "access_token": "x"}}));
    userinfo_as_a_token_with_algorithm_none: responses(INVALID, "/userinfo", |response| {
        let token = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&json!({"sub": "alice"})));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
        *response.body_mut() = token.into_bytes();
    });

    // Keys.
    keys_without_the_one_that_signed: body(INVALID, "/jwks", other_keys());
    keys_that_are_shared_secrets: body(INVALID, "/jwks",
        format!(r#"{{"keys":[{{"kty":"oct","kid":"fake-1","alg":"HS256","k":"{}"}}]}}"#, "A".repeat(43)));
    keys_in_html: body(DOWN, "/jwks", "<html>");

    // Metadata.
    metadata_of_another_issuer: member(DOWN, METADATA, "issuer", json!("https://evil.example"));
    metadata_with_an_insecure_token_endpoint:
        member(DOWN, METADATA, "token_endpoint", json!("http://evil.example/token"));
    metadata_with_an_insecure_authorization_endpoint:
        member(DOWN, METADATA, "authorization_endpoint", json!("http://evil.example/authorize"));
    metadata_with_keys_of_a_metadata_service:
        member(DOWN, METADATA, "jwks_uri", json!("http://169.254.169.254/latest"));
    metadata_with_keys_in_a_file: member(DOWN, METADATA, "jwks_uri", json!("file:///etc/passwd"));
    metadata_without_keys: member(DOWN, METADATA, "jwks_uri", Value::Null);
    metadata_without_authorization_endpoint: member(DOWN, METADATA, "authorization_endpoint", Value::Null);
    metadata_with_an_authorization_endpoint_that_is_a_script:
        member(DOWN, METADATA, "authorization_endpoint", json!("javascript:alert(1)"));
    metadata_that_offer_only_plain_pkce:
        member(DOWN, METADATA, "code_challenge_methods_supported", json!(["plain"]));
    metadata_in_html: body(DOWN, METADATA, "<html>");
    metadata_with_odd_optional_members: member("logged in", METADATA, "scopes_supported", json!(7));

    // Callback.
    callback_of_another_issuer: callback(MISMATCH, |pairs| set(pairs, "iss", "https://evil.example"));
    callback_without_the_announced_issuer:
        callback(MISMATCH, |pairs| pairs.retain(|(name, _)| name != "iss"));
    callback_with_a_second_code:
        callback(CALLBACK, |pairs| pairs.push(("code".to_owned(), "evil".to_owned())));
    callback_with_a_second_state:
        callback(CALLBACK, |pairs| pairs.push(("state".to_owned(), "evil".to_owned())));
    callback_with_code_and_error:
        callback(CALLBACK, |pairs| pairs.push(("error".to_owned(), "x".to_owned())));
    callback_with_a_token:
        callback(CALLBACK, |pairs| pairs.push(("access_token".to_owned(), "x".to_owned())));
    callback_with_another_state: callback("400 attempt_missing", |pairs| set(pairs, "state", "evil"));
    callback_without_code: callback(CALLBACK, |pairs| pairs.retain(|(name, _)| name != "code"));
    callback_with_an_unknown_code: callback(ERROR, |pairs| set(pairs, "code", "evil"));
    callback_with_a_script_as_error: callback(ERROR, |pairs| {
        pairs.retain(|(name, _)| name != "code");
        pairs.push(("error".to_owned(), "<script>alert(1)</script>".to_owned()));
        let description = "\r\nSet-Cookie: a=b<img src=x onerror=alert(1)>";
        pairs.push(("error_description".to_owned(), description.to_owned()));
    });
    callback_with_an_extra_parameter:
        callback("logged in", |pairs| pairs.push(("session_state".to_owned(), "x".to_owned())));
}

const METADATA: &str = "/.well-known/openid-configuration";

fn set(pairs: &mut [(String, String)], name: &str, value: &str) {
    for (_, found) in pairs.iter_mut().filter(|(other, _)| other == name) {
        value.clone_into(found);
    }
}

pub(super) fn other_keys() -> String {
    let key = auth_runtime::jwt::SigningKey::generate(auth_runtime::jwt::Algorithm::ES256).unwrap();
    format!(r#"{{"keys":[{}]}}"#, key.with_kid("other").to_jwk().unwrap())
}

async fn claims_and_type(typ: &'static str) {
    let script = move |step: Step<'_>| {
        if let Step::Claims { header, .. } = step {
            header.insert("typ".to_owned(), json!(typ));
        }
    };
    assert_eq!(outcome(|login| login, script).await, INVALID);
}

#[tokio::test]
async fn a_login_that_is_too_old_or_too_weak_is_rejected() {
    use std::time::Duration;

    for (change, expected) in [
        (json!({}), "logged in"),
        (json!({"auth_time": NOON - 361}), INVALID),
        (json!({"auth_time": null}), INVALID),
        (json!({"acr": "bronze"}), INVALID),
        (json!({"acr": null}), INVALID),
    ] {
        let script = move |step: Step<'_>| {
            if let Step::Claims { claims, .. } = step {
                for (name, value) in change.as_object().unwrap() {
                    match value {
                        Value::Null => drop(claims.remove(name)),
                        value => drop(claims.insert(name.clone(), value.clone())),
                    }
                }
            }
        };
        let strict =
            |login: Login| login.with_max_age(Duration::from_mins(5)).with_acr_values(["gold", "silver"]);
        assert_eq!(outcome(strict, script).await, expected);
    }
}

#[tokio::test]
async fn cross_site_scripting_a_page_shows_nothing_that_the_provider_wrote() {
    let setup = Setup::new().await;
    setup.provider.tamper(|step| {
        if let Step::Callback(pairs) = step {
            for (name, value) in
                [("error", "CANARY1"), ("error_description", "CANARY2"), ("error_uri", "CANARY3")]
            {
                pairs.retain(|(other, _)| other != "code" && other != name);
                pairs.push((name.to_owned(), value.to_owned()));
            }
        }
    });
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let page = browser.come_back(&setup.provider.deny(&address).unwrap()).await;
    assert_eq!(page.code(), "provider_error");
    assert!(!page.text.contains("CANARY"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
}

#[tokio::test]
async fn a_signed_userinfo_response_is_verified_and_read() {
    let setup = Setup::new().await;
    let header = json!({"alg": "ES256", "kid": "fake-1"});
    for (claims, expected) in [
        (json!({"sub": "alice", "name": "Signed"}), "/me?page=2"),
        (json!({"sub": "alice", "iss": setup.provider.issuer(), "aud": "test-client"}), "/me?page=2"),
        (json!({"sub": "alice", "iss": "https://evil.example", "aud": "test-client"}), ""),
        (json!({"sub": "alice", "aud": "other-client"}), ""),
        (json!({"sub": "bob"}), ""),
    ] {
        let token = setup.provider.sign(header.as_object().unwrap(), claims.as_object().unwrap()).unwrap();
        setup.provider.tamper(move |step| {
            if let Step::Response { path: "/userinfo", response } = step {
                let jwt = HeaderValue::from_static("application/jwt; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, jwt);
                *response.body_mut() = token.clone().into_bytes();
            }
        });
        let mut browser = setup.browser();
        let address = setup.start(&mut browser).await;
        let done = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
        assert_eq!(done.location(), expected, "{claims}: {}", done.text);
    }
    let profiles = setup.profiles.lock().unwrap();
    assert_eq!(profiles[0].display_name(), "Signed");
}

#[tokio::test]
async fn code_injection_is_rejected_by_the_nonce_even_if_the_provider_ignores_pkce() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    // The provider issues tokens for the code of the victim's log-in, whose nonce is another one.
    setup.provider.tamper(|step| {
        if let Step::Claims { claims, .. } = step {
            claims.insert("nonce".to_owned(), json!("of-the-victims-login"));
        }
    });
    let page = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::BAD_GATEWAY, "identity_invalid"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn keys_that_were_rotated_are_fetched_at_once() {
    let setup = Setup::new().await;
    let mut browser = setup.browser();
    let address = setup.start(&mut browser).await;
    let old = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_old = std::sync::Arc::clone(&old);
    setup.provider.tamper(move |step| {
        if let Step::Response { path: "/jwks", response } = step
            && is_old.load(std::sync::atomic::Ordering::SeqCst)
        {
            *response.body_mut() = other_keys().into_bytes();
        }
    });
    let page = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!(page.code(), "identity_invalid");
    old.store(false, std::sync::atomic::Ordering::SeqCst);
    let address = setup.start(&mut browser).await;
    let done = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
}
