//! Facts that a descriptor states about a provider that deviates, each with what happens without the fact.

use std::sync::{Arc, Mutex};

use auth_login::{
    Login,
    descriptor::{ClientMethod, Descriptor, IdTokenKey, Issuer, Placeholder, Problem, ResponseMode},
    profile::{EmailSource, Mapping, Profile, Subject, Verified},
    providers,
    testing::{FakeProvider, Step},
};
use auth_runtime::{
    identity::cookie::SameSite,
    jwt::{Algorithm, SigningKey},
    testing::FrozenClock,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    app_and_fake_provider::{NOON, SECRET, Setup, application, provider},
    browser_with_cookies::Browser,
};

const PLACEHOLDERS: &[Placeholder] = &[Placeholder::base("issuer", "")];
const PLAIN: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}").with_placeholders(PLACEHOLDERS);
const SHARED_KEY: Descriptor = PLAIN.with_id_token_key(IdTokenKey::ClientSecret).validated();
/// A form-post provider that says the name in the callback, as Apple does.
const NAMED: Descriptor = PLAIN
    .with_response_mode(ResponseMode::FormPost)
    .with_callback_profile("user")
    .with_mapping(Mapping::OPENID.with_names(&["/callback/name/firstName"], &["/callback/name/lastName"]))
    .validated();

/// Logs alice in with the provider, described like this; returns the code of the page, and the profile.
async fn log_in(provider: &FakeProvider, descriptor: &Descriptor) -> (String, Option<Profile>) {
    let (id, secret) = provider.client();
    let resolved = descriptor.resolve(&[("issuer", provider.issuer())]).unwrap();
    let login = Login::resolved(resolved, id, secret).unwrap();
    let profiles = Arc::new(Mutex::default());
    let app = application([login], &FrozenClock::at(NOON), &profiles, SameSite::Lax);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/fake", "next=/me").await;
    let done = browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!(done.code().is_empty(), browser.get("/me").await.text == "alice", "{}", done.text);
    let profile = profiles.lock().unwrap().pop();
    (done.code().to_owned(), profile)
}

/// Signs the claims of a token again, with this algorithm in the header.
fn signed_again(token: &str, key: &SigningKey, algorithm: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "typ": "JWT"}).to_string());
    let input = format!("{header}.{claims}");
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
}

/// LINE signs with the client's secret. The descriptor chooses the kind of key, and the token never does.
#[tokio::test]
async fn algorithm_confusion_a_token_does_not_choose_between_secret_and_published_keys() {
    let secret = || SigningKey::hs256(SECRET).unwrap();
    let long = |text: &str| format!("{text:-<64}");
    for (descriptor, key, algorithm, is_good) in [
        (SHARED_KEY, Some(secret()), "HS256", true),
        (PLAIN, Some(secret()), "HS256", false),
        // Signed by the issuer's published key.
        (PLAIN, None, "ES256", true),
        (SHARED_KEY, None, "ES256", false),
        (SHARED_KEY, Some(secret()), "ES256", false),
        (SHARED_KEY, Some(secret()), "none", false),
        (SHARED_KEY, Some(secret()), "HS384", false),
        (SHARED_KEY, Some(SigningKey::hs384(long(SECRET)).unwrap()), "HS384", false),
        (SHARED_KEY, Some(SigningKey::hs256(long("another secret")).unwrap()), "HS256", false),
        (SHARED_KEY, Some(SigningKey::hs256(format!("{SECRET} ")).unwrap()), "HS256", false),
        (SHARED_KEY, Some(SigningKey::generate(Algorithm::ES256).unwrap()), "HS256", false),
    ] {
        let provider = provider(&FrozenClock::at(NOON)).await;
        provider.tamper(move |step| {
            if let (Step::IdToken(token), Some(key)) = (step, &key) {
                *token = signed_again(token, key, algorithm);
            }
        });
        let is_shared = descriptor.id_token_key == IdTokenKey::ClientSecret;
        let (code, profile) = log_in(&provider, &descriptor).await;
        let expected = if is_good { "" } else { "identity_invalid" };
        assert_eq!((code.as_str(), profile.is_some()), (expected, is_good), "{is_shared} {algorithm}");
        // With the secret as the key, published keys are not asked for.
        assert!(!is_shared || provider.requests("/jwks") == 0);
    }
}

