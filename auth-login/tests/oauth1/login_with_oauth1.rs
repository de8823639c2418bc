//! From temporary credentials to the profile.

use auth_client::HttpClient;
use auth_login::{
    descriptor::{Call, Date, Descriptor, Issuer, Placeholder, TokenPlace},
    oauth1::{OAuth1Client, OAuth1Error, OAuth1Parts, OAuth1Token, SignatureMethod},
    profile::{Mapping, Subject},
    providers,
};
use auth_runtime::clock::UnixTime;
use http::Request;

use crate::signature_checking_server::{Server, parameters};

const PHOTOS: Descriptor =
    Descriptor::oauth1("photos", "Photos", "{base}/request", "{base}/authorize?lang=en", "{base}/token")
        .with_placeholders(&[Placeholder::base("base", "")])
        .with_issuer(Issuer::Namespace("{base}"))
        .with_authorize_parameters(&[("perms", "read")])
        .with_calls(&[
            Call::get("user", "{base}/api/me?a=1+2").with_token(TokenPlace::OAuth1),
            Call::get("more", "{base}/api/none").with_token(TokenPlace::OAuth1).optional(),
        ])
        .with_mapping(
            Mapping::new(Subject::Member("/user/id"))
                .with_id(&["/token/user_nsid"])
                .with_full_name(&["/user/name"]),
        )
        .with_api("{base}/api")
        .checked_on(Date::new(2026, 11, 30), "this test")
        .validated();

fn client(http: impl HttpClient + 'static) -> OAuth1Client {
    let provider = PHOTOS.resolve(&[("base", "https://photos.example")]).unwrap();
    let client = OAuth1Client::with_http_client(provider, "consumer key", "consumer secret&", http).unwrap();
    client.with_clock(|| UnixTime::from_secs(1_700_000_000))
}

#[tokio::test]
async fn a_user_logs_in_with_each_signature_method() {
    for method in [SignatureMethod::HmacSha1, SignatureMethod::HmacSha256, SignatureMethod::Plaintext] {
        let server = Server::default();
        let client = client(server.client()).with_signature_method(method);
        let attempt = client.begin("https://app.example/callback?a=b c").await.unwrap();
        let (url, parts) = attempt.into_parts();
        assert_eq!(
            url.as_str(),
            // The address has a query already.
            "https://photos.example/authorize?lang=en&perms=read&oauth_token=temporary"
        );
        let token = client.finish(parts, "oauth_token=temporary&oauth_verifier=v%2B1").await.unwrap();
        let profile = client.profile(&token).await.unwrap();
        assert_eq!(profile.account().issuer(), "https://photos.example");
        assert_eq!((profile.account().subject(), profile.id.as_str()), ("7", "7@N"));
        assert_eq!(profile.display_name(), "Ann Bell");
    }
}

// Parameters, the signature included, are in the header and not in addresses.
#[tokio::test]
async fn nothing_of_the_protocol_is_in_an_address_or_body() {
    let server = Server::default();
    let client = client(server.client());
    let (_, parts) = client.begin("https://app.example/callback").await.unwrap().into_parts();
    let token = client.finish(parts, "oauth_token=temporary&oauth_verifier=v").await.unwrap();
    client.profile(&token).await.unwrap();
    let seen = server.seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    for request in seen.iter() {
        assert!(!request.uri().to_string().contains("oauth_") && request.body().is_empty());
        assert!(request.headers()["authorization"].is_sensitive());
    }
    let sent = |index: usize| parameters(seen[index].headers()["authorization"].to_str().unwrap());
    assert!(sent(0).contains(&("oauth_callback".to_owned(), "https://app.example/callback".to_owned())));
    assert!(!sent(0).iter().any(|(name, _)| name == "oauth_token"));
    assert!(sent(1).contains(&("oauth_verifier".to_owned(), "v".to_owned())));
}

// Session fixation, the reason for 1.0a: the callback must be confirmed and the verifier come back.
#[tokio::test]
async fn session_fixation_a_provider_that_does_not_confirm_the_callback_is_rejected() {
    let server = Server { is_unconfirmed: true, ..Server::default() };
    let error = client(server.client()).begin("https://app.example/callback").await.unwrap_err();
    assert!(matches!(error, OAuth1Error::Response(_)), "{error}");
}

#[tokio::test]
async fn a_callback_of_another_browser_costs_no_request() {
    let server = Server::default();
    let client = client(server.client());
    for query in
        ["oauth_token=other&oauth_verifier=v", "oauth_token=temporary", "oauth_verifier=v", "", "denied=x"]
    {
        let parts = OAuth1Parts::new("temporary", "temporary-secret");
        assert!(client.finish(parts, query).await.is_err(), "{query}");
    }
    assert_eq!(server.seen.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_wrong_secret_is_rejected_by_the_provider() {
    let server = Server::default();
    let client = client(server.client());
    let parts = OAuth1Parts::new("temporary", "another");
    let error = client.finish(parts, "oauth_token=temporary&oauth_verifier=v").await.unwrap_err();
    assert!(matches!(error, OAuth1Error::Status(status) if status == 401), "{error}");
    let failing = Server { status: Some(503), ..Server::default() };
    let error = self::client(failing.client()).begin("https://app.example/callback").await.unwrap_err();
    assert_eq!(error.to_string(), "the provider answered 503 Service Unavailable");
}

// A token's signature goes to the provider's API and nowhere else.
#[tokio::test]
async fn other_origins_get_no_signature() {
    let client = client(Server::default().client());
    let token = OAuth1Token::new("token", "token-secret");
    for (address, is_signed) in [
        ("https://photos.example/api/x?y=1", true),
        ("https://photos.example:444/api/x", false),
        ("http://photos.example/api/x", false),
        ("https://photos.example.evil.example/", false),
        ("https://evil.example/photos.example", false),
    ] {
        let mut request = Request::get(address).body(Vec::new()).unwrap();
        assert_eq!(client.authorize(&mut request, &token).is_ok(), is_signed, "{address}");
        assert_eq!(request.headers().contains_key("authorization"), is_signed, "{address}");
    }
}

// Section 3.4.1.3.1: a form is signed, another body is not.
#[tokio::test]
async fn a_form_is_signed() {
    let server = Server::default();
    let http = server.client();
    let client = client(server.client());
    let token = OAuth1Token::new("token", "token-secret");
    let request = |media: &str, body: &str| {
        let request = Request::post("https://photos.example/api/me").header("content-type", media);
        request.body(body.as_bytes().to_vec()).unwrap()
    };
    for (media, is_changed, status) in [
        ("application/x-www-form-urlencoded", false, 200),
        ("application/x-www-form-urlencoded", true, 401),
        ("application/json", true, 200),
    ] {
        let mut signed = request(media, "a=b+c&a=%2B");
        client.authorize(&mut signed, &token).unwrap();
        if is_changed {
            *signed.body_mut() = b"a=other".to_vec();
        }
        assert_eq!(http.send(signed).await.unwrap().status(), status, "{media}");
    }
}

#[test]
fn other_protocols_are_rejected() {
    let provider = providers::GITHUB.resolve(&[]).unwrap();
    let error =
        OAuth1Client::with_http_client(provider, "key", "secret", Server::default().client()).unwrap_err();
    assert_eq!(error.to_string(), "the provider does not use OAuth 1.0a; use `Login` for it");
    let shown = format!("{:?}", client(Server::default().client()));
    assert!(!shown.contains("consumer secret"), "{shown}");
}
