//! Changes of who the user is, and what is left to do when the response is there.

use super::{
    failure::Failure,
    memo::{Memo, Outcome},
    state::RequestState,
};
use crate::{
    clock::UnixTime,
    events,
    identity::{Effects, Identified, Identity, IdentityError, Occasion, Remember, UserId},
};

impl RequestState {
    /// Makes the following requests, and the rest of this one, carry `identity`.
    pub(crate) async fn remember(&self, identity: &Identity, options: &Remember) -> Result<(), Failure> {
        let (now, identified) = self.before_change()?;
        let effects = self
            .config()
            .identity
            .remember(&Occasion::new(now, &identified), identity, options)
            .await
            .map_err(|error| log("remember", &error))?;
        self.change(effects, Identified::known(identity.clone()).with_authenticated_at(now))?;
        events::logged_in(self.user_for_log().as_ref());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry no identity.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        let (now, identified) = self.before_change()?;
        let user = self.user_for_log();
        let effects = self
            .config()
            .identity
            .forget(&Occasion::new(now, &identified))
            .await
            .map_err(|error| log("forget", &error))?;
        self.change(effects, Identified::anonymous())?;
        events::logged_out(user.as_ref());
        Ok(())
    }

    fn user_for_log(&self) -> Option<UserId> {
        self.lock().user_for_log(self.config())
    }

    fn before_change(&self) -> Result<(UnixTime, Identified), Failure> {
        let memo = self.lock();
        memo.check_open()?;
        if memo.foreign {
            return Err(Failure::CrossOrigin);
        }
        // A store that could not be read may still be written to, so a failed look-up counts as "nobody" here.
        let carried = match (&memo.carried, &memo.identified) {
            (Some(carried), _) | (None, Some(Ok(carried))) => carried.clone(),
            (None, Some(Err(_)) | None) => Identified::anonymous(),
        };
        Ok((memo.now, carried))
    }

    fn change(&self, effects: Effects, identified: Identified) -> Result<(), Failure> {
        let mut memo = self.lock();
        memo.check_open()?;
        let before = memo.identified.replace(Ok(identified));
        if memo.carried.is_none() {
            memo.carried = Some(before.and_then(Result::ok).unwrap_or_default());
        }
        memo.changes = memo.changes.wrapping_add(1);
        memo.user = None;
        memo.groups = None;
        memo.change = Some(effects);
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
