//! Extracts the token of a WebSocket handshake from a sub-protocol: [`WebSocketProtocol`].

use std::borrow::Cow;

use auth_identity::{
    __private::http_syntax::{is_token, is_token68},
    Answer,
    identity::{ConcealedCredentials, Incoming},
};
use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use super::{
    super::{JwtConfigError, JwtConfigErrorKind},
    AuthorizationHeader, Presented, TokenGetter,
    token_getter::{Getting, is_websocket, one_of},
};

/// The token of the header `Authorization` or, for WebSocket handshakes only, of `Sec-WebSocket-Protocol: bearer,
/// <token>`: scripts in a page cannot set other headers there.
///
/// In the browser this is `new WebSocket(url, ["bearer", token])`. The list may have further protocols, and the token
/// is the item after `bearer`. The handler selects one of them, as axum does with
/// `upgrade.protocols(["bearer"])`; browsers close a connection for which none is selected.
///
/// The [`AuthLayer`] takes the token out of the header before any handler sees it, so the selected protocol, which is
/// sent back, cannot be the token. In requests that are not handshakes the header is not a credential.
///
/// [`AuthLayer`]: https://docs.rs/auth-runtime/latest/auth_runtime/struct.AuthLayer.html
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, auth_required};
/// use auth_runtime::jwt::{BearerJwt, RingKeys, WebSocketProtocol};
/// use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::any};
///
/// #[auth_required]
/// async fn feed(upgrade: WebSocketUpgrade) -> Response {
///     upgrade.protocols(["bearer"]).on_upgrade(async |_socket| {})
/// }
///
/// let policy = BearerJwt::new(RingKeys::new(KeyRing::random())).with_token_getter(WebSocketProtocol::new());
/// let app: Router = Router::new().route("/feed", any(feed)).layer(AuthLayer::new(policy));
/// # let _ = app;
/// ```
///
/// # Security
///
/// What is in front of the `AuthLayer`, such as a proxy or a layer outside of it, sees the header and may log it.
/// Addresses are logged more often, so prefer this to [`WebSocketQuery`](super::WebSocketQuery).
#[derive(Clone, Debug)]
#[must_use]
pub struct WebSocketProtocol {
    header: AuthorizationHeader,
    marker: Cow<'static, str>,
}

impl WebSocketProtocol {
    /// Reads the item after `bearer`.
    pub const fn new() -> Self {
        Self { header: AuthorizationHeader::new(), marker: Cow::Borrowed("bearer") }
    }

    /// Reads the item after another one, such as `access_token`. Items are compared byte by byte.
    ///
    /// # Errors
    ///
    /// Fails if it is not a token of RFC 9110, section 5.6.2.
    pub fn with_marker(mut self, marker: impl Into<String>) -> Result<Self, JwtConfigError> {
        let marker = marker.into();
        if !is_token(&marker) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Scheme));
        }
        self.marker = marker.into();
        Ok(self)
    }

    fn presented<'r>(&self, request: &Incoming<'r>) -> Presented<'r> {
        let concealed = request.extensions().get::<ConcealedCredentials>();
        match concealed.and_then(|concealed| concealed.get(&self.marker)) {
            Some(token) => token.map_or(Presented::Malformed, presented),
            None => match self.split(request.headers()) {
                None => Presented::Absent,
                Some((_, token)) => token.map_or(Presented::Malformed, presented),
            },
        }
    }

    /// Separates the token from the other items; `None` without the marker. The token is missing if it is not the only
    /// one.
    fn split<'h>(&self, headers: &'h HeaderMap) -> Option<(Vec<&'h [u8]>, Option<&'h str>)> {
        let (mut others, mut tokens) = (Vec::new(), Vec::new());
        let mut is_behind_marker = false;
        let mut markers = 0_usize;
        for item in headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().flat_map(items) {
            if std::mem::take(&mut is_behind_marker) {
                tokens.push(item);
                continue;
            }
            is_behind_marker = item == self.marker.as_bytes();
            markers = markers.saturating_add(usize::from(is_behind_marker));
            others.push(item);
        }
        let sole = match *tokens.as_slice() {
            [token] if markers == 1 => std::str::from_utf8(token).ok(),
            _ => None,
        };
        (markers > 0).then_some((others, sole))
    }
}

impl Default for WebSocketProtocol {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenGetter for WebSocketProtocol {
    fn token<'r>(&'r self, request: &'r Incoming<'r>) -> Getting<'r> {
        let protocol = if is_websocket(request) { self.presented(request) } else { Presented::Absent };
        Answer::Now(Ok(one_of(self.header.presented(request), protocol)))
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }

    fn conceal(&self, headers: &mut HeaderMap, concealed: &mut ConcealedCredentials) {
        // The marker stays in the header: what follows it now is not a token, but another protocol.
        if concealed.get(&self.marker).is_some() {
            return;
        }
        let Some((others, token)) = self.split(headers) else { return };
        concealed.insert(&self.marker, token);
        // Cannot fail: the items come from valid values.
        let rest = HeaderValue::from_bytes(&others.join(&b", "[..])).ok();
        match rest {
            Some(rest) => drop(headers.insert(SEC_WEBSOCKET_PROTOCOL, rest)),
            None => drop(headers.remove(SEC_WEBSOCKET_PROTOCOL)),
        }
    }
}

fn presented(token: &str) -> Presented<'_> {
    if is_token68(token.as_bytes()) { Presented::Token(token.into()) } else { Presented::Malformed }
}

/// The items of a list (RFC 9110, section 5.6.1).
fn items(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}
