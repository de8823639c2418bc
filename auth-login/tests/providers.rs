//! The providers of this crate as data: complete, secure, dated; and what configuring them accepts.

use auth_login::{
    descriptor::{
        Call, Date, Descriptor, Endpoints, Issuer, Pkce, Placeholder, PlaceholderKind, Problem, Protocol,
        ResolvedEndpoints, ResponseMode, Status, UserInfo,
    },
    profile::{Mapping, Subject},
    providers::{self, ALL, by_id},
};
use serde_json::json;

/// The names of the library that this crate replaces.
const REPLACED: [&str; 29] = [
    "amazon",
    "bitbucket",
    "discord",
    "eventbrite",
    "facebook",
    "flickr",
    "foursquare",
    "github",
    "gitlab",
    "google",
    "instagram",
    "lichess",
    "linkedin",
    "meetup",
    "microsoft",
    "mts",
    "odnoklassniki",
    "pinterest",
    "plurk",
    "slack",
    "strava",
    "todoist",
    "trello",
    "tumblr",
    "twitter",
    "vimeo",
    "vk",
    "yahoo",
    "yandex",
];

/// A value for each placeholder that has no default.
fn values(descriptor: &Descriptor) -> Vec<(&'static str, &'static str)> {
    let value = |placeholder: &Placeholder| match placeholder.kind {
        PlaceholderKind::Base => (placeholder.name, "https://id.example.com"),
        _ => (placeholder.name, "example"),
    };
    descriptor.placeholders.iter().map(value).collect()
}

#[test]
fn the_29_names_of_the_replaced_library_are_there() {
    for name in REPLACED {
        assert_eq!(by_id(name).map(|descriptor| descriptor.id), Some(name), "{name}");
    }
    for name in [
        "apple",
        "entra",
        "auth0",
        "okta",
        "keycloak",
        "cognito",
        "dropbox",
        "spotify",
        "twitch",
        "reddit",
        "notion",
        "zoom",
        "salesforce",
        "hubspot",
        "paypal",
        "line",
        "kakao",
        "naver",
        "wechat",
        "tiktok",
        "threads",
        "patreon",
        "figma",
        "atlassian",
        "orcid",
        "mastodon",
    ] {
        assert!(by_id(name).is_some(), "{name}");
    }
}

#[test]
fn every_descriptor_is_complete_dated_and_unique() {
    for (index, descriptor) in ALL.iter().enumerate() {
        let id = descriptor.id;
        assert_eq!(descriptor.problem(), None, "{id}");
        assert!(descriptor.checked >= Date::new(2026, 11, 1) && !descriptor.source.is_empty(), "{id}");
        assert!(!descriptor.label.is_empty(), "{id}");
        assert!(ALL.get(index + 1).is_none_or(|next| id < next.id), "{id} is not sorted");
        match descriptor.status {
            Status::Dead(_) => assert!(descriptor.resolve(&values(descriptor)).is_err(), "{id}"),
            _ => assert!(descriptor.resolve(&values(descriptor)).is_ok(), "{id}"),
        }
    }
}

// Nothing is left of endpoints that were switched off.
#[test]
fn dead_providers_are_rejected_with_their_successor() {
    for (id, successor) in [("instagram", "Instagram API with Instagram Login"), ("mts", "`openid`")] {
        let error = by_id(id).unwrap().resolve(&[]).unwrap_err();
        assert!(error.is_dead() && error.to_string().contains(successor), "{error}");
    }
}

// No endpoint is plain http.
#[test]
fn every_address_is_https() {
    for descriptor in ALL {
        let text = format!("{descriptor:?}");
        assert!(!text.contains("http://"), "{}", descriptor.id);
    }
}