#[test]
fn a_secret_that_is_too_short_to_sign_with_is_an_error_of_the_configuration() {
    for (secret, is_good) in [("0123456789abcdef0123456789abcdef", true), ("0123456789abcdef", false)] {
        let line = Login::provider(providers::LINE, "1234567890", secret);
        assert_eq!(line.is_ok(), is_good);
        if let Err(error) = line {
            assert_eq!(
                error.to_string(),
                "provider `line` signs with the client's secret, and this one cannot be such a key; set the \
                 whole secret, which has at least 32 bytes"
            );
            assert!(!format!("{error:?}").contains(secret));
        }
    }
    // Without OpenID Connect there is nothing to verify, and without a secret nothing to verify with.
    for descriptor in [
        SHARED_KEY.with_client_method(ClientMethod::PrivateKeyJwt),
        SHARED_KEY.with_client_method(ClientMethod::None),
        providers::GITHUB.with_id_token_key(IdTokenKey::ClientSecret),
    ] {
        assert_eq!(descriptor.problem(), Some(Problem::IdTokenKey));
    }
    for descriptor in providers::ALL {
        let expected = if descriptor.id == "line" { IdTokenKey::ClientSecret } else { IdTokenKey::Published };
        assert_eq!(descriptor.id_token_key, expected, "{}", descriptor.id);
    }
}

