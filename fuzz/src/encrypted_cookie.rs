//! Encrypted cookies.

use auth_runtime::{EncryptedCookie, Key, KeyRing};
use axum::http::header::COOKIE;

use super::request_parts::{identify, parts};

/// The only cookie that was issued.
const ISSUED: &[u8] = include_bytes!("../corpus/encrypted_cookie/good");

/// Only an issued cookie authenticates, regardless of other cookies.
pub fn check(bytes: &[u8]) -> bool {
    let key = Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap();
    let parts = parts(&COOKIE, bytes);
    let Ok(identified) = identify(&EncryptedCookie::new(KeyRing::new(key)), &parts) else { return false };
    if identified.identity().is_some() {
        assert!(bytes.windows(ISSUED.len()).any(|window| window == ISSUED));
        assert_eq!(identified.identity().unwrap(), "alice");
    }
    identified.identity().is_some()
}
