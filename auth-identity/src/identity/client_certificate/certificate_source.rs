//! Finds the client certificate of a request, in a proxy's header or in the connection:
//! [`ClientCertificates`].

use http::HeaderName;

use super::{ClientCertificate, proxy_header};
use crate::identity::{
    IdentityError, Incoming,
    client_address::{InvalidProxies, TrustedProxies},
};

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const X_FORWARDED_CLIENT_CERT: HeaderName = HeaderName::from_static("x-forwarded-client-cert");

/// The source of client certificates: the server of this process, or a trusted proxy that ends TLS.
///
/// | proxy sends | option |
/// |---|---|
/// | `Client-Cert: :MII…:` (RFC 9440) | [`behind`](Self::behind) |
/// | an URL-encoded PEM, such as nginx's `$ssl_client_escaped_cert` | [`with_escaped_pem`](Self::with_escaped_pem) |
/// | `X-Forwarded-Client-Cert: …;Cert="…"` of Envoy | [`with_forwarded_client_cert`](Self::with_forwarded_client_cert) |
///
/// # Example
///
/// ```
/// use auth_runtime::identity::ClientCertificates;
/// use axum::http::HeaderName;
///
/// // nginx: proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
/// let source = ClientCertificates::behind(["10.0.0.0/8"])?
///     .with_escaped_pem(HeaderName::from_static("x-client-cert"));
/// # let _ = source;
/// # Ok::<(), auth_runtime::identity::client_address::InvalidProxies>(())
/// ```
///
/// # Security
///
/// A header is read only if the connection comes from one of the trusted proxies, and otherwise ignored. Each proxy must
/// remove the header that a client sends, and set it only for a client whose key it has verified. A header that is
/// repeated or malformed rejects the request.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientCertificates(Source);

#[derive(Clone, Debug)]
enum Source {
    Extension,
    Proxies(TrustedProxies, Form),
}

#[derive(Clone, Debug)]
enum Form {
    ClientCert,
    EscapedPem(HeaderName),
    Forwarded,
}

impl ClientCertificates {
    /// Takes the [`ClientCertificate`] that the server of this process puts into a request's extensions.
    pub const fn of_server() -> Self {
        Self(Source::Extension)
    }

    /// Takes the certificate that these proxies, given as addresses or networks, send in `Client-Cert`.
    ///
    /// # Errors
    ///
    /// Fails if the list is empty, or one of them is not a valid address or network, or covers all addresses.
    pub fn behind(proxies: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidProxies> {
        Ok(Self(Source::Proxies(TrustedProxies::new(proxies)?, Form::ClientCert)))
    }

    /// Reads an URL-encoded certificate in PEM from this header of the proxies. Without proxies it changes nothing.
    pub fn with_escaped_pem(self, header: HeaderName) -> Self {
        self.with_form(Form::EscapedPem(header))
    }

    /// Reads `Cert` of `X-Forwarded-Client-Cert` from the proxies. Without proxies it changes nothing.
    ///
    /// There must be one element: the proxy replaces what a client sends (Envoy's `SANITIZE_SET`).
    pub fn with_forwarded_client_cert(self) -> Self {
        self.with_form(Form::Forwarded)
    }

    fn with_form(self, form: Form) -> Self {
        match self.0 {
            Source::Extension => self,
            Source::Proxies(proxies, _) => Self(Source::Proxies(proxies, form)),
        }
    }

    /// Returns the certificate of a request, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails if a trusted proxy sends a header that is repeated or malformed.
    pub fn find(&self, request: &Incoming<'_>) -> Result<Option<ClientCertificate>, IdentityError> {
        let (proxies, form) = match &self.0 {
            Source::Extension => return Ok(request.extensions().get::<ClientCertificate>().cloned()),
            Source::Proxies(proxies, form) => (proxies, form),
        };
        if !request.peer().is_some_and(|peer| proxies.contain(peer.ip().to_canonical())) {
            return Ok(None);
        }
        let name = self.header().unwrap_or(CLIENT_CERT);
        let mut lines = request.headers().get_all(name).iter();
        let Some(line) = lines.next() else { return Ok(None) };
        if lines.next().is_some() {
            return Err(IdentityError::refuse("there is more than one client certificate"));
        }
        // nginx sends an empty header for a client without a certificate, and others leave it out.
        let text = line.to_str().unwrap_or("?").trim_matches([' ', '\t']);
        if text.is_empty() {
            return Ok(None);
        }
        let found = match form {
            Form::ClientCert => proxy_header::byte_sequence(text),
            Form::EscapedPem(_) => proxy_header::escaped_pem(text),
            Form::Forwarded => proxy_header::forwarded(text),
        };
        let malformed = || IdentityError::refuse("the proxy's client certificate is malformed");
        found.map(|der| Some(ClientCertificate::from_der(der))).ok_or_else(malformed)
    }

    /// Returns the header that is read, if there is one.
    pub(crate) fn header(&self) -> Option<HeaderName> {
        match &self.0 {
            Source::Extension => None,
            Source::Proxies(_, Form::ClientCert) => Some(CLIENT_CERT),
            Source::Proxies(_, Form::EscapedPem(name)) => Some(name.clone()),
            Source::Proxies(_, Form::Forwarded) => Some(X_FORWARDED_CLIENT_CERT),
        }
    }
}
