//! Lists the ways in which a client authenticates to the authorization server: [`ClientAuthentication`].

use std::fmt;

use secrecy::SecretString;

#[cfg(feature = "jwt")]
use super::ClientKey;

/// How a client authenticates to the authorization server (RFC 6749 section 2.3). Secrets are never sent in
/// an address.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In the header, form-encoded as RFC 6749 section 2.3.1 requires (`client_secret_basic`).
    Basic(SecretString),
    /// In the header, without form-encoding, for servers that do not decode it. It differs only if the id or
    /// the secret has characters other than letters, digits and `*-._`.
    BasicUnencoded(SecretString),
    /// Not at all: a public client, such as a program on users' devices (`none`).
    None,
    /// In the body (`client_secret_post`).
    Post(SecretString),
    /// With a key pair (RFC 7523 section 2.2, `private_key_jwt`): no secret is sent.
    #[cfg(feature = "jwt")]
    PrivateKeyJwt(ClientKey),
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic(_) => "Basic([redacted])",
            Self::BasicUnencoded(_) => "BasicUnencoded([redacted])",
            Self::None => "None",
            Self::Post(_) => "Post([redacted])",
            #[cfg(feature = "jwt")]
            Self::PrivateKeyJwt(_) => "PrivateKeyJwt([redacted])",
        })
    }
}
