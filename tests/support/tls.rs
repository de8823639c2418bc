//! A server over `https`, and who vouches for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// An authority that is not trusted by default, and what it has signed for 127.0.0.1; both are good until 2119.
pub(crate) const ROOT: &str = "-----BEGIN CERTIFICATE-----
MIIBWzCCAQGgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAl0ZXN0IHJv
b3QwIBcNMjAwMTAxMDAwMDAwWhgPMjExOTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMM
CXRlc3Qgcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM4JI14Y4P3n6VlU
z8tcTZqhHjmjOHBbjhvjs4udSug08U2HQ7UMSW3KD18SMc4/4RWjYwyUyqR0DUXI
HoxL0yijQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1Ud
DgQWBBTX2kdKlgFEpIjkRtJsS9cu74kWCDAKBggqhkjOPQQDAgNIADBFAiBCM4dP
e+IivY+G+cFvzRPYo6M9HlMKxxY1c7x4ALmx/AIhAL4y63Ar7Nj1tmiMMWGzgnwC
D33eyXGWm4F24hEbs59W
-----END CERTIFICATE-----";
pub(crate) const LEAF: &str = "-----BEGIN CERTIFICATE-----
MIIBoDCCAUegAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAl0ZXN0IHJv
b3QwIBcNMjAwMTAxMDAwMDAwWhgPMjExOTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMM
CXRlc3QgbGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMhyVi2eQnyeLazC
rsiHSruW33umM9mLy8sxL8MOK+Sz6LfB84Mu1SNzHzP2rHkZ6jUXAz/cHFURPQcx
c6MVWBmjgYcwgYQwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0l
BAwwCgYIKwYBBQUHAwEwDwYDVR0RBAgwBocEfwAAATAfBgNVHSMEGDAWgBTX2kdK
lgFEpIjkRtJsS9cu74kWCDAdBgNVHQ4EFgQUWW/wWfzTc7DhdewaOoqhNc54v+ow
CgYIKoZIzj0EAwIDRwAwRAIgXnn+BAejSjVdERsWBAob8D7d87evglibsO7etBlB
95ACIE17fMVH71po0GmX/MIA1DbOvrc4A90k3Mj0tcLIU1nS
-----END CERTIFICATE-----";
/// The key of that certificate; it protects nothing.
pub(crate) const LEAF_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgc6lyVseWlTg/xhjB
7NXa7NZoxx/QbAvQ+FnfraN/SouhRANCAATIclYtnkJ8ni2swq7Ih0q7lt97pjPZ
i8vLMS/DDivks+i3wfODLtUjcx8z9qx5Geo1FwM/3BxVET0HMXOjFVgZ
-----END PRIVATE KEY-----";

/// Returns what accepts connections with that certificate.
pub(crate) fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(LEAF.as_bytes()).unwrap();
    let secret = PrivateKeyDer::from_pem_slice(LEAF_KEY.as_bytes()).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], secret).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Starts a server that responds to every request with this body; returns its port and how many requests it has read.
pub(crate) async fn serve(body: impl Into<String>) -> (u16, Arc<AtomicUsize>) {
    let (body, acceptor) = (body.into(), acceptor());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if stream.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {
                counter.fetch_add(1, Ordering::SeqCst);
                let head =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.ok();
                stream.shutdown().await.ok();
            }
        }
    });
    (port, read)
}
