//! Keys over `https`: from whom the certificate says, or not at all. JW20.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "support/tls.rs"]
mod tls;

use std::sync::atomic::Ordering;

use auth_runtime::{
    clock::UnixTime,
    jwt::{
        Algorithm, KeySet, KeySource, RemoteJwks, SigningKey,
        jwks::{JwksError, JwksErrorKind},
    },
};

async fn is_known(keys: &RemoteJwks) -> Result<bool, JwksErrorKind> {
    let found = keys.find(Some("a"), Algorithm::EdDSA, UnixTime::from_secs(1_800_000_000)).await;
    found.map(|found| !found.is_empty()).map_err(|error| error.downcast::<JwksError>().unwrap().kind())
}

#[tokio::test]
async fn certificates_are_verified() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid("a");
    let published = KeySet::new([key.verifying_key()]).unwrap().to_jwks();
    let (port, read) = tls::serve(published).await;
    let address = format!("https://127.0.0.1:{port}/jwks.json");

    // An authority that is not trusted, and a name that the certificate does not hold: nothing is even asked.
    let untrusted = RemoteJwks::new(&address).unwrap();
    assert_eq!(is_known(&untrusted).await, Err(JwksErrorKind::Unavailable));
    let other_name = RemoteJwks::new(&format!("https://localhost:{port}/jwks.json")).unwrap();
    let other_name = other_name.with_root_certificate(tls::ROOT).unwrap();
    assert_eq!(is_known(&other_name).await, Err(JwksErrorKind::Unavailable));
    // Nor does the name of the method make a difference.
    let insecure = RemoteJwks::insecure_loopback(&address).unwrap();
    assert_eq!(is_known(&insecure).await, Err(JwksErrorKind::Unavailable));
    assert_eq!(read.load(Ordering::SeqCst), 0);

    let trusted = RemoteJwks::new(&address).unwrap().with_root_certificate(tls::ROOT).unwrap();
    assert_eq!(is_known(&trusted).await, Ok(true));
    assert_eq!(read.load(Ordering::SeqCst), 1);
}

#[test]
fn a_root_certificate_is_one() {
    for wrong in ["", "x", tls::LEAF_KEY, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        let keys = RemoteJwks::new("https://issuer.example/").unwrap();
        assert!(keys.with_root_certificate(wrong).is_err(), "{wrong}");
    }
}
