//! What is known of one request and its user.

use std::sync::Arc;

use http::request::Parts;

use super::failure::Failure;
use crate::{
    acl::{Groups, Principals},
    clock::UnixTime,
    events,
    identity::{Effects, Identified, Identity, UserId},
    layer::Config,
    users::Account,
};

#[derive(Default)]
pub(super) struct Memo {
    pub(super) now: UnixTime,
    pub(super) identified: Option<Result<Identified, Failure>>,
    /// An unsafe request that another origin made the browser send: what it carried is not used
    pub(super) foreign: bool,
    pub(super) user: Option<Result<Option<UserId>, Failure>>,
    /// Who acts for the user, when that is somebody else; known when the user is
    pub(super) actor: Option<UserId>,
    /// Within: `None` for a user who is barred
    pub(super) groups: Option<Result<Option<Groups>, Failure>>,
    /// The user as the application knows them
    pub(super) account: Option<Account>,
    /// Why a valid credential is taken for a bad one
    pub(super) turned_away: Option<TurnedAway>,
    /// How often the identity was changed: an answer about the user before is none about the user after
    pub(super) changes: u32,
    pub(super) read: bool,
    /// What the answer to an error of the handler's own depends on
    pub(super) head: Option<Arc<Parts>>,
    /// What few requests come to, apart, so that the memory of the others stays small
    pub(super) changed: Option<Box<Changed>>,
    pub(super) closed: bool,
}

/// A request that is about somebody else than the one it carried.
#[derive(Default)]
pub(super) struct Changed {
    /// What the request carried
    pub(super) carried: Option<Identified>,
    /// What is to be written
    pub(super) effects: Option<Effects>,
    /// A log-in or log-out, whatever the request carried; anything else goes on with that
    pub(super) is_own: bool,
}

/// Why somebody with a valid credential is no user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TurnedAway {
    /// There is no such user (any more).
    Gone,
    /// The credential was revoked.
    Revoked,
}

/// What the layer has to do when the response is there.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Somebody asked who the user is
    pub(crate) read: bool,
    /// The head of the request, when a handler holds an `Auth`
    pub(crate) head: Option<Arc<Parts>>,
    /// Nothing for nearly all requests
    pub(crate) rest: Option<Box<Rest>>,
}

/// What few requests leave to be done.
#[derive(Default)]
pub(crate) struct Rest {
    /// What `remember` or `forget` want to be written
    pub(crate) change: Option<Effects>,
    /// The credential wants to be renewed, if the response is a success; the user is for the log
    pub(crate) renewal: Option<(Identified, Option<UserId>)>,
    /// The client is to lose this credential, whatever the response
    pub(crate) removal: Option<Identified>,
}

impl Memo {
    /// Finds the user where nothing has to be waited for.
    pub(super) fn find_user(&mut self, config: &Config) {
        self.read = true;
        if self.user.is_some() {
            return;
        }
        self.user = match self.known().map(Identified::identity) {
            Err(failure) => Some(Err(failure)),
            Ok(None) => Some(Ok(None)),
            Ok(Some(_)) if config.authorization.is_some() => None,
            Ok(Some(identity)) if config.admits_everybody() => Some(Ok(Some(identity.to_user_id()))),
            // Of two people, somebody who acts for another one, both have to be asked about.
            Ok(Some(_)) if self.known().is_ok_and(|found| found.actor().is_some()) => None,
            Ok(Some(identity)) => {
                let user = identity.to_user_id();
                return self.admit_now(config, user);
            }
        };
        if config.authorization.is_none()
            && let Some(Ok(identified)) = &self.identified
        {
            self.actor = identified.actor().map(Identity::to_user_id);
        }
    }

    /// Finds the groups where there is nobody to be asked.
    pub(super) fn find_groups(&mut self, config: &Config) {
        if self.groups.is_none() && config.groups.is_none() && config.authorization.is_none() {
            self.groups = Some(Ok(Some(Groups::none())));
        }
    }

    /// What the request carried, once it is about somebody else.
    pub(super) fn carried(&self) -> Option<&Identified> {
        self.changed.as_ref()?.carried.as_ref()
    }

    /// Keeps what the request carried, unless that was changed before.
    pub(super) fn keep_carried(&mut self, carried: Identified) {
        self.changed.get_or_insert_default().carried.get_or_insert(carried);
    }

    /// Ends the request: later changes are refused.
    pub(super) fn close(&mut self, config: &Config) -> Outcome {
        self.closed = true;
        Outcome { read: self.read, head: self.head.take(), rest: self.rest(config) }
    }

    fn rest(&mut self, config: &Config) -> Option<Box<Rest>> {
        let is_due = matches!(&self.identified, Some(Ok(identified)) if identified.is_renewal_due());
        if self.changed.is_none() && !is_due {
            return None;
        }
        let mut changed = self.changed.take().map(|changed| *changed).unwrap_or_default();
        let is_late =
            changed.carried.as_ref().is_some_and(|carried| !changed.is_own && config.has_ended(carried));
        if is_late && changed.effects.take().is_some() {
            events::late_response("change");
        }
        self.note_change(&changed, config);
        let Changed { carried, effects: change, .. } = changed;
        let is_unchanged = change.is_none() && !is_late;
        let renewal = match &self.identified {
            Some(Ok(identified)) if is_due && self.read && !self.foreign && is_unchanged => {
                Some((identified.clone(), self.user_for_log(config)))
            }
            _ => None,
        };
        let is_gone = self.turned_away == Some(TurnedAway::Gone);
        let is_removed = is_gone && is_unchanged && config.identity.is_ambient();
        let removal = carried.filter(|_| is_removed);
        let is_empty = change.is_none() && renewal.is_none() && removal.is_none();
        (!is_empty).then(|| Box::new(Rest { change, renewal, removal }))
    }

