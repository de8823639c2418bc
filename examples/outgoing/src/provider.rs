//! An authorization server in one file, for the examples: one user, everything in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

type Params = HashMap<String, String>;

/// Clones share their state.
#[derive(Clone)]
pub(crate) struct Provider {
    issuer: String,
    tokens: Arc<Mutex<Tokens>>,
}

#[derive(Default)]
struct Tokens {
    next: u32,
    /// The authorization requests by code.
    codes: HashMap<String, Params>,
    /// The subjects by token.
    access: HashMap<String, String>,
    refresh: HashMap<String, String>,
}

impl Tokens {
    /// Returns a token. These are guessable; real tokens must not be.
    fn name(&mut self, kind: &str) -> String {
        self.next = self.next.saturating_add(1);
        format!("{kind}-{}", self.next)
    }

    fn grant(&mut self, subject: &str) -> Value {
        let (access, refresh) = (self.name("access"), self.name("refresh"));
        self.access.insert(access.clone(), subject.to_owned());
        self.refresh.insert(refresh.clone(), subject.to_owned());
        json!({"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 300})
    }
}

impl Provider {
    pub(crate) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), tokens: Arc::default() }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/authorize", get(ask).post(agree))
            .route("/token", post(token))
            .route("/introspect", post(introspect))
            .with_state(self)
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// Returns the log-in page. The form is sent to the same address with the same query.
async fn ask() -> Html<&'static str> {
    Html("<!doctype html><title>Log in</title><form method=post><button>Log in as alice</button></form>")
}

async fn agree(State(provider): State<Provider>, Query(asked): Query<Params>) -> Response {
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    // A real server compares this with the client's registration.
    let redirect = text("redirect_uri");
    if !redirect.starts_with("http://127.0.0.1:") && !redirect.starts_with("http://[::1]:") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = {
        let mut tokens = provider.tokens();
        let code = tokens.name("code");
        tokens.codes.insert(code.clone(), asked.clone());
        code
    };
    let mut answer = url::form_urlencoded::Serializer::new(String::new());
    answer
        .append_pair("code", &code)
        .append_pair("state", &text("state"))
        .append_pair("iss", &provider.issuer);
    Redirect::to(&format!("{redirect}?{}", answer.finish())).into_response()
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<Params>) -> Response {
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let mut tokens = provider.tokens();
    let subject = match text("grant_type").as_str() {
        "authorization_code" => tokens.codes.remove(&text("code")).and_then(|asked| {
            let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
            let is_same = asked.get("code_challenge") == Some(&challenge)
                && asked.get("redirect_uri") == form.get("redirect_uri");
            is_same.then(|| "alice".to_owned())
        }),
        "refresh_token" => tokens.refresh.remove(&text("refresh_token")),
        "client_credentials" => is_billing(&headers).then(|| "billing".to_owned()),
        _ => None,
    };
    match subject {
        Some(subject) => Json(tokens.grant(&subject)).into_response(),
        None => (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response(),
    }
}

/// `billing:s3cr3t`, as in RFC 6749 section 2.3.1.
fn is_billing(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Basic YmlsbGluZzpzM2NyM3Q=")
}

/// Introspects a token for the guarded service, which also has a name and a secret.
async fn introspect(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<Params>,
) -> Response {
    // `api:4p1`.
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Basic YXBpOjRwMQ==") {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"}))).into_response();
    }
    let tokens = provider.tokens();
    let subject = form.get("token").and_then(|token| tokens.access.get(token));
    Json(json!({"active": subject.is_some(), "sub": subject})).into_response()
}
