//! Reads groups from the claims of a token: [`ClaimGroups`].

use crate::VerifiedClaims;
use auth_identity::{
    Answer, BoxError,
    authorization::{GroupPath, GroupQuestion, GroupSource},
    identity::Identified,
};

use auth_identity::__private::Groups;

/// A group source that reads the claims of the request's token, without a look-up.
///
/// A request without a token is in no groups, and so is one whose claims do not have the path. If the claim is
/// malformed, such as a number in place of a list of texts, the user is blocked: everything is denied, and the
/// log has the path.
///
/// # Example
///
/// The roles of Keycloak, as groups such as `realm:editor`:
///
/// ```
/// use auth_runtime::{Acl, AuthLayer, KeyRing, acl, acl_required};
/// use auth_runtime::authorization::GroupPath;
/// use auth_runtime::jwt::{BearerJwt, ClaimGroups, RingKeys};
///
/// const ARTICLES: Acl = acl![(Allow, Group("realm:editor"), ["edit"])];
///
/// #[acl_required("edit", ARTICLES)]
/// async fn edit() {}
///
/// const ROLES: GroupPath = GroupPath::from_static("realm_access.roles");
///
/// let groups = ClaimGroups::new(ROLES).with_prefix("realm:").with_issuer("https://login.example/realms/shop");
/// let auth = AuthLayer::new(BearerJwt::new(RingKeys::new(KeyRing::random()))).with_groups(groups);
/// # let _ = (auth, edit);
/// ```
///
/// # Security
///
/// Each accepted issuer can put its users into every group that the claims name. With several issuers, or with groups
/// that only the application assigns, set a [prefix](Self::with_prefix) and the
/// [issuer](Self::with_issuer).
///
/// The groups are those of the time at which the token was issued: a user who is removed from a group keeps it
/// until the token expires or is revoked.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClaimGroups {
    path: GroupPath,
    prefix: String,
    issuers: Vec<String>,
}

impl ClaimGroups {
    /// Reads the groups at this path.
    pub const fn new(path: GroupPath) -> Self {
        Self { path, prefix: String::new(), issuers: Vec::new() }
    }

    /// Begins the name of each group with this text. The default is none.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Reads tokens of this issuer only; each further call adds one. By default all tokens that the policy accepts are
    /// read.
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    fn read(&self, question: GroupQuestion<'_>) -> Option<Groups> {
        let claims = question.credential().and_then(Identified::memo::<VerifiedClaims>);
        let Some(claims) = claims.filter(|claims| self.is_read(claims)) else { return Some(Groups::none()) };
        self.path.groups(claims.get(&self.path.first()), &self.prefix)
    }

    fn is_read(&self, claims: &VerifiedClaims) -> bool {
        self.issuers.is_empty()
            || claims.issuer().is_some_and(|issuer| self.issuers.iter().any(|accepted| accepted == issuer))
    }
}

impl GroupSource for ClaimGroups {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::Now(Ok(self.read(question)))
    }

    fn reads_request(&self) -> bool {
        true
    }
}
