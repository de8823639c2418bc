//! Maps the claims of a token to an identity: the trait [`IdentityMapper`].

use std::{borrow::Cow, fmt, sync::Arc};

use crate::VerifiedClaims;
use auth_identity::{Answer, Identity, identity::IdentityError};

/// Maps the claims of a valid token to an identity. A function from `&VerifiedClaims` to `Option<Identity>` is one.
///
/// # Example
///
/// A mapper that has to wait copies what it needs of the claims:
///
/// ```
/// use auth_runtime::{Answer, BoxError, Identity, KeyRing};
/// use auth_runtime::identity::IdentityError;
/// use auth_runtime::jwt::{BearerJwt, IdentityMapper, RingKeys, VerifiedClaims};
///
/// # struct Table;
/// # impl Table {
/// #     async fn account(&self, _: String) -> Result<Option<(Identity, bool)>, BoxError> { Ok(None) }
/// # }
/// struct Accounts(Table);
///
/// impl IdentityMapper for Accounts {
///     fn identity(&self, claims: &VerifiedClaims) -> Answer<'_, Result<Option<Identity>, IdentityError>> {
///         let Some(subject) = claims.subject().map(str::to_owned) else { return Answer::Now(Ok(None)) };
///         Answer::later(async move {
///             match self.0.account(subject).await.map_err(IdentityError::unavailable)? {
///                 Some((_, true)) => Err(IdentityError::forbidden("the account is not for this application")),
///                 found => Ok(found.map(|(identity, _)| identity)),
///             }
///         })
///     }
/// }
///
/// let policy = BearerJwt::new(RingKeys::new(KeyRing::random())).with_identity_mapper(Accounts(Table));
/// # let _ = policy;
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not make identities of claims; write `|claims: &VerifiedClaims| None`",
    label = "expected a closure from `&VerifiedClaims` to `Option<Identity>`"
)]
pub trait IdentityMapper: Send + Sync + 'static {
    /// Returns the identity, at once or later; a token without one is rejected like any other bad token.
    ///
    /// # Errors
    ///
    /// Fails if the identity cannot be found out ([`IdentityError::unavailable`], 503), or to choose another response than
    /// that to a bad token ([`IdentityError::forbidden`], 403).
    fn identity(&self, claims: &VerifiedClaims) -> Answer<'_, Result<Option<Identity>, IdentityError>>;
}

#[diagnostic::do_not_recommend]
impl<F> IdentityMapper for F
where
    F: Fn(&VerifiedClaims) -> Option<Identity> + Send + Sync + 'static,
{
    fn identity(&self, claims: &VerifiedClaims) -> Answer<'_, Result<Option<Identity>, IdentityError>> {
        Answer::Now(Ok(self(claims)))
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
    /// `issuers` are the accepted ones; with `has_services`, a client that has a token for itself is a service.
    pub(super) fn identity(
        &self,
        claims: &VerifiedClaims,
        issuers: &[String],
        has_services: bool,
    ) -> Answer<'_, Result<Option<Identity>, IdentityError>> {
        let service = claims.client_id().filter(|client| has_services && claims.subject() == Some(client));
        let joins = match self {
            Self::By(mapper) => return mapper.identity(claims),
            Self::Claim(_) => false,
            Self::IssuerAndSubject => true,
            Self::Unsaid => issuers.len() >= 2,
        };
        let name = match self {
            Self::Claim(name) if service.is_none() => claims.get(name).and_then(|claim| claim.as_str()),
            _ => claims.subject(),
        };
        let text = if joins {
            name.and_then(|name| joined(claims.issuer(), name)).map(Cow::Owned)
        } else {
            name.map(Cow::Borrowed)
        };
        let make = |text: Cow<'_, str>| {
            if service.is_some() { Identity::service(text) } else { Identity::new(text) }
        };
        Answer::Now(Ok(text.and_then(|text| make(text).ok())))
    }

    /// Returns the impersonator's identity; a user has the same identity in both roles.
    pub(super) fn actor(&self, claims: &VerifiedClaims, actor: &str, issuers: &[String]) -> Option<Identity> {
        // The token may name the issuer of the impersonator (RFC 8693, section 4.1).
        let issuer = match claims.get("act")?.get("iss") {
            None => claims.issuer(),
            Some(issuer) => Some(issuer.as_str().filter(|issuer| !issuer.is_empty())?),
        };
        let name = match self {
            Self::IssuerAndSubject => joined(issuer, actor)?,
            Self::Unsaid if issuers.len() >= 2 => joined(issuer, actor)?,
            // Without its issuer, the name could be that of another user.
            Self::Unsaid if issuer != claims.issuer() => return None,
            Self::By(_) | Self::Claim(_) | Self::Unsaid => actor.to_owned(),
        };
        Identity::new(name).ok()
    }
}

/// The first part has no `#`, so different pairs yield different texts.
fn joined(issuer: Option<&str>, subject: &str) -> Option<String> {
    let issuer = issuer.filter(|issuer| !issuer.contains('#'))?;
    Some(format!("{issuer}#{subject}"))
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
