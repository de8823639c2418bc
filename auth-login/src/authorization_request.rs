//! Builds the address of the authorization request, to which the browser is sent, from the provider and the
//! attempt: [`Request`].

use url::Url;

use crate::{
    random_value::{sha256_base64url, sha256_hex},
    transaction::Transaction,
};

/// How the code is bound to the attempt (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    S256,
    HexSha256,
    None,
}

/// The parts of an authorization request that do not change from attempt to attempt.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) endpoint: &'a Url,
    pub(crate) client_id: &'a str,
    pub(crate) client_id_parameter: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scope: Option<&'a str>,
    pub(crate) challenge: Challenge,
    pub(crate) with_nonce: bool,
    pub(crate) is_form_post: bool,
    /// Parameters of the provider and of the application; those of the protocol cannot be overridden.
    pub(crate) more: &'a [(String, String)],
    pub(crate) fragment: Option<&'a str>,
}

/// Parameters that the protocol sets itself.
pub(crate) const RESERVED: [&str; 11] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "request",
    "request_uri",
];

impl Request<'_> {
    /// Returns the address for one attempt. A query that the endpoint has already stays (RFC 6749 section
    /// 3.1).
    pub(crate) fn url(&self, attempt: &Transaction) -> Url {
        let client = (self.client_id_parameter.to_owned(), self.client_id.to_owned());
        self.address([client].into_iter().chain(self.parameters(attempt)))
    }

    /// Returns the address that stands for a pushed request (RFC 9126 section 4).
    pub(crate) fn pushed_url(&self, request_uri: &str) -> Url {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        self.address([pair(self.client_id_parameter, self.client_id), pair("request_uri", request_uri)])
    }

    fn address(&self, pairs: impl IntoIterator<Item = (String, String)>) -> Url {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url.set_fragment(self.fragment);
        url
    }

    /// Returns the parameters for one attempt, all but the client's id.
    pub(crate) fn parameters(&self, attempt: &Transaction) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        add("response_type", "code");
        add("redirect_uri", self.redirect_uri);
        if let Some(scope) = self.scope {
            add("scope", scope);
        }
        add("state", &attempt.state.to_text());
        if self.with_nonce {
            add("nonce", &attempt.nonce.to_text());
        }
        let verifier = attempt.verifier.to_text();
        let challenge = match self.challenge {
            Challenge::S256 => Some(sha256_base64url(&verifier)),
            Challenge::HexSha256 => Some(sha256_hex(&verifier)),
            Challenge::None => None,
        };
        if let Some(challenge) = challenge {
            add("code_challenge", &challenge);
            add("code_challenge_method", "S256");
        }
        if self.is_form_post {
            add("response_mode", "form_post");
        }
        if let Some(max_age) = attempt.max_age {
            add("max_age", &max_age.to_string());
        }
        for (name, value) in self.more {
            add(name, value);
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::attempt;

    fn pairs(url: &Url) -> Vec<(String, String)> {
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn an_endpoint_with_a_query_gets_no_second_question_mark_and_no_parameter_twice() {
        let endpoint = Url::parse("https://op.example/authorize?tenant=a").unwrap();
        let more = [("prompt".to_owned(), "select_account".to_owned())];
        let request = Request {
            endpoint: &endpoint,
            client_id: "me & you",
            client_id_parameter: "client_id",
            redirect_uri: "https://app.example.com/login/fake/callback",
            scope: Some("openid email"),
            challenge: Challenge::S256,
            with_nonce: true,
            is_form_post: true,
            more: &more,
            fragment: Some("wechat_redirect"),
        };
        let attempt = Transaction { max_age: Some(60), ..attempt("fake", "/secret?page=1") };
        let url = request.url(&attempt);
        let challenge = sha256_base64url(&attempt.verifier.to_text());
        let expected = [
            ("tenant", "a"),
            ("client_id", "me & you"),
            ("response_type", "code"),
            ("redirect_uri", "https://app.example.com/login/fake/callback"),
            ("scope", "openid email"),
            ("state", &attempt.state.to_text()),
            ("nonce", &attempt.nonce.to_text()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("response_mode", "form_post"),
            ("max_age", "60"),
            ("prompt", "select_account"),
        ];
        assert_eq!(pairs(&url), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(url.fragment(), Some("wechat_redirect"));
        // The redirect target and the verifier do not reach the provider.
        assert!(!url.as_str().contains("secret") && !url.as_str().contains(&attempt.verifier.to_text()));
        let pushed = request.pushed_url("urn:example:1");
        let expected = [("tenant", "a"), ("client_id", "me & you"), ("request_uri", "urn:example:1")];
        assert_eq!(pairs(&pushed), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let bare = Request { challenge: Challenge::None, with_nonce: false, ..request };
        assert!(!bare.url(&attempt).as_str().contains("challenge"));
        assert!(!bare.url(&attempt).as_str().contains("nonce"));
    }
}
