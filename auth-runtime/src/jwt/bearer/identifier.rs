//! Whose token it is.

use std::{fmt, sync::Arc};

use crate::{Identity, jwt::VerifiedClaims};

/// Makes an identity of a valid token's claims. Functions of this form are ones.
pub trait Identifier: Send + Sync + 'static {
    /// Returns the identity; with `None` the token is refused.
    fn identity(&self, claims: &VerifiedClaims) -> Option<Identity>;
}

impl<F> Identifier for F
where
    F: Fn(&VerifiedClaims) -> Option<Identity> + Send + Sync + 'static,
{
    fn identity(&self, claims: &VerifiedClaims) -> Option<Identity> {
        self(claims)
    }
}

#[derive(Clone)]
pub(super) enum Named {
    By(Arc<dyn Identifier>),
    Claim(String),
    IssuerAndSubject,
    /// Nothing was said: the subject, with its issuer where there are several
    Unsaid,
}

impl Named {
    /// `issuers` are those whose tokens are taken.
    pub(super) fn identity(&self, claims: &VerifiedClaims, issuers: &[String]) -> Option<Identity> {
        match self {
            Self::By(identifier) => identifier.identity(claims),
            Self::Claim(name) => Identity::new(claims.get(name)?.as_str()?).ok(),
            Self::Unsaid if issuers.len() < 2 => Identity::new(claims.subject()?).ok(),
            Self::IssuerAndSubject | Self::Unsaid => {
                // Without a `#` in the first, no two pairs are joined to the same text.
                let issuer = claims.issuer().filter(|issuer| !issuer.contains('#'))?;
                Identity::new(format!("{issuer}#{}", claims.subject()?)).ok()
            }
        }
    }
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
