//! The header `Authorization`: passwords and API keys.

use std::sync::Mutex;

use auth_runtime::{
    ApiKey, Basic, BoxError, Identity,
    identity::{ApiKeyRecord, CredentialId, MemoryApiKeys, Password},
};
use axum::http::{HeaderValue, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::request_parts::{NOON, identify, parts};

const ID: &str = "0102030405060708";
const SECRET: &str = "090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728";

/// The last name and password that were verified.
static SEEN: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Accepts exactly one header with one scheme and one credential in its canonical spelling.
pub fn check(bytes: &[u8]) -> bool {
    let parts = parts(&AUTHORIZATION, bytes);
    let lines: Vec<&[u8]> = parts.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes).collect();

    let basic = Basic::new(|name: String, password: Password| async move {
        *SEEN.lock().unwrap() = Some([name.as_bytes(), b":", password.expose()].concat());
        Ok::<_, BoxError>(Some(Identity::new(name)?))
    });
    let basic = identify(&basic, &parts).is_ok_and(|identified| identified.identity().is_some());
    if basic {
        let seen = SEEN.lock().unwrap().take().unwrap();
        assert_eq!(credential(&lines, "basic"), Some(STANDARD.encode(&seen).into_bytes()));
        assert!(!seen.iter().any(u8::is_ascii_control));
    }

    let keys = MemoryApiKeys::new();
    let hash = Sha256::new().chain_update(b"auth-runtime/api-key/v1/").chain_update(ID).chain_update(SECRET);
    let owner = Identity::new("alice").unwrap();
    keys.add(ApiKeyRecord::new(CredentialId::new(ID).unwrap(), hash.finalize().into(), owner, NOON));
    let mut taken = 0;
    for (scheme, policy) in [
        ("apikey", ApiKey::new(keys.clone()).in_authorization()),
        ("bearer", ApiKey::new(keys.clone()).in_bearer_token()),
    ] {
        if identify(&policy, &parts).is_ok_and(|identified| identified.identity().is_some()) {
            let key = credential(&lines, scheme).unwrap();
            // The prefix is configurable, and the checksum covers it.
            let (start, check) = key.split_at(key.len() - 8);
            let [a, b, c, d, ..] = Sha256::digest(start).0;
            assert_eq!(check, format!("{:08x}", u32::from_be_bytes([a, b, c, d])).as_bytes());
            assert!(start.ends_with(format!("_{ID}_{SECRET}").as_bytes()));
            taken += 1;
        }
    }
    // A header has one scheme.
    assert!(usize::from(basic) + taken <= 1);
    basic || taken == 1
}

/// Returns the part after the scheme and its spaces, if there is exactly one header.
fn credential(lines: &[&[u8]], scheme: &str) -> Option<Vec<u8>> {
    let [line] = lines else { return None };
    let (name, rest) = line.split_at_checked(scheme.len())?;
    let start = rest.iter().position(|byte| *byte != b' ')?;
    (name.eq_ignore_ascii_case(scheme.as_bytes()) && start > 0).then(|| rest[start..].to_vec())
}
