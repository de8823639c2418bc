//! Responses of GitHub, Google, Slack, Apple, Entra and other OpenID providers in the form that they
//! document.

use auth_login::providers::by_id;
use serde_json::{Value, json};

use crate::check_profile::{UNKNOWN, UNVERIFIED, VERIFIED, check, read};

#[test]
fn github() {
    let user = json!({
        "login": "octocat", "id": 583_231, "node_id": "MDQ6VXNlcjE=",
            "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
        "html_url": "https://github.com/octocat", "type": "User", "name": "The Octocat", "company": null,
            "blog": "",
        "location": "San Francisco, CA", "email": null, "created_at": "2011-01-25T18:44:36Z",
    });
    let emails = json!([
        {"email": "other@example.com", "primary": false, "verified": true, "visibility": null},
        {"email": "octocat@github.com", "primary": true, "verified": true, "visibility": "public"},
    ]);
    let profile = check(
        "github",
        json!({"user": user, "emails": emails}),
        "583231",
        "octocat@github.com",
        VERIFIED,
        "The Octocat",
    );
    assert_eq!(profile.username.as_deref(), Some("octocat"));
    assert_eq!(profile.link.as_deref(), Some("https://github.com/octocat"));
    assert!(profile.picture.is_some());
    // Free text is not split into city and country.
    assert_eq!((profile.city, profile.country), (None, None));
    // The second call answers 403 or 404 without the permission: the log-in goes on.
    check("github", json!({"user": user}), "583231", "", None, "The Octocat");
    // `name` may be null.
    check("github", json!({"user": {"login": "octocat", "id": 1, "name": null}}), "1", "", None, "octocat");
}

// Free text such as `San Francisco, CA` was split at its comma, and the halves were swapped.
#[test]
fn places_in_free_text_are_neither_split_nor_swapped() {
    for id in ["github", "github-enterprise"] {
        let profile = read(id, json!({"user": {"login": "a", "id": 1, "location": "San Francisco, CA"}}));
        assert_eq!((profile.city, profile.country), (None, None), "{id}");
    }
    let gitlab = json!({"id_token": {"sub": "1"}, "userinfo": {"sub": "1", "location": "Bern, CH",
        "address": {"locality": "Bern", "country": "CH"}}});
    let profile = read("gitlab", gitlab);
    assert_eq!((profile.city.as_deref(), profile.country.as_deref()), (Some("Bern"), Some("CH")));
    // A chess title is not a gender.
    let lichess = json!({"user": {"id": "ann", "username": "Ann", "title": "GM"}, "email": {}});
    assert_eq!(read("lichess", lichess).gender, None);
}

// Who takes a renamed user's login is another account.
#[test]
fn a_renamed_github_login_is_not_the_account() {
    let old = read("github", json!({"user": {"login": "octocat", "id": 1}}));
    let renamed = read("github", json!({"user": {"login": "octocat-old", "id": 1}}));
    let taken = read("github", json!({"user": {"login": "octocat", "id": 2}}));
    assert_eq!(old.account(), renamed.account());
    assert_ne!(old.account(), taken.account());
}

#[test]
fn google() {
    let claims = json!({
        "iss": "https://accounts.google.com", "azp": "1234.apps.googleusercontent.com",
            "aud": "1234.apps.googleusercontent.com",
        "sub": "10769150350006150715113082367", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "hd": "example.com",
        "email": "jsmith@example.com", "email_verified": true, "iat": 1_353_601_026, "exp": 1_353_604_926,
            "nonce": "0394852-3190485-2490358",
        "name": "Jan Smith", "given_name": "Jan", "family_name": "Smith",
            "picture": "https://lh3.googleusercontent.com/a/x=s96-c", "locale": "en",
    });
    let profile = check(
        "google",
        json!({"id_token": claims}),
        "10769150350006150715113082367",
        "jsmith@example.com",
        VERIFIED,
        "Jan Smith",
    );
    assert_eq!(profile.locale.as_deref(), Some("en"));
    assert_eq!(profile.raw["id_token"]["hd"], "example.com");
}

#[test]
fn slack() {
    let claims = json!({
        "iss": "https://slack.com", "sub": "U0R7MFMJM", "aud": "25259531569.1115258246291",
            "exp": 1_626_874_955, "iat": 1_626_874_655,
        "nonce": "abcd", "at_hash": "abc...123", "https://slack.com/team_id": "T0R7GR7EA",
            "https://slack.com/user_id": "U0R7MFMJM",
        "email": "krane@slack-corp.com", "email_verified": true, "date_email_verified": 1_622_128_723,
            "locale": "en-US",
        "name": "krane", "given_name": "", "family_name": "", "https://slack.com/team_domain": "kraneflannel",
    });
    let profile = check(
        "slack",
        json!({"id_token": claims}),
        "T0R7GR7EA:U0R7MFMJM",
        "krane@slack-corp.com",
        VERIFIED,
        "krane",
    );
    assert_eq!(profile.id, "U0R7MFMJM");
    // Slack answers 200 with `ok: false`; that is never read as a user.
    let failure = json!({"ok": false, "error": "invalid_code"});
    assert_eq!(by_id("slack").unwrap().refused(&failure).unwrap().code(), "invalid_code");
    assert_eq!(by_id("slack").unwrap().refused(&json!({"ok": true, "access_token": "xoxp-1"})), None);
}

