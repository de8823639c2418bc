//! Several policies, asked in order.

mod found;
mod policy;
mod same_cookie;

use std::{fmt, sync::Arc};

use http::HeaderValue;

use super::IdentityPolicy;

/// Asks several policies who a request is: the first one that knows says so, and none may contradict.
///
/// | what the request carries | answer |
/// |---|---|
/// | no credential | anonymous |
/// | valid credentials, all for one identity | that identity, as the first policy found it |
/// | valid credentials for different identities, or with different [actors](super::Identified::actor) | refused with 401 |
/// | a credential that its policy *refuses*, such as a wrong key or token | refused with 401, whatever else there is |
/// | a credential that its policy *ignores*, such as an expired cookie | as if it were not there |
///
/// Policies with cookies have one each, of different names: two [`TicketCookie`](crate::TicketCookie)s need
/// [`with_cookie_name`](crate::TicketCookie::with_cookie_name). Where two have the same, a log-in in place of another is
/// 500, and the log says so.
///
/// All policies are asked on each request, or a second credential would go unnoticed; one that cannot answer makes the
/// whole question unanswered.
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
/// A log-in goes to the first policy, or to the one of [`then_log_in`](Self::then_log_in), and removes the cookies of
/// the others. A log-out removes every cookie that the request carried; a user who was found by a header alone cannot be
/// logged out, and that policy's error says so. What one policy fails to forget does not keep the others from removing
/// their cookies; the log-out then fails all the same. Renewal and rotation go to the policies that found the user, data to
/// the first of them that keeps any, and an impersonation stays with the first.
///
/// # Security
///
/// Requests that another site made the browser send are refused when only ambient credentials (cookies, `Basic`) speak
/// for them; a header that no browser sends by itself shows that the client meant it. Such requests can log nobody in or out.
#[derive(Clone)]
#[must_use]
pub struct FirstOf {
    policies: Vec<Arc<dyn IdentityPolicy>>,
    /// The position of the policy that log-ins go to
    login: usize,
    vary: HeaderValue,
}

impl FirstOf {
    /// Asks this policy first.
    pub fn new(policy: impl IdentityPolicy) -> Self {
        let vary = policy.vary();
        Self { policies: vec![Arc::new(policy)], login: 0, vary }
    }

    /// Asks this policy after those before it.
    pub fn then(mut self, policy: impl IdentityPolicy) -> Self {
        self.vary = joined(&self.vary, &policy.vary());
        self.policies.push(Arc::new(policy));
        self
    }

    /// Asks this policy after those before it, and lets log-ins go to it. The default is the first policy.
    pub fn then_log_in(mut self, policy: impl IdentityPolicy) -> Self {
        self.login = self.policies.len();
        self.then(policy)
    }
}

/// One list of two, each name once.
fn joined(list: &HeaderValue, more: &HeaderValue) -> HeaderValue {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in [list, more].into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b',')) {
        let name = name.trim_ascii();
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    // What consists of parts of header values is one; should it not be, `*` is the careful answer.
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
