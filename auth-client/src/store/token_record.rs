//! Writes a token as the JSON content of a token file, and reads it again: [`TokenRecord`].

use std::{
    borrow::Cow,
    io::{self, Write},
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::StoreKey;
use crate::{Error, Token, TokenWireFormat, untrusted_json};

const VERSION: u32 = 1;

/// The file's content; unknown members are rejected.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRecord<'a> {
    version: u32,
    key: String,
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow)]
    token_type: Cow<'a, str>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Cow<'a, str>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    id_token: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// In seconds since the Unix epoch.
    granted_at: u64,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

/// The reason why a file does not contain a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    Broken,
    OtherKey,
}

pub(super) fn write(key: &StoreKey, token: &Token) -> Result<Zeroizing<Vec<u8>>, Error> {
    let granted_at = token.granted_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let record = TokenRecord {
        version: VERSION,
        key: key.as_str().to_owned(),
        access_token: token.access_token.expose_secret().into(),
        token_type: token.token_type.as_str().into(),
        refresh_token: token.refresh_token.as_ref().map(|token| token.expose_secret().into()),
        id_token: token.id_token.as_ref().map(|token| token.expose_secret().into()),
        scopes: token.scopes.clone(),
        granted_at,
        expires_in: token.lifetime.map(|life| life.as_secs()),
        extra: token.extra.clone(),
    };
    // Count first: a growing buffer leaves copies behind.
    let mut length = Length(0);
    let mut bytes = Zeroizing::new(Vec::new());
    serde_json::to_writer_pretty(&mut length, &record)
        .and_then(|()| {
            bytes.reserve_exact(length.0);
            serde_json::to_writer_pretty(&mut *bytes, &record)
        })
        .map_err(|_| Error::storage("the token cannot be written as JSON"))?;
    Ok(bytes)
}

/// Counts the bytes that are written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn read(key: &StoreKey, bytes: &[u8]) -> Result<Token, Unusable> {
    // Borrow texts without escapes, so that there are fewer copies of secrets.
    let record: TokenRecord<'_> = untrusted_json::object(bytes).map_err(|_| Unusable::Broken)?;
    if record.version != VERSION {
        return Err(Unusable::Broken);
    }
    if record.key != key.as_str() {
        return Err(Unusable::OtherKey);
    }
    let granted_at =
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(record.granted_at)).ok_or(Unusable::Broken)?;
    // Earlier versions wrote empty texts for absent ones.
    let present = |text: Option<Cow<'_, str>>| {
        text.filter(|text| !text.is_empty()).map(|text| SecretString::from(text.into_owned()))
    };
    let token = Token {
        access_token: SecretString::from(record.access_token.into_owned()),
        token_type: record.token_type.into_owned(),
        refresh_token: present(record.refresh_token),
        id_token: present(record.id_token),
        scopes: record.scopes,
        granted_at,
        lifetime: record.expires_in.map(Duration::from_secs),
        extra: record.extra,
    };
    // Reject a value that no header can hold: it was not written here.
    TokenWireFormat::default().credentials(&token).map_err(|_| Unusable::Broken)?;
    Ok(token)
}

#[cfg(any(fuzzing, test))]
impl crate::FileStore {
    /// What is read from a file is what would be written to it.
    pub(crate) fn fuzz_record(bytes: &[u8]) -> bool {
        let key = StoreKey::of(&["key"]);
        let Ok(token) = read(&key, bytes) else { return false };
        assert!(read(&StoreKey::of(&["other"]), bytes).is_err());
        let again = write(&key, &token).unwrap_or_default();
        let told = |bytes: &[u8]| -> Map<String, Value> {
            let members: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
            members
                .into_iter()
                .filter(|(name, value)| {
                    let is_optional = matches!(name.as_str(), "refresh_token" | "id_token");
                    !value.is_null() && *value != Value::Object(Map::new()) && !(is_optional && value == "")
                })
                .collect()
        };
        assert_eq!(told(&again), told(bytes));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // An empty refresh token would be sent and denied for ever.
    #[test]
    fn empty_texts_of_earlier_versions_are_absent() {
        let key = StoreKey::of(&["key"]);
        let token = br#"{"access_token":"a","refresh_token":"r","id_token":"i"}"#;
        let token = Token::from_json(token, SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap();
        let written = String::from_utf8(write(&key, &token).unwrap().to_vec()).unwrap();
        let old = written.replace(r#""r""#, r#""""#).replace(r#""i""#, r#""""#);
        assert_ne!(old, written);
        let found = read(&key, old.as_bytes()).unwrap();
        assert!(found.refresh_token().is_none() && found.id_token().is_none());
        assert!(read(&key, written.as_bytes()).unwrap().refresh_token().is_some());
    }
}
