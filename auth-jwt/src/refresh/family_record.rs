//! Serializes a family of refresh tokens, for external stores.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Grant, RefreshFamily, TokenHash, TokenSalt};
use auth_identity::{BoxError, clock::UnixTime, identity::Acr};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Record {
    subject: String,
    audience: String,
    scopes: String,
    client_id: Option<String>,
    authenticated_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
    current: String,
    previous: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    /// Missing in records of earlier versions
    began: Option<u64>,
    rotated: u64,
    idle_until: u64,
    expires: u64,
}

pub(super) fn write(family: &RefreshFamily) -> String {
    let grant = &family.grant;
    let record = Record {
        subject: grant.subject().to_owned(),
        audience: grant.audience().to_owned(),
        scopes: grant.scopes().to_string(),
        client_id: grant.client_id().map(str::to_owned),
        authenticated_at: grant.authenticated_at().map(UnixTime::as_secs),
        acr: grant.acr().map(|acr| acr.as_str().to_owned()),
        current: hex(family.current.as_bytes()),
        previous: family.previous.as_ref().map(|hash| hex(hash.as_bytes())),
        salt: family.salt.as_ref().map(|salt| hex(salt.as_bytes())),
        began: Some(family.began.as_secs()),
        rotated: family.rotated.as_secs(),
        idle_until: family.idle_until.as_secs(),
        expires: family.expires.as_secs(),
    };
    // Text and numbers always serialize; a record that cannot be parsed would be rejected.
    serde_json::to_string(&record).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Result<RefreshFamily, BoxError> {
    let record: Record = serde_json::from_str(text)?;
    let mut grant = Grant::new(&record.subject, &record.audience)?.with_scopes(record.scopes.parse()?);
    if let Some(client) = record.client_id {
        grant = grant.with_client_id(client);
    }
    if let Some(time) = record.authenticated_at {
        grant = grant.with_authenticated_at(UnixTime::from_secs(time));
    }
    if let Some(acr) = record.acr {
        grant = grant.with_acr(Acr::new(acr)?);
    }
    Ok(RefreshFamily {
        grant,
        current: hash(&record.current)?,
        previous: record.previous.as_deref().map(hash).transpose()?,
        salt: record.salt.as_deref().map(bytes).transpose()?.map(TokenSalt::from_bytes),
        began: UnixTime::from_secs(record.began.unwrap_or(record.rotated)),
        rotated: UnixTime::from_secs(record.rotated),
        idle_until: UnixTime::from_secs(record.idle_until),
        expires: UnixTime::from_secs(record.expires),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(text: &str) -> Result<TokenHash, BoxError> {
    bytes(text).map(TokenHash::from_bytes)
}

fn bytes(text: &str) -> Result<[u8; 32], BoxError> {
    let digits = text
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair)?, 16).map_err(BoxError::from));
    let bytes: Vec<u8> = digits.collect::<Result<_, BoxError>>()?;
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| "a hash has not 32 bytes")?;
    // Signs, upper case and extra digits are not canonical.
    if hex(&bytes) == text { Ok(bytes) } else { Err("a hash has another spelling".into()) }
}

#[cfg(any(fuzzing, test))]
impl RefreshFamily {
    /// What is parsed is what would be written.
    pub(crate) fn fuzz_record(text: &str) -> bool {
        let Ok(family) = read(text) else { return false };
        let again = write(&family);
        assert_eq!(read(&again).ok(), Some(family));
        let told = |text: &str| {
            let mut value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
            if let Some(members) = value.as_object_mut() {
                // Scopes are unordered.
                members.retain(|name, value| !value.is_null() && name != "scopes");
                if let Some(rotated) = members.get("rotated").cloned() {
                    members.entry("began").or_insert(rotated);
                }
            }
            value
        };
        assert_eq!(told(&again), told(text));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_read_as_it_was_written() {
        let plain = RefreshFamily {
            grant: Grant::new("alice \"x\"", "https://api.example").unwrap(),
            current: TokenHash::from_bytes([0xa7; 32]),
            previous: None,
            salt: None,
            began: UnixTime::from_secs(1),
            rotated: UnixTime::from_secs(1),
            idle_until: UnixTime::from_secs(2),
            expires: UnixTime::from_secs(u64::MAX),
        };
        let mut full = plain.clone();
        full.grant = full.grant.with_scopes("a b".parse().unwrap()).with_client_id("web");
        full.grant =
            full.grant.with_authenticated_at(UnixTime::from_secs(7)).with_acr(Acr::new("phr").unwrap());
        full.previous = Some(TokenHash::from_bytes([0; 32]));
        full.salt = Some(TokenSalt::from_bytes([1; 32]));
        for family in [plain.clone(), full] {
            let text = write(&family);
            assert_eq!(read(&text).unwrap(), family);
            for (from, to) in [
                ("a7a7", "a7"),
                ("a7a7", "zza7"),
                ("a7a7", "A7a7"),
                ("a7a7", "+7a7"),
                ("0101", "zz01"),
                ("a7\",", "a7a\","),
                ("\"rotated\":1", "\"rotated\":-1"),
                ("alice", ""),
                ("{", "{\"x\":1,"),
            ] {
                let other = text.replacen(from, to, 1);
                let is_same = other == text;
                assert!(is_same || read(&other).is_err() || from == "alice", "{other}");
            }
        }
        // A record of a version without the time of the log-in.
        let old = write(&plain).replacen("\"began\":1,", "", 1);
        assert_eq!(read(&old).unwrap(), plain);
        assert!(read("").is_err() && read("{}").is_err());
    }
}
