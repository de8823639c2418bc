//! What one request has found out about its user: everything asked at most once, shared by guards and handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use super::{admit::Admission, extract::Handle, failure::Failure, memo::Memo};
use crate::{
    BoxError,
    acl::Groups,
    authorization::Answer,
    events,
    identity::{Identified, Identity, Incoming, UserId},
    layer::{Config, peer_of},
    refusal,
};

/// One request's memory. It lives in the request's extensions and in the layer's future.
pub(crate) struct RequestState {
    /// Nothing, while the memory waits for its next request
    config: Option<Arc<Config>>,
    memo: Mutex<Memo>,
    /// Held while something slow is asked, so that two tasks of one request do not ask twice
    gate: tokio::sync::Mutex<()>,
}

/// The right to ask something slow.
pub(super) type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

/// What has to be asked before a question can be answered.
enum Missing<'a> {
    Groups {
        user: Option<UserId>,
        changes: u32,
        turn: Turn<'a>,
    },
    /// Another task is asking.
    Turn,
    User {
        found: Identified,
        changes: u32,
        turn: Turn<'a>,
    },
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config: Some(config), memo: Mutex::default(), gate: tokio::sync::Mutex::default() }
    }

    /// Lets go of the layer; the memory has [finished](Self::finish) its request.
    pub(crate) fn retire(&mut self) -> Arc<Config> {
        self.config.take().unwrap_or_else(|| Arc::clone(Config::of_nobody()))
    }

    /// Gives a memory that was retired to a request.
    pub(crate) fn employ(&mut self, config: Arc<Config>) {
        self.config = Some(config);
    }

    /// Returns what the layer was told. A memory without a layer knows nobody and refuses everything.
    pub(crate) fn config(&self) -> &Arc<Config> {
        self.config.as_ref().unwrap_or_else(|| Config::of_nobody())
    }

    /// A panic while the lock is held leaves at worst a question unanswered, and it is then asked again.
    pub(super) fn lock(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory of a request that nobody else holds.
    pub(super) fn alone(&mut self) -> (&mut Memo, &Config) {
        self.memo.clear_poison();
        let config = self.config.as_ref().unwrap_or_else(|| Config::of_nobody());
        (self.memo.get_mut().unwrap_or_else(PoisonError::into_inner), config)
    }

    /// Finds the request's identity.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<(), Failure> {
        if let Some(done) = self.lock().identified_done() {
            return done;
        }
        let now = self.config().clock.now();
        let request = Incoming::with_lazy_peer(parts, peer_of, now);
        if let Some(answer) = self.config().identity.identify_now(&request) {
            return self.lock().note_first_identified(self.config(), parts, now, answer);
        }
        let turn = match self.try_turn() {
            Some(turn) => turn,
            // In a box, since it is rare that two tasks of one request ask at once.
            None => Box::pin(self.turn()).await,
        };
        if let Some(done) = self.lock().identified_done() {
            return done;
        }
        let later = self.config().identity.identify(&request);
        let answer = later.await;
        let done = self.lock().note_first_identified(self.config(), parts, now, answer);
        drop(turn);
        done
    }

    /// Keeps what the answer to an error of the handler's own depends on, and returns the head for whoever has to ask again.
    ///
    /// A later extractor's head is another one: what stands between the two may have changed it, or put an `Auth` in there.
    /// With the latter this memory would hold itself, so of that head only what an answer depends on is kept.
    pub(crate) fn keep_head(&self, parts: &Parts) -> Arc<Parts> {
        // The clones of extensions are the application's code, which is not to find the lock taken.
        let mut head = parts.clone();
        head.extensions.remove::<Handle>();
        let head = Arc::new(head);
        let mut memo = self.lock();
        // After the answer nobody would take it out again.
        if memo.closed {
            return head;
        }
        let kept = if memo.head.is_none() { Arc::clone(&head) } else { Arc::new(refusal::reduced(parts)) };
        let before = memo.head.replace(kept);
        drop(memo);
        drop(before);
        head
    }

    pub(crate) async fn identity(&self) -> Result<Option<Identity>, Failure> {
        Ok(self.identified().await?.identity().cloned())
    }

    /// Who acts for the user, when that is somebody else; the user must have been asked for.
    pub(crate) fn actor(&self) -> Option<UserId> {
        self.lock().actor.clone()
    }

    /// The user as far as it is known by now.
    pub(crate) fn known_user(&self) -> Option<UserId> {
        match &self.lock().user {
            Some(Ok(user)) => user.clone(),
            _ => None,
        }
    }

    /// What the request stands for, once its user was asked for.
    #[cfg(any(feature = "encrypted-cookie", feature = "session"))]
    pub(crate) fn identified_now(&self) -> Result<Identified, Failure> {
        let mut memo = self.lock();
        memo.read = true;
        match &memo.user {
            Some(Err(failure)) => Err(*failure),
            Some(Ok(_)) | None => memo.known().cloned(),
        }
    }

    /// What was found, unless it turns out not to count.
    pub(crate) async fn identified(&self) -> Result<Identified, Failure> {
        if !self.config().admits_everybody() {
            self.user().await?;
        }
        let mut memo = self.lock();
        memo.read = true;
        memo.known().cloned()
    }

    /// Finds the user; the identity must have been asked for.
    pub(crate) async fn user(&self) -> Result<Option<UserId>, Failure> {
        self.when_known(|_| false, |memo| memo.user.clone()).await?.unwrap_or(Ok(None))
    }

    /// Returns the groups; `None` for a user who is barred.
    pub(crate) async fn groups(&self) -> Result<Option<Groups>, Failure> {
        self.when_known(|_| true, |memo| memo.groups.clone()).await?.unwrap_or(Ok(Some(Groups::none())))
    }

    /// Returns whether everything is denied to the user.
    pub(crate) async fn is_barred(&self) -> Result<bool, Failure> {
        self.when_known(|_| self.config().may_bar(), |memo| memo.principals().is_barred()).await
    }

    /// Looks at the memory as soon as the user is known, and the groups if they are needed. Both are then of the same
    /// generation.
    pub(super) async fn when_known<T>(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        look: impl FnOnce(&Memo) -> T,
    ) -> Result<T, Failure> {
        loop {
            let missing = {
                let mut memo = self.lock();
                match self.missing(&mut memo, &needs_groups)? {
                    None => return Ok(look(&memo)),
                    Some(missing) => missing,
                }
            };
            match missing {
                Missing::Groups { user, changes, turn } => self.ask_for_groups(user, changes, turn).await,
                Missing::Turn => drop(self.gate.lock().await),
                Missing::User { found, changes, turn } => self.ask_for_user(found, changes, turn).await,
            }
        }
    }

    /// Finds what can be found at once, and returns what has to be asked for.
    fn missing(
        &self,
        memo: &mut Memo,
        needs_groups: impl Fn(Option<&str>) -> bool,
    ) -> Result<Option<Missing<'_>>, Failure> {
        memo.find_user(self.config());
        let changes = memo.changes;
        let Some(user) = &memo.user else {
            let found = memo.known()?.clone();
            if found.identity().is_none() {
                return Ok(None);
            }
            let turn = self.try_turn();
            return Ok(Some(turn.map_or(Missing::Turn, |turn| Missing::User { found, changes, turn })));
        };
        let user = user.as_ref().map_err(|failure| *failure)?;
        if !needs_groups(user.as_deref()) {
            return Ok(None);
        }
        let user = user.clone();
        memo.find_groups(self.config());
        match memo.groups_done() {
            Some(done) => done.map(|()| None),
            None => Ok(Some(match self.try_turn() {
                Some(turn) => Missing::Groups { user, changes, turn },
                None => Missing::Turn,
            })),
        }
    }

    async fn ask_for_user(&self, found: Identified, changes: u32, turn: Turn<'_>) {
        let people = self.people_of(&found).await;
        let admission = match &people {
            Ok((Some(user), actor)) => Some(self.admit(user, actor.as_ref(), &found).await),
            Ok((None, _)) | Err(_) => None,
        };
        let mut memo = self.lock();
        if memo.changes == changes {
            match (people, admission) {
                (Ok((Some(user), actor)), Some(admission)) => {
                    memo.note_admission(self.config(), user, admission);
                    memo.actor = actor;
                }
                (Ok((user, _)), _) => memo.user = Some(Ok(user)),
                (Err(failure), _) => memo.user = Some(Err(failure)),
            }
        }
        drop((memo, turn));
    }

    /// Returns the user, and who acts for them. For whom nobody acts any more, nobody is known.
    async fn people_of(&self, found: &Identified) -> Result<(Option<UserId>, Option<UserId>), Failure> {
        let Some(identity) = found.identity() else { return Ok((None, None)) };
        let user = self.userid(identity).await?;
        let Some(actor) = found.actor().filter(|_| user.is_some()) else { return Ok((user, None)) };
        match self.userid(actor).await? {
            Some(actor) => Ok((user, Some(actor))),
            None => Ok((None, None)),
        }
    }

    async fn userid(&self, identity: &Identity) -> Result<Option<UserId>, Failure> {
        let Some(policy) = &self.config().authorization else { return Ok(Some(identity.to_user_id())) };
        policy.authorized_userid(identity).await.map_err(|error| {
            events::failed("authorized_userid", &error);
            Failure::Unavailable
        })
    }

    /// Both have to be admitted, the user and who acts for them.
    async fn admit(
        &self,
        user: &UserId,
        actor: Option<&UserId>,
        found: &Identified,
    ) -> Result<Admission, Failure> {
        let admission = self.config().admit(user, found).await?;
        if let (Admission::Admitted(_), Some(actor)) = (&admission, actor) {
            match self.config().admit(actor, found).await? {
                Admission::Admitted(Some(account)) if account.disabled => return Ok(Admission::Revoked),
                Admission::Admitted(_) => {}
                turned_away => return Ok(turned_away),
            }
        }
        Ok(admission)
    }

    async fn groups_of(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        match (&self.config().groups, &self.config().authorization) {
            (Some(source), _) => match source.groups(user) {
                Answer::Now(answer) => answer,
                Answer::Later(future) => future.await,
            },
            (None, Some(policy)) => policy.groups(user).await,
            (None, None) => Ok(Some(Groups::none())),
        }
    }

    /// The right to ask, unless somebody else asks something slow.
    pub(super) fn try_turn(&self) -> Option<Turn<'_>> {
        self.gate.try_lock().ok()
    }

    /// Waits until nobody else asks something slow.
    pub(super) async fn turn(&self) -> Turn<'_> {
        self.gate.lock().await
    }

    async fn ask_for_groups(&self, user: Option<UserId>, changes: u32, turn: Turn<'_>) {
        let actor = self.actor();
        let mut answer = self.groups_of(user.as_ref()).await;
        // Who is barred does not act for others, either.
        if let (Ok(Some(_)), Some(actor)) = (&answer, &actor) {
            match self.groups_of(Some(actor)).await {
                Ok(Some(_)) => {}
                barred_or_failed => answer = barred_or_failed,
            }
        }
        self.lock().note_groups_since(changes, answer);
        drop(turn);
    }
}
