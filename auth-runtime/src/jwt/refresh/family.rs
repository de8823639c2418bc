//! What a store keeps.

use super::{RefreshErrorKind, TokenHash, TokenSalt};
use crate::{
    Identity,
    clock::UnixTime,
    identity::{InvalidId, Scopes},
};

/// What a user granted to a client: access tokens are issued for this.
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::Grant;
///
/// let grant = Grant::new("alice", "https://api.shop.example")?
///     .with_scopes("articles:read articles:write".parse()?)
///     .with_client_id("web");
/// assert_eq!(grant.subject(), "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Grant {
    subject: String,
    audience: String,
    scopes: Scopes,
    client_id: Option<String>,
    authenticated_at: Option<UnixTime>,
    began: Option<UnixTime>,
}

impl Grant {
    /// Access for this user to this service.
    ///
    /// # Errors
    ///
    /// Fails when one of them has not 1 to 255 bytes of visible text.
    pub fn new(subject: impl AsRef<str>, audience: impl AsRef<str>) -> Result<Self, InvalidId> {
        let text = |text: &str| Identity::new(text).map(|text| text.as_str().to_owned());
        Ok(Self {
            subject: text(subject.as_ref())?,
            audience: text(audience.as_ref())?,
            scopes: Scopes::none(),
            client_id: None,
            authenticated_at: None,
            began: None,
        })
    }

    /// Grants these scopes. The default is none.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Names the client. The default is not to.
    pub fn with_client_id(mut self, client: impl Into<String>) -> Self {
        self.client_id = Some(client.into());
        self
    }

    /// Says when the user proved who they are, for `#[auth_required(fresh = "…")]`. No refresh makes it later.
    pub const fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Says when the family of refresh tokens began through which this grant is used.
    pub(super) const fn with_began(mut self, time: UnixTime) -> Self {
        self.began = Some(time);
        self
    }

    /// When the family of refresh tokens began through which this grant is used, if it is used through one.
    pub(in crate::jwt) const fn began(&self) -> Option<UnixTime> {
        self.began
    }

    /// Returns the user.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the service.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the scopes.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns the client.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns when the user proved who they are.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// The same for some of the scopes.
    pub(super) fn narrowed(&self, scopes: Option<&Scopes>) -> Result<Self, RefreshErrorKind> {
        let Some(scopes) = scopes else { return Ok(self.clone()) };
        if scopes.iter().all(|scope| self.scopes.contains(scope)) {
            Ok(self.clone().with_scopes(scopes.clone()))
        } else {
            Err(RefreshErrorKind::Scope)
        }
    }
}

/// What is kept of one log-in: no token can be made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "stores have to write it down and to put it together again")]
pub struct RefreshFamily {
    /// What the user granted
    pub grant: Grant,
    /// The newest token
    pub current: TokenHash,
    /// The token that was used last
    pub previous: Option<TokenHash>,
    /// From which, with the token that was used last, the newest token can be made again; only with a grace period
    pub salt: Option<TokenSalt>,
    /// When the family began, at a log-in; each access token that is issued for it tells this time, and is revoked with it
    pub began: UnixTime,
    /// When it was used
    pub rotated: UnixTime,
    /// Until when the newest token has to be used
    pub idle_until: UnixTime,
    /// When the family ends
    pub expires: UnixTime,
}
