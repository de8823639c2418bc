//! Holds the result of authenticating a request: [`Identified`].

use std::{any::Any, fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Acr, AuthTime, Authentication, CredentialId, Data, Identity, Scopes,
    presented_credentials::{Members, Several},
};
use crate::clock::UnixTime;

/// The result of [`IdentityPolicy::identify`](super::IdentityPolicy::identify).
#[derive(Clone, Default)]
pub struct Identified {
    identity: Option<Identity>,
    bad_credential: bool,
    contradictory: bool,
    renewal_due: bool,
    ambient: Option<bool>,
    pub(super) several: Option<Several>,
    authenticated_at: Option<UnixTime>,
    expires: Option<UnixTime>,
    memo: Option<Arc<dyn Any + Send + Sync>>,
    details: Option<Arc<Details>>,
}

/// Rarely used details; boxed, so that the rest is cheap to move.
#[derive(Clone, Debug, Default)]
pub(super) struct Details {
    actor: Option<Identity>,
    authentication: Authentication,
    credential_id: Option<CredentialId>,
    data: Option<Arc<Data>>,
    issued_at: Option<UnixTime>,
    /// The id of the log-in, and when the log-in ends at the latest
    login: Option<(CredentialId, UnixTime)>,
    pub(super) members: Option<Arc<Members>>,
    /// A time that identifies the log-in if the authentication time is unknown
    pub(super) named_by: Option<UnixTime>,
    pub(super) others: Option<Arc<[Identified]>>,
    pub(super) revision: Option<u64>,
    response_headers: Option<Arc<HeaderMap>>,
    scopes: Option<Scopes>,
}

impl Identified {
    /// Creates a result without a credential.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Creates a result with an invalid credential; the request is anonymous.
    #[must_use]
    pub fn bad_credential() -> Self {
        Self { bad_credential: true, ..Self::default() }
    }

    /// Creates a result with valid credentials of different users, so that the request's user is ambiguous.
    ///
    /// Requests that need the user get 401; a log-in or log-out resolves it.
    #[must_use]
    pub fn contradictory() -> Self {
        Self { contradictory: true, ..Self::default() }
    }

    /// Creates a result with a valid credential of `identity`.
    #[must_use]
    pub fn known(identity: Identity) -> Self {
        Self { identity: Some(identity), ..Self::default() }
    }

    /// Sets whether the credential should be renewed with this response.
    #[must_use]
    pub fn with_renewal_due(mut self, due: bool) -> Self {
        self.renewal_due = due;
        self
    }

    /// Sets whether browsers send this credential by themselves, if that differs between credentials of the
    /// policy. The default is [`IdentityPolicy::is_ambient`](super::IdentityPolicy::is_ambient).
    ///
    /// # Security
    ///
    /// Cross-site requests with a credential that is not ambient are accepted (CSRF).
    #[must_use]
    pub const fn with_ambient(mut self, ambient: bool) -> Self {
        self.ambient = Some(ambient);
        self
    }

