//! Keys over `https`: the certificate is verified, and the address filter applies to every connection.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_runtime::{
    clock::UnixTime,
    jwt::{
        Algorithm, KeySet, KeySource, RemoteJwks, SigningKey,
        jwks::{JwksError, JwksErrorKind},
    },
};
use tokio::{net::TcpListener, process::Command};

use crate::{support::Log, tls};

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

/// A server that counts who connects, and says nothing.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let caught = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&caught);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, caught)
}

/// What is inside is not even connected to, by no name of it, and in whichever order the options are given.
#[tokio::test]
async fn names_of_private_addresses_are_not_connected_to() {
    let (port, caught) = trap().await;
    let address = format!("https://localhost:{port}/jwks.json?secret=canary");
    let issuer = format!("https://localhost:{port}");
    let filtered = [
        RemoteJwks::new(&address).unwrap().with_public_addresses_only().unwrap(),
        RemoteJwks::discover(&issuer).unwrap().with_public_addresses_only().unwrap(),
        RemoteJwks::new(&address)
            .unwrap()
            .with_public_addresses_only()
            .unwrap()
            .with_root_certificate(tls::ROOT)
            .unwrap(),
        RemoteJwks::new(&address)
            .unwrap()
            .with_root_certificate(tls::ROOT)
            .unwrap()
            .with_public_addresses_only()
            .unwrap(),
    ];
    for keys in &filtered {
        let (known, told) = Log::of(is_known(keys)).await;
        assert_eq!(known, Err(JwksErrorKind::Unavailable));
        let failed = told.iter().find(|event| event.message == "failed").unwrap();
        assert!(failed.field("error").ends_with("has no public address"), "{told:?}");
        assert!(!format!("{told:?}").contains("canary"));
    }
    assert_eq!(caught.load(Ordering::SeqCst), 0);

    for open in [RemoteJwks::new(&address).unwrap(), RemoteJwks::discover(&issuer).unwrap()] {
        assert_eq!(is_known(&open).await, Err(JwksErrorKind::Unavailable));
    }
    // The metadata of an issuer may be in two places.
    assert_eq!(caught.load(Ordering::SeqCst), 3);
}

#[tokio::test]
#[ignore = "it is run by another test, in a process of its own"]
async fn a_process_behind_a_proxy() {
    let Ok(reach) = env::var("KEYS_REACH") else { return };
    let mut keys = RemoteJwks::new("https://issuer.invalid/jwks.json").unwrap();
    if reach == "public" {
        keys = keys.with_public_addresses_only().unwrap();
    }
    assert_eq!(is_known(&keys).await, Err(JwksErrorKind::Unavailable));
}

/// A proxy would connect to any address it resolves.
#[tokio::test]
async fn no_proxy_is_asked_for_public_addresses() {
    for (reach, connections) in [("any", 1), ("public", 0)] {
        let (port, caught) = trap().await;
        let proxy = format!("http://127.0.0.1:{port}");
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "jwks_tls_and_address_filter::a_process_behind_a_proxy", "--ignored"])
            .envs([("KEYS_REACH", reach), ("HTTPS_PROXY", &proxy), ("https_proxy", &proxy)])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .await
            .unwrap();
        let printed = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && printed.contains("1 passed"), "{printed}");
        assert_eq!(caught.load(Ordering::SeqCst), connections, "{reach}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_at_once() {
    let public = |keys: RemoteJwks| keys.with_public_addresses_only().map(drop).map_err(|error| error.kind());
    for host in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "2130706433", "[::1]", "[::ffff:10.0.0.1]"] {
        let address = format!("https://{host}/");
        assert_eq!(public(RemoteJwks::new(&address).unwrap()), Err(JwksErrorKind::Address), "{host}");
        assert_eq!(public(RemoteJwks::discover(&address).unwrap()), Err(JwksErrorKind::Address), "{host}");
    }
    for host in ["issuer.example", "8.8.8.8", "[2606:4700:4700::1111]"] {
        let address = format!("https://{host}/");
        assert_eq!(public(RemoteJwks::new(&address).unwrap()), Ok(()), "{host}");
        assert_eq!(public(RemoteJwks::discover(&address).unwrap()), Ok(()), "{host}");
    }
    // The one excludes the other, for every address.
    for local in ["http://127.0.0.1/", "https://issuer.example/"] {
        assert_eq!(public(RemoteJwks::insecure_loopback(local).unwrap()), Err(JwksErrorKind::Address));
        let issuer = RemoteJwks::insecure_loopback_discover(local).unwrap();
        assert_eq!(public(issuer), Err(JwksErrorKind::Address));
    }
}

#[test]
fn a_root_certificate_is_one() {
    for wrong in ["", "x", tls::LEAF_KEY, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        let keys = RemoteJwks::new("https://issuer.example/").unwrap();
        assert!(keys.with_root_certificate(wrong).is_err(), "{wrong}");
    }
}
