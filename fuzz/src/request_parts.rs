//! Request heads, and the result of policies that do not wait.

use std::net::SocketAddr;

use auth_runtime::{
    IdentityPolicy,
    clock::UnixTime,
    identity::{Identified, IdentityError, Incoming},
};
use axum::http::{HeaderName, HeaderValue, Request, request::Parts};
use futures_util::FutureExt as _;

pub const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

/// Returns a request with one header of this name for each valid line.
pub fn parts(name: &HeaderName, lines: &[u8]) -> Parts {
    let (mut parts, ()) = Request::get("/").body(()).unwrap().into_parts();
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            parts.headers.append(name, line);
        }
    }
    parts
}

/// Returns the result of a policy for a request.
pub fn identify(policy: &impl IdentityPolicy, parts: &Parts) -> Result<Identified, IdentityError> {
    let incoming = Incoming::new(parts, Some(SocketAddr::from(([192, 0, 2, 1], 4000))), NOON);
    policy.identify(&incoming).into_future().now_or_never().expect("nothing has to be waited for")
}
