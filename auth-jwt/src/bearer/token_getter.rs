//! Extracts the token from a request: the trait [`TokenGetter`].

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderValue, Method, header};

use super::super::{JwtConfigError, JwtConfigErrorKind};
use auth_identity::__private::{
    credentials,
    http_syntax::{is_token, is_token68},
    is_name, sole_token68,
};

use auth_identity::{
    Answer,
    identity::{ConcealedCredentials, IdentityError, Incoming, cookie::CookieValues},
};

/// The result of [`TokenGetter::token`].
pub(super) type Getting<'r> = Answer<'r, Result<Presented<'r>, IdentityError>>;

/// The token of a request.
#[derive(Clone, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing between one token, none and nonsense")]
pub enum Presented<'a> {
    /// No token
    Absent,
    /// An invalid or repeated credential: the request is rejected
    Malformed,
    /// One token, not yet verified
    Token(Cow<'a, str>),
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Malformed => "Malformed",
            Self::Token(_) => "Token([redacted])",
        })
    }
}

/// Extracts the token from a request.
///
/// [`AuthorizationHeader`] is the default of [`BearerJwt`](super::BearerJwt); [`CookieToken`],
/// [`WebSocketProtocol`](super::WebSocketProtocol) and [`WebSocketQuery`] are alternatives, and an application may
/// implement its own.
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, identity::{IdentityError, Incoming}};
/// use auth_runtime::jwt::{Presented, TokenGetter};
/// use http::HeaderValue;
///
/// /// A gateway in front passes the token on under another name.
/// #[derive(Debug)]
/// struct Gateway;
///
/// impl TokenGetter for Gateway {
///     fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Answer<'r, Result<Presented<'r>, IdentityError>> {
///         Answer::Now(Ok(match request.headers().get("x-token").map(|value| value.to_str()) {
///             None => Presented::Absent,
///             Some(Ok(token)) => Presented::Token(token.into()),
///             Some(Err(_)) => Presented::Malformed,
///         }))
///     }
///
///     fn is_ambient(&self) -> bool {
///         false
///     }
///
///     fn vary(&self) -> HeaderValue {
///         HeaderValue::from_static("x-token")
///     }
/// }
/// ```
///
/// A getter that keeps tokens elsewhere, such as behind an opaque handle, answers with `Answer::later(async move { … })`.
#[diagnostic::on_unimplemented(
    message = "this does not find tokens in requests; write one such as `AuthorizationHeader`",
    label = "expected a token getter"
)]
pub trait TokenGetter: fmt::Debug + Send + Sync + 'static {
    /// Returns the token, at once or later.
    ///
    /// # Errors
    ///
    /// Fails if the token cannot be fetched ([`IdentityError::unavailable`], 503), or to choose another response than that to
    /// a bad token ([`IdentityError::bad_request`], 400; [`IdentityError::forbidden`], 403).
    fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Answer<'r, Result<Presented<'r>, IdentityError>>;

    /// Returns whether browsers send the token by themselves, as they do with cookies. If so, unsafe
    /// cross-site requests are rejected (CSRF). The default is `true`, which is safe.
    fn is_ambient(&self) -> bool {
        true
    }

    /// Returns the request header that is read, for `Vary`. The default is `*`: the response must not be
    /// reused.
    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("*")
    }

    /// Takes the token out of a header that a response may repeat; see
    /// [`IdentityPolicy::conceal`](auth_identity::IdentityPolicy::conceal). By default nothing is taken out.
    fn conceal(&self, headers: &mut HeaderMap, concealed: &mut ConcealedCredentials) {
        let _ = (headers, concealed);
    }

    /// Returns the scheme of the challenges. The default is `Bearer`.
    #[expect(clippy::unnecessary_literal_bound, reason = "other getters keep theirs")]
    fn scheme(&self) -> &str {
        "Bearer"
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
///
/// The scheme is case-insensitive and may be followed by several spaces. There must be exactly one such
/// header with one token. Other schemes are left to other policies.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizationHeader {
    scheme: Cow<'static, str>,
}

impl AuthorizationHeader {
    /// Uses the scheme `Bearer`.
    pub const fn new() -> Self {
        Self { scheme: Cow::Borrowed("Bearer") }
    }

