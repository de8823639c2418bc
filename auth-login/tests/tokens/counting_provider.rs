//! A provider with rotating refresh tokens and an API, as an HTTP client that counts.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use auth_client::{HttpClient, StoreKey, Token, TokenStore, TokenWireFormat};
use auth_login::{
    Login,
    descriptor::{Call, Date, Descriptor, Issuer},
    profile::{AccountKey, Mapping, Subject},
    tokens::ProviderTokens,
};
use auth_runtime::clock::UnixTime;
use http::{Request, Response};
use url::form_urlencoded;

pub(crate) const NOON: u64 = 1_700_000_000;

const FORGE: Descriptor =
    Descriptor::oauth2("forge", "Forge", "https://forge.example/authorize", "https://forge.example/token")
        .with_issuer(Issuer::Namespace("https://forge.example"))
        .with_scopes(&["user"])
        .with_calls(&[Call::get("user", "https://api.forge.example/user")])
        .with_mapping(Mapping::new(Subject::Member("/user/id")))
        .with_revocation("https://forge.example/revoke")
        .with_api("https://api.forge.example/v3")
        .checked_on(Date::new(2026, 11, 30), "this test")
        .validated();

#[derive(Clone, Default)]
pub(crate) struct Forge {
    pub(crate) state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    /// The number of the newest access and refresh token
    pub(crate) newest: u32,
    pub(crate) refreshes: Vec<String>,
    pub(crate) calls: Vec<String>,
    pub(crate) revoked: Vec<String>,
    /// The subject of the API's response
    pub(crate) user: String,
    pub(crate) api_rejects: bool,
    pub(crate) is_down: bool,
}

impl Forge {
    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut state = self.state.lock().unwrap();
        let json =
            |status: u16, text: String| Response::builder().status(status).body(text.into_bytes()).unwrap();
        let form: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
        let get = |name: &str| form.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
        match request.uri().to_string().as_str() {
            _ if state.is_down => json(503, "{}".to_owned()),
            "https://forge.example/token" => {
                let token = get("refresh_token").unwrap();
                state.refreshes.push(token.clone());
                // RFC 9700 section 4.14.2: an old refresh token ends the grant.
                if token != format!("r{}", state.newest) {
                    return json(400, r#"{"error":"invalid_grant"}"#.to_owned());
                }
                state.newest += 1;
                let n = state.newest;
                json(200, format!(r#"{{"access_token":"a{n}","refresh_token":"r{n}","expires_in":3600}}"#))
            }
            "https://forge.example/revoke" => {
                state.revoked.push(get("token").unwrap());
                json(200, String::new())
            }
            address => {
                let token = request.headers()["authorization"].to_str().unwrap().to_owned();
                state.calls.push(format!("{token} {address}"));
                let is_good = !state.api_rejects && token == format!("Bearer a{}", state.newest);
                json(if is_good { 200 } else { 401 }, format!(r#"{{"id":"{}"}}"#, state.user))
            }
        }
    }

    fn client(&self) -> impl HttpClient + 'static {
        let forge = self.clone();
        move |request: Request<Vec<u8>>| {
            let forge = forge.clone();
            async move {
                // Others get the chance to ask at the same time.
                tokio::task::yield_now().await;
                Ok(forge.answer(&request))
            }
        }
    }

    /// Returns an instance of the application that keeps its tokens in this store.
    pub(crate) fn instance<S: TokenStore + Clone + 'static>(&self, store: S) -> ProviderTokens<S> {
        let login = Login::provider(FORGE, "app", "secret").unwrap().with_http_client(self.client());
        let tokens = ProviderTokens::new(&login, store).unwrap();
        tokens.with_clock(|| UnixTime::from_secs(NOON)).unwrap()
    }
}

pub(crate) fn account(subject: &str) -> AccountKey {
    AccountKey::new("https://forge.example", subject).unwrap()
}

/// A token of a log-in so many seconds ago, good for an hour.
pub(crate) fn token(number: u32, seconds_ago: u64) -> Token {
    let text = format!(r#"{{"access_token":"a{number}","refresh_token":"r{number}","expires_in":3600}}"#);
    from_json(&text, seconds_ago)
}

pub(crate) fn from_json(text: &str, seconds_ago: u64) -> Token {
    let granted_at = SystemTime::UNIX_EPOCH + Duration::from_secs(NOON - seconds_ago);
    Token::from_json(text.as_bytes(), granted_at, &TokenWireFormat::default()).unwrap()
}

/// The key under which a store keeps the token of an account at this provider.
pub(crate) fn store_key(subject: &str) -> StoreKey {
    StoreKey::of(&["auth-login", "https://forge.example", "app", subject])
}
