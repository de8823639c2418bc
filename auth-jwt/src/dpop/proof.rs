//! Verifies a proof by itself: its form, its signature, and what it is for ([`Proof`]; RFC 9449, section 4.3).

use auth_identity::clock::UnixTime;
use http::Method;
use serde_json::{Map, Value};

use super::target_address::TargetAddress;
use crate::{
    Algorithm, VerifyingKey, base64url,
    compact_serialization::Compact,
    jose_header::{Header, is_same_type},
    key::{Import, Kind},
    registered_claims::MAX_INTEGER,
};

/// A longer id is rejected.
const MAX_ID: usize = 256;

/// What the proof of a request has to say.
pub(super) struct Expected<'a> {
    pub(super) algorithms: &'a [Algorithm],
    pub(super) method: &'a Method,
    pub(super) target: &'a TargetAddress,
    pub(super) token_hash: &'a [u8; 32],
    pub(super) thumbprint: &'a str,
}

/// A proof that is valid for its request, if it is fresh and was not used before.
// INVARIANT: made by `read` only.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) id: String,
    pub(super) issued_at: UnixTime,
    pub(super) nonce: Option<String>,
}

impl Proof {
    /// Returns the proof, or what is wrong with it.
    pub(super) fn read(text: &str, expected: &Expected<'_>) -> Result<Self, &'static str> {
        let compact = Compact::parse(text).map_err(|_| "the DPoP proof is not a signed token")?;
        let members = compact.header().map_err(|_| "the header of the DPoP proof is not one JSON object")?;
        let key = key(&members, expected)?;
        if !key.verify(compact.signing_input, &compact.signature) {
            return Err("the signature of the DPoP proof is wrong");
        }
        if key.thumbprint().as_deref() != Some(expected.thumbprint) {
            return Err("the DPoP proof is by another key than that of the token");
        }
        let claims = compact.claims().map_err(|_| "the claims of the DPoP proof are not one JSON object")?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("htm") != Some(expected.method.as_str()) {
            return Err("the DPoP proof is for another method");
        }
        if text("htu").and_then(TargetAddress::parse).as_ref() != Some(expected.target) {
            return Err("the DPoP proof is for another address");
        }
        if text("ath") != Some(&*base64url::encode(expected.token_hash)) {
            return Err("the DPoP proof is for another token");
        }
        let id = text("jti").filter(|id| (1..=MAX_ID).contains(&id.len()));
        let issued = claims.get("iat").and_then(Value::as_u64).filter(|time| *time <= MAX_INTEGER);
        Ok(Self {
            id: id.ok_or("the DPoP proof has no `jti` of 1 to 256 bytes")?.to_owned(),
            issued_at: UnixTime::from_secs(issued.ok_or("the DPoP proof has no `iat`")?),
            nonce: match claims.get("nonce") {
                None => None,
                Some(Value::String(nonce)) => Some(nonce.clone()),
                Some(_) => return Err("the `nonce` of the DPoP proof is not text"),
            },
        })
    }
}

/// Returns the key in the header, which must be public and for the algorithm of the header.
fn key(members: &Map<String, Value>, expected: &Expected<'_>) -> Result<VerifyingKey, &'static str> {
    let header = Header::read_with_key(members)
        .map_err(|_| "the header of the DPoP proof holds what is not accepted")?;
    if !header.typ.is_some_and(|typ| is_same_type(&typ, "dpop+jwt")) {
        return Err("the type of the DPoP proof is not `dpop+jwt`");
    }
    if !expected.algorithms.contains(&header.algorithm) {
        return Err("the algorithm of the DPoP proof is not accepted");
    }
    let Some(Value::Object(jwk)) = members.get("jwk") else {
        return Err("the DPoP proof has no `jwk`");
    };
    let import = Import { rsa: header.algorithm };
    match import.read(jwk) {
        Ok((key, Kind::Public)) if key.algorithm() == header.algorithm => Ok(key),
        _ => Err("the `jwk` of the DPoP proof is not a public key for its algorithm"),
    }
}
