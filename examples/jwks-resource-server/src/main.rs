//! A resource server that accepts the tokens of another issuer and fetches its rotating keys.
//!
//! Both run in this process, on two ports. Run with
//!
//! ```text
//! cargo run -p jwks-resource-server   # the API on 127.0.0.1:3000, or the address in ADDR
//!                                     # the issuer on 127.0.0.1:3001, or the address in ISSUER_ADDR
//! ```
//!
//! and try
//!
//! ```text
//! curl -s http://127.0.0.1:3001/.well-known/openid-configuration           # where the keys are
//! curl -s http://127.0.0.1:3001/jwks.json                                  # one public key
//! curl -i http://127.0.0.1:3000/profile                                    # 401: a token is asked for
//! first=$(curl -s -d 'name=alice' http://127.0.0.1:3001/token)
//! curl -i -H "Authorization: Bearer $first" http://127.0.0.1:3000/profile  # 200: hello alice
//! curl -i -H "Authorization: Bearer $first" http://127.0.0.1:3000/articles # 403: insufficient_scope
//! curl -s -X POST http://127.0.0.1:3001/rotate                             # a second key signs; both are published
//! second=$(curl -s -d 'name=bob&scope=articles' http://127.0.0.1:3001/token)
//! curl -i -H "Authorization: Bearer $second" http://127.0.0.1:3000/profile  # 200: the new name made the API look again
//! curl -i -H "Authorization: Bearer $second" http://127.0.0.1:3000/articles # 200: it has the scope
//! curl -i -H "Authorization: Bearer $first" http://127.0.0.1:3000/profile   # 200: the old key is still published
//! ```

use std::{
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use auth_runtime::{
    AuthLayer, UserId, allow_anonymous, auth_required,
    guarded::{self, get},
    jwt::{Algorithm, BearerJwt, JwtIssuer, JwtKeyError, KeySet, RemoteJwks, SigningKey},
    scope_required,
};
use axum::{
    Form, Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing,
};

const AUDIENCE: &str = "https://api.example";

// The API: three lines make it accept the issuer's tokens.

#[allow_anonymous(reason = "there is nothing secret on it")]
async fn index() -> &'static str {
    "everyone may see this\n"
}

#[auth_required]
async fn profile(user: UserId) -> String {
    format!("hello {user}\n")
}

#[scope_required("articles")]
async fn articles(user: UserId) -> String {
    format!("{user} reads articles\n")
}

/// Returns the API's routes. A handler without a guard would not compile.
pub(crate) fn routes() -> guarded::Router {
    guarded::Router::new()
        .route("/", get(index))
        .route("/profile", get(profile))
        .route("/articles", get(articles))
}

/// Returns the API. Nothing is fetched before the first token: the issuer may start later, and restart.
pub(crate) fn api(issuer: &str) -> Result<guarded::App, Box<dyn Error>> {
    // For an issuer on the Internet, write `RemoteJwks::discover("https://…")`. The cool-down is short for
    // this demonstration.
    let keys = RemoteJwks::insecure_loopback_discover(issuer)?.with_cool_down(Duration::from_secs(1));
    let bearer = BearerJwt::new(keys).with_issuer(issuer).with_audience(AUDIENCE);
    Ok(routes().with_auth(AuthLayer::new(bearer)))
}

// The issuer: in production a product or a third-party service.

#[derive(Clone)]
struct Issuer {
    name: String,
    /// The last key signs; all are published.
    keys: Arc<Mutex<Vec<SigningKey>>>,
}

#[derive(serde::Deserialize)]
struct Request {
    name: String,
    scope: Option<String>,
}

impl Issuer {
    fn keys(&self) -> Vec<SigningKey> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn token(&self, request: &Request) -> Result<String, Box<dyn Error>> {
        let key = self.keys().pop().ok_or("there is no key")?;
        let issuer = JwtIssuer::new(key, &self.name)?;
        let mut token = issuer.access_token(&request.name, AUDIENCE);
        if let Some(scope) = &request.scope {
            token = token.with_scopes(scope.parse()?);
        }
        Ok(token.issue()?.as_str().to_owned())
    }
}

fn new_key(number: usize) -> Result<SigningKey, JwtKeyError> {
    Ok(SigningKey::generate(Algorithm::ES256)?.with_kid(format!("key-{number}")))
}

async fn metadata(State(issuer): State<Issuer>) -> Json<serde_json::Value> {
    let keys = format!("{}/jwks.json", issuer.name);
    Json(serde_json::json!({ "issuer": issuer.name, "jwks_uri": keys }))
}

async fn jwks(State(issuer): State<Issuer>) -> impl IntoResponse {
    let keys = issuer.keys();
    let headers =
        [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "max-age=300")];
    match KeySet::new(keys.iter().map(SigningKey::verifying_key)) {
        Ok(set) => (StatusCode::OK, headers, set.to_jwks()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, headers, error.to_string()),
    }
}

/// Issues a token for any name. A real issuer authenticates the user first.
async fn token(State(issuer): State<Issuer>, Form(request): Form<Request>) -> Result<String, StatusCode> {
    issuer.token(&request).map_err(|_| StatusCode::BAD_REQUEST)
}

async fn rotate(State(issuer): State<Issuer>) -> Result<String, StatusCode> {
    let mut keys = issuer.keys.lock().unwrap_or_else(PoisonError::into_inner);
    let key = new_key(keys.len().saturating_add(1)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let said = format!("{} signs from now on\n", key.kid().unwrap_or_default());
    keys.push(key);
    Ok(said)
}

/// Returns the issuer with the name in its tokens and metadata.
pub(crate) fn issuer(name: &str) -> Result<Router, Box<dyn Error>> {
    let issuer = Issuer { name: name.to_owned(), keys: Arc::new(Mutex::new(vec![new_key(1)?])) };
    Ok(Router::new()
        .route("/.well-known/openid-configuration", routing::get(metadata))
        .route("/jwks.json", routing::get(jwks))
        .route("/token", routing::post(token))
        .route("/rotate", routing::post(rotate))
        .with_state(issuer))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let api_address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let issuer_address: SocketAddr =
        env::var("ISSUER_ADDR").as_deref().unwrap_or("127.0.0.1:3001").parse()?;
    let api_listener = tokio::net::TcpListener::bind(api_address).await?;
    let issuer_listener = tokio::net::TcpListener::bind(issuer_address).await?;
    let name = format!("http://{}", issuer_listener.local_addr()?);
    println!("the API is on http://{}, its issuer on {name}", api_listener.local_addr()?);
    println!("commands to try are at the head of examples/jwks-resource-server/src/main.rs");
    println!("\n{}", routes().access());
    let issuer = axum::serve(issuer_listener, issuer(&name)?).into_future();
    let api = axum::serve(api_listener, api(&name)?).into_future();
    tokio::try_join!(issuer, api)?;
    Ok(())
}