/// Apple says the name once, in a field of the form that the browser sends: the user can write it.
#[tokio::test]
async fn a_name_in_the_callback_is_read_and_identifies_the_user_never() {
    let user = json!({
        "name": {"firstName": "Ann", "lastName": "Bell"}, "sub": "root", "email": "root@example.com",
        "email_verified": true,
    });
    for (field, name) in [
        (Some(user.to_string()), "Ann"),
        // From the second log-in on there is none. What cannot be read is left out; the name is then that of
        // the userinfo response.
        (None, "Alice"),
        (Some("{\"name\":".to_owned()), "Alice"),
        (Some("[1]".to_owned()), "Alice"),
        (Some(r#"{"name":{"firstName":["A"]}}"#.to_owned()), "Alice"),
        (Some(r#"{"name":{"firstName":"A"},"name":{"firstName":"B"}}"#.to_owned()), "Alice"),
        (Some("x".repeat(40_000)), "Alice"),
    ] {
        let provider = provider(&FrozenClock::at(NOON)).await;
        let value = field.clone();
        provider.tamper(move |step| {
            if let (Step::Callback(pairs), Some(value)) = (step, &value) {
                pairs.push(("user".to_owned(), value.clone()));
            }
        });
        let (code, profile) = log_in(&provider, &NAMED).await;
        let profile = profile.unwrap();
        assert_eq!((code.as_str(), profile.first_name.as_deref()), ("", Some(name)), "{field:?}");
        assert_eq!(profile.account().subject(), "alice");
        assert_eq!(profile.email.as_ref().unwrap().address(), "alice@example.com");
        // Where the descriptor does not name the field, it is not read.
        let (_, profile) = log_in(&provider, &PLAIN).await;
        let profile = profile.unwrap();
        assert_eq!((profile.first_name.as_deref(), &profile.raw["callback"]), (Some("Alice"), &Value::Null));
    }
}

#[test]
fn an_identity_is_not_read_from_the_callback() {
    const EMAIL: &[EmailSource] = &[EmailSource::new("/callback/email", Verified::Unknown)];
    const LIST: &[EmailSource] = &[EmailSource::list("/callback", "email", "primary", "verified")];
    const VERIFIED: &[EmailSource] = &[
        EmailSource::new("/userinfo/email", Verified::Claims(&["/userinfo/email_verified"])),
        EmailSource::new("/id_token/email", Verified::Claims(&["/id_token/ok", "/callback/ok"])),
    ];
    for mapping in [
        Mapping::OPENID.with_subject(Subject::Member("/callback/sub")),
        Mapping::OPENID.with_subject(Subject::Compound(&["/id_token/sub", "/callback/team"])),
        Mapping::OPENID.with_subject(Subject::FirstOf(&["/id_token/sub", "/callback/sub"])),
        Mapping::OPENID.with_subject(Subject::LastSegment("/callback")),
        Mapping::OPENID.with_email(EMAIL),
        Mapping::OPENID.with_email(LIST),
        // The address is the provider's, and the browser says that it is verified.
        Mapping::OPENID.with_email(VERIFIED),
    ] {
        assert_eq!(NAMED.with_mapping(mapping).problem(), Some(Problem::Unsigned), "{mapping:?}");
    }
    let own = Mapping::OPENID.with_subject(Subject::Member("/callbacks/sub"));
    assert_eq!(NAMED.with_mapping(own).problem(), None);
}

/// The issuer of a tenant is not a template for another one, and a fixed issuer is compared whole.
#[test]
fn a_template_issuer_is_filled_in_by_its_own_claim_alone() {
    const TENANTS: Descriptor = Descriptor::openid("fake", "Fake", "https://id.example")
        .with_issuer(Issuer::PerTenant {
            metadata: "https://id.example/common",
            pattern: "https://id.example/{tenant}/v2",
            marker: "{tenant}",
            claim: "tid",
        })
        .validated();
    let provider = TENANTS.resolve(&[]).unwrap();
    let issuer = |claims: Value| provider.id_token_issuer(&claims).map(std::borrow::Cow::into_owned);
    assert_eq!(issuer(json!({"tid": "one"})).as_deref(), Some("https://id.example/one/v2"));
    for claims in [json!({}), json!({"tenant": "one"}), json!({"tid": "a/b"}), json!({"tid": "{tenant}"})] {
        assert_eq!(issuer(claims.clone()), None, "{claims}");
    }
}

/// A domain is chosen by a parameter that the user can change; the claim decides.
#[tokio::test]
async fn a_hosted_domain_that_was_only_requested_does_not_log_in() {
    let company = |login: Login| {
        let login = login.with_parameter("hd", "example.com").unwrap();
        login.with_required_claim("hd", "example.com").unwrap()
    };
    for (domain, code) in [
        (json!("example.com"), ""),
        (json!("evil.example"), "account_rejected"),
        (json!("example.com.evil.example"), "account_rejected"),
        (json!("EXAMPLE.com"), "account_rejected"),
        (json!(["example.com"]), "account_rejected"),
        (json!(null), "account_rejected"),
    ] {
        let setup = Setup::with(company).await;
        let claim = domain.clone();
        setup.provider.tamper(move |step| {
            if let Step::Claims { claims, .. } = step {
                claims.insert("hd".to_owned(), claim.clone());
            }
        });
        let mut browser = setup.browser();
        let address = setup.start(&mut browser).await;
        assert!(address.contains("&hd=example.com"));
        let page = browser.come_back(&setup.provider.sign_in(&address, "alice").unwrap()).await;
        assert_eq!(page.code(), code, "{domain}: {}", page.text);
        assert_eq!(setup.profiles.lock().unwrap().len(), usize::from(code.is_empty()));
    }
    let github = Login::provider(providers::GITHUB, "me", "secret").unwrap();
    let error = github.with_required_claim("hd", "example.com").unwrap_err();
    assert_eq!(
        error.to_string(),
        "provider `github` has no id_token whose claims could be required; check the profile in `on_login`"
    );
}
