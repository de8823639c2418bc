//! An API for scripts and apps: a log-in returns a short-lived access token and a one-time refresh token.
//!
//! Run with
//!
//! ```text
//! cargo run -p jwt-api   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! and try
//!
//! ```text
//! curl -i http://127.0.0.1:3000/articles                                          # 401: a token is asked for
//! curl -s -d 'name=reader&password=reader' http://127.0.0.1:3000/login | tee tokens.json
//! access=$(jq -r .access_token tokens.json); refresh=$(jq -r .refresh_token tokens.json)
//! curl -i -H "Authorization: Bearer $access" http://127.0.0.1:3000/articles       # 200: articles:read
//! curl -i -H "Authorization: Bearer $access" -X POST http://127.0.0.1:3000/articles   # 403: insufficient_scope
//! curl -i -H "Authorization: Bearer x$access" http://127.0.0.1:3000/articles      # 401: invalid_token
//! curl -s -d "refresh_token=$refresh" http://127.0.0.1:3000/refresh               # 200: two new tokens
//! curl -i -d "refresh_token=$refresh" http://127.0.0.1:3000/refresh               # 400: used before, so all of them end
//! curl -s -d 'name=writer&password=writer' http://127.0.0.1:3000/login | tee tokens.json
//! access=$(jq -r .access_token tokens.json); refresh=$(jq -r .refresh_token tokens.json)
//! curl -i -H "Authorization: Bearer $access" -X POST http://127.0.0.1:3000/articles   # 200: articles:write
//! curl -i -H "Authorization: Bearer $access" http://127.0.0.1:3000/me             # 200: what the token says
//! curl -i -H "Authorization: Bearer $access" -d "refresh_token=$refresh" http://127.0.0.1:3000/logout   # 204: no more tokens
//! curl -i -H "Authorization: Bearer $access" http://127.0.0.1:3000/me             # 401: invalid_token
//! curl -i -d "refresh_token=$refresh" http://127.0.0.1:3000/refresh               # 400: invalid_grant
//! ```

use std::{env, error::Error, net::SocketAddr, sync::Arc, time::Duration};

use auth_runtime::{
    Auth, AuthError, AuthLayer, Claims, KeyRing, UserId, allow_anonymous, auth_required,
    guarded::{App, Router, get, post},
    identity::Scopes,
    jwt::{
        AccessToken, BearerJwt, Grant, JwtIssuer, MemoryRefreshStore, RefreshError, RefreshErrorKind,
        RefreshToken, RefreshTokens, Refreshed, RingKeys, TokenResponse,
    },
    revocation::MemoryRevocation,
    scope_required,
};
use axum::{
    Form, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

const ISSUER: &str = "https://shop.example";
const AUDIENCE: &str = "https://api.shop.example";

/// Issues tokens.
#[derive(Clone)]
struct Tokens {
    issuer: Arc<JwtIssuer>,
    refresh: RefreshTokens,
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// The form of a refresh or a log-out.
#[derive(serde::Deserialize)]
struct Refresh {
    refresh_token: String,
    scope: Option<String>,
}

/// The claims that the application reads.
#[derive(serde::Deserialize, serde::Serialize)]
struct Me {
    sub: String,
    scope: Option<String>,
    theme: String,
}

#[allow_anonymous(reason = "users log in here")]
async fn login(State(tokens): State<Tokens>, Form(form): Form<Login>) -> Response {
    let granted =
        scopes_of(&form).and_then(|scopes| Some(Grant::new(&form.name, AUDIENCE).ok()?.with_scopes(scopes)));
    let Some(grant) = granted else { return AuthError::unauthenticated().into_response() };
    match tokens.refresh.start(grant.clone()).await {
        Ok(refresh) => respond(&tokens, &grant, Some(&refresh)),
        Err(error) => error.into_response(),
    }
}

#[allow_anonymous(reason = "the refresh token in the body is checked")]
async fn refresh(State(tokens): State<Tokens>, Form(form): Form<Refresh>) -> Result<Response, RefreshError> {
    let scopes: Option<Scopes> =
        form.scope.map(|text| text.parse()).transpose().map_err(|_| RefreshErrorKind::Scope)?;
    let refreshed: Refreshed = tokens.refresh.refresh(&form.refresh_token, scopes.as_ref()).await?;
    Ok(respond(&tokens, refreshed.grant(), refreshed.token()))
}

#[allow_anonymous(reason = "the refresh token in the body is checked")]
async fn logout(auth: Auth, State(tokens): State<Tokens>, Form(form): Form<Refresh>) -> Response {
    if let Err(error) = tokens.refresh.revoke(&form.refresh_token).await {
        return error.into_response();
    }
    // If the request has an access token, revoke it as well.
    match auth.forget().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

fn respond(tokens: &Tokens, grant: &Grant, refresh: Option<&RefreshToken>) -> Response {
    let access =
        tokens.issuer.access_token_for(grant).with_claim("theme", "dark").and_then(AccessToken::issue);
    match access {
        Ok(access) => TokenResponse::new(access, refresh.cloned()).into_response(),
        Err(error) => AuthError::from(error).into_response(),
    }
}

/// Returns the scopes of a user. The application verifies the password; here it is the name.
fn scopes_of(form: &Login) -> Option<Scopes> {
    let scopes = match form.name.as_str() {
        "reader" => "articles:read",
        "writer" => "articles:read articles:write",
        _ => return None,
    };
    if form.password == form.name { scopes.parse().ok() } else { None }
}

#[scope_required("articles:read")]
async fn list() -> &'static str {
    "one article\n"
}

#[scope_required("articles:write")]
async fn write(user: UserId) -> String {
    format!("{user} wrote another article\n")
}

#[auth_required]
async fn me(claims: Claims<Me>) -> Json<Me> {
    Json(claims.0)
}

/// Returns the routes. A handler without a guard would not compile.
fn routes_of() -> Router<Tokens> {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .route("/articles", get(list).post(write))
        .route("/me", get(me))
}

/// Returns the issuer and the verifier of tokens.
fn tokens() -> Result<(Tokens, BearerJwt), Box<dyn Error>> {
    // These keys exist until the program ends, which invalidates all tokens. An application loads its key.
    let keys = RingKeys::new(KeyRing::random());
    let issuer = JwtIssuer::new(keys.clone(), ISSUER)?.with_lifetime(Duration::from_mins(5))?;
    let families = RefreshTokens::new(MemoryRefreshStore::new()).with_idle_lifetime(Duration::from_hours(24));
    let bearer = BearerJwt::new(keys).with_issuer(ISSUER).with_audience(AUDIENCE);
    Ok((Tokens { issuer: Arc::new(issuer), refresh: families }, bearer))
}

/// Returns the routes with their state.
pub(crate) fn routes() -> Result<Router, Box<dyn Error>> {
    Ok(routes_of().with_state(tokens()?.0))
}

/// Returns the application.
pub(crate) fn app() -> Result<App, Box<dyn Error>> {
    let (tokens, bearer) = tokens()?;
    // Remembers revoked tokens until they expire. Several instances share a denylist in Redis.
    let auth = AuthLayer::new(bearer).with_revocation(MemoryRevocation::new());
    Ok(routes_of().with_state(tokens).with_auth(auth))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    println!("commands to try are at the head of examples/jwt-api/src/main.rs");
    println!("\n{}", routes()?.access());
    axum::serve(listener, app()?).await?;
    Ok(())
}
