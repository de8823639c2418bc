//! The credentials that one request presents: of several policies, and several of one policy.

use std::sync::Arc;

use super::{CredentialId, Identified, Identity};
use crate::clock::UnixTime;

/// What each of several policies found, in their order.
#[derive(Clone, Debug)]
pub(super) struct Members(pub(super) Vec<Identified>);

/// What is to be known of the cookies of one policy, where a request carries several of its name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Several {
    /// How many of them stand for users
    pub(super) valid: u8,
    /// There were so many that not all were read
    pub(super) is_unread: bool,
    /// They are cookies of the older format
    pub(super) is_import: bool,
}

/// Names the log-in to which a credential belongs, for as long as its renewals are the same credential.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct LoginKey {
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
    /// Returns the user; `None` for what is kept for an anonymous client.
    pub(crate) const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl Identified {
    /// Keeps what each of several policies found.
    pub(super) fn with_members(self, members: Arc<Members>) -> Self {
        self.with_detail(|details| details.members = Some(members))
    }

    /// Keeps that the request carries several cookies of the policy's name, and the valid ones of other log-ins.
    pub(super) fn with_several(mut self, several: Several, others: Vec<Self>) -> Self {
        self.several = Some(several);
        if others.is_empty() {
            self
        } else {
            self.with_detail(|details| details.others = Some(others.into()))
        }
    }

    /// Names the log-in by a time that does not say when the user proved who they are.
    pub(super) fn with_login_named_by(self, time: UnixTime) -> Self {
        self.with_detail(|details| details.named_by = Some(time))
    }

    /// Says how often the credential was written: of two with one name, the greater is the newer.
    #[cfg(feature = "encrypted-cookie")]
    pub(super) fn with_revision(self, revision: u64) -> Self {
        self.with_detail(|details| details.revision = Some(revision))
    }

    /// Returns what each of several policies found.
    pub(super) fn members(&self) -> Option<&Arc<Members>> {
        self.details()?.members.as_ref()
    }

    /// Returns the time by which the log-in is named, where the credential has no name of its own.
    pub(crate) fn login_time(&self) -> Option<UnixTime> {
        self.details().and_then(|details| details.named_by).or_else(|| self.proved_at())
    }

    /// Returns when the user last proved who they are, as far as the credential tells. Where it tells two times, the
    /// earlier one counts: what was issued later for an earlier log-in is not younger than that.
    pub(crate) fn proved_at(&self) -> Option<UnixTime> {
        [self.authenticated_at(), self.issued_at()].into_iter().flatten().min()
    }

    fn member_list(&self) -> &[Self] {
        self.members().map_or(&[], |members| &members.0)
    }

    /// What the policies found that know the user, of several policies; nothing of those whose credentials do not count.
    pub(super) fn finders(&self) -> impl Iterator<Item = &Self> {
        let is_known = self.identity().is_some();
        self.member_list().iter().filter(move |found| is_known && found.identity().is_some())
    }

    /// The credentials by which the user is known: one, unless several policies know the user.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = &Self> {
        let is_known = |found: &&Self| found.identity().is_some();
        let is_one = !self.member_list().iter().any(|found| is_known(&found));
        self.member_list().iter().filter(is_known).chain(is_one.then_some(self))
    }

    /// Returns whether a policy found several cookies of its name.
    pub(crate) fn has_several(&self) -> bool {
        self.several.is_some() || self.member_list().iter().any(|found| found.several.is_some())
    }

    /// The credentials in whose place another one is put: those by which the user is known, and the others of their policies.
    pub(crate) fn replaceable(&self) -> impl Iterator<Item = &Self> {
        self.credentials().flat_map(Self::all_of_policy)
    }

    /// This credential and the others of the same policy.
    fn all_of_policy(&self) -> impl Iterator<Item = &Self> {
        let others = self.details().and_then(|details| details.others.as_deref()).unwrap_or_default();
        std::iter::once(self).chain(others)
    }

    /// The credentials that a browser sends by itself, whether they count or contradict each other.
    fn ambient_credentials(&self) -> impl Iterator<Item = &Self> {
        let is_one = self.member_list().is_empty();
        let ambient = self.member_list().iter().filter(|found| found.ambient() != Some(false));
        ambient.chain(is_one.then_some(self)).flat_map(Self::all_of_policy)
    }

    /// The credentials that a log-out puts an end to: each that a browser sends by itself, and where there is none the one
    /// that the user is known by, if `all` are to end.
    pub(crate) fn ended_by_log_out(&self, all: bool) -> impl Iterator<Item = &Self> {
        let is_known = |found: &&Self| found.identity().is_some();
        let is_only = all && !self.ambient_credentials().any(|found| is_known(&found));
        self.ambient_credentials().filter(is_known).chain(is_only.then_some(self))
    }

    /// The names of the log-ins, and of what is kept for an anonymous client, in credentials that a browser sends by
    /// itself; each with its revision, if it has one.
    pub(crate) fn login_keys(&self) -> impl Iterator<Item = (LoginKey, Option<u64>)> {
        self.ambient_credentials().filter_map(|found| {
            let own = found.credential_id().cloned().map(Name::Credential);
            let name = own.or_else(|| found.login_time().map(Name::Login))?;
            let (identity, actor) = (found.identity().cloned(), found.actor().cloned());
            let revision = found.details().and_then(|details| details.revision);
            Some((LoginKey { identity, actor, name }, revision))
        })
    }
}
