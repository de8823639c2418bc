//! Holds client certificates of mutual TLS, [`ClientCertificate`], and says where a policy finds them,
//! [`ClientCertificates`].

mod alternative_names;
mod certificate_source;
mod certificate_subject;
mod der;
mod distinguished_name;
mod mutual_tls;
mod proxy_header;

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub use certificate_source::ClientCertificates;
pub use certificate_subject::{CertificateSubject, InvalidSubject};
pub use mutual_tls::MutualTls;

use crate::keys::digest::sha256;

/// A certificate that the client of a connection has authenticated with, and proven to have the key of (mutual TLS).
///
/// The server that ends TLS puts it into the extensions of each request of the connection; [`ClientCertificates`] finds it
/// there.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::ClientCertificate;
/// use axum::http::Request;
///
/// // What `rustls::ServerConnection::peer_certificates` returns first, after the handshake:
/// let der: Vec<u8> = vec![0x30, 0x03, 0x02, 0x01, 0x00];
/// let mut request = Request::new(());
/// request.extensions_mut().insert(ClientCertificate::from_der(der));
/// ```
///
/// # Security
///
/// Only the code that ends TLS may create one: it must have verified that the client has the private key, and, unless
/// tokens are bound to self-signed certificates (RFC 8705, section 6.2), the chain up to a trusted authority.
#[derive(Clone, Eq, PartialEq)]
#[must_use]
pub struct ClientCertificate(Arc<[u8]>);

impl ClientCertificate {
    /// Creates one from the client's own certificate in DER, without its chain.
    pub fn from_der(der: impl Into<Vec<u8>>) -> Self {
        Self(der.into().into())
    }

    /// Returns the certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }

    /// Returns the SHA-256 of the certificate in base64url: `x5t#S256` (RFC 8705, section 3.1).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(&[&self.0]))
    }

    /// Compares the thumbprint, which is public.
    pub(crate) fn has_thumbprint(&self, thumbprint: &str) -> bool {
        self.thumbprint() == thumbprint
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.thumbprint())
    }
}
