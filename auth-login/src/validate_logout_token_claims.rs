//! Checks the claims of a `logout_token` besides its signature and audience, as a pure function (`OpenID`
//! Connect Back-Channel Logout 1.0 section 2.6).

use std::time::Duration;

use auth_runtime::clock::UnixTime;
use serde_json::{Map, Value};

use crate::{login_index::LoggedOut, validate_id_token_claims::LEEWAY};

/// The member of `events` that makes a token one of a log-out.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a token may be.
pub(crate) const MAX_AGE: Duration = Duration::from_mins(2);

/// Checks claims whose signature, audience and time were verified, and returns what the log-out is about.
/// With a session and a subject, the session decides, and `subject` is what its log-ins must be of.
///
/// # Errors
///
/// Returns the name of the first claim that is wrong.
pub(crate) fn check(
    claims: &Map<String, Value>,
    issuer: Option<&str>,
    now: UnixTime,
) -> Result<(LoggedOut, Option<String>), &'static str> {
    let text = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(name),
    };
    let issuer = text("iss")?.filter(|found| Some(found.as_str()) == issuer).ok_or("iss")?;
    let time = claims.get("iat").and_then(Value::as_u64).map(UnixTime::from_secs).ok_or("iat")?;
    if time.plus(MAX_AGE) < now || time > now.plus(LEEWAY) {
        return Err("iat");
    }
    text("jti")?.ok_or("jti")?;
    let event = claims.get("events").and_then(Value::as_object).and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err("events");
    }
    if claims.contains_key("nonce") {
        // It could be an id_token.
        return Err("nonce");
    }
    match (text("sid")?, text("sub")?) {
        (Some(session), subject) => Ok((LoggedOut::Session { issuer, session }, subject)),
        (None, Some(subject)) => Ok((LoggedOut::Subject { issuer, subject }, None)),
        (None, None) => Err("sub"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn judge(changes: &Value) -> Result<(LoggedOut, Option<String>), &'static str> {
        let mut claims = json!({
            "iss": "https://op.example", "aud": "me", "iat": NOW, "exp": NOW + 60, "jti": "j", "sub": "alice",
            "sid": "s", "events": { EVENT: {} },
        });
        for (name, value) in changes.as_object().unwrap() {
            match value.as_str() {
                Some("REMOVED") => drop(claims.as_object_mut().unwrap().remove(name)),
                _ => claims[name] = value.clone(),
            }
        }
        check(claims.as_object().unwrap(), Some("https://op.example"), UnixTime::from_secs(NOW))
    }

    #[test]
    fn a_token_that_is_not_one_of_a_log_out_is_rejected() {
        for (changes, claim) in [
            (json!({"iss": "https://evil.example"}), "iss"),
            (json!({"iss": "REMOVED"}), "iss"),
            (json!({"iat": NOW - 121}), "iat"),
            (json!({"iat": NOW + 61}), "iat"),
            (json!({"iat": "REMOVED"}), "iat"),
            (json!({"jti": "REMOVED"}), "jti"),
            (json!({"jti": ""}), "jti"),
            (json!({"events": "REMOVED"}), "events"),
            (json!({"events": {}}), "events"),
            (json!({"events": {"other": {}}}), "events"),
            (json!({"events": [EVENT]}), "events"),
            (json!({"events": {EVENT: null}}), "events"),
            (json!({"events": {EVENT: true}}), "events"),
            (json!({"nonce": "n"}), "nonce"),
            (json!({"nonce": null}), "nonce"),
            (json!({"sub": "REMOVED", "sid": "REMOVED"}), "sub"),
            (json!({"sub": 7}), "sub"),
            (json!({"sid": ["s"]}), "sid"),
        ] {
            assert_eq!(judge(&changes), Err(claim), "{changes}");
        }
    }

    #[test]
    fn a_log_out_is_about_one_session_or_about_a_subject() {
        let issuer = || "https://op.example".to_owned();
        let session = LoggedOut::Session { issuer: issuer(), session: "s".to_owned() };
        assert_eq!(judge(&json!({})), Ok((session.clone(), Some("alice".to_owned()))));
        assert_eq!(judge(&json!({"sub": "REMOVED"})), Ok((session, None)));
        let subject = LoggedOut::Subject { issuer: issuer(), subject: "alice".to_owned() };
        assert_eq!(judge(&json!({"sid": "REMOVED"})), Ok((subject.clone(), None)));
        assert_eq!(
            judge(&json!({"sid": "REMOVED", "iat": NOW - 120, "exp": "REMOVED"})),
            Ok((subject, None))
        );
    }
}
