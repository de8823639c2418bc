//! Serves the endpoints of the fake provider.

use std::sync::Arc;

use auth_runtime::clock::UnixTime;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    response::Response,
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    FakeProviderError, Step,
    authorization_request::Granted,
    fake_provider::{CLIENT_ID, Callback, Inner, SECRET, lock, random},
    provider_pages,
};
use crate::{
    callback_decision::Parameters, random_value::sha256_base64url, validate_id_token_claims::half_hash,
};

/// How long `id_token`s and access tokens are valid, in seconds.
const LIFETIME: u64 = 300;

type Provider = State<Arc<Inner>>;

pub(super) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(keys))
        .route("/authorize", get(choice).post(chosen))
        .route("/token", post(token))
        .route("/par", post(pushed))
        .route("/userinfo", get(userinfo))
        .route("/end-session", get(end_session))
        .with_state(inner)
}

async fn metadata(State(inner): Provider) -> Response {
    let issuer = &inner.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/end-session"),
        "pushed_authorization_request_endpoint": at("/par"),
        "backchannel_logout_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    reply(&inner, "/.well-known/openid-configuration", StatusCode::OK, &metadata)
}

async fn keys(State(inner): Provider) -> Response {
    let key = inner.key.to_jwk().and_then(|jwk| serde_json::from_str::<Value>(&jwk).ok());
    reply(&inner, "/jwks", StatusCode::OK, &json!({ "keys": key.as_slice() }))
}

async fn choice(State(inner): Provider, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    inner.note("/authorize");
    match inner.read(&query) {
        Ok(_) => html(StatusCode::OK, provider_pages::choice(&inner.users, CLIENT_ID, &query).into_string()),
        Err(error) => html(StatusCode::BAD_REQUEST, provider_pages::error(&error.to_string()).into_string()),
    }
}

async fn chosen(State(inner): Provider, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let form = Parameters::parse(&body);
    let answer = inner.read(&query.unwrap_or_default()).and_then(|request| match form.get("user") {
        Some(user) => inner.sign_in(&request, user),
        None => Ok(inner.callback(&request, vec![("error".to_owned(), "access_denied".to_owned())])),
    });
    match answer {
        Ok(Callback { address, form: None }) => {
            response(StatusCode::SEE_OTHER, header::LOCATION, address, "")
        }
        Ok(Callback { address, form: Some(form) }) => {
            let pairs: Vec<_> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            html(StatusCode::OK, provider_pages::form_post(&address, &pairs).into_string())
        }
        Err(error) => html(StatusCode::BAD_REQUEST, provider_pages::error(&error.to_string()).into_string()),
    }
}

/// Takes an authorization request of the client itself (RFC 9126 section 2).
async fn pushed(State(inner): Provider, headers: HeaderMap, body: Bytes) -> Response {
    let form = Parameters::parse(&body);
    // Section 2.1: the request names the client, also beside its authentication.
    let is_of_client = is_client(&headers, &form)
        && form.get("client_id") == Some(CLIENT_ID)
        && form.get("request_uri").is_none();
    let (status, answer) = match random() {
        Ok(name) if is_of_client => {
            let name = format!("urn:ietf:params:oauth:request_uri:{name}");
            lock(&inner.pushed).insert(name.clone(), String::from_utf8_lossy(&body).into_owned());
            (StatusCode::CREATED, json!({ "request_uri": name, "expires_in": LIFETIME }))
        }
        Ok(_) => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request" })),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "server_error" })),
    };
    reply(&inner, "/par", status, &answer)
}

async fn token(State(inner): Provider, headers: HeaderMap, body: Bytes) -> Response {
    let form = Parameters::parse(&body);
    let (status, answer) = match tokens(&inner, &headers, &form) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(code) => (StatusCode::BAD_REQUEST, json!({ "error": code })),
    };
    reply(&inner, "/token", status, &answer)
}

/// Redeems a code: once, for the client, redirect address and verifier that it was issued for.
fn tokens(inner: &Inner, headers: &HeaderMap, form: &Parameters) -> Result<Value, &'static str> {
    if !is_client(headers, form) {
        return Err("invalid_client");
    }
    if form.get("grant_type") != Some("authorization_code") {
        return Err("unsupported_grant_type");
    }
    let code = form.get("code").unwrap_or_default();
    let granted = lock(&inner.codes).remove(code).ok_or("invalid_grant")?;
    let is_verified = match &granted.request.challenge {
        Some(challenge) => form.get("code_verifier").is_some_and(|text| sha256_base64url(text) == *challenge),
        None => form.get("code_verifier").is_none(),
    };
    if !is_verified || form.get("redirect_uri") != Some(&granted.request.redirect_uri) {
        return Err("invalid_grant");
    }
    let access_token = random().map_err(|_| "server_error")?;
    let id_token = id_token(inner, &granted, &access_token).map_err(|_| "server_error")?;
    lock(&inner.access_tokens).insert(access_token.clone(), granted.subject);
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "id_token": id_token,
    }))
}

