//! Token responses, userinfo responses and errors of GitHub, Google, Slack, Apple and Entra in the form that
//! they document.

use std::time::{Duration, SystemTime};

use auth_client::{Token, TokenWireFormat};
use auth_login::providers::by_id;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::check_profile::{UNKNOWN, UNVERIFIED, VERIFIED, check};

/// Token, lifetime in seconds, and scopes; every response has an `id_token` but GitHub's.
fn token(id: &str, response: &Value) -> (String, Option<u64>, Vec<String>) {
    let now = SystemTime::UNIX_EPOCH;
    let token = Token::from_json(response.to_string().as_bytes(), now, &TokenWireFormat::default()).unwrap();
    assert_eq!(token.id_token().is_some(), id != "github", "{id}");
    let refused = by_id(id).unwrap().refused(&Value::Object(token.extras().clone()));
    assert_eq!(refused, None, "{id}: a success is not an error");
    let scopes = token.scopes().map(<[String]>::to_vec).unwrap_or_default();
    (
        token.access_token().expose_secret().to_owned(),
        token.lifetime().as_ref().map(Duration::as_secs),
        scopes,
    )
}

#[test]
fn token_responses() {
    let github = json!({"access_token": "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "scope": "read:user,user:email", "token_type": "bearer"});
    let expected = ("gho_16C7e42F292c6912E7710c838347Ae178B4a", None, "read:user user:email");
    let google = json!({"access_token": "1/fFAGRNJru1FTz70BzhT3Zg", "expires_in": 3920,
        "token_type": "Bearer", "scope": "openid https://www.googleapis.com/auth/userinfo.email",
        "refresh_token": "1//xEoDL4iW3cxlI7yDbSRFYNG01kVKM2C-259HOF2aQbI", "id_token": "eyJ.eyJ.x",
        "refresh_token_expires_in": 604_799});
    let slack = json!({"ok": true, "access_token": "xoxp-1234", "token_type": "Bearer",
        "id_token": "eyJ.eyJ.x", "state": ""});
    let apple = json!({"access_token": "adg61.67Or9", "token_type": "Bearer", "expires_in": 3600,
        "refresh_token": "rca7.lABoQ", "id_token": "eyJra.96sZg.x"});
    let entra = json!({"token_type": "Bearer", "scope": "openid profile email", "expires_in": 3736,
        "ext_expires_in": 3736, "access_token": "eyJ0eXAi.eyJ.x", "refresh_token": "0.AAAA",
        "id_token": "eyJ.eyJ.x"});
    for (id, response, (access_token, lifetime, scopes)) in [
        ("github", github, expected),
        (
            "google",
            google,
            (
                "1/fFAGRNJru1FTz70BzhT3Zg",
                Some(3920),
                "openid https://www.googleapis.com/auth/userinfo.email email",
            ),
        ),
        ("slack", slack, ("xoxp-1234", None, "")),
        ("apple", apple, ("adg61.67Or9", Some(3600), "")),
        ("entra", entra, ("eyJ0eXAi.eyJ.x", Some(3736), "openid profile email")),
    ] {
        let scopes: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
        assert_eq!(token(id, &response), (access_token.to_owned(), lifetime, scopes), "{id}");
    }
}

#[test]
fn userinfo_responses() {
    let document = |claims: Value, userinfo: Value| json!({"id_token": claims, "userinfo": userinfo});
    let google = json!({"sub": "1076", "name": "Jan Smith", "given_name": "Jan", "family_name": "Smith",
        "picture": "https://lh3.googleusercontent.com/a/x", "email": "j@example.com", "email_verified": true,
        "hd": "example.com"});
    check("google", document(json!({"sub": "1076"}), google), "1076", "j@example.com", VERIFIED, "Jan Smith");
    let claims = json!({"sub": "U0R7JM", "https://slack.com/team_id": "T0R7GR7EA",
        "https://slack.com/user_id": "U0R7JM"});
    let slack = json!({"ok": true, "sub": "U0R7JM", "https://slack.com/user_id": "U0R7JM",
        "https://slack.com/team_id": "T0R7GR7EA", "email": "krane@slack-corp.com", "email_verified": false,
        "name": "krane", "https://slack.com/user_image_24": "https://avatars.slack-edge.com/24.png"});
    let (subject, address) = ("T0R7GR7EA:U0R7JM", "krane@slack-corp.com");
    check("slack", document(claims, slack), subject, address, UNVERIFIED, "krane");
    let entra = json!({"sub": "OLu859", "name": "Mikah Ollenburg", "family_name": "Ollenburg",
        "given_name": "Mikah", "picture": "https://graph.microsoft.com/v1.0/me/photo/$value",
        "email": "mikoll@contoso.com", "email_verified": true});
    let entra = document(json!({"sub": "OLu859"}), entra);
    check("entra", entra, "OLu859", "mikoll@contoso.com", UNKNOWN, "Mikah Ollenburg");
}

/// Apple has no userinfo endpoint. The name comes in the callback, once, unsigned.
#[test]
fn apples_user_field() {
    let user = json!({"name": {"firstName": "Ann", "lastName": "Bell"}, "email": "evil@example.com"});
    let claims = json!({"sub": "001451.3dc4.0447", "email": "8m2@privaterelay.appleid.com",
        "email_verified": "true", "is_private_email": "true"});
    let document = json!({"id_token": claims, "callback": user});
    let (subject, address) = ("001451.3dc4.0447", "8m2@privaterelay.appleid.com");
    let profile = check("apple", document, subject, address, VERIFIED, "Ann Bell");
    assert_eq!((profile.first_name.as_deref(), profile.last_name.as_deref()), (Some("Ann"), Some("Bell")));
    assert_eq!(by_id("apple").unwrap().callback_profile, Some("user"));
    let others = auth_login::providers::ALL.iter().filter(|other| other.callback_profile.is_some());
    assert_eq!(others.count(), 1);
}

#[test]
fn error_responses() {
    for (id, response, code, description) in [
        (
            "github",
            json!({"error": "bad_verification_code", "error_description": "The code passed is incorrect or \
                expired.", "error_uri": "https://docs.github.com/apps/troubleshooting"}),
            "bad_verification_code",
            "The code passed is incorrect or expired.",
        ),
        (
            "google",
            json!({"error": "invalid_grant", "error_description": "Malformed auth code."}),
            "invalid_grant",
            "Malformed auth code.",
        ),
        ("slack", json!({"ok": false, "error": "invalid_code"}), "invalid_code", ""),
        ("slack", json!({"ok": false}), "not_ok", ""),
        (
            "apple",
            json!({"error": "invalid_grant", "error_description": "The code has expired or has been \
                revoked."}),
            "invalid_grant",
            "The code has expired or has been revoked.",
        ),
        ("apple", json!({"error": "invalid_client"}), "invalid_client", ""),
        (
            "entra",
            json!({"error": "invalid_grant", "error_description": "AADSTS70000: parser failure.\r\nTrace \
                ID: 255d1aef", "error_codes": [70000], "timestamp": "2016-01-09 02:02:12Z",
                "trace_id": "255d1aef", "error_uri": "https://login.microsoftonline.com/error?code=70000"}),
            "invalid_grant",
            "AADSTS70000: parser failure.Trace ID: 255d1aef",
        ),
    ] {
        let refused = by_id(id).unwrap().refused(&response).unwrap();
        assert_eq!((refused.code(), refused.description().unwrap_or_default()), (code, description), "{id}");
    }
}
