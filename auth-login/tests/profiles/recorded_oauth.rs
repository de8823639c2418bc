//! Responses of OAuth providers in the form that they document.

use auth_login::providers::by_id;
use serde_json::json;

use crate::check_profile::{UNKNOWN, UNVERIFIED, VERIFIED, check};

#[test]
fn social_networks() {
    let user = json!({"id": "80351110224678912", "username": "nelly", "global_name": "Nelly",
        "avatar": "8342729096ea3675442027381ff50dfe",
        "email": "nelly@discord.com", "verified": true, "locale": "en-US"});
    let profile =
        check("discord", json!({"user": user}), "80351110224678912", "nelly@discord.com", VERIFIED, "Nelly");
    assert_eq!(
        profile.picture.as_deref(),
        Some("https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png")
    );
    // Other libraries build `…/None.png`.
    let user = json!({"id": "1", "username": "nelly", "avatar": null, "email": null, "verified": false});
    assert_eq!(check("discord", json!({"user": user}), "1", "", None, "nelly").picture, None);

    let user = json!({"id": "10224", "name": "Ann Bell", "first_name": "Ann", "last_name": "Bell",
        "email": "a@example.com",
        "picture": {"data": {"height": 50, "is_silhouette": false,
            "url": "https://platform-lookaside.fbsbx.com/x", "width": 50}}});
    let profile = check("facebook", json!({"user": user}), "10224", "a@example.com", UNKNOWN, "Ann Bell");
    assert!(profile.picture.is_some());
    check("facebook", json!({"user": {"id": "10224", "name": "Ann Bell"}}), "10224", "", None, "Ann Bell");
    let failure =
        json!({"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}});
    assert_eq!(by_id("facebook").unwrap().refused(&failure).unwrap().code(), "190");

    let user = json!({"data": {"id": "2244994945", "name": "X Dev", "username": "TwitterDev",
        "confirmed_email": "dev@x.com"}});
    check("twitter", json!({"user": user}), "2244994945", "dev@x.com", VERIFIED, "X Dev");
    let user = json!({"response": {"user": {"id": "32", "firstName": "Ann", "lastName": "Bell",
        "contact": {"email": "a@example.com"}}}});
    check("foursquare", json!({"user": user}), "32", "a@example.com", UNKNOWN, "Ann Bell");
    let user = json!({"id": "14715", "username": "ann", "acct": "ann", "display_name": "Ann",
        "url": "https://mastodon.example/@ann"});
    check("mastodon", json!({"user": user}), "14715", "", None, "Ann");
    check(
        "meetup",
        json!({"user": {"data": {"self": {"id": "7", "name": "Ann Bell"}}}}),
        "7",
        "",
        None,
        "Ann Bell",
    );
    let user = json!({"data": {"id": "1", "type": "user", "attributes": {"email": "a@example.com",
        "is_email_verified": true, "full_name": "Ann Bell", "first_name": "Ann", "last_name": "Bell"}}});
    check("patreon", json!({"user": user}), "1", "a@example.com", VERIFIED, "Ann Bell");
    check(
        "pinterest",
        json!({"user": {"id": "5497", "username": "ann", "account_type": "PINNER"}}),
        "5497",
        "",
        None,
        "ann",
    );
    check(
        "reddit",
        json!({"user": {"id": "1w72", "name": "ann", "verified": true}}),
        "1w72",
        "",
        None,
        "ann",
    );
    check("threads", json!({"user": {"id": "1234", "username": "ann"}}), "1234", "", None, "ann");
}

#[test]
fn providers_for_developers_and_work() {
    let user = json!({"uuid": "{c788b2da-b7a2-404c-9e26-d3f077557007}", "username": "tutorials",
        "nickname": "tutorials", "display_name": "tutorials account",
        "links": {"avatar": {"href": "https://bitbucket.org/account/t/avatar/32/"},
            "html": {"href": "https://bitbucket.org/t"}}});
    let emails = json!({"values": [{"is_primary": true, "is_confirmed": true, "type": "email",
        "email": "t@bitbucket.org"}]});
    check(
        "bitbucket",
        json!({"user": user, "emails": emails}),
        "{c788b2da-b7a2-404c-9e26-d3f077557007}",
        "t@bitbucket.org",
        VERIFIED,
        "tutorials account",
    );
    let user = json!({"account_id": "557058:a", "email": "mia@example.com", "name": "Mia Krystof",
        "picture": "https://avatar.example/x", "nickname": "mkrystof"});
    check("atlassian", json!({"user": user}), "557058:a", "mia@example.com", UNKNOWN, "Mia Krystof");
    check(
        "figma",
        json!({"user": {"id": "1", "email": "a@example.com", "handle": "Ann"}}),
        "1",
        "a@example.com",
        UNKNOWN,
        "Ann",
    );
    let document = json!({"user": {"id": "ann", "username": "Ann", "profile": {"realName": "Ann Bell"}},
        "email": {"email": "a@example.com"}});
    check("lichess", document, "ann", "a@example.com", UNKNOWN, "Ann Bell");
    let user = json!({"token": "x", "user": "a@example.com", "hub_domain": "demo.hubapi.com",
        "hub_id": 62515, "app_id": 456, "user_id": 123});
    check("hubspot", json!({"user": user}), "62515:123", "a@example.com", UNKNOWN, "123");
    let user = json!({"object": "user", "id": "b", "type": "bot", "bot": {"owner": {"type": "user",
        "user": {"object": "user", "id": "5389", "name": "Ann Bell",
        "person": {"email": "a@example.com"}}}}});
    check("notion", json!({"user": user}), "5389", "a@example.com", UNKNOWN, "Ann Bell");
    check(
        "todoist",
        json!({"user": {"id": "2671355", "email": "a@example.com", "full_name": "Ann Bell", "lang": "de"}}),
        "2671355",
        "a@example.com",
        UNKNOWN,
        "Ann Bell",
    );
    let user = json!({"id": "zJKyaiAyTNC-MWjiWC18KQ", "first_name": "Ann", "last_name": "Bell",
        "email": "a@example.com", "verified": 1});
    check("zoom", json!({"user": user}), "zJKyaiAyTNC-MWjiWC18KQ", "a@example.com", VERIFIED, "Ann Bell");
}

#[test]
fn providers_of_shops_music_and_sports() {
    check(
        "amazon",
        json!({"user": {"user_id": "amzn1.account.K2LI23KL2LK2", "email": "a@example.com",
            "name": "Ann Bell", "postal_code": "98052"}}),
        "amzn1.account.K2LI23KL2LK2",
        "a@example.com",
        UNKNOWN,
        "Ann Bell",
    );
    let user = json!({"account_id": "dbid:AAH4f99T0taONIb", "name": {"given_name": "Franz",
        "surname": "Ferdinand", "display_name": "Franz Ferdinand (Personal)"}, "email": "f@example.com",
        "email_verified": true, "country": "US", "locale": "en"});
    check(
        "dropbox",
        json!({"user": user}),
        "dbid:AAH4f99T0taONIb",
        "f@example.com",
        VERIFIED,
        "Franz Ferdinand",
    );
    let user = json!({"user_id":
        "https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA",
        "name": "identity test", "emails": [{"value": "u@example.com", "primary": true,
        "confirmed": "true"}]});
    check(
        "paypal",
        json!({"user": user}),
        "https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA",
        "u@example.com",
        VERIFIED,
        "identity test",
    );
    // Other libraries take the address for the id.
    let user = json!({"id": "1234", "name": "Ann Bell", "emails": [{"email": "a@example.com",
        "verified": false, "primary": true}]});
    check("eventbrite", json!({"user": user}), "1234", "a@example.com", UNVERIFIED, "Ann Bell");
    let user = json!({"id": "smedjan", "display_name": "Ann Bell", "email": "a@example.com",
        "images": [{"url": "https://i.scdn.co/x"}],
        "external_urls": {"spotify": "https://open.spotify.com/user/smedjan"}});
    check("spotify", json!({"user": user}), "smedjan", "a@example.com", UNKNOWN, "Ann Bell");
    let user = json!({"id": 1_234_567_890_987_654_321_u64, "username": "ann", "firstname": "Ann",
        "lastname": "Bell", "city": "San Francisco", "country": "US", "sex": "F"});
    check("strava", json!({"user": user}), "1234567890987654321", "", None, "Ann Bell");
    let user = json!({"meta": {"status": 200, "msg": "OK"}, "response": {"user": {"name": "derekg",
        "blogs": [{"name": "derekg", "uuid": "t:abc", "url": "https://derekg.org/"}]}}});
    check("tumblr", json!({"user": user}), "t:abc", "", None, "derekg");
    let user = json!({"uri": "/users/152184", "name": "Vimeo Staff", "link": "https://vimeo.com/staff",
        "pictures": {"sizes": [{"link": "https://i.vimeocdn.com/x"}]}});
    check("vimeo", json!({"user": user}), "152184", "", None, "Vimeo Staff");
}

#[test]
fn providers_of_russia_and_asia() {
    let user = json!({"uid": "7", "first_name": "Ann", "last_name": "Bell", "email": "a@example.com",
        "location": {"city": "Riga", "country": "LATVIA"}});
    check("odnoklassniki", json!({"user": user}), "7", "a@example.com", UNKNOWN, "Ann Bell");
    let user = json!({"user": {"user_id": "1234567890", "first_name": "Ann", "last_name": "B.",
        "avatar": "https://pp.userapi.com/x", "email": "a@example.com", "verified": true}});
    check("vk", json!({"user": user}), "1234567890", "a@example.com", UNKNOWN, "Ann B.");
    let user = json!({"id": "1000034426", "login": "ann", "default_email": "ann@yandex.ru",
        "real_name": "Ann Bell", "default_avatar_id": "131652443", "is_avatar_empty": false,
        "sex": "female"});
    let profile = check("yandex", json!({"user": user}), "1000034426", "ann@yandex.ru", UNKNOWN, "Ann Bell");
    assert_eq!(
        profile.picture.as_deref(),
        Some("https://avatars.yandex.net/get-yapic/131652443/islands-200")
    );
    let user = json!({"id": 123_456_789, "kakao_account": {"email": "a@example.com",
        "is_email_valid": true, "is_email_verified": false, "profile": {"nickname": "Ann"}}});
    check("kakao", json!({"user": user}), "123456789", "a@example.com", UNVERIFIED, "Ann");
    let user = json!({"resultcode": "00", "response": {"id": "32742776", "email": "a@naver.com",
        "name": "Ann Bell", "nickname": "ann"}});
    check("naver", json!({"user": user}), "32742776", "a@naver.com", UNKNOWN, "Ann Bell");
    let user = json!({"openid": "OPENID", "nickname": "Ann", "sex": 1, "city": "CITY",
        "country": "COUNTRY", "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL"});
    check("wechat", json!({"user": user}), "o6_bmasdasdsad6_2sgVt7hMZOPfL", "", None, "Ann");
    check("wechat", json!({"user": {"openid": "OPENID", "nickname": "Ann"}}), "OPENID", "", None, "Ann");
    let failure = json!({"errcode": 40029, "errmsg": "invalid code"});
    assert_eq!(by_id("wechat").unwrap().refused(&failure).unwrap().code(), "40029");
    let response = json!({"data": {"user": {"open_id": "723f24d7", "display_name": "Ann"}},
        "error": {"code": "ok", "message": ""}});
    assert_eq!(by_id("tiktok").unwrap().refused(&response), None);
    check("tiktok", json!({"user": response}), "723f24d7", "", None, "Ann");
}

#[test]
fn providers_with_oauth_1() {
    let token = json!({"fullname": "Jamal Fanaian", "user_nsid": "21207597@N07", "username": "jamalfanaian"});
    check("flickr", json!({"token": token}), "21207597@N07", "", None, "Jamal Fanaian");
    let user = json!({"user_info": {"id": 3_146_394, "nick_name": "ann", "full_name": "Ann Bell",
        "default_lang": "en"}});
    check("plurk", json!({"user": user}), "3146394", "", None, "Ann Bell");
    let user = json!({"id": "5abbe4b7ddc1b351ef961414", "username": "ann", "fullName": "Ann Bell",
        "email": "a@example.com", "url": "https://trello.com/ann"});
    check("trello", json!({"user": user}), "5abbe4b7ddc1b351ef961414", "a@example.com", UNKNOWN, "Ann Bell");
}
