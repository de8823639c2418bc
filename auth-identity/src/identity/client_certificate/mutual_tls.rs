//! Authenticates by client certificates: [`MutualTls`].

use std::fmt;

use async_trait::async_trait;
use http::HeaderValue;

use super::{CertificateSubject, ClientCertificate, ClientCertificates, InvalidSubject};
use crate::{
    Identity,
    answer_future::Answer,
    identity::{
        ChangeContext, CredentialId, Effects, Identification, Identified, IdentityError, IdentityPolicy,
        Incoming, LoginOptions,
    },
};

/// Authenticates requests by the client certificate of their connection, usually those of services.
///
/// A function names the identity of a certificate. With `None` the request is anonymous: the certificate may be there for
/// tokens that are bound to it.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Identity};
/// use auth_runtime::identity::{ClientCertificate, ClientCertificates, MutualTls};
///
/// // spiffe://shop.example/billing is the service `billing`
/// let policy = MutualTls::new(ClientCertificates::of_server(), |certificate: &ClientCertificate| {
///     let mut names = certificate.uris().filter_map(|uri| uri.strip_prefix("spiffe://shop.example/"));
///     let name = names.next().filter(|_| names.next().is_none())?;
///     Identity::service(name).ok()
/// });
/// let auth = AuthLayer::new(policy);
/// # let _ = auth;
/// ```
///
/// # Security
///
/// The names in a certificate are worth what its authority checks, so the server or proxy must accept only authorities that
/// issue certificates for this purpose; [`CertificateSubject`] says more about it. With certificates that are signed by their own key, compare
/// [`thumbprint`](ClientCertificate::thumbprint) instead.
///
/// A certificate does not expire here, and is not looked up in lists of revoked ones: that is up to what ends TLS. Its
/// credential id, `certificate-` and the thumbprint, can be revoked with a [denylist](crate::revocation). Browsers present
/// certificates by themselves, so unsafe cross-site requests are rejected (CSRF).
pub struct MutualTls<F> {
    certificates: ClientCertificates,
    identity: F,
}

impl<F: Fn(&ClientCertificate) -> Option<Identity> + Send + Sync + 'static> MutualTls<F> {
    /// Creates a policy that finds certificates in this source, and names their identities with this function.
    #[must_use]
    pub const fn new(certificates: ClientCertificates, identity: F) -> Self {
        Self { certificates, identity }
    }
}

impl MutualTls<fn(&ClientCertificate) -> Option<Identity>> {
    /// Creates a policy that names identities by the [subjects](CertificateSubject) of their certificates (RFC 8705, section
    /// 2.1), which stay the same when a certificate is replaced.
    ///
    /// A certificate that has the subjects of several identities is of none.
    ///
    /// # Errors
    ///
    /// Fails if two identities have the same subject.
    pub fn of_subjects(
        certificates: ClientCertificates,
        subjects: impl IntoIterator<Item = (CertificateSubject, Identity)>,
    ) -> Result<
        MutualTls<impl Fn(&ClientCertificate) -> Option<Identity> + Send + Sync + 'static>,
        InvalidSubject,
    > {
        let subjects: Vec<_> = subjects.into_iter().collect();
        CertificateSubject::check_distinct(&subjects)?;
        Ok(MutualTls::new(certificates, move |certificate: &ClientCertificate| {
            let mut named = subjects.iter().filter(|(subject, _)| subject.is_of(certificate));
            let (_, identity) = named.next()?;
            named.all(|(_, other)| other == identity).then(|| identity.clone())
        }))
    }
}

#[async_trait]
impl<F: Fn(&ClientCertificate) -> Option<Identity> + Send + Sync + 'static> IdentityPolicy for MutualTls<F> {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let certificate = match self.certificates.find(request) {
            Ok(Some(certificate)) => certificate,
            Ok(None) => return Answer::Now(Ok(Identified::anonymous())),
            Err(error) => return Answer::Now(Err(error)),
        };
        let Some(identity) = (self.identity)(&certificate) else {
            return Answer::Now(Ok(Identified::anonymous()));
        };
        let identified = Identified::known(identity);
        let id = CredentialId::new(format!("certificate-{}", certificate.thumbprint()));
        Answer::Now(Ok(match id {
            Ok(id) => identified.with_credential_id(id),
            Err(_) => identified,
        }))
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "a client certificate cannot be given; put a policy with a cookie before `MutualTls`, with `FirstOf`",
        ))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "a client certificate cannot be forgotten; revoke it at its authority",
        ))
    }

    /// Returns a scheme that says how to authenticate; none is registered for certificates.
    fn challenge(&self) -> HeaderValue {
        HeaderValue::from_static("Client-Certificate realm=\"restricted\"")
    }

    fn vary(&self) -> HeaderValue {
        // The result depends on the connection, unless a proxy names the certificate in a header.
        self.certificates.header().map_or(HeaderValue::from_static("*"), HeaderValue::from)
    }
}

impl<F> fmt::Debug for MutualTls<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutualTls").field("certificates", &self.certificates).finish_non_exhaustive()
    }
}
