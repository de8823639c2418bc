//! Maps the claims of a token to an identity: the trait [`IdentityMapper`].

use std::{fmt, sync::Arc};

use crate::{Identity, jwt::VerifiedClaims};

/// Maps a valid token's claims to an identity. Functions of this form implement it.
pub trait IdentityMapper: Send + Sync + 'static {
    /// Returns the identity; with `None` the token is rejected.
    fn identity(&self, claims: &VerifiedClaims) -> Option<Identity>;
}

impl<F> IdentityMapper for F
where
    F: Fn(&VerifiedClaims) -> Option<Identity> + Send + Sync + 'static,
{
    fn identity(&self, claims: &VerifiedClaims) -> Option<Identity> {
        self(claims)
    }
}

#[derive(Clone)]
pub(super) enum Named {
    By(Arc<dyn IdentityMapper>),
    Claim(String),
    IssuerAndSubject,
    /// The default: the subject, with its issuer if there are several
    Unsaid,
}

impl Named {
    /// `issuers` are the accepted ones.
    pub(super) fn identity(&self, claims: &VerifiedClaims, issuers: &[String]) -> Option<Identity> {
        match self {
            Self::By(identifier) => identifier.identity(claims),
            Self::Claim(name) => Identity::new(claims.get(name)?.as_str()?).ok(),
            Self::Unsaid if issuers.len() < 2 => Identity::new(claims.subject()?).ok(),
            Self::IssuerAndSubject | Self::Unsaid => joined(claims.issuer()?, claims.subject()?),
        }
    }

    /// Returns the impersonator's identity; a user has the same identity in both roles.
    pub(super) fn actor(&self, claims: &VerifiedClaims, actor: &str, issuers: &[String]) -> Option<Identity> {
        // The token may name the issuer of the impersonator (RFC 8693, section 4.1).
        let issuer = match claims.get("act")?.get("iss") {
            None => claims.issuer(),
            Some(issuer) => Some(issuer.as_str().filter(|issuer| !issuer.is_empty())?),
        };
        match self {
            Self::IssuerAndSubject => joined(issuer?, actor),
            Self::Unsaid if issuers.len() >= 2 => joined(issuer?, actor),
            // Without its issuer, the name could be that of another user.
            Self::Unsaid if issuer != claims.issuer() => None,
            Self::By(_) | Self::Claim(_) | Self::Unsaid => Identity::new(actor).ok(),
        }
    }
}

/// The first part has no `#`, so different pairs yield different texts.
fn joined(issuer: &str, subject: &str) -> Option<Identity> {
    if issuer.contains('#') {
        return None;
    }
    Identity::new(format!("{issuer}#{subject}")).ok()
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(_) => f.write_str("By(function)"),
            Self::Claim(name) => f.debug_tuple("Claim").field(name).finish(),
            Self::IssuerAndSubject => f.write_str("IssuerAndSubject"),
            Self::Unsaid => f.write_str("Unsaid"),
        }
    }
}
