//! Sets options of a log-in: [`LoginOptions`].

use std::{fmt, time::Duration};

use super::{Acr, AuthTime, Authentication, CredentialId, Identified, Identity};
use crate::clock::UnixTime;

/// The lifetime of a credential.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Lifetime {
    /// As configured for the policy
    #[default]
    Configured,
    /// This long, in whole seconds, up to the policy's absolute timeout
    For(Duration),
    /// Until the browser closes, up to the policy's lifetime
    BrowserSession,
}

/// Options of one log-in.
///
/// # Example
///
/// ```
/// use auth_runtime::LoginOptions;
/// use std::time::Duration;
///
/// let for_a_month = LoginOptions::new().with_lifetime(Duration::from_secs(30 * 24 * 3600));
/// let until_the_browser_closes = LoginOptions::new().until_browser_closes();
/// let with_data = LoginOptions::new().with_tokens(["mfa"]).with_public_data("theme=dark");
/// # let _ = (for_a_month, until_the_browser_closes, with_data);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct LoginOptions {
    lifetime: Lifetime,
    tokens: Vec<String>,
    public_data: String,
    actor: Option<Identity>,
    authenticated_at: Option<UnixTime>,
    /// `None` if the application does not state it
    authentication: Option<Authentication>,
    login_id: Option<CredentialId>,
    login_ends: Option<UnixTime>,
}

static AT_LOG_IN: Authentication = Authentication::new();

/// Omits values, which may be secret.
impl fmt::Debug for LoginOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginOptions")
            .field("lifetime", &self.lifetime)
            .field("actor", &self.actor)
            .field("authenticated_at", &self.authenticated_at)
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}

impl LoginOptions {
    /// Returns the options of the policy's configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the lifetime for this log-in.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Lifetime::For(lifetime);
        self
    }

    /// Asks the browser to remove the credential when it closes.
    pub fn until_browser_closes(mut self) -> Self {
        self.lifetime = Lifetime::BrowserSession;
        self
    }

    /// Attaches tokens to the identity, such as the method of the log-in.
    pub fn with_tokens(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Attaches text to the identity.
    ///
    /// # Security
    ///
    /// A ticket is signed, not encrypted: the text is readable in the cookie.
    pub fn with_public_data(mut self, data: impl Into<String>) -> Self {
        self.public_data = data.into();
        self
    }

    /// Sets the user who impersonates this identity.
    ///
    /// A policy that supports it returns it in the new identity; `Auth::impersonate` rejects others.
    pub fn with_actor(mut self, actor: Identity) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Sets an earlier authentication time: the credential replaces another one, whose user authenticated
    /// then, and lives at most as long.
    pub const fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Sets the authentication context of this log-in, for guards with `acr = "…"`.
    pub fn with_acr(mut self, acr: Acr) -> Self {
        self.authentication = Some(self.authentication.unwrap_or_default().with_acr(acr));
        self
    }

    /// Sets when the user authenticated, for guards with `fresh = "…"`. The default is now; at
    /// `Auth::log_out_elsewhere`, it is the time of the earlier authentication.
    pub fn with_auth_time(mut self, time: AuthTime) -> Self {
        self.authentication = Some(self.authentication.unwrap_or_default().with_time(time));
        self
    }

    /// Sets how the user authenticated.
    pub fn with_authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = Some(authentication);
        self
    }

    /// Returns how the user authenticated.
    pub const fn authentication(&self) -> &Authentication {
        match &self.authentication {
            Some(authentication) => authentication,
            None => &AT_LOG_IN,
        }
    }

    /// Sets how the user authenticated, unless that was set.
    #[doc(hidden)]
    pub fn or_authentication(mut self, of: impl FnOnce() -> Authentication) -> Self {
        self.authentication = Some(self.authentication.unwrap_or_else(of));
        self
    }

    /// Gives the log-in an id of its own, chosen before it begins. Rotation, renewal, impersonation and
    /// `Auth::log_out_elsewhere` keep it, and its absolute timeout, while the
    /// [id of the credential](super::Identified::credential_id) may change.
    ///
    /// Revoking it, by [`Revocation::revoke_credential`](crate::revocation::Revocation::revoke_credential),
    /// revokes every credential of the log-in, even before it begins. Sessions and encrypted cookies support
    /// it; for other policies [`Identified::login_id`](super::Identified::login_id) returns `None`.
    ///
    /// # Security
    ///
    /// The id must be unique, such as 128 random bits: log-ins with the same id end together.
    pub fn with_login_id(mut self, id: CredentialId) -> Self {
        self.login_id = Some(id);
        self.login_ends = None;
        self
    }

    /// Continues a log-in that has an [id](Self::with_login_id): the new credential has the same id, and ends
    /// no later than the log-in would have ended. Without an id it changes nothing.
    pub fn with_login_of(mut self, found: &Identified) -> Self {
        if let Some(id) = found.login_id() {
            self.login_id = Some(id.clone());
            self.login_ends = found.login_ends();
        }
        self
    }

    /// Returns the id of the log-in, if it was given one.
    #[must_use]
    pub const fn login_id(&self) -> Option<&CredentialId> {
        self.login_id.as_ref()
    }

    /// Returns when the log-in ends at the latest, if it [continues](Self::with_login_of) another one.
    #[must_use]
    pub const fn login_ends(&self) -> Option<UnixTime> {
        self.login_ends
    }

    /// Returns the user who impersonates this identity.
    #[must_use]
    pub const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }

    /// Returns the authentication time, if it is not now.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns the lifetime.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Returns the text.
    #[must_use]
    pub fn public_data(&self) -> &str {
        &self.public_data
    }
}
