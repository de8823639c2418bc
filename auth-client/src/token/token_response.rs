//! Parses token responses (RFC 6749 section 5.1), strictly where security depends on it.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Token, TokenWireFormat};
use crate::{Error, lenient_json};

/// The maximum lifetime, in seconds.
const LONGEST_LIFE: u64 = 10 * 365 * 86_400;

/// A token response. A member of a wrong type or a repeated member is an error.
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    #[serde(default)]
    access_token: Option<SecretString>,
    #[serde(default, deserialize_with = "lenient_json::text")]
    token_type: Option<String>,
    #[serde(default, deserialize_with = "lenient_json::seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "lenient_json::secret")]
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "lenient_json::secret")]
    id_token: Option<SecretString>,
    #[serde(default, deserialize_with = "lenient_json::scopes")]
    scope: Option<Vec<String>>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl TokenResponse {
    pub(crate) fn into_token(
        mut self,
        granted_at: SystemTime,
        format: &TokenWireFormat,
    ) -> Result<Token, Error> {
        let missing = || Error::protocol(format!("the token answer has no text `{}`", format.key()));
        if format.key() != "access_token" {
            self.access_token = match self.extra.remove(format.key()) {
                Some(Value::String(text)) => Some(SecretString::from(text)),
                _ => None,
            };
        }
        let access_token = self.access_token.filter(|token| !token.expose_secret().is_empty());
        let token = Token {
            access_token: access_token.ok_or_else(missing)?,
            token_type: format.prefix_for(self.token_type.as_deref())?,
            refresh_token: self.refresh_token,
            id_token: self.id_token,
            scopes: self.scope.map(|scopes| format.with_aliases(scopes)),
            granted_at,
            lifetime: self.expires_in.map(|seconds| Duration::from_secs(seconds.min(LONGEST_LIFE))),
            extra: self.extra,
        };
        // Detect a token that no header can hold now, and not at a later request.
        format.credentials(&token)?;
        Ok(token)
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn read(json: &str) -> Result<Token, Error> {
        Token::from_json(json.as_bytes(), SystemTime::UNIX_EPOCH, &TokenWireFormat::default())
    }

    // Forty responses, each with its expected result.
    #[test]
    fn bad_answers_are_typed_errors() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            "5",
            "\"text\"",
            "<html>",
            "{\"access_token\":",
            r#"{"access_token":null}"#,
            r#"{"access_token":5}"#,
            r#"{"access_token":["a"]}"#,
            r#"{"access_token":{"a":1}}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":"a\r\nX: y"}"#,
            r#"{"access_token":"a\u0000"}"#,
            r#"{"access_token":"ü"}"#,
            r#"{"access_token":"a","access_token":"b"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            r#"{"access_token":"a","token_type":"N_A"}"#,
            r#"{"access_token":"a","token_type":5}"#,
            r#"{"access_token":"a","token_type":"bearer","token_type":"mac"}"#,
            r#"{"access_token":"a","expires_in":-1}"#,
            r#"{"access_token":"a","expires_in":"-1"}"#,
            r#"{"access_token":"a","expires_in":"soon"}"#,
            r#"{"access_token":"a","expires_in":true}"#,
            r#"{"access_token":"a","expires_in":[60]}"#,
            r#"{"access_token":"a","expires_in":1,"expires_in":2}"#,
            r#"{"access_token":"a","refresh_token":5}"#,
            r#"{"access_token":"a","refresh_token":"x","refresh_token":"y"}"#,
            r#"{"access_token":"a","scope":5}"#,
            r#"{"access_token":"a","scope":["a",5]}"#,
            r#"{"access_token":"a","scope":"a","scope":"b"}"#,
            r#"{"access_token":"a","expires_in":"inf"}"#,
            r#"{"access_token":"a","refresh_token":true}"#,
            r#"{"access_token":"a","id_token":{}}"#,
        ] {
            let error = read(json).expect_err(json);
            assert_eq!(error.kind(), ErrorKind::Protocol, "{json}");
        }
    }

    #[test]
    fn lifetimes_are_read_leniently_and_clamped() {
        for (value, expected) in [
            ("3600", Some(3600)),
            ("\"3600\"", Some(3600)),
            ("3600.0", Some(3600)),
            ("0", Some(0)),
            ("\"3599.5\"", Some(3599)),
            ("null", None),
            ("\"\"", None),
            ("18446744073709551615", Some(LONGEST_LIFE)),
            ("1e300", Some(LONGEST_LIFE)),
        ] {
            let token = read(&format!(r#"{{"access_token":"a","expires_in":{value}}}"#)).unwrap();
            assert_eq!(token.lifetime(), expected.map(Duration::from_secs), "{value}");
            assert_eq!(token.expires_at().is_some(), expected.is_some());
        }
        assert_eq!(read(r#"{"access_token":"a"}"#).unwrap().expires_at(), None);
    }

    #[test]
    fn the_prefix_is_never_none_and_has_one_spelling() {
        for json in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":"bearer"}"#,
            r#"{"access_token":"a","token_type":"BEARER"}"#,
            r#"{"access_token":"a","token_type":null}"#,
            r#"{"access_token":"a","token_type":""}"#,
            // Slack's types of tokens that are sent as bearer tokens.
            r#"{"access_token":"a","token_type":"bot"}"#,
            r#"{"access_token":"a","token_type":"user"}"#,
        ] {
            let credentials = TokenWireFormat::default().credentials(&read(json).unwrap()).unwrap();
            assert_eq!(credentials.headers()["authorization"], "Bearer a", "{json}");
        }
        let format = TokenWireFormat::default().with_default_prefix("token").unwrap();
        let token = Token::from_json(
            br#"{"access_token":"a","token_type":"bearer"}"#,
            SystemTime::UNIX_EPOCH,
            &format,
        );
        assert_eq!(format.credentials(&token.unwrap()).unwrap().headers()["authorization"], "token a");
        assert!(TokenWireFormat::default().with_default_prefix("two words").is_err());
    }

    // RFC 6749 section 7.1: an unknown token type must not be used, unless the application declares it.
    #[test]
    fn a_token_type_of_the_providers_own_must_be_named() {
        let json = r#"{"access_token":"a","token_type":"Session"}"#;
        assert!(read(json).is_err());
        let format = TokenWireFormat::default().with_token_type_alias("session");
        let token = Token::from_json(json.as_bytes(), SystemTime::UNIX_EPOCH, &format).unwrap();
        assert_eq!(format.credentials(&token).unwrap().headers()["authorization"], "Bearer a");
        let other = br#"{"access_token":"a","token_type":"mac"}"#;
        assert!(Token::from_json(other, SystemTime::UNIX_EPOCH, &format).is_err());
    }

    #[test]
    fn what_is_empty_is_absent() {
        let empty =
            r#"{"access_token":"b","refresh_token":"","id_token":"","token_type":"","expires_in":""}"#;
        let token = read(empty).unwrap();
        assert!(token.refresh_token().is_none() && token.id_token().is_none() && token.lifetime().is_none());
        let old = read(r#"{"access_token":"a","refresh_token":"r","id_token":"i"}"#).unwrap();
        let next = old.replaced_by(token);
        assert_eq!(next.refresh_token().unwrap().expose_secret(), "r");
        assert_eq!(next.id_token().unwrap().expose_secret(), "i");
        assert!(read(r#"{"access_token":"b","id_token":false}"#).unwrap().id_token().is_none());
        // An empty scope is not an omitted scope.
        assert_eq!(read(r#"{"access_token":"b","scope":""}"#).unwrap().missing_scopes(["a"]), ["a"]);
    }

    #[test]
    fn scopes_of_several_forms_are_the_same_scopes() {
        for scope in [r#""a b""#, r#""a,b""#, r#""a, b""#, r#"["a","b"]"#] {
            let token = read(&format!(r#"{{"access_token":"t","scope":{scope}}}"#)).unwrap();
            assert_eq!(token.scopes().unwrap(), ["a", "b"], "{scope}");
            assert_eq!(token.missing_scopes(["a", "b", "c", "a,b", "b,c"]), ["c", "b,c"], "{scope}");
        }
    }

    #[test]
    fn scopes_that_no_provider_echoes_are_seen_by_what_they_bring() {
        let token = |more: &str| read(&format!(r#"{{"access_token":"t","scope":"read"{more}}}"#)).unwrap();
        let asked = ["openid", "offline_access", "read"];
        assert_eq!(token("").missing_scopes(asked), ["openid", "offline_access"]);
        assert_eq!(token(r#","id_token":"i""#).missing_scopes(asked), ["offline_access"]);
        assert!(token(r#","id_token":"i","refresh_token":"r""#).missing_scopes(asked).is_empty());
    }

    #[test]
    fn a_scope_may_come_back_under_another_name() {
        let google =
            r#"{"access_token":"t","scope":"https://www.googleapis.com/auth/userinfo.email openid"}"#;
        assert_eq!(read(google).unwrap().missing_scopes(["openid", "email", "profile"]), ["profile"]);
        let format = TokenWireFormat::default().with_scope_alias("api://x/.default", "read");
        let json = br#"{"access_token":"t","scope":"read"}"#;
        let token = Token::from_json(json, SystemTime::UNIX_EPOCH, &format).unwrap();
        assert!(token.missing_scopes(["api://x/.default"]).is_empty());
        let none =
            Token::from_json(br#"{"access_token":"t","scope":"write"}"#, SystemTime::UNIX_EPOCH, &format);
        assert_eq!(none.unwrap().missing_scopes(["api://x/.default"]), ["api://x/.default"]);
    }

    #[test]
    fn the_token_may_have_another_name() {
        let format = TokenWireFormat::default().with_token_key("api_token");
        let json = br#"{"api_token":"a","access_token":"other"}"#;
        let token = Token::from_json(json, SystemTime::UNIX_EPOCH, &format).unwrap();
        assert_eq!(format.credentials(&token).unwrap().headers()["authorization"], "Bearer a");
        let error =
            Token::from_json(br#"{"access_token":"a"}"#, SystemTime::UNIX_EPOCH, &format).unwrap_err();
        assert_eq!(error.to_string(), "the token answer has no text `api_token`");
    }

    #[test]
    fn additional_headers_never_take_the_tokens_place() {
        let format = TokenWireFormat::default().with_header("X-Org", "7").unwrap();
        assert!(format.clone().with_header("authorization", "x").is_err());
        assert!(format.clone().with_header("x-org", "8").is_err());
        assert!(format.clone().with_header("x y", "8").is_err());
        assert!(format.clone().with_header("x-other", "a\r\nb").is_err());
        let headers = format.credentials(&read(r#"{"access_token":"a"}"#).unwrap()).unwrap();
        assert_eq!(headers.headers()["x-org"], "7");
    }

    #[test]
    fn a_refresh_replaces_only_what_it_says() {
        let old = read(r#"{"access_token":"a","refresh_token":"r","scope":"x y","id_token":"i"}"#).unwrap();
        let kept = old.replaced_by(read(r#"{"access_token":"b"}"#).unwrap());
        assert!(kept.refresh_token().is_some() && kept.id_token().is_some());
        assert_eq!(kept.scopes().unwrap(), ["x", "y"]);
        assert!(!kept.is_same(&old));
        let changed = old.replaced_by(read(r#"{"access_token":"b","scope":"x"}"#).unwrap());
        assert_eq!(changed.missing_scopes(["x", "y"]), ["y"]);
    }

    // No part of a token in `Debug`, and no part of an invalid response in an error.
    #[test]
    fn nothing_secret_is_shown() {
        let token = read(
            r#"{"access_token":"CANARY1","refresh_token":"CANARY2","id_token":"CANARY3","client_secret":"CANARY4"}"#,
        )
        .unwrap();
        assert!(!format!("{token:?} {token:#?}").contains("CANARY"));
        for json in [
            r#"{"access_token":"CANARY","expires_in":"CANARY"}"#,
            r#"{"access_token":"CANARY CANARY"}"#,
            r#"{"access_token":"CANARY","scope":7}"#,
            r#"{"CANARY":"#,
        ] {
            let error = read(json).unwrap_err();
            let source = std::error::Error::source(&error).map(|source| format!("{source:?}"));
            assert!(!format!("{error} {error:?} {source:?}").contains("CANARY"), "{json}");
        }
    }
}
