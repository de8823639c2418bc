//! Parses JSON Web Keys strictly (RFC 7517 and 7518, section 6; RFC 8037).

use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    JwtKeyError, JwtKeyErrorKind, VerifyingKey,
    public_key::{Public, mismatch},
    verifying_key::MAX_KID_BYTES,
};
use crate::{
    algorithm::{Algorithm, Family},
    base64url,
    strict_json::Object,
};

/// Members of private keys and secrets only.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A parsed JWK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Public,
    Secret,
}

/// Options of parsing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    /// The algorithm of RSA keys without `alg`.
    pub(crate) rsa: Algorithm,
}

impl Default for Import {
    /// The default of `OpenID` Connect is RS256 (Dynamic Client Registration, section 2).
    fn default() -> Self {
        Self { rsa: Algorithm::RS256 }
    }
}

impl Import {
    /// Parses a key.
    pub(crate) fn read(self, jwk: &Object) -> Result<(VerifyingKey, Kind), JwtKeyError> {
        check_use(jwk)?;
        let key = match text(jwk, "kty")?.ok_or(JwtKeyError::malformed("the JWK has no `kty`"))? {
            "RSA" => {
                refuse_private(jwk)?;
                let algorithm = algorithm(jwk)?.unwrap_or(self.rsa);
                expect(algorithm.family() == Family::Rsa)?;
                VerifyingKey::public(algorithm, Public::rsa(bytes(jwk, "n")?, bytes(jwk, "e")?)?)
            }
            "EC" => {
                refuse_private(jwk)?;
                let of_curve = match text(jwk, "crv")? {
                    Some("P-256") => Algorithm::ES256,
                    Some("P-384") => Algorithm::ES384,
                    _ => return Err(unsupported("the curve is unknown")),
                };
                expect(algorithm(jwk)?.is_none_or(|algorithm| algorithm == of_curve))?;
                VerifyingKey::public(of_curve, Public::ec(of_curve, bytes(jwk, "x")?, bytes(jwk, "y")?)?)
            }
            "OKP" => {
                refuse_private(jwk)?;
                if text(jwk, "crv")? != Some("Ed25519") {
                    return Err(unsupported("the curve is unknown"));
                }
                expect(algorithm(jwk)?.is_none_or(|algorithm| algorithm == Algorithm::EdDSA))?;
                VerifyingKey::public(Algorithm::EdDSA, Public::ed25519(bytes(jwk, "x")?)?)
            }
            "oct" => {
                let algorithm = algorithm(jwk)?.ok_or(JwtKeyError::new(
                    JwtKeyErrorKind::Algorithm,
                    "a secret must name its algorithm in `alg`",
                ))?;
                VerifyingKey::secret(algorithm, &Zeroizing::new(bytes(jwk, "k")?))?
            }
            _ => return Err(unsupported("the kind of the key (`kty`) is unknown")),
        };
        let kind = key.kind();
        Ok((name(jwk)?.into_iter().fold(key, VerifyingKey::with_kid), kind))
    }
}

/// Returns the key id, if it is valid.
fn name(jwk: &Object) -> Result<Option<&str>, JwtKeyError> {
    match text(jwk, "kid")? {
        Some(kid) if kid.is_empty() || kid.len() > MAX_KID_BYTES => {
            Err(JwtKeyError::malformed("the `kid` is empty or longer than 256 bytes"))
        }
        kid => Ok(kid),
    }
}

/// RFC 7517, sections 4.2 and 4.3: these members must allow verification.
fn check_use(jwk: &Object) -> Result<(), JwtKeyError> {
    let wrong = |message| Err(JwtKeyError::new(JwtKeyErrorKind::Use, message));
    if text(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return wrong("the key is not for signatures (`use`)");
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) => {
            let malformed = JwtKeyError::malformed("`key_ops` is not a list of different texts");
            let mut seen = Vec::new();
            for operation in operations {
                let operation = operation.as_str().ok_or(malformed)?;
                if seen.contains(&operation) {
                    return Err(malformed);
                }
                seen.push(operation);
            }
            if seen.contains(&"verify") { Ok(()) } else { wrong("the key is not for verifying (`key_ops`)") }
        }
        Some(_) => Err(JwtKeyError::malformed("`key_ops` is not a list")),
    }
}

fn algorithm(jwk: &Object) -> Result<Option<Algorithm>, JwtKeyError> {
    let unknown =
        JwtKeyError::new(JwtKeyErrorKind::Algorithm, "the key's `alg` is unknown or not for signatures");
    text(jwk, "alg")?.map(|name| name.parse().map_err(|_| unknown)).transpose()
}

fn refuse_private(jwk: &Object) -> Result<(), JwtKeyError> {
    if PRIVATE_MEMBERS.iter().any(|member| jwk.contains_key(*member)) {
        return Err(JwtKeyError::new(
            JwtKeyErrorKind::Private,
            "the JWK holds private parts; the publisher must replace the key",
        ));
    }
    Ok(())
}

fn expect(fits: bool) -> Result<(), JwtKeyError> {
    if fits { Ok(()) } else { Err(mismatch()) }
}

const fn unsupported(message: &'static str) -> JwtKeyError {
    JwtKeyError::new(JwtKeyErrorKind::Unsupported, message)
}

/// Returns a member; it must be text if it is present.
fn text<'a>(jwk: &'a Object, name: &str) -> Result<Option<&'a str>, JwtKeyError> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtKeyError::malformed("a member of the JWK that must be text is not")),
    }
}

/// Returns a required member in canonical base64url.
fn bytes(jwk: &Object, name: &str) -> Result<Vec<u8>, JwtKeyError> {
    let text =
        text(jwk, name)?.ok_or(JwtKeyError::malformed("a member that the JWK must have is missing"))?;
    base64url::decode(text).ok_or(JwtKeyError::malformed("a member of the JWK is not canonical base64url"))
}
