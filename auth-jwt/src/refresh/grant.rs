//! Holds a user's grant to a client, for which access tokens are issued: [`Grant`].

use super::RefreshErrorKind;
use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Acr, InvalidId, Scopes},
};

/// A user's grant to a client, for which access tokens are issued.
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
    acr: Option<Acr>,
    began: Option<UnixTime>,
}

impl Grant {
    /// Creates a grant of access for this user to this audience.
    ///
    /// # Errors
    ///
    /// Fails if one of them does not have 1 to 255 bytes of visible text.
    pub fn new(subject: impl AsRef<str>, audience: impl AsRef<str>) -> Result<Self, InvalidId> {
        let text = |text: &str| Identity::from_stored(text).map(|text| text.as_str().to_owned());
        Ok(Self {
            subject: Identity::new(subject)?.as_str().to_owned(),
            audience: text(audience.as_ref())?,
            scopes: Scopes::none(),
            client_id: None,
            authenticated_at: None,
            acr: None,
            began: None,
        })
    }

    /// Sets the scopes. The default is none.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets the client. The default is none.
    pub fn with_client_id(mut self, client: impl Into<String>) -> Self {
        self.client_id = Some(client.into());
        self
    }

    /// Sets when the user authenticated, for `#[auth_required(fresh = "…")]`. A refresh does not change it.
    pub const fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Sets in which context the user authenticated, for `#[auth_required(acr = "…")]`. A refresh does not change
    /// it.
    pub fn with_acr(mut self, acr: Acr) -> Self {
        self.acr = Some(acr);
        self
    }

    /// Sets when the refresh token family of this grant began.
    pub(super) const fn with_began(mut self, time: UnixTime) -> Self {
        self.began = Some(time);
        self
    }

    /// Returns when the refresh token family of this grant began, if there is one.
    pub(crate) const fn began(&self) -> Option<UnixTime> {
        self.began
    }

    /// Returns the user.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the audience.
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

    /// Returns when the user authenticated.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns in which context the user authenticated.
    #[must_use]
    pub const fn acr(&self) -> Option<&Acr> {
        self.acr.as_ref()
    }

    /// Returns the grant with some of the scopes.
    pub(super) fn narrowed(&self, scopes: Option<&Scopes>) -> Result<Self, RefreshErrorKind> {
        let Some(scopes) = scopes else { return Ok(self.clone()) };
        if scopes.iter().all(|scope| self.scopes.contains(scope)) {
            Ok(self.clone().with_scopes(scopes.clone()))
        } else {
            Err(RefreshErrorKind::Scope)
        }
    }
}
