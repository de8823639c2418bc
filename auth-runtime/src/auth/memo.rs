//! What is known of a request's user by now.

use super::failure::Failure;
use crate::{
    acl::{Groups, Principals},
    clock::UnixTime,
    identity::{Effects, Identified, Identity, UserId},
    layer::Config,
    refusal::Facts,
};

#[derive(Default)]
pub(super) struct Memo {
    pub(super) now: UnixTime,
    pub(super) identified: Option<Result<Identified, Failure>>,
    /// An unsafe request that another origin made the browser send
    pub(super) foreign: bool,
    pub(super) user: Option<Result<Option<UserId>, Failure>>,
    /// Within: `None` for a user who is barred
    pub(super) groups: Option<Result<Option<Groups>, Failure>>,
    /// What the request carried, once `identified` is something else
    pub(super) carried: Option<Identified>,
    /// How often the identity was changed: an answer about the user before is none about the user after
    pub(super) changes: u32,
    pub(super) read: bool,
    pub(super) change: Option<Effects>,
    pub(super) facts: Option<Facts>,
    pub(super) closed: bool,
}

impl Memo {
    /// What was found, unless it must not be used.
    pub(super) fn known(&self) -> Result<&Identified, Failure> {
        match &self.identified {
            Some(Ok(identified)) if self.foreign && identified.identity().is_some() => {
                Err(Failure::CrossOrigin)
            }
            Some(Ok(identified)) if identified.is_contradictory() => Err(Failure::Refused),
            Some(Ok(identified)) => Ok(identified),
            Some(Err(failure)) => Err(*failure),
            None => Err(Failure::Misconfigured),
        }
    }

    /// Returns whether nothing was asked and nothing kept.
    pub(super) const fn is_new(&self) -> bool {
        self.identified.is_none() && self.facts.is_none() && self.change.is_none() && !self.read && !self.closed
    }

    /// The user's id as far as it is known. Where a policy makes it of the identity, the identity is not for logs: it
    /// may be as good as a password.
    pub(super) fn user_for_log(&self, config: &Config) -> Option<UserId> {
        match (&self.user, &self.identified) {
            (Some(Ok(user)), _) => user.clone(),
            (_, Some(Ok(identified))) if config.authorization.is_none() => {
                identified.identity().map(Identity::to_user_id)
            }
            _ => None,
        }
    }

    pub(super) fn principals(&self) -> Principals<'_> {
        let user = match &self.user {
            Some(Ok(user)) => user.as_deref(),
            _ => None,
        };
        match &self.groups {
            Some(Ok(None)) => Principals::barred(),
            Some(Ok(Some(groups))) => Principals::new(user, Some(groups)),
            _ => Principals::new(user, None),
        }
    }
}
