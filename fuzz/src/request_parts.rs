//! Heads of requests, and answers that nobody has to wait for.

use std::net::SocketAddr;

use auth_runtime::{
    IdentityPolicy,
    clock::UnixTime,
    identity::{Identified, IdentityError, Incoming},
};
use axum::http::{HeaderName, HeaderValue, Request, request::Parts};
use futures_util::FutureExt as _;

pub const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

/// A request with a header of this name for each line that can be one.
pub fn parts(name: &HeaderName, lines: &[u8]) -> Parts {
    let (mut parts, ()) = Request::get("/").body(()).unwrap().into_parts();
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            parts.headers.append(name, line);
        }
    }
    parts
}

/// Returns what a policy finds in a request.
pub fn identify(policy: &impl IdentityPolicy, parts: &Parts) -> Result<Identified, IdentityError> {
    let incoming = Incoming::new(parts, Some(SocketAddr::from(([192, 0, 2, 1], 4000))), NOON);
    policy.identify(&incoming).into_future().now_or_never().expect("nothing has to be waited for")
}