    /// Sets when the user last authenticated (`auth_time`).
    #[must_use]
    pub fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Sets the expiry of the credential, including each renewal that the client may have. A
    /// [denylist](crate::revocation) keeps a revoked credential until then.
    ///
    /// # Security
    ///
    /// A credential that is valid for longer becomes valid again when its entry is dropped. If the expiry is
    /// unknown, do not call this: the denylist then keeps the entry for its [longest
    /// lifetime](crate::revocation::MemoryRevocation::with_longest_lifetime).
    #[must_use]
    pub const fn with_expires(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Attaches a value for this request's calls of `remember`, `forget` and `renew`, and for
    /// `Auth::credential_data`.
    #[must_use]
    pub fn with_memo<T: Any + Send + Sync>(mut self, memo: Arc<T>) -> Self {
        self.memo = Some(memo);
        self
    }

    /// Sets the credential's id, so that it can be revoked by itself.
    #[must_use]
    pub fn with_credential_id(self, id: CredentialId) -> Self {
        self.with_detail(|details| details.credential_id = Some(id))
    }

    /// Sets how the user authenticated, as far as it differs from a log-in here at
    /// [`authenticated_at`](Self::authenticated_at).
    #[must_use]
    pub fn with_authentication(self, authentication: Authentication) -> Self {
        if authentication.is_default() {
            return self;
        }
        self.with_detail(|details| details.authentication = authentication)
    }

    /// Sets the [id of the log-in](super::LoginOptions::with_login_id), and when the log-in ends at the
    /// latest: its absolute timeout. Credentials that replace this one have the same.
    ///
    /// # Security
    ///
    /// A policy that supports it writes [`LoginOptions::login_id`](super::LoginOptions::login_id) into every
    /// credential that it makes with these options, and keeps it in renewals and rotations. No such credential
    /// outlives [`LoginOptions::login_ends`](super::LoginOptions::login_ends).
    #[must_use]
    pub fn with_login(self, id: CredentialId, ends: UnixTime) -> Self {
        self.with_detail(|details| details.login = Some((id, ends)))
    }

    /// Sets the time of issue, for credentials without an authentication time.
    #[must_use]
    pub fn with_issued_at(self, time: UnixTime) -> Self {
        self.with_detail(|details| details.issued_at = Some(time))
    }

    /// Sets headers of the response to this request, of any status, such as `DPoP-Nonce`. A response that the
    /// handler has given such a header keeps its own, and one that hides a route has none.
    #[must_use]
    pub fn with_response_headers(self, headers: HeaderMap) -> Self {
        if headers.is_empty() {
            return self;
        }
        self.with_detail(|details| details.response_headers = Some(Arc::new(headers)))
    }

    /// Sets the scopes of the credential (RFC 6749, section 3.3). A credential without scopes is denied by
    /// `#[scope_required(…)]`.
    #[must_use]
    pub fn with_scopes(self, scopes: Scopes) -> Self {
        self.with_detail(|details| details.scopes = Some(scopes))
    }

    /// Sets the user who impersonates this identity.
    #[must_use]
    pub fn with_actor(self, actor: Identity) -> Self {
        self.with_detail(|details| details.actor = Some(actor))
    }

    /// Sets the session data.
    #[must_use]
    pub fn with_data(self, data: Arc<Data>) -> Self {
        self.with_detail(|details| details.data = Some(data))
    }

    pub(super) fn with_detail(mut self, change: impl FnOnce(&mut Details)) -> Self {
        change(Arc::make_mut(self.details.get_or_insert_default()));
        self
    }

    pub(super) fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// Returns the identity.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Returns whether there was an invalid credential.
    #[must_use]
    pub const fn is_bad_credential(&self) -> bool {
        self.bad_credential
    }

    /// Returns whether there were credentials of different users.
    #[must_use]
    pub const fn is_contradictory(&self) -> bool {
        self.contradictory
    }

    /// Returns whether the credential should be renewed.
    #[must_use]
    pub const fn is_renewal_due(&self) -> bool {
        self.renewal_due
    }

    /// Returns whether browsers send this credential by themselves, if that differs from the policy.
    #[must_use]
    pub const fn ambient(&self) -> Option<bool> {
        self.ambient
    }

    /// Returns when the user last logged in, if known.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns how the user authenticated.
    pub fn authentication(&self) -> Authentication {
        self.details().map(|details| details.authentication.clone()).unwrap_or_default()
    }

    /// Returns the authentication context, if known.
    #[must_use]
    pub fn acr(&self) -> Option<&Acr> {
        self.details()?.authentication.acr()
    }

    /// Returns when the user last authenticated, for step-up: at the log-in, or earlier if the identity provider
    /// says so. `None` if that is unknown.
    #[must_use]
    pub fn proven_at(&self) -> Option<UnixTime> {
        let login = self.authenticated_at?;
        match self.details().map(|details| details.authentication.time()).unwrap_or_default() {
            AuthTime::LogIn => Some(login),
            AuthTime::At(time) => Some(time.min(login)),
            AuthTime::Unknown => None,
        }
    }

    /// Returns how the user authenticated, for a credential that replaces this one: a later log-in makes the
    /// authentication no younger. An unknown time stays unknown, and one after `latest` becomes unknown.
    #[doc(hidden)]
    pub fn carried_authentication(&self, latest: UnixTime) -> Authentication {
        let time = self.proven_at().filter(|time| *time <= latest).map_or(AuthTime::Unknown, AuthTime::At);
        self.authentication().with_time(time)
    }

    /// Returns the expiry of the credential, including its renewals, if known.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.expires
    }

    /// Returns the credential's id, if it has one.
    #[must_use]
    pub fn credential_id(&self) -> Option<&CredentialId> {
        self.details()?.credential_id.as_ref()
    }

    /// Returns the id of the log-in, if it was given one.
    #[must_use]
    pub fn login_id(&self) -> Option<&CredentialId> {
        self.details()?.login.as_ref().map(|(id, _)| id)
    }

    /// Returns when the log-in ends at the latest, if it was given an id.
    #[must_use]
    pub fn login_ends(&self) -> Option<UnixTime> {
        self.details()?.login.as_ref().map(|(_, ends)| *ends)
    }

    /// Returns the time of issue, or otherwise the authentication time.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.details().and_then(|details| details.issued_at).or(self.authenticated_at)
    }

    /// Returns the headers of the response to this request, also if the policies of a
    /// [`FirstOf`](super::FirstOf) have set them.
    pub fn response_headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        let own = self.credentials().filter_map(|found| found.details.as_ref()?.response_headers.as_ref());
        own.flat_map(|headers| headers.iter())
    }

    /// Returns the scopes, if known.
    #[must_use]
    pub fn scopes(&self) -> Option<&Scopes> {
        self.details()?.scopes.as_ref()
    }

    /// Returns the user who impersonates this identity.
    #[must_use]
    pub fn actor(&self) -> Option<&Identity> {
        self.details()?.actor.as_ref()
    }

    /// Returns the session data, for policies that store any. If several policies authenticated the user, the
    /// data of the first is returned.
    #[must_use]
    pub fn data(&self) -> Option<&Arc<Data>> {
        let own = self.details()?.data.as_ref();
        own.or_else(|| self.finders().find_map(Self::data))
    }

    /// Returns the value that the policy attached. If several policies authenticated the user, values are
    /// found by type.
    #[must_use]
    pub fn memo<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let own = self.memo.clone().and_then(|memo| memo.downcast().ok());
        own.or_else(|| self.finders().find_map(Self::memo))
    }
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified")
            .field("identity", &self.identity)
            .field("bad_credential", &self.bad_credential)
            .field("contradictory", &self.contradictory)
            .field("renewal_due", &self.renewal_due)
            .field("ambient", &self.ambient)
            .field("authenticated_at", &self.authenticated_at)
            .field("expires", &self.expires)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}
