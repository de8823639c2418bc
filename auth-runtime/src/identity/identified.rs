//! What a policy found in a request.

use std::{any::Any, fmt, sync::Arc};

use super::{
    CredentialId, Data, Identity, Scopes,
    presented::{Members, Several},
};
use crate::clock::UnixTime;

/// What [`IdentityPolicy::identify`](super::IdentityPolicy::identify) found.
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

/// What few credentials tell; apart, so that the others are moved cheaply.
#[derive(Clone, Debug, Default)]
pub(super) struct Details {
    actor: Option<Identity>,
    credential_id: Option<CredentialId>,
    data: Option<Arc<Data>>,
    issued_at: Option<UnixTime>,
    pub(super) members: Option<Arc<Members>>,
    /// The time that names the log-in, where it is not known when the user proved who they are
    pub(super) named_by: Option<UnixTime>,
    pub(super) others: Option<Arc<[Identified]>>,
    pub(super) revision: Option<u64>,
    scopes: Option<Scopes>,
}

impl Identified {
    /// No credential was presented.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A credential was presented and is not valid; the request is anonymous.
    #[must_use]
    pub fn bad_credential() -> Self {
        Self { bad_credential: true, ..Self::default() }
    }

    /// Valid credentials of different users were presented, and nobody can tell whose request it is.
    ///
    /// Whoever asks for the user is refused with 401; a log-in or log-out puts an end to it.
    #[must_use]
    pub fn contradictory() -> Self {
        Self { contradictory: true, ..Self::default() }
    }

    /// A valid credential for `identity` was presented.
    #[must_use]
    pub fn known(identity: Identity) -> Self {
        Self { identity: Some(identity), ..Self::default() }
    }

    /// Says that the credential should be renewed with this response.
    #[must_use]
    pub fn with_renewal_due(mut self, due: bool) -> Self {
        self.renewal_due = due;
        self
    }

    /// Says whether browsers send this credential by themselves, where that is not the same for all credentials of the
    /// policy. The default is what [`IdentityPolicy::is_ambient`](super::IdentityPolicy::is_ambient) says.
    ///
    /// # Security
    ///
    /// A request with a credential that is not ambient is not refused for the site that it comes from.
    #[must_use]
    pub const fn with_ambient(mut self, ambient: bool) -> Self {
        self.ambient = Some(ambient);
        self
    }

    /// Says when the user last proved who they are.
    #[must_use]
    pub fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Says when the credential, and each renewal of it that a client may have by now, is not valid any more. Until then a
    /// [list of revocations](crate::revocation) keeps it after a log-out.
    ///
    /// # Security
    ///
    /// A credential that is valid for longer becomes valid again when its revocation is dropped. Where that time is not
    /// known, do not call this: the list then keeps the credential for its
    /// [longest lifetime](crate::revocation::MemoryRevocation::with_longest_lifetime).
    #[must_use]
    pub const fn with_expires(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Keeps something for this request's calls of `remember`, `forget` and `renew`, and for
    /// `Auth::credential_data`.
    #[must_use]
    pub fn with_memo<T: Any + Send + Sync>(mut self, memo: Arc<T>) -> Self {
        self.memo = Some(memo);
        self
    }

    /// Names the credential, so that it can be revoked by itself.
    #[must_use]
    pub fn with_credential_id(self, id: CredentialId) -> Self {
        self.with_detail(|details| details.credential_id = Some(id))
    }

    /// Says when the credential was issued, for credentials that do not tell when their user logged in.
    #[must_use]
    pub fn with_issued_at(self, time: UnixTime) -> Self {
        self.with_detail(|details| details.issued_at = Some(time))
    }

    /// Says what the credential was issued for (RFC 6749, section 3.3). A credential without scopes passes no
    /// `#[scope_required(…)]`.
    #[must_use]
    pub fn with_scopes(self, scopes: Scopes) -> Self {
        self.with_detail(|details| details.scopes = Some(scopes))
    }

    /// Says who acts under this identity, when that is somebody else.
    #[must_use]
    pub fn with_actor(self, actor: Identity) -> Self {
        self.with_detail(|details| details.actor = Some(actor))
    }

    /// Keeps what is stored beside the identity.
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

    /// Returns whether a credential was presented that is not valid.
    #[must_use]
    pub const fn is_bad_credential(&self) -> bool {
        self.bad_credential
    }

    /// Returns whether credentials of different users were presented.
    #[must_use]
    pub const fn is_contradictory(&self) -> bool {
        self.contradictory
    }

    /// Returns whether the credential should be renewed.
    #[must_use]
    pub const fn is_renewal_due(&self) -> bool {
        self.renewal_due
    }

    /// Returns whether browsers send this credential by themselves, where it says something else than its policy.
    #[must_use]
    pub const fn ambient(&self) -> Option<bool> {
        self.ambient
    }

    /// Returns when the user last proved who they are, where the credential tells.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns when the credential, and each renewal of it, is not valid any more, where its policy knows.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.expires
    }

    /// Returns the credential's name, where it has one.
    #[must_use]
    pub fn credential_id(&self) -> Option<&CredentialId> {
        self.details()?.credential_id.as_ref()
    }

    /// Returns when the credential was issued, as far as it tells: otherwise, when its user logged in.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.details().and_then(|details| details.issued_at).or(self.authenticated_at)
    }

    /// Returns what the credential was issued for, where it tells.
    #[must_use]
    pub fn scopes(&self) -> Option<&Scopes> {
        self.details()?.scopes.as_ref()
    }

    /// Returns who acts under this identity, when that is somebody else.
    #[must_use]
    pub fn actor(&self) -> Option<&Identity> {
        self.details()?.actor.as_ref()
    }

    /// Returns what is stored beside the identity, for policies that store something. Of several policies that know the user
    /// it is what the first of them stores.
    #[must_use]
    pub fn data(&self) -> Option<&Arc<Data>> {
        let own = self.details()?.data.as_ref();
        own.or_else(|| self.finders().find_map(Self::data))
    }

    /// Returns what the policy kept. Of several policies that know the user, each one's is found by its type.
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
