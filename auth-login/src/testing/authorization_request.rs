//! Follows authorization requests at the fake provider, up to their codes: [`AuthorizationRequest`].

use auth_runtime::clock::UnixTime;

use super::{FakeProviderError, fake_provider::CLIENT_ID};
use crate::callback_decision::Parameters;

/// A checked authorization request.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) is_form_post: bool,
    pub(super) acr_values: Option<String>,
    /// In seconds
    pub(super) max_age: Option<u64>,
    pub(super) is_login_prompted: bool,
}

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) subject: String,
    pub(super) request: AuthorizationRequest,
    pub(super) at: UnixTime,
}

impl AuthorizationRequest {
    /// Reads the query of an authorization request as a careful provider does.
    pub(super) fn read(query: &str) -> Result<Self, FakeProviderError> {
        let parameters = Parameters::parse(query.as_bytes());
        let text = |name: &str| parameters.get(name).map(str::to_owned);
        let refuse = |message: &'static str| Err(FakeProviderError::new(message));
        if text("response_type").as_deref() != Some("code") {
            return refuse("`response_type` is not `code`");
        }
        if text("client_id").as_deref() != Some(CLIENT_ID) {
            return refuse("`client_id` is not that of the client");
        }
        let Some(redirect_uri) = text("redirect_uri") else { return refuse("`redirect_uri` is missing") };
        let scope = text("scope").unwrap_or_default();
        if !scope.split(' ').any(|scope| scope == "openid") {
            return refuse("the scope `openid` is missing");
        }
        if text("code_challenge").is_some() && text("code_challenge_method").as_deref() != Some("S256") {
            return refuse("`code_challenge_method` is not `S256`");
        }
        Ok(Self {
            redirect_uri,
            state: text("state"),
            nonce: text("nonce"),
            challenge: text("code_challenge"),
            is_form_post: text("response_mode").as_deref() == Some("form_post"),
            acr_values: text("acr_values"),
            max_age: text("max_age").and_then(|seconds| seconds.parse().ok()),
            is_login_prompted: text("prompt").is_some_and(|list| list.split(' ').any(|word| word == "login")),
        })
    }
}