    /// Notes what the response makes of what the request carried, for responses that come later.
    fn note_change(&self, changed: &Changed, config: &Config) {
        if let (Some(_), Some(carried), Some(Ok(current)), Some(order)) =
            (&changed.effects, &changed.carried, &self.identified, config.response_order())
        {
            order.changed(carried, current, config.clock.now());
        }
    }

    /// Makes the memory as good as new.
    ///
    /// Field by field, which is much faster than another memory in its place; one that is added has to be named here.
    pub(super) fn clear(&mut self) {
        let Self {
            now,
            identified,
            foreign,
            user,
            actor,
            groups,
            account,
            turned_away,
            changes,
            read,
            head,
            changed,
            closed,
        } = self;
        *now = UnixTime::default();
        *identified = None;
        *foreign = false;
        *user = None;
        *actor = None;
        *groups = None;
        *account = None;
        *turned_away = None;
        *changes = 0;
        *read = false;
        *head = None;
        *changed = None;
        *closed = false;
    }

    /// Returns whether nothing was asked and nothing kept.
    pub(super) const fn is_new(&self) -> bool {
        self.identified.is_none()
            && !self.read
            && self.changed.is_none()
            && self.head.is_none()
            && !self.closed
    }

    /// What was found, unless it must not be used.
    pub(super) fn known(&self) -> Result<&Identified, Failure> {
        match &self.identified {
            Some(Ok(identified)) if self.is_withheld(identified) => Err(Failure::CrossOrigin),
            Some(Ok(identified)) if identified.is_contradictory() => Err(Failure::Refused),
            Some(Ok(identified)) => Ok(identified),
            Some(Err(failure)) => Err(*failure),
            None => Err(Failure::Misconfigured),
        }
    }

    /// Returns whether a cross-site request carried this, so that it must not be used: a user, or the session
    /// of an anonymous client. What the request was changed to since is its own.
    fn is_withheld(&self, identified: &Identified) -> bool {
        let is_used = identified.identity().is_some() || identified.data().is_some();
        self.foreign && is_used && identified.ambient() != Some(false) && self.carried().is_none()
    }

    /// Returns whether the identity was asked for, and whether there was an answer.
    pub(super) fn identified_done(&self) -> Option<Result<(), Failure>> {
        self.identified.as_ref().map(|answer| answer.as_ref().map(|_| ()).map_err(|failure| *failure))
    }

    pub(super) fn groups_done(&self) -> Option<Result<(), Failure>> {
        self.groups.as_ref().map(|answer| answer.as_ref().map(|_| ()).map_err(|failure| *failure))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BoxError, async_trait,
        users::{AnyUsers, UserLoader},
    };

    struct Users;

    #[async_trait]
    impl UserLoader for Users {
        type User = &'static str;

        async fn load(&self, user: &UserId) -> Result<Option<Arc<&'static str>>, BoxError> {
            Ok(self.load_now(user).and_then(Result::unwrap))
        }

        fn load_now(&self, _: &UserId) -> Option<Result<Option<Arc<&'static str>>, BoxError>> {
            Some(Ok(Some(Arc::new("alice"))))
        }
    }

    /// What a request leaves at most, field by field.
    fn filled() -> Memo {
        let alice = UserId::new("alice").unwrap();
        let known = || Identified::known(Identity::new("alice").unwrap()).with_renewal_due(true);
        Memo {
            now: UnixTime::from_secs(7),
            identified: Some(Ok(known())),
            foreign: true,
            user: Some(Ok(Some(alice.clone()))),
            actor: Some(alice.clone()),
            groups: Some(Ok(Some(Groups::from(["admins"])))),
            account: Users.account_now(&alice).and_then(Result::unwrap),
            turned_away: Some(TurnedAway::Gone),
            changes: 3,
            read: true,
            head: Some(Arc::new(http::Request::new(()).into_parts().0)),
            changed: Some(Box::new(Changed {
                carried: Some(known()),
                effects: Some(Effects::none()),
                is_own: true,
            })),
            closed: true,
        }
    }

    /// What of a memory is not as in a new one.
    fn left(memo: &Memo) -> Vec<&'static str> {
        let Memo {
            now,
            identified,
            foreign,
            user,
            actor,
            groups,
            account,
            turned_away,
            changes,
            read,
            head,
            changed,
            closed,
        } = memo;
        let fields = [
            ("now", *now != UnixTime::default()),
            ("identified", identified.is_some()),
            ("foreign", *foreign),
            ("user", user.is_some()),
            ("actor", actor.is_some()),
            ("groups", groups.is_some()),
            ("account", account.is_some()),
            ("turned_away", turned_away.is_some()),
            ("changes", *changes != 0),
            ("read", *read),
            ("head", head.is_some()),
            ("changed", changed.is_some()),
            ("closed", *closed),
        ];
        fields.into_iter().filter_map(|(name, is_left)| is_left.then_some(name)).collect()
    }

    // CN8
    #[test]
    fn nothing_of_a_request_is_left_for_the_next() {
        let mut memo = filled();
        assert_eq!(left(&memo).len(), 13, "all of it is filled");
        memo.clear();
        assert!(left(&memo).is_empty() && memo.is_new(), "{:?}", left(&memo));
        assert!(left(&Memo::default()).is_empty());
    }
}
