//! Reading a profile is a total function: arbitrary JSON gives a profile with a usable account key, or an
//! error.

use auth_login::{
    profile::{AccountKey, Profile, ProfileError},
    providers::{ALL, by_id},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names that mappings look for, so that arbitrary documents reach deep into them.
const NAMES: &[&str] = &[
    "user",
    "id_token",
    "userinfo",
    "token",
    "emails",
    "email",
    "id",
    "sub",
    "data",
    "response",
    "uri",
    "name",
    "primary",
    "verified",
    "email_verified",
    "blogs",
    "uuid",
    "https://slack.com/team_id",
    "https://slack.com/user_id",
    "uid",
    "0",
    "kakao_account",
    "bot",
    "owner",
    "self",
    "attributes",
    "user_id",
    "hub_id",
    "unionid",
    "avatar",
    "picture",
    "user_nsid",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => any::<String>()]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z0-9]{1,8}(@[a-z]{1,5})?".prop_map(Value::from),
        "https?://[a-z./:@?#]{0,20}".prop_map(Value::from),
        "/[a-z]{0,4}/[0-9]{0,4}".prop_map(Value::from),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn is_clean(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 2048 && !text.contains(char::is_control)
}

// Earlier parsers crashed on ordinary data.
proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_documents_never_panic_and_never_give_a_bad_key(document in json(), index in 0..ALL.len()) {
        let mapping = &ALL[index].mapping;
        let Ok(profile) = Profile::read("https://issuer.example", mapping, document.clone()) else {
            return Ok(());
        };
        let key = profile.account();
        prop_assert!(AccountKey::new(key.issuer(), key.subject()).is_ok());
        prop_assert_eq!(&profile.raw, &document);
        for text in [
            &profile.first_name, &profile.last_name, &profile.username, &profile.locale, &profile.city,
            &profile.country, &profile.gender,
        ].into_iter().flatten() {
            prop_assert!(is_clean(text), "{text:?}");
        }
        for address in [&profile.picture, &profile.link].into_iter().flatten() {
            prop_assert!(address.starts_with("https://"), "{address:?}");
        }
        if let Some(email) = &profile.email {
            prop_assert_eq!(email.address().matches('@').count(), 1);
        }
        prop_assert!(!profile.display_name().is_empty());
    }

    #[test]
    fn integers_keep_every_digit(id in any::<u64>()) {
        let mapping = &by_id("github").unwrap().mapping;
        let profile = Profile::read("https://github.com", mapping, json!({"user": {"id": id}})).unwrap();
        prop_assert_eq!(profile.account().subject(), id.to_string());
    }
}

// Ordinary data that crashed earlier parsers: no name, no city, an empty list, a text where an object was.
#[test]
fn ordinary_data_with_missing_parts_does_not_crash() {
    for (id, document, subject) in [
        ("twitter", json!({"user": {"data": {"id": "1"}}}), Some("1")),
        ("foursquare", json!({"user": {"response": {"user": {"id": "1", "homeCity": ""}}}}), Some("1")),
        ("plurk", json!({"user": {"user_info": {"id": 1, "location": "Nowhere"}}}), Some("1")),
        ("yahoo", json!({"id_token": {"sub": "1", "address": "Bern"}, "userinfo": {"sub": "1"}}), Some("1")),
        ("vimeo", json!({"user": {"uri": "/users/1", "pictures": null}}), Some("1")),
        ("slack", json!({"id_token": {"sub": "U"}}), None),
        ("todoist", json!({"user": []}), None),
        ("tumblr", json!({"user": {"response": {"user": {"name": "a", "blogs": []}}}}), None),
        ("eventbrite", json!({"user": {"id": "1", "emails": []}}), Some("1")),
        ("patreon", json!({"user": {"data": {"id": "1", "attributes": null}}}), Some("1")),
        ("kakao", json!({"user": {"id": 1, "kakao_account": "none"}}), Some("1")),
        ("vk", json!({"user": {"user": {}}}), None),
        ("facebook", json!({"user": null}), None),
    ] {
        let mapping = &by_id(id).unwrap().mapping;
        let profile = Profile::read("https://issuer.example", mapping, document);
        let found = profile.as_ref().map(|profile| profile.account().subject()).ok();
        assert_eq!(found, subject, "{id}: {profile:?}");
    }
}

#[test]
fn subjects_that_are_not_usable_are_rejected() {
    let mapping = &by_id("google").unwrap().mapping;
    let read =
        |sub: Value| Profile::read("https://accounts.google.com", mapping, json!({"id_token": {"sub": sub}}));
    let long = "x".repeat(256);
    for sub in ["", " a", "a ", "a\nb", "a\0", "null", "undefined", "a\u{200b}b", long.as_str()] {
        assert_eq!(read(json!(sub)).unwrap_err(), ProfileError::Subject, "{sub:?}");
    }
    for sub in [json!(null), json!(true), json!([]), json!({}), json!(["a"])] {
        assert_eq!(read(sub.clone()).unwrap_err(), ProfileError::Subject, "{sub}");
    }
    assert_eq!(read(json!(1.5)).unwrap_err(), ProfileError::InexactSubject);
    assert!(Profile::read("", mapping, json!({"id_token": {"sub": "a"}})).is_err());
}

// The same subject at two issuers is not one account, nor are two whose joined texts are equal.
#[test]
fn accounts_of_two_issuers_never_meet() {
    let key = |issuer, subject| AccountKey::new(issuer, subject).unwrap();
    assert_ne!(key("https://a.example", "1"), key("https://b.example", "1"));
    assert_ne!(key("a|b", "c"), key("a", "b|c"));
}

// Personal data does not get into logs by accident.
#[test]
fn debug_shows_the_account_alone() {
    let document = json!({"id_token": {"sub": "7", "email": "a@b.example", "name": "Ann Bell"}});
    let profile = Profile::read("https://a.example", &by_id("google").unwrap().mapping, document).unwrap();
    let shown = format!("{profile:?}");
    assert!(shown.contains('7') && !shown.contains("a@b") && !shown.contains("Bell"), "{shown}");
}