fn id_token(inner: &Inner, granted: &Granted, access_token: &str) -> Result<String, FakeProviderError> {
    let now = inner.now().as_secs();
    let mut header = Map::from_iter([
        ("alg".to_owned(), json!("ES256")),
        ("typ".to_owned(), json!("JWT")),
        ("kid".to_owned(), json!(inner.key.kid())),
    ]);
    let mut claims = Map::from_iter([
        ("iss".to_owned(), json!(inner.issuer)),
        ("sub".to_owned(), json!(granted.subject)),
        ("aud".to_owned(), json!(CLIENT_ID)),
        ("iat".to_owned(), json!(now)),
        ("exp".to_owned(), json!(now.saturating_add(LIFETIME))),
        ("auth_time".to_owned(), json!(auth_time(inner, granted).as_secs())),
        ("at_hash".to_owned(), json!(half_hash("ES256", access_token))),
    ]);
    if let Some(nonce) = &granted.request.nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    let asked = granted.request.acr_values.as_deref().and_then(|values| values.split(' ').next());
    let own = inner.user(&granted.subject).and_then(|user| user.acr.as_deref());
    if let Some(acr) = own.or(asked) {
        claims.insert("acr".to_owned(), json!(acr));
    }
    inner.tampered(Step::Claims { header: &mut header, claims: &mut claims });
    let mut token = inner.sign(&header, &claims)?;
    inner.tampered(Step::IdToken(&mut token));
    Ok(token)
}

/// Returns when the user authenticated: earlier, if there is a session and the request accepts it.
fn auth_time(inner: &Inner, granted: &Granted) -> UnixTime {
    let began = inner.user(&granted.subject).and_then(|user| user.session_since);
    let is_accepted = |began: &UnixTime| {
        let age = granted.at.since(*began).as_secs();
        !granted.request.is_login_prompted && granted.request.max_age.is_none_or(|max_age| age <= max_age)
    };
    began.filter(is_accepted).unwrap_or(granted.at)
}

/// `client_secret_basic` (RFC 6749 section 2.3.1) or `client_secret_post`.
fn is_client(headers: &HeaderMap, form: &Parameters) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return form.get("client_id") == Some(CLIENT_ID) && form.get("client_secret") == Some(SECRET);
    };
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let expected = BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(SECRET)));
    value.as_bytes() == format!("Basic {expected}").as_bytes()
}

async fn userinfo(State(inner): Provider, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let subject = lock(&inner.access_tokens).get(token).cloned();
    match subject.and_then(|subject| inner.user(&subject)) {
        Some(user) => {
            let mut claims = user.claims.clone();
            claims.insert("sub".to_owned(), json!(user.subject));
            reply(&inner, "/userinfo", StatusCode::OK, &Value::Object(claims))
        }
        None => reply(&inner, "/userinfo", StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" })),
    }
}

/// Sends the browser back at once (RP-Initiated Logout section 3).
async fn end_session(State(inner): Provider, RawQuery(query): RawQuery) -> Response {
    inner.note("/end-session");
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    match (parameters.get("client_id"), parameters.get("post_logout_redirect_uri")) {
        (Some(CLIENT_ID), Some(address)) => {
            response(StatusCode::SEE_OTHER, header::LOCATION, address.to_owned(), "")
        }
        _ => html(
            StatusCode::BAD_REQUEST,
            provider_pages::error("the request is not of the client").into_string(),
        ),
    }
}

/// Returns a JSON response, after the test could change it.
fn reply(inner: &Inner, path: &str, status: StatusCode, answer: &Value) -> Response {
    inner.note(path);
    let mut response = http::Response::new(answer.to_string().into_bytes());
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    inner.tampered(Step::Response { path, response: &mut response });
    response.map(Body::from)
}

fn html(status: StatusCode, text: String) -> Response {
    response(status, header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned(), text)
}

fn response(status: StatusCode, name: http::HeaderName, value: String, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if let Ok(value) = http::HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
