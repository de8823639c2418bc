//! Names the subject of a client certificate as the metadata of a client does (RFC 8705, section 2.1.2):
//! [`CertificateSubject`].

use std::{error::Error, fmt, net::IpAddr};

use super::{ClientCertificate, distinguished_name::DistinguishedName};

/// The subject that a client's certificates have: its distinguished name, or one of its alternative names.
///
/// | constructor | metadata of the client (RFC 8705, section 2.1.2) | compared |
/// |---|---|---|
/// | [`dn`](Self::dn) | `tls_client_auth_subject_dn` | attribute by attribute, each value byte by byte |
/// | [`san_dns`](Self::san_dns) | `tls_client_auth_san_dns` | without regard to case; a `*` is not a wildcard |
/// | [`san_uri`](Self::san_uri) | `tls_client_auth_san_uri` | byte by byte |
/// | [`san_ip`](Self::san_ip) | `tls_client_auth_san_ip` | as an address |
/// | [`san_email`](Self::san_email) | `tls_client_auth_san_email` | byte by byte |
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Identity};
/// use auth_runtime::identity::{CertificateSubject, ClientCertificates, MutualTls};
///
/// let policy = MutualTls::of_subjects(ClientCertificates::of_server(), [
///     (CertificateSubject::san_uri("spiffe://shop.example/billing")?, Identity::service("billing")?),
///     (CertificateSubject::dn(r"CN=printer,O=Shop\, Inc.,C=DE")?, Identity::service("printer")?),
/// ])?;
/// let auth = AuthLayer::new(policy);
/// # let _ = auth;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// A name is worth what the authority checks before it signs: a program that can get a certificate with the name from an
/// authority that the server trusts is this client.
///
/// - The server or proxy must trust only authorities that issue certificates for this purpose. With a public one, the
///   holder of a domain gets any name below it.
/// - Two authorities that both sign the same distinguished name make one client of two. Where the server trusts several,
///   use names that only one of them signs.
/// - A certificate that no authority has signed can have any subject. A proxy that passes these on, such as nginx with
///   `optional_no_ca`, needs the [thumbprint](ClientCertificate::thumbprint) instead.
/// - A new certificate of the same subject is the same client. To revoke the id of one certificate is not enough when the
///   client has lost its key: the authority has to revoke it, or its subject has to be removed here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateSubject(Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Dn(DistinguishedName),
    Dns(String),
    Email(String),
    Ip(IpAddr),
    Uri(String),
}

/// A text is not the name of a subject, or two identities have the same subject.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidSubject(&'static str);

impl fmt::Display for InvalidSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for InvalidSubject {}

impl CertificateSubject {
    /// Names the subject by its whole distinguished name, in the text form of RFC 4514, such as `CN=billing,O=Shop,C=DE`:
    /// what `openssl x509 -subject -nameopt RFC2253` prints. Types without a name there are written in digits, such as
    /// `2.5.4.5` for a serial number.
    ///
    /// # Errors
    ///
    /// Fails if it is not such a text, or has a value in hexadecimal.
    pub fn dn(text: &str) -> Result<Self, InvalidSubject> {
        let name = DistinguishedName::parse(text);
        let name = name
            .ok_or(InvalidSubject("this is not a distinguished name; write for example `CN=billing,O=Shop`"));
        name.map(|name| Self(Kind::Dn(name)))
    }

    /// Names the subject by a DNS name among its alternative names.
    ///
    /// # Errors
    ///
    /// Fails if it is empty, has other characters than those of host names, or a `*`.
    pub fn san_dns(name: &str) -> Result<Self, InvalidSubject> {
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_name = !name.is_empty() && name.bytes().all(is_host);
        let invalid = InvalidSubject("this is not a DNS name; write for example `billing.shop.example`");
        is_name.then(|| Self(Kind::Dns(name.to_ascii_lowercase()))).ok_or(invalid)
    }

    /// Names the subject by a URI among its alternative names, such as a SPIFFE id.
    ///
    /// # Errors
    ///
    /// Fails if it has no scheme, or characters that a certificate cannot have.
    pub fn san_uri(uri: &str) -> Result<Self, InvalidSubject> {
        let is_uri = uri.bytes().all(|byte| byte.is_ascii_graphic())
            && uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        let invalid = InvalidSubject("this is not a URI; write for example `spiffe://shop.example/billing`");
        is_uri.then(|| Self(Kind::Uri(uri.to_owned()))).ok_or(invalid)
    }

    /// Names the subject by an IP address among its alternative names.
    #[must_use]
    pub const fn san_ip(address: IpAddr) -> Self {
        Self(Kind::Ip(address))
    }

    /// Names the subject by an e-mail address among its alternative names.
    ///
    /// # Errors
    ///
    /// Fails if it has no `@`, or characters that a certificate cannot have.
    pub fn san_email(address: &str) -> Result<Self, InvalidSubject> {
        let is_address = address.bytes().all(|byte| byte.is_ascii_graphic())
            && address.rsplit_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
        let invalid = InvalidSubject("this is not an e-mail address; write for example `ops@shop.example`");
        is_address.then(|| Self(Kind::Email(address.to_owned()))).ok_or(invalid)
    }

    /// Names the subject by a member of the client's metadata, such as `tls_client_auth_san_dns`, and its value.
    ///
    /// # Errors
    ///
    /// Fails for another member, and for a value that the constructor of the member rejects.
    pub fn of_metadata(member: &str, value: &str) -> Result<Self, InvalidSubject> {
        match member {
            "tls_client_auth_subject_dn" => Self::dn(value),
            "tls_client_auth_san_dns" => Self::san_dns(value),
            "tls_client_auth_san_uri" => Self::san_uri(value),
            "tls_client_auth_san_ip" => {
                let address = value.parse().map_err(|_| InvalidSubject("this is not an IP address"));
                address.map(Self::san_ip)
            }
            "tls_client_auth_san_email" => Self::san_email(value),
            _ => Err(InvalidSubject(
                "this is not a member of RFC 8705, section 2.1.2; write for example `tls_client_auth_san_uri`",
            )),
        }
    }

    /// Returns whether a certificate has this subject. One that is malformed has none.
    #[must_use]
    pub fn is_of(&self, certificate: &ClientCertificate) -> bool {
        match &self.0 {
            Kind::Dn(name) => DistinguishedName::of_certificate(certificate.der()).as_ref() == Some(name),
            Kind::Dns(name) => certificate.dns_names().any(|own| own.eq_ignore_ascii_case(name)),
            Kind::Email(address) => certificate.email_addresses().any(|own| own == address),
            Kind::Ip(address) => certificate.ip_addresses().any(|own| own == *address),
            Kind::Uri(uri) => certificate.uris().any(|own| own == uri),
        }
    }

    /// Fails if two of the subjects are the same.
    pub(super) fn check_distinct<T>(subjects: &[(Self, T)]) -> Result<(), InvalidSubject> {
        for (at, (subject, _)) in subjects.iter().enumerate() {
            if subjects.iter().skip(at.saturating_add(1)).any(|(other, _)| other == subject) {
                return Err(InvalidSubject("two identities have the same subject; remove one"));
            }
        }
        Ok(())
    }
}
