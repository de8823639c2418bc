//! Finding the user and the groups: at once where that can be, and otherwise by asking, once.

use super::{
    failure::Failure,
    memo::Memo,
    state::RequestState,
    turn::{Turn, Turns},
};
use crate::{
    acl::Groups,
    authorization::Answer,
    events,
    identity::{Identified, Identity, UserId},
    layer::Config,
};

/// What has to be asked before a question can be answered.
enum Missing<'a> {
    Groups { user: Option<UserId>, changes: u32, turn: Turn<'a> },
    /// Another task is asking.
    Turn,
    User { identity: Identity, changes: u32, turn: Turn<'a> },
}

/// What a guard wants to know that demands no more than a user.
pub(crate) enum Standing {
    Barred,
    Known,
    Nobody,
}

impl RequestState {
    /// Finds the user; the identity must have been asked for.
    pub(crate) async fn user(&self) -> Result<Option<UserId>, Failure> {
        self.when_known(|_| false, |memo| memo.user.clone()).await?.unwrap_or(Ok(None))
    }

    /// Returns the groups; `None` for a user who is barred.
    pub(crate) async fn groups(&self) -> Result<Option<Groups>, Failure> {
        self.when_known(|_| true, |memo| memo.groups.clone()).await?.unwrap_or(Err(Failure::Unavailable))
    }

    /// Returns whether everything is denied to the user.
    pub(crate) async fn is_barred(&self) -> Result<bool, Failure> {
        self.when_known(|_| self.config().may_bar(), |memo| memo.principals().is_barred()).await
    }

    /// Returns whether there is a user, and whether everything is denied to them.
    pub(crate) async fn standing(&self) -> Result<Standing, Failure> {
        let needs_groups = |user: Option<&str>| user.is_some() && self.config().may_bar();
        self.when_known(needs_groups, |memo| match memo.user {
            Some(Ok(Some(_))) if memo.principals().is_barred() => Standing::Barred,
            Some(Ok(Some(_))) => Standing::Known,
            _ => Standing::Nobody,
        })
        .await
    }

    /// Looks at the memory when the user is known, and the groups if they are needed: those of that very user, even if
    /// another task changes the user meanwhile.
    pub(super) async fn when_known<T>(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        look: impl FnOnce(&Memo) -> T,
    ) -> Result<T, Failure> {
        loop {
            let missing = {
                let mut memo = self.lock();
                match memo.missing(self.config(), self.turns(), &needs_groups)? {
                    None => return Ok(look(&memo)),
                    Some(missing) => missing,
                }
            };
            match missing {
                Missing::Groups { user, changes, turn } => self.ask_for_groups(user, changes, turn).await,
                Missing::Turn => self.turns().wait().await,
                Missing::User { identity, changes, turn } => self.ask_for_user(identity, changes, turn).await,
            }
        }
    }

    async fn ask_for_user(&self, identity: Identity, changes: u32, turn: Turn<'_>) {
        let Some(policy) = &self.config().authorization else { return };
        let answer = policy.authorized_userid(&identity).await.map_err(|error| {
            events::failed("authorized_userid", &error);
            Failure::Unavailable
        });
        let mut memo = self.lock();
        if memo.changes == changes {
            memo.user = Some(answer);
        }
        // Who comes next finds the answer.
        drop((memo, turn));
    }

    async fn ask_for_groups(&self, user: Option<UserId>, changes: u32, turn: Turn<'_>) {
        let answer = match (&self.config().groups, &self.config().authorization) {
            (Some(source), _) => match source.groups(user.as_ref()) {
                Answer::Now(answer) => answer,
                Answer::Later(future) => future.await,
            },
            (None, Some(policy)) => policy.groups(user.as_ref()).await,
            (None, None) => Ok(Some(Groups::none())),
        };
        let answer = answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        });
        let mut memo = self.lock();
        if memo.changes == changes {
            memo.groups = Some(answer);
        }
        drop((memo, turn));
    }
}

impl Memo {
    /// Finds what can be found at once, and returns what has to be asked for.
    fn missing<'t>(
        &mut self,
        config: &Config,
        turns: &'t Turns,
        needs_groups: impl Fn(Option<&str>) -> bool,
    ) -> Result<Option<Missing<'t>>, Failure> {
        self.find_user(config);
        let changes = self.changes;
        let Some(user) = &self.user else {
            let Some(identity) = self.known()?.identity().cloned() else { return Ok(None) };
            let turn = turns.take_now();
            return Ok(Some(turn.map_or(Missing::Turn, |turn| Missing::User { identity, changes, turn })));
        };
        let user = user.as_ref().map_err(|failure| *failure)?;
        if !needs_groups(user.as_deref()) {
            return Ok(None);
        }
        if let Some(groups) = &self.groups {
            return groups.as_ref().map(|_| None).map_err(|failure| *failure);
        }
        let Some(turn) = turns.take_now() else { return Ok(Some(Missing::Turn)) };
        Ok(Some(Missing::Groups { user: user.clone(), changes, turn }))
    }

    /// Finds the user where nothing has to be waited for.
    fn find_user(&mut self, config: &Config) {
        self.read = true;
        if self.user.is_some() {
            return;
        }
        self.user = match self.known().map(Identified::identity) {
            Err(failure) => Some(Err(failure)),
            Ok(None) => Some(Ok(None)),
            Ok(Some(_)) if config.authorization.is_some() => None,
            Ok(Some(identity)) => Some(Ok(Some(identity.to_user_id()))),
        };
    }
}