// What many lists of providers have wrong.
#[test]
fn endpoints_that_other_lists_have_wrong_are_right() {
    let resolve = |id: &str| by_id(id).unwrap().resolve(&values(by_id(id).unwrap())).unwrap();
    let ResolvedEndpoints::OAuth1 { request, token, .. } = resolve("flickr").endpoints().clone() else {
        panic!()
    };
    assert_ne!(request, token);
    for (id, host) in
        [("discord", "discord.com"), ("lichess", "lichess.org"), ("vk", "id.vk.ru"), ("twitter", "x.com")]
    {
        let ResolvedEndpoints::OAuth2 { authorization, .. } = resolve(id).endpoints().clone() else {
            panic!()
        };
        assert_eq!(authorization.host_str(), Some(host));
    }
    for (id, issuer) in [
        ("google", "https://accounts.google.com"),
        ("linkedin", "https://www.linkedin.com/oauth"),
        ("slack", "https://slack.com"),
        ("yahoo", "https://api.login.yahoo.com"),
        ("microsoft", "https://login.microsoftonline.com/example/v2.0"),
        ("gitlab", "https://id.example.com"),
    ] {
        assert_eq!(resolve(id).discovery_issuer(), Some(issuer));
    }
}

/// An address is given away, taken over, or written by an administrator of another organization.
#[test]
fn no_account_is_keyed_on_an_email_address() {
    for descriptor in ALL {
        let shown = format!("{:?}", descriptor.mapping.subject).to_lowercase();
        for word in ["mail", "login", "username", "preferred", "nick", "phone"] {
            assert!(!shown.contains(word), "{}: {shown}", descriptor.id);
        }
    }
}

// Facts of the descriptor, never a retry.
#[test]
fn deviations_are_facts() {
    for descriptor in ALL {
        let is_without_pkce = descriptor.pkce == Pkce::Unsupported;
        let expected =
            matches!(descriptor.id, "facebook" | "linkedin") || descriptor.protocol == Protocol::OAuth1;
        assert_eq!(is_without_pkce, expected, "{}", descriptor.id);
        assert_eq!(descriptor.response_mode == ResponseMode::FormPost, descriptor.id == "apple");
    }
    assert_eq!(by_id("github").unwrap().resolve(&[]).unwrap().discovery_issuer(), None);
    assert_eq!(
        by_id("github").unwrap().resolve(&[]).unwrap().callback_issuer(),
        Some("https://github.com/login/oauth")
    );
    assert_eq!(by_id("discord").unwrap().resolve(&[]).unwrap().callback_issuer(), None);
}

