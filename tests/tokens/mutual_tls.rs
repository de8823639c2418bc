//! Client certificates: tokens that are bound to one (RFC 8705, section 3), and services that authenticate with one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::net::SocketAddr;

use auth_runtime::{
    AuthLayer, BoxError, FirstOf, Identity, UserId, auth_required,
    identity::{
        ActiveToken, CertificateSubject, ClientCertificate, ClientCertificates, Confirmation, CredentialId,
        MutualTls, OpaqueToken,
    },
    jwt::BearerJwt,
    revocation::{MemoryRevocation, Revocation as _},
    testing::FrozenClock,
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, Request, StatusCode},
    routing::{any, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    support::{Answer, send},
    tokens::{AUDIENCE, ISSUER, NOON, verifying_key, with_claims},
};

/// Of `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1`, with the subject `CN=billing` and these
/// alternative names, critical: `URI:spiffe://shop.example/billing`, `DNS:billing.shop.example`,
/// `URI:https://shop.example/x`, `email:ops@shop.example`.
const BILLING: &str = concat!(
    "MIIBuDCCAV6gAwIBAgIUVd+DHe6lpw9GNBua90jhtndG1KAwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYmlsbGluZzAgFw0yNjExMzAyMTE3",
    "MTBaGA8yMTI2MTEwNjIxMTcxMFowEjEQMA4GA1UEAwwHYmlsbGluZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPWyFHG4BgPghnqcny4S",
    "7JUuiqM5s6T2C0qVGNyrOSu+rfXA0RlAuAvDhoioQ0iVnyhQxug8xPo+DT58WceAze+jgY8wgYwwawYDVR0RAQH/BGEwX4Ydc3BpZmZlOi8v",
    "c2hvcC5leGFtcGxlL2JpbGxpbmeCFGJpbGxpbmcuc2hvcC5leGFtcGxlhhZodHRwczovL3Nob3AuZXhhbXBsZS94gRBvcHNAc2hvcC5leGFt",
    "cGxlMB0GA1UdDgQWBBQjDjVKzNtLecC8tkQcswmQE2+XfzAKBggqhkjOPQQDAgNIADBFAiEA4LlDeRL/imx+5fF7Ru9Y0eAeSLV/1qLCQdC3",
    "Me6b+PgCIAwOLKuAWfFBIE/D/pbIPTaAEzEE7ngHF1/jxCrNddgk",
);
/// By `openssl dgst -sha256`.
const THUMBPRINT: &str = "_q9Ie8ezPYRw64nuLtjuLrBypB1CqQrhVcQF6pOeO6g";

/// Another one with the same subject, and without alternative names.
const OTHER: &str = concat!(
    "MIIBejCCASGgAwIBAgIUOzmxJr8gYk5kxknyXcxyKVx6Y2kwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYmlsbGluZzAgFw0yNjExMzAyMTE3",
    "MTBaGA8yMTI2MTEwNjIxMTcxMFowEjEQMA4GA1UEAwwHYmlsbGluZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIghEEk5HuiYPy/WJlo7",
    "HvdP1wm5rDhGlyhfDTlAZ/znoMPHxKt/HCpM6OTA+n2C+LinrMVWkoA4yEgQIqC19J6jUzBRMB0GA1UdDgQWBBQT9cnHCc9WP0j7RjcmiQOT",
    "w2PrhjAfBgNVHSMEGDAWgBQT9cnHCc9WP0j7RjcmiQOTw2PrhjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFRU3+6ngWJJ",
    "oReXvUOjVpzmik4CBnObdCN6E6gz1n3kAiBs7tQHKOPMHC/V0O6ZdTKAwpXK4lRkAysxywGQLlBJ2A==",
);

const PROXY: [u8; 4] = [10, 0, 0, 7];
const STRANGER: [u8; 4] = [192, 0, 2, 1];

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

fn certificate(base64: &str) -> ClientCertificate {
    ClientCertificate::from_der(STANDARD.decode(base64).unwrap())
}

fn app(layer: AuthLayer) -> Router {
    Router::new()
        .route("/", any(me))
        .route("/public", post(async || ()))
        .layer(layer.with_clock(FrozenClock::at(NOON)))
}

/// What a request of a test comes with.
#[derive(Clone, Default)]
struct Sent<'a> {
    peer: [u8; 4],
    extension: Option<&'a str>,
    headers: Vec<(&'a str, String)>,
}

impl Sent<'_> {
    async fn to(self, app: &Router) -> Answer {
        let peer = SocketAddr::from((self.peer, 50_000));
        let mut request = Request::get("/").extension(ConnectInfo(peer));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(base64) = self.extension {
            request = request.extension(certificate(base64));
        }
        send(app, request.body(Body::empty()).unwrap()).await
    }
}

