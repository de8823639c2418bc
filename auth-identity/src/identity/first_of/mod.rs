//! Combines several policies: [`FirstOf`].

mod combined_results;
mod policy;
mod same_cookie;

use std::{fmt, sync::Arc};

use http::HeaderValue;

use super::IdentityPolicy;

/// Authenticates requests by several policies in order. Contradicting credentials are rejected.
///
/// | the request has | result |
/// |---|---|
/// | no credential | anonymous |
/// | valid credentials, all of one identity | that identity, as found by the first policy |
/// | valid credentials of different identities, or with different [impersonators](super::Identified::actor) | rejected with 401 |
/// | a credential that its policy *rejects*, such as a wrong key or token | rejected with 401, regardless of other credentials |
/// | a credential that its policy *ignores*, such as an expired cookie | as without it |
///
/// Policies with cookies need different cookie names: a second [`TicketCookie`](crate::TicketCookie) needs
/// [`with_cookie_name`](crate::TicketCookie::with_cookie_name). If two share a name, a log-in that replaces
/// another one gets 500, and the log has the reason.
///
/// All policies run on each request, because a second credential would otherwise go unnoticed. If one fails,
/// the authentication fails (fail closed).
///
/// # Example
///
/// ```
/// use auth_runtime::{ApiKey, AuthLayer, FirstOf, KeyRing, TicketCookie};
/// use auth_runtime::identity::MemoryApiKeys;
///
/// // Browsers log in and get a cookie; programs send a key.
/// let keys = MemoryApiKeys::new();
/// let auth = AuthLayer::new(FirstOf::new(TicketCookie::new(KeyRing::random())).then(ApiKey::new(keys)));
/// # let _ = auth;
/// ```
///
/// # Changes
///
/// A log-in uses the first policy, or the one of [`then_log_in`](Self::then_log_in), and removes the cookies
/// of the others. A log-out removes every cookie that the request carried. If one policy fails to forget, the
/// others still remove their cookies, and the log-out fails. Renewal and rotation use the policies that
/// authenticated the user. Data uses the first of them that stores any. An impersonation stays with the
/// first.
///
/// What the policy of the request's own credential cannot do gets 403, and the log has the reason: a user who
/// was authenticated by an API key alone cannot be logged out, impersonate another user or store data, and
/// one with `Basic` cannot log in by a cookie. What the policy of log-ins cannot do is a mistake of the
/// application, and gets 500.
///
/// # Security
///
/// Cross-site requests (CSRF) are rejected if they have only ambient credentials (cookies, `Basic`). A header
/// that browsers do not send by themselves shows that the client intended the request. Cross-site requests
/// cannot log a user in or out.
#[derive(Clone)]
#[must_use]
pub struct FirstOf {
    policies: Vec<Arc<dyn IdentityPolicy>>,
    /// The index of the policy that log-ins use
    login: usize,
    vary: HeaderValue,
}

impl FirstOf {
    /// Creates a list with its first policy.
    pub fn new(policy: impl IdentityPolicy) -> Self {
        let vary = policy.vary();
        Self { policies: vec![Arc::new(policy)], login: 0, vary }
    }

    /// Appends a policy.
    pub fn then(mut self, policy: impl IdentityPolicy) -> Self {
        self.vary = joined(&self.vary, &policy.vary());
        self.policies.push(Arc::new(policy));
        self
    }

    /// Appends a policy and uses it for log-ins. The default is the first policy.
    pub fn then_log_in(mut self, policy: impl IdentityPolicy) -> Self {
        self.login = self.policies.len();
        self.then(policy)
    }
}

/// Joins two header lists without repeated names.
fn joined(list: &HeaderValue, more: &HeaderValue) -> HeaderValue {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in [list, more].into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b',')) {
        let name = name.trim_ascii();
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    // Parts of valid header values are valid; `*` is the safe fallback.
    HeaderValue::from_bytes(&names.join(&b", "[..])).unwrap_or_else(|_| HeaderValue::from_static("*"))
}

impl fmt::Debug for FirstOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstOf")
            .field("policies", &self.policies.len())
            .field("login", &self.login)
            .field("vary", &self.vary)
            .finish_non_exhaustive()
    }
}