// An `id_token` of one tenant is not one of another.
#[test]
fn the_issuer_of_a_multi_tenant_provider_is_filled_in_from_the_claims() {
    let provider = providers::MICROSOFT.resolve(&[]).unwrap();
    let tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let issuer = provider.id_token_issuer(&json!({"tid": tenant})).unwrap();
    assert_eq!(issuer, format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    assert_eq!(provider.issuer(), "https://login.microsoftonline.com/{tenantid}/v2.0");
    assert_eq!(provider.callback_issuer(), None);
    for claims in [json!({}), json!({"tid": ""}), json!({"tid": "a/../b"}), json!({"tid": 7}), json!([])] {
        assert_eq!(provider.id_token_issuer(&claims), None, "{claims}");
    }
    let listed = provider.with_tenants([tenant]);
    assert!(listed.id_token_issuer(&json!({"tid": tenant})).is_some());
    assert_eq!(listed.id_token_issuer(&json!({"tid": "another"})), None);
    let single = providers::ENTRA.resolve(&[("tenant", tenant)]).unwrap();
    assert_eq!(single.id_token_issuer(&json!({"tid": "another"})).unwrap(), single.issuer());
}

const INSECURE: &[Call] = &[Call::get("user", "http://a.example/me")];

const BASE: Descriptor = Descriptor::oauth2("mine", "Mine", "https://a.example/a", "https://a.example/t")
    .with_issuer(Issuer::Namespace("https://a.example"))
    .with_scopes(&["user"])
    .with_calls(&[Call::get("user", "https://a.example/me")])
    .with_mapping(Mapping::new(Subject::Member("/user/id")));

#[test]
fn invalid_descriptors_are_rejected_when_they_are_configured() {
    assert_eq!(BASE.problem(), None);
    let changed = |change: fn(&mut Descriptor)| {
        let mut descriptor = BASE;
        change(&mut descriptor);
        descriptor
    };
    for (descriptor, problem) in vec![
        (changed(|d| d.id = ""), Problem::Id),
        (changed(|d| d.id = "a/b"), Problem::Id),
        (changed(|d| d.id = ".."), Problem::Id),
        (changed(|d| d.id = "GitHub"), Problem::Id),
        (BASE.with_scopes(&[]), Problem::Scopes),
        (BASE.with_issuer(Issuer::Namespace("")), Problem::Issuer),
        (BASE.with_issuer(Issuer::Exact("http://a.example")), Problem::Address),
        (BASE.with_api("http://a.example"), Problem::Address),
        (BASE.with_api("https:///x"), Problem::Address),
        (BASE.with_revocation("ftp://a.example"), Problem::Address),
        (BASE.with_revocation("https://a.example/ x"), Problem::Address),
        (BASE.with_revocation("https://a.example/#x"), Problem::Address),
        (BASE.with_revocation("http://127.0.0.1.evil.example/"), Problem::Address),
        (BASE.with_calls(INSECURE), Problem::Address),
        (BASE.with_calls(&[]), Problem::UserInfo),
        (BASE.with_user_info(UserInfo::IdToken), Problem::UserInfo),
        (BASE.with_mapping(Mapping::new(Subject::Member(""))), Problem::Subject),
        (BASE.with_mapping(Mapping::new(Subject::Compound(&[]))), Problem::Subject),
        (changed(|d| d.endpoints = Endpoints::Discovered), Problem::Discovery),
        (BASE.with_pkce(Pkce::Unsupported).with_response_mode(ResponseMode::FormPost), Problem::Unprotected),
        (Descriptor::openid("a", "A", "https://a.example").with_scopes(&["email"]), Problem::OpenIdScope),
        (Descriptor::openid("a", "A", "https://a.example").without_scopes(), Problem::OpenIdScope),
        (
            Descriptor::oauth2("a", "A", "http://a.example/a", "https://a.example/t")
                .with_issuer(Issuer::Namespace("a")),
            Problem::Address,
        ),
    ] {
        assert_eq!(descriptor.problem(), Some(problem), "{descriptor:?}");
        let error = descriptor.resolve(&[]).unwrap_err();
        assert!(error.to_string().ends_with(problem.message()), "{error}");
    }
}

#[test]
fn a_descriptor_may_lie_on_loopback_addresses() {
    for address in ["http://127.0.0.1:8080/a", "http://[::1]:80/a", "http://127.0.0.1/a"] {
        let mut descriptor = BASE;
        descriptor.endpoints = Endpoints::OAuth2 { authorization: address, token: address };
        assert!(descriptor.resolve(&[]).is_ok(), "{address}");
    }
    // What only a parser sees.
    for address in ["https://me:secret@a.example/", "http://localhost/", "https://[::1/"] {
        assert!(BASE.with_api(address).resolve(&[]).is_err(), "{address}");
    }
}

#[test]
fn a_provider_of_the_applications_own_is_found_by_its_base() {
    let base = "https://git.example.com/forge";
    let provider = providers::GITHUB_ENTERPRISE.resolve(&[("base", base)]).unwrap();
    assert_eq!(provider.issuer(), "https://git.example.com/forge/login/oauth");
    assert_eq!(provider.calls()[0].address, "https://git.example.com/forge/api/v3/user");
    assert!(providers::GITHUB_ENTERPRISE.resolve(&[]).is_err());
    assert!(providers::GITHUB_ENTERPRISE.resolve(&[("base", "http://git.example.com")]).is_err());
    let auth0 = providers::AUTH0.resolve(&[("domain", "a.eu.auth0.com")]).unwrap();
    assert_eq!(auth0.issuer(), "https://a.eu.auth0.com/");
}