fn bound() -> String {
    format!("Bearer {}", with_claims(&json!({ "cnf": { "x5t#S256": THUMBPRINT } })))
}

fn jwt() -> BearerJwt {
    BearerJwt::new(verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

#[test]
fn thumbprints_and_names_are_those_of_the_certificate() {
    let billing = certificate(BILLING);
    assert_eq!(billing.thumbprint(), THUMBPRINT);
    let uris: Vec<&str> = billing.uris().collect();
    assert_eq!(uris, ["spiffe://shop.example/billing", "https://shop.example/x"]);
    assert_eq!(billing.dns_names().collect::<Vec<_>>(), ["billing.shop.example"]);
    let other = certificate(OTHER);
    assert_eq!((other.uris().count(), other.dns_names().count()), (0, 0), "the subject is not a name");
    // Cut off anywhere, or with another byte anywhere, nothing panics.
    let der = billing.der();
    for at in 0..der.len() {
        let cut = ClientCertificate::from_der(der.get(..at).unwrap());
        assert_eq!(cut.uris().count(), 0, "{at}");
        for byte in [0x00, 0x30, 0x7f, 0x80, 0x82, 0x86, 0xff] {
            let mut changed = der.to_vec();
            *changed.get_mut(at).unwrap() = byte;
            let changed = ClientCertificate::from_der(changed);
            assert!(changed.uris().chain(changed.dns_names()).all(str::is_ascii));
        }
    }
}

#[tokio::test]
async fn a_token_is_accepted_with_the_certificate_that_it_is_bound_to() {
    let with = app(AuthLayer::new(jwt().with_client_certificates(ClientCertificates::of_server())));
    let only = app(AuthLayer::new(
        jwt().with_client_certificates(ClientCertificates::of_server()).with_bound_tokens_only(),
    ));
    let without = app(AuthLayer::new(jwt()));
    let bearer = format!("Bearer {}", with_claims(&json!({})));
    let (bound, own) = (bound(), Some(BILLING));
    for (why, app, token, extension, expected) in [
        ("its certificate", &with, &bound, own, 200),
        ("another certificate of the same subject", &with, &bound, Some(OTHER), 401),
        ("no certificate", &with, &bound, None, 401),
        ("no verifier", &without, &bound, own, 401),
        ("a bearer token", &with, &bearer, None, 200),
        ("a bearer token with a certificate", &with, &bearer, own, 200),
        ("a bearer token where bound ones are demanded", &only, &bearer, own, 401),
        ("its certificate where bound ones are demanded", &only, &bound, own, 200),
    ] {
        let headers = vec![("authorization", token.clone())];
        let answer = Sent { peer: STRANGER, extension, headers }.to(app).await;
        assert_eq!(answer.status, expected, "{why}");
        if expected == 401 {
            // RFC 8705, section 3: the error is that of an invalid token.
            let challenge = "Bearer realm=\"restricted\", error=\"invalid_token\"";
            assert_eq!(answer.header("www-authenticate"), challenge, "{why}");
        }
    }
}

#[tokio::test]
async fn introspected_tokens_are_bound_alike() {
    let introspect = |token: String| async move {
        let active = ActiveToken::new(Identity::new("alice")?);
        let bound = active.with_confirmation(Confirmation::of_certificate(THUMBPRINT));
        Ok::<_, BoxError>((token == "bound").then_some(bound))
    };
    let policy = || OpaqueToken::with_any_audience(introspect);
    let with = app(AuthLayer::new(policy().with_client_certificates(ClientCertificates::of_server())));
    let without = app(AuthLayer::new(policy()));
    for (app, extension, expected) in [
        (&with, Some(BILLING), 200),
        (&with, Some(OTHER), 401),
        (&with, None, 401),
        (&without, Some(BILLING), 401),
    ] {
        let headers = vec![("authorization", "Bearer bound".to_owned())];
        assert_eq!(Sent { peer: STRANGER, extension, headers }.to(app).await.status, expected);
    }
}

fn escaped(base64: &str) -> String {
    let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    percent_encoding::utf8_percent_encode(&pem, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn a_header_counts_from_a_trusted_proxy_only() {
    let behind = || ClientCertificates::behind(["10.0.0.0/8"]).unwrap();
    let pem = HeaderName::from_static("x-client-cert");
    let of = |source| app(AuthLayer::new(jwt().with_client_certificates(source)));
    let (structured, nginx, envoy, server) = (
        of(behind()),
        of(behind().with_escaped_pem(pem)),
        of(behind().with_forwarded_client_cert()),
        of(ClientCertificates::of_server()),
    );
    let bytes = |base64: &str| ("client-cert", format!(":{base64}:"));
    let escaped_pem = |base64: &str| ("x-client-cert", escaped(base64));
    let forwarded = |base64: &str| {
        ("x-forwarded-client-cert", format!("Hash=00;Cert=\"{}\";Subject=\"CN=x\"", escaped(base64)))
    };
    let stolen = Some(BILLING);
    for (why, app, peer, extension, headers, expected) in [
        ("RFC 9440", &structured, PROXY, None, vec![bytes(BILLING)], 200),
        ("nginx", &nginx, PROXY, None, vec![escaped_pem(BILLING)], 200),
        ("Envoy", &envoy, PROXY, None, vec![forwarded(BILLING)], 200),
        ("another certificate", &structured, PROXY, None, vec![bytes(OTHER)], 401),
        ("another certificate", &nginx, PROXY, None, vec![escaped_pem(OTHER)], 401),
        ("another certificate", &envoy, PROXY, None, vec![forwarded(OTHER)], 401),
        ("a client that is not a proxy", &structured, STRANGER, None, vec![bytes(BILLING)], 401),
        ("a client that is not a proxy", &nginx, STRANGER, None, vec![escaped_pem(BILLING)], 401),
        ("a client that is not a proxy", &envoy, STRANGER, None, vec![forwarded(BILLING)], 401),
        ("a header for another configuration", &nginx, PROXY, None, vec![bytes(BILLING)], 401),
        ("a header of a server that ends TLS itself", &server, PROXY, None, vec![bytes(BILLING)], 401),
        ("an extension where a proxy is configured", &structured, PROXY, stolen, vec![], 401),
        ("no header", &structured, PROXY, None, vec![], 401),
        ("an empty header", &nginx, PROXY, None, vec![("x-client-cert", String::new())], 401),
        ("two headers", &structured, PROXY, None, vec![bytes(BILLING), bytes(BILLING)], 401),
        ("a list", &structured, PROXY, None, vec![("client-cert", format!(":{BILLING}:, :{BILLING}:"))], 401),
        ("no byte sequence", &structured, PROXY, None, vec![("client-cert", BILLING.to_owned())], 401),
        ("no PEM", &nginx, PROXY, None, vec![("x-client-cert", BILLING.to_owned())], 401),
        ("nonsense", &envoy, PROXY, None, vec![("x-forwarded-client-cert", "Cert".to_owned())], 401),
    ] {
        let mut headers = headers;
        headers.push(("authorization", bound()));
        assert_eq!(Sent { peer, extension, headers }.to(app).await.status, expected, "{why}");
    }
    for proxies in [&[][..], &["0.0.0.0/0"][..], &["proxy.example"][..]] {
        assert!(ClientCertificates::behind(proxies).is_err(), "{proxies:?}");
    }
    let vary = Sent { peer: PROXY, headers: vec![bytes(BILLING)], ..Sent::default() }.to(&structured).await;
    assert!(vary.header("vary").contains("client-cert"), "{}", vary.header("vary"));
}

fn by_spiffe_id(certificate: &ClientCertificate) -> Option<Identity> {
    let mut names = certificate.uris().filter_map(|uri| uri.strip_prefix("spiffe://shop.example/"));
    let name = names.next().filter(|_| names.next().is_none())?;
    Identity::service(name).ok()
}

#[tokio::test]
async fn a_service_authenticates_with_its_certificate() {
    let revoked = MemoryRevocation::new();
    let policy = MutualTls::new(ClientCertificates::of_server(), by_spiffe_id);
    let app = app(AuthLayer::new(policy).with_revocation(revoked.clone()));
    let ask = async |extension| Sent { peer: STRANGER, extension, headers: vec![] }.to(&app).await;
    let answer = ask(Some(BILLING)).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "service:billing"));
    for extension in [None, Some(OTHER)] {
        let answer = ask(extension).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), "Client-Certificate realm=\"restricted\"");
    }
    let header =
        Sent { peer: PROXY, extension: None, headers: vec![("client-cert", format!(":{BILLING}:"))] };
    assert_eq!(header.to(&app).await.status, StatusCode::UNAUTHORIZED, "a header is not a certificate");
    let id = CredentialId::new(format!("certificate-{THUMBPRINT}")).unwrap();
    revoked.revoke_credential(&id, None).await.unwrap();
    assert_eq!(ask(Some(BILLING)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_certificate_of_a_browser() {
    let policy = MutualTls::new(ClientCertificates::of_server(), by_spiffe_id);
    let app = app(AuthLayer::new(policy));
    let request = |site| {
        Request::post("/")
            .header("sec-fetch-site", site)
            .extension(certificate(BILLING))
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(send(&app, request("same-origin")).await.status, StatusCode::OK);
    assert_eq!(send(&app, request("cross-site")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_malformed_header_of_the_proxy_is_an_invalid_credential() {
    let source = ClientCertificates::behind(["10.0.0.7"]).unwrap();
    let app = app(AuthLayer::new(FirstOf::new(MutualTls::new(source, by_spiffe_id)).then(jwt())));
    let bearer = ("authorization", format!("Bearer {}", with_claims(&json!({}))));
    for (header, expected) in [(":AAAA:", 401), ("", 200)] {
        let headers = vec![("client-cert", header.to_owned()), bearer.clone()];
        assert_eq!(
            Sent { peer: PROXY, extension: None, headers }.to(&app).await.status,
            expected,
            "{header}"
        );
    }
}

/// Of `openssl req -x509 -utf8 -subj '/C=DE/DC=shop/O=Shop, "Inc."/CN=büro+UID=7/2.5.4.5=A1'`, with these alternative
/// names: `IP:10.1.2.3`, `IP:2001:db8::7`, `email:Ops@shop.example`, `DNS:API.shop.example`.
const OFFICE: &str = concat!(
    "MIICcDCCAhagAwIBAgIUC1R4opPkDKAOea839oBNGFKFfvswCgYIKoZIzj0EAwIwaDELMAkGA1UEBhMCREUxFDASBgoJkiaJk/IsZAEZFgRzaG",
    "9wMRUwEwYDVQQKDAxTaG9wLCAiSW5jLiIxHzAMBgNVBAMMBWLDvHJvMA8GCgmSJomT8ixkAQEMATcxCzAJBgNVBAUTAkExMCAXDTI2MTIwMTAy",
    "MDY0NFoYDzIxMjYxMTA3MDIwNjQ0WjBoMQswCQYDVQQGEwJERTEUMBIGCgmSJomT8ixkARkWBHNob3AxFTATBgNVBAoMDFNob3AsICJJbmMuIj",
    "EfMAwGA1UEAwwFYsO8cm8wDwYKCZImiZPyLGQBAQwBNzELMAkGA1UEBRMCQTEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASv8fAl59rle4Ez",
    "aSagGzZfZsrT1xylfJ33Yq9NMHCauJpL0YRrrF24tBt9NzNJQ8yDP6d7lRvgbibkq8ORTKARo4GbMIGYMB0GA1UdDgQWBBS7qr5JMEOJCSaSOY",
    "Fuvnl9BiBzczAfBgNVHSMEGDAWgBS7qr5JMEOJCSaSOYFuvnl9BiBzczAPBgNVHRMBAf8EBTADAQH/MEUGA1UdEQQ+MDyHBAoBAgOHECABDbgA",
    "AAAAAAAAAAAAAAeBEE9wc0BzaG9wLmV4YW1wbGWCEEFQSS5zaG9wLmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIgQkBm45T1HVTxm0zXy0N1a3",
    "+IO0V2VqWVITnq5Ciu9q0CIQC2LjzBlOv9/3iGvGtReQbDbHUp0iX14Z2qJLG5teeTTA==",
);

#[test]
fn the_subject_of_a_certificate_is_named_as_the_metadata_of_a_client_does() {
    let (office, billing) = (certificate(OFFICE), certificate(BILLING));
    let subject = |member: &str, value: &str| {
        CertificateSubject::of_metadata(&format!("tls_client_auth_{member}"), value).unwrap()
    };
    // By `openssl x509 -subject -nameopt RFC2253,-esc_msb,utf8`.
    let printed = r#"2.5.4.5=A1,UID=7+CN=büro,O=Shop\, \"Inc.\",DC=shop,C=DE"#;
    for (member, value, is_office, is_billing) in [
        ("subject_dn", printed, true, false),
        ("subject_dn", r"2.5.4.5=A1,CN=b\C3\BCro+UID=7,O=Shop\2C \22Inc.\22,DC=shop,C=DE", true, false),
        ("subject_dn", "CN=billing", false, true),
        ("subject_dn", "CN=Billing", false, false),
        ("subject_dn", "CN=billing,C=DE", false, false),
        // A part of a name is not the name, and neither is the name turned around.
        ("subject_dn", "CN=büro+UID=7", false, false),
        ("subject_dn", r#"C=DE,DC=shop,O=Shop\, \"Inc.\",CN=büro+UID=7,2.5.4.5=A1"#, false, false),
        ("san_dns", "api.shop.example", true, false),
        ("san_dns", "BILLING.shop.example", false, true),
        ("san_dns", "shop.example", false, false),
        ("san_uri", "spiffe://shop.example/billing", false, true),
        ("san_uri", "https://shop.example/x", false, true),
        ("san_uri", "SPIFFE://shop.example/billing", false, false),
        ("san_ip", "10.1.2.3", true, false),
        ("san_ip", "2001:DB8:0::7", true, false),
        ("san_ip", "::ffff:10.1.2.3", false, false),
        ("san_email", "Ops@shop.example", true, false),
        ("san_email", "ops@shop.example", false, true),
        // Each kind is compared with its own kind only.
        ("san_dns", "billing", false, false),
        ("san_uri", "dns:billing.shop.example", false, false),
    ] {
        let subject = subject(member, value);
        let found = (subject.is_of(&office), subject.is_of(&billing));
        assert_eq!(found, (is_office, is_billing), "{member} {value}");
    }
    // Cut off or changed, a certificate is at most another one.
    let exact = subject("subject_dn", printed);
    for at in 0..office.der().len() {
        assert!(!exact.is_of(&ClientCertificate::from_der(office.der().get(..at).unwrap())), "{at}");
    }
}

#[test]
fn texts_that_name_no_subject_are_rejected() {
    for (member, value) in [
        ("tls_client_auth_subject_dn", ""),
        ("tls_client_auth_subject_dn", "billing"),
        ("tls_client_auth_san_dns", ""),
        ("tls_client_auth_san_dns", "*.shop.example"),
        ("tls_client_auth_san_dns", "shop.example/x"),
        ("tls_client_auth_san_uri", "billing"),
        ("tls_client_auth_san_uri", "spiffe://shop example"),
        ("tls_client_auth_san_ip", "10.1.2"),
        ("tls_client_auth_san_ip", "10.1.2.0/24"),
        ("tls_client_auth_san_email", "shop.example"),
        ("tls_client_auth_san_email", "@shop.example"),
        ("tls_client_auth_subject", "CN=billing"),
        ("subject_dn", "CN=billing"),
    ] {
        assert!(CertificateSubject::of_metadata(member, value).is_err(), "{member} {value:?}");
    }
}

#[tokio::test]
async fn services_and_users_authenticate_by_the_subjects_of_their_certificates() {
    let uri = || CertificateSubject::san_uri("spiffe://shop.example/billing").unwrap();
    let dns = || CertificateSubject::san_dns("billing.shop.example").unwrap();
    let mail = || CertificateSubject::san_email("Ops@shop.example").unwrap();
    let billing = || Identity::service("billing").unwrap();
    let alice = || Identity::new("alice").unwrap();
    let ask = async |subjects: Vec<(CertificateSubject, Identity)>, extension| {
        let policy = MutualTls::of_subjects(ClientCertificates::of_server(), subjects).unwrap();
        let answer =
            Sent { peer: STRANGER, extension, headers: vec![] }.to(&app(AuthLayer::new(policy))).await;
        if answer.status == StatusCode::OK { Some(answer.text().to_owned()) } else { None }
    };
    let both = || vec![(uri(), billing()), (mail(), alice())];
    assert_eq!(ask(both(), Some(BILLING)).await.as_deref(), Some("service:billing"));
    assert_eq!(ask(both(), Some(OFFICE)).await.as_deref(), Some("alice"));
    assert_eq!(
        ask(both(), Some(OTHER)).await,
        None,
        "the same subject as another one, which is not asked for"
    );
    assert_eq!(ask(both(), None).await, None);
    // Two subjects of one identity, and of two.
    assert_eq!(
        ask(vec![(uri(), billing()), (dns(), billing())], Some(BILLING)).await.as_deref(),
        Some("service:billing")
    );
    assert_eq!(ask(vec![(uri(), billing()), (dns(), alice())], Some(BILLING)).await, None, "of none");
    let twice =
        MutualTls::of_subjects(ClientCertificates::of_server(), [(uri(), billing()), (uri(), alice())]);
    assert_eq!(twice.unwrap_err().to_string(), "two identities have the same subject; remove one");
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_certificate_makes_it_panic(
        text in ".{0,40}",
        bytes in proptest::collection::vec(0_u8..=255, 0..80),
    ) {
        let certificate = ClientCertificate::from_der(bytes);
        for subject in [CertificateSubject::dn(&text), CertificateSubject::dn(&format!("CN={text}"))] {
            proptest::prop_assert!(!subject.is_ok_and(|subject| subject.is_of(&certificate)));
        }
    }
}
