//! The hand-written reference for all ratios: an extractor that finds a cookie, decodes it, and checks its
//! HMAC, its expiry and its role.
//!
//! The payload is 60 bytes of ASCII, `name|expiry|role|padding`; the cookie is `payload.tag`.

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header::COOKIE, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const NAME: &str = "session";
const PAYLOAD_BYTES: usize = 60;

static KEY: LazyLock<Hmac<Sha256>> = LazyLock::new(|| Hmac::new(&[0x2a; 64].into()));

/// Proves that the request's user may edit.
#[derive(Debug)]
pub(crate) struct Editor;

impl<S: Sync> FromRequestParts<S> for Editor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let role = role(parts).ok_or(StatusCode::UNAUTHORIZED)?;
        match role {
            "editor" | "admin" => Ok(Self),
            _ => Err(StatusCode::FORBIDDEN),
        }
    }
}

fn role(parts: &Parts) -> Option<&str> {
    let cookies = parts.headers.get(COOKIE)?.to_str().ok()?;
    let ticket =
        cookies.split(';').find_map(|pair| pair.trim_start().strip_prefix(NAME)?.strip_prefix('='))?;
    let (payload, tag) = ticket.rsplit_once('.')?;
    let mut bytes = [0; 33];
    let length = URL_SAFE_NO_PAD.decode_slice(tag, &mut bytes).ok()?;
    let mut mac = KEY.clone();
    mac.update(payload.as_bytes());
    mac.verify_slice(bytes.get(..length)?).ok()?;
    let mut fields = payload.split('|');
    let (_name, expiry, role) = (fields.next()?, fields.next()?, fields.next()?);
    let expiry: u64 = expiry.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    (now < expiry).then_some(role)
}

/// Returns the `Cookie` line of a user with this role.
pub(crate) fn cookie(role: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let payload = format!("{:-<PAYLOAD_BYTES$}", format!("alice@example.org|32503680000|{role}|"));
    let mut mac = KEY.clone();
    mac.update(payload.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    HeaderValue::try_from(format!("theme=dark; {NAME}={payload}.{tag}"))
}