    /// Uses another scheme, such as `Token`. The default is `Bearer`.
    ///
    /// # Errors
    ///
    /// Fails if it is not a token of RFC 9110, section 5.6.2.
    pub fn with_scheme(mut self, scheme: impl Into<String>) -> Result<Self, JwtConfigError> {
        let scheme = scheme.into();
        if !is_token(&scheme) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Scheme));
        }
        self.scheme = scheme.into();
        Ok(self)
    }

    /// Returns the credentials of a line with our scheme; `None` for another scheme.
    fn credentials<'r>(&self, line: &'r [u8]) -> Option<&'r [u8]> {
        credentials(trimmed(line), &self.scheme)
    }

    pub(super) fn presented<'r>(&self, request: &Incoming<'r>) -> Presented<'r> {
        let mut lines = request.headers().get_all(header::AUTHORIZATION).iter();
        let Some(first) = lines.next() else { return Presented::Absent };
        let others: Vec<_> = lines.collect();
        if !others.is_empty() {
            // Two headers could be read differently by a proxy in front (request smuggling).
            let is_ours = |line: &HeaderValue| self.credentials(line.as_bytes()).is_some();
            let is_one_ours = is_ours(first) || others.into_iter().any(is_ours);
            return if is_one_ours { Presented::Malformed } else { Presented::Absent };
        }
        let Some(credentials) = self.credentials(first.as_bytes()) else { return Presented::Absent };
        match sole_token68(credentials) {
            Some(token) => Presented::Token(token.into()),
            None => Presented::Malformed,
        }
    }
}

impl Default for AuthorizationHeader {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenGetter for AuthorizationHeader {
    fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Getting<'r> {
        Answer::Now(Ok(self.presented(request)))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }

    fn scheme(&self) -> &str {
        &self.scheme
    }
}

/// The token of a cookie, for pages that a browser requests.
///
/// # Security
///
/// Browsers send cookies by themselves, so unsafe cross-site requests are rejected (CSRF). Set this cookie
/// like [`CookieConfig`](auth_identity::identity::cookie::CookieConfig) does: `__Host-`, `Secure`, `HttpOnly`,
/// `SameSite`.
#[derive(Clone, Debug)]
#[must_use]
pub struct CookieToken {
    name: String,
}

impl CookieToken {
    /// Reads the cookie of this name.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid cookie name (RFC 6265, section 4.1.1).
    pub fn new(name: impl Into<String>) -> Result<Self, JwtConfigError> {
        let name = name.into();
        if !is_name(&name) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Cookie));
        }
        Ok(Self { name })
    }
}

impl TokenGetter for CookieToken {
    fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Getting<'r> {
        let mut values = CookieValues::new(request.headers(), &self.name);
        Answer::Now(Ok(match (values.next(), values.next()) {
            (None, _) => Presented::Absent,
            // Another host of the domain may have planted one of them (cookie tossing); they cannot be told
            // apart.
            (Some(_), Some(_)) => Presented::Malformed,
            (Some(value), None) => {
                value.as_str().map_or(Presented::Malformed, |token| Presented::Token(token.into()))
            }
        }))
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("cookie")
    }
}

/// The token of the header `Authorization` or, for WebSocket handshakes only, of a query parameter: scripts
/// in a page cannot set headers there.
///
/// # Security
///
/// Addresses are stored in logs, histories and `Referer` headers, where the token can be read. Issue
/// short-lived tokens for this, or use [`WebSocketProtocol`](super::WebSocketProtocol). In other requests the
/// parameter is ignored.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebSocketQuery {
    header: AuthorizationHeader,
    parameter: String,
}

impl WebSocketQuery {
    /// Reads this parameter, such as `access_token`, if the header is missing.
    pub fn insecure(parameter: impl Into<String>) -> Self {
        Self { header: AuthorizationHeader::new(), parameter: parameter.into() }
    }

    fn parameter<'r>(&'r self, request: &Incoming<'r>) -> Presented<'r> {
        let query = request.uri().query().unwrap_or_default();
        let value_of = |pair: &'r str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_encoding::percent_decode_str(name);
            name.eq(self.parameter.bytes()).then_some(value)
        };
        let mut values = query.split('&').filter_map(value_of);
        match (values.next(), values.next()) {
            (None, _) => Presented::Absent,
            // A token has no characters that need to be encoded.
            (Some(value), None) if is_token68(value.as_bytes()) => Presented::Token(value.into()),
            _ => Presented::Malformed,
        }
    }
}

impl TokenGetter for WebSocketQuery {
    fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Getting<'r> {
        let header = self.header.presented(request);
        let parameter = if is_websocket(request) { self.parameter(request) } else { Presented::Absent };
        Answer::Now(Ok(one_of(header, parameter)))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

/// Returns the token of a request that may have it in two places: one method per request (RFC 6750, section 2).
pub(super) fn one_of<'r>(header: Presented<'r>, other: Presented<'r>) -> Presented<'r> {
    match (header, other) {
        (token, Presented::Absent) | (Presented::Absent, token) => token,
        _ => Presented::Malformed,
    }
}

/// Returns whether the request is a handshake of HTTP/1.1 (RFC 6455, section 4.1) or HTTP/2 (RFC 8441,
/// section 4).
pub(super) fn is_websocket(request: &Incoming<'_>) -> bool {
    let upgrade = request.headers().get(header::UPGRADE);
    let is_upgrade = upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    (request.method() == Method::GET && is_upgrade)
        || (request.method() == Method::CONNECT
            && request.headers().contains_key(header::SEC_WEBSOCKET_VERSION))
}

/// Trims white space, which is not part of a header's value (RFC 9110, section 5.5).
fn trimmed(mut line: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = line {
        line = rest;
    }
    line
}