#[test]
fn apple() {
    let claims = |verified: Value| {
        json!({"id_token": {
            "iss": "https://appleid.apple.com", "aud": "com.example.web", "exp": 1_596_621_649,
                "iat": 1_596_621_049,
            "sub": "001451.3dc436155xxxxxxxxxxxxxxxxxxxx59f.0447", "c_hash": "iUqI9Vyxxxxxxxxxg-CyoA",
                "email": "8m2xxxxmew@privaterelay.appleid.com",
            "email_verified": verified, "is_private_email": "true", "auth_time": 1_596_621_049,
                "nonce_supported": true,
        }})
    };
    for verified in [json!(true), json!("true")] {
        let subject = "001451.3dc436155xxxxxxxxxxxxxxxxxxxx59f.0447";
        check("apple", claims(verified), subject, "8m2xxxxmew@privaterelay.appleid.com", VERIFIED, subject);
    }
}

// An administrator of any tenant can write any address.
#[test]
fn entra_addresses_are_never_verified() {
    for id in ["entra", "microsoft"] {
        let claims = json!({
            "ver": "2.0",
                "iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                "aud": "6cb04018-a3f5-46a7-b995-940c78f5aef3", "exp": 1_536_361_411,
            "iat": 1_536_274_711, "name": "Abe Lincoln", "preferred_username": "AbeLi@microsoft.com",
                "email": "victim@example.com",
            "email_verified": true, "oid": "00000000-0000-0000-66f3-3332eca7ea81",
                "tid": "9122040d-6c67-4c5b-b112-36a304b66dad",
        });
        let profile = check(
            id,
            json!({"id_token": claims}),
            "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "victim@example.com",
            UNKNOWN,
            "Abe Lincoln",
        );
        assert_eq!(profile.username.as_deref(), Some("AbeLi@microsoft.com"));
    }
}

#[test]
fn openid_providers_with_a_userinfo_endpoint() {
    let id_token =
        json!({"iss": "https://id.example.com/realms/a", "sub": "f:1:ann", "email": "ann@example.com"});
    let userinfo = json!({
        "sub": "f:1:ann", "name": "Ann Bell", "given_name": "Ann", "family_name": "Bell",
            "preferred_username": "ann",
        "email": "ann@example.com", "email_verified": false, "address": {"locality": "Bern",
            "country": "CH"}, "gender": "female",
        "profile": "https://id.example.com/ann",
    });
    let document = json!({"id_token": id_token, "userinfo": userinfo});
    let profile = check("keycloak", document.clone(), "f:1:ann", "ann@example.com", UNVERIFIED, "Ann Bell");
    assert_eq!((profile.city.as_deref(), profile.country.as_deref()), (Some("Bern"), Some("CH")));
    assert_eq!(profile.gender.as_deref(), Some("female"));
    for id in ["openid", "okta", "auth0", "gitlab", "salesforce", "yahoo"] {
        check(id, document.clone(), "f:1:ann", "ann@example.com", UNVERIFIED, "Ann Bell");
    }
    // Cognito writes the truth as a text.
    let claims = json!({"id_token": {"sub": "a-b", "email": "ann@example.com", "email_verified": "true",
        "cognito:username": "ann"}});
    check("cognito", claims, "a-b", "ann@example.com", VERIFIED, "a-b");
    // LINE says nothing about verification.
    let claims = json!({"id_token": {"sub": "U1234", "name": "Taro Line", "email": "taro@example.com",
        "email_verified": true}});
    check("line", claims, "U1234", "taro@example.com", UNKNOWN, "Taro Line");
    let claims = json!({"id_token": {"sub": "713936733", "email": "t@example.com", "email_verified": true,
        "preferred_username": "Ann"}});
    check("twitch", claims, "713936733", "t@example.com", VERIFIED, "Ann");
    let claims = json!({"id_token": {"sub": "0000-0002-2601-8132", "given_name": "Credit",
        "family_name": "Metadata"}});
    check("orcid", claims, "0000-0002-2601-8132", "", None, "Credit Metadata");
    let claims = json!({"id_token": {"sub": "782bbtaQ", "name": "Ann Bell", "email": "a@example.com",
        "email_verified": "true", "locale": "en-US"}});
    check("linkedin", claims, "782bbtaQ", "a@example.com", VERIFIED, "Ann Bell");
}
