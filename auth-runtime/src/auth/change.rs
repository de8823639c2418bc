//! Changes of who the user is, and what is left to do when the response is there.

use super::{
    failure::Failure,
    memo::{Memo, Outcome},
    state::RequestState,
};
use crate::{
    clock::UnixTime,
    events,
    identity::{DataEdits, Effects, Identified, Identity, IdentityError, Occasion, Remember, UserId},
};

/// What a request is before a change.
struct Before {
    now: UnixTime,
    /// What it carried
    carried: Identified,
    /// What it stands for now
    current: Identified,
}

impl Before {
    const fn occasion(&self) -> Occasion<'_> {
        Occasion::new(self.now, &self.carried).with_current(&self.current)
    }
}

impl RequestState {
    /// Makes the following requests, and the rest of this one, carry `identity`.
    pub(crate) async fn remember(&self, identity: &Identity, options: &Remember) -> Result<(), Failure> {
        let before = self.before_change()?;
        let policy = &self.config().identity;
        let answer = policy.remember(&before.occasion(), identity, options).await;
        let effects = answer.map_err(|error| log("remember", &error))?;
        let known = || Identified::known(identity.clone()).with_authenticated_at(before.now);
        self.change(effects, |_| known())?;
        events::logged_in(self.user_for_log().as_ref());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry no identity.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        let before = self.before_change()?;
        let user = self.user_for_log();
        let answer = self.config().identity.forget(&before.occasion()).await;
        let mut effects = answer.map_err(|error| log("forget", &error))?;
        let failure = effects.take_failure();
        self.change(effects, |_| Identified::anonymous())?;
        // The client has lost its credential, but somebody else may still have it.
        if let Some(error) = failure {
            return Err(log("forget", &error));
        }
        events::logged_out(user.as_ref());
        Ok(())
    }

    /// Gives the client another credential for the same user.
    pub(crate) async fn rotate(&self) -> Result<(), Failure> {
        let before = self.before_change()?;
        let answer = self.config().identity.rotate(&before.occasion()).await;
        self.change(answer.map_err(|error| log("rotate", &error))?, Identified::clone)
    }

    /// Changes what is kept beside the identity.
    pub(crate) async fn store(&self, edits: &DataEdits) -> Result<(), Failure> {
        let before = self.before_change()?;
        let answer = self.config().identity.store(&before.occasion(), edits).await;
        self.change(answer.map_err(|error| log("store", &error))?, Identified::clone)
    }

    fn user_for_log(&self) -> Option<UserId> {
        self.lock().user_for_log(self.config())
    }

    fn before_change(&self) -> Result<Before, Failure> {
        let memo = self.lock();
        memo.check_open()?;
        if memo.foreign {
            return Err(Failure::CrossOrigin);
        }
        // A store that could not be read may still be written to, so a failed look-up counts as "nobody" here.
        let current = match &memo.identified {
            Some(Ok(current)) => current.clone(),
            Some(Err(_)) | None => Identified::anonymous(),
        };
        let carried = memo.carried.clone().unwrap_or_else(|| current.clone());
        Ok(Before { now: memo.now, carried, current })
    }

    /// Keeps what is to be written, and what the request stands for from now on: what the policy says, or else what
    /// `otherwise` makes of what it stood for.
    fn change(
        &self,
        mut effects: Effects,
        otherwise: impl FnOnce(&Identified) -> Identified,
    ) -> Result<(), Failure> {
        let mut memo = self.lock();
        memo.check_open()?;
        let before = memo.identified.take().and_then(Result::ok).unwrap_or_default();
        let identified = effects.take_identified().unwrap_or_else(|| otherwise(&before));
        memo.identified = Some(Ok(identified));
        memo.carried.get_or_insert(before);
        memo.changes = memo.changes.wrapping_add(1);
        memo.user = None;
        memo.groups = None;
        let earlier = memo.change.take();
        memo.change = Some(effects.replace(earlier));
        Ok(())
    }

    /// Ends a request that others may still hold: later changes are refused.
    pub(crate) fn close(&self) -> Outcome {
        self.lock().close(self.config())
    }

    /// Ends a request that nobody else holds, and makes its memory as good as new.
    pub(crate) fn finish(&mut self) -> Outcome {
        let (memo, config) = self.alone();
        if memo.is_new() {
            return Outcome::default();
        }
        let outcome = memo.close(config);
        *memo = Memo::default();
        outcome
    }
}

impl Memo {
    /// A change after the response has begun would be lost, so it is refused.
    fn check_open(&self) -> Result<(), Failure> {
        if !self.closed {
            return Ok(());
        }
        events::misconfigured("an identity was changed after the response had begun; do it in the handler");
        Err(Failure::TooLate)
    }
}

fn log(operation: &'static str, error: &IdentityError) -> Failure {
    events::failed(operation, error);
    Failure::of(error)
}
