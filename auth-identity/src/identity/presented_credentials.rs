//! Holds all credentials of one request: of several policies, and several of one policy.

use std::sync::Arc;

use super::{CredentialId, Identified, Identity};
use crate::clock::UnixTime;

/// The results of several policies, in order.
#[derive(Clone, Debug)]
pub struct Members(pub(super) Vec<Identified>);

/// The several cookies of one policy's name in a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Several {
    /// The number of those with users
    pub valid: u8,
    /// There were too many to read all
    pub is_unread: bool,
    /// They have the older format
    pub is_import: bool,
}

/// Identifies the log-in of a credential and of its renewals.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct LoginKey {
    identity: Option<Identity>,
    actor: Option<Identity>,
    name: Name,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Name {
    Credential(CredentialId),
    Login(UnixTime),
}

impl LoginKey {
    /// Returns the user; `None` for data of an anonymous client.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl Identified {
    /// Attaches the results of several policies.
    pub(super) fn with_members(self, members: Arc<Members>) -> Self {
        self.with_detail(|details| details.members = Some(members))
    }

    /// Records that the request has several cookies of the policy's name, and the valid ones of other
    /// log-ins.
    #[doc(hidden)]
    #[must_use]
    pub fn with_several(mut self, several: Several, others: Vec<Self>) -> Self {
        self.several = Some(several);
        if others.is_empty() {
            self
        } else {
            self.with_detail(|details| details.others = Some(others.into()))
        }
    }

    /// Returns what is known of several cookies of the policy's name.
    #[doc(hidden)]
    #[must_use]
    pub const fn several(&self) -> Option<Several> {
        self.several
    }

    /// Identifies the log-in by a time that is not an authentication time.
    pub(super) fn with_login_named_by(self, time: UnixTime) -> Self {
        self.with_detail(|details| details.named_by = Some(time))
    }

    /// Sets the write count of the credential: of two with one id, the greater one is newer.
    #[cfg(feature = "encrypted-cookie")]
    #[doc(hidden)]
    #[must_use]
    pub fn with_revision(self, revision: u64) -> Self {
        self.with_detail(|details| details.revision = Some(revision))
    }

    /// Returns the results of several policies.
    pub(super) fn members(&self) -> Option<&Arc<Members>> {
        self.details()?.members.as_ref()
    }

    /// Returns the time that identifies the log-in, if the credential has no id.
    #[doc(hidden)]
    #[must_use]
    pub fn login_time(&self) -> Option<UnixTime> {
        self.details().and_then(|details| details.named_by).or_else(|| self.proved_at())
    }

    /// Returns when the user last authenticated. Of two times, the earlier one counts: a later issue does not
    /// make a log-in younger.
    #[doc(hidden)]
    #[must_use]
    pub fn proved_at(&self) -> Option<UnixTime> {
        [self.authenticated_at(), self.issued_at()].into_iter().flatten().min()
    }

    fn member_list(&self) -> &[Self] {
        self.members().map_or(&[], |members| &members.0)
    }

    /// Returns the results of the policies that authenticated the user.
    pub(super) fn finders(&self) -> impl Iterator<Item = &Self> {
        let is_known = self.identity().is_some();
        self.member_list().iter().filter(move |found| is_known && found.identity().is_some())
    }

    /// Returns the credentials that authenticate the user: one, unless several policies do.
    #[doc(hidden)]
    pub fn credentials(&self) -> impl Iterator<Item = &Self> {
        let is_known = |found: &&Self| found.identity().is_some();
        let is_one = !self.member_list().iter().any(|found| is_known(&found));
        self.member_list().iter().filter(is_known).chain(is_one.then_some(self))
    }

    /// Returns whether a policy found several cookies of its name.
    #[doc(hidden)]
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.several.is_some() || self.member_list().iter().any(|found| found.several.is_some())
    }

    /// Returns the credentials that a log-in replaces: those that authenticate the user, and the others of
    /// their policies.
    #[doc(hidden)]
    pub fn replaceable(&self) -> impl Iterator<Item = &Self> {
        self.credentials().flat_map(Self::all_of_policy)
    }

    /// Returns this credential and the others of the same policy.
    fn all_of_policy(&self) -> impl Iterator<Item = &Self> {
        let others = self.details().and_then(|details| details.others.as_deref()).unwrap_or_default();
        std::iter::once(self).chain(others)
    }

    /// Returns the ambient credentials, valid or contradicting.
    fn ambient_credentials(&self) -> impl Iterator<Item = &Self> {
        let is_one = self.member_list().is_empty();
        let ambient = self.member_list().iter().filter(|found| found.ambient() != Some(false));
        ambient.chain(is_one.then_some(self)).flat_map(Self::all_of_policy)
    }

    /// Returns the credentials that a log-out ends: all ambient ones, or, if there are none and `all` is set,
    /// the one that authenticates the user.
    #[doc(hidden)]
    pub fn ended_by_log_out(&self, all: bool) -> impl Iterator<Item = &Self> {
        let is_known = |found: &&Self| found.identity().is_some();
        let is_only = all && !self.ambient_credentials().any(|found| is_known(&found));
        self.ambient_credentials().filter(is_known).chain(is_only.then_some(self))
    }

    /// Returns the keys of the log-ins, and of anonymous data, in ambient credentials, each with its revision
    /// if it has one.
    #[doc(hidden)]
    pub fn login_keys(&self) -> impl Iterator<Item = (LoginKey, Option<u64>)> {
        self.ambient_credentials().filter_map(|found| {
            let own = found.credential_id().cloned().map(Name::Credential);
            let name = own.or_else(|| found.login_time().map(Name::Login))?;
            let (identity, actor) = (found.identity().cloned(), found.actor().cloned());
            let revision = found.details().and_then(|details| details.revision);
            Some((LoginKey { identity, actor, name }, revision))
        })
    }
}
