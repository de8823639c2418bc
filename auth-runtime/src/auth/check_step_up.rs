//! Rejects requests whose log-in is not recent or not strong enough for a guard (step-up authentication).

use std::time::Duration;

use super::{AuthError, credential_facts::Facts};
use crate::{
    config::Config,
    error_kind::AuthErrorKind,
    identity::{Acr, StepUp},
};

/// The accepted clock skew between two instances.
pub(super) const LEEWAY: Duration = Duration::from_mins(1);

impl Facts {
    /// Rejects requests whose log-in is not recent or not strong enough (step-up authentication).
    pub(crate) fn check_step_up(&self, config: &Config, wanted: StepUp) -> Result<(), AuthError> {
        if wanted.is_none() {
            return Ok(());
        }
        if self.known_user().is_none() {
            return Err(AuthError::unauthenticated());
        }
        let accepted = wanted.acr_values();
        if !accepted.is_empty() && !self.is_probe() {
            let acr = self.usable()?.acr().map(Acr::as_str);
            if !acr.is_some_and(|acr| accepted.contains(&acr)) {
                return Err(AuthError::new(AuthErrorKind::InsufficientAcr { accepted }));
            }
        }
        match wanted.max_age() {
            Some(max_age) if !self.is_fresh(config, max_age)? => {
                Err(AuthError::new(AuthErrorKind::Stale { max_age }))
            }
            _ => Ok(()),
        }
    }

    /// Returns whether the user authenticated at most so long ago.
    ///
    /// With clock skew between instances, a log-in may be up to a minute in the future.
    fn is_fresh(&self, config: &Config, max_age: Duration) -> Result<bool, AuthError> {
        Ok(self.is_younger(config, max_age)?.unwrap_or(false))
    }

    /// As [`is_fresh`](Self::is_fresh), but `None` if the time is not known.
    pub(super) fn is_younger(&self, config: &Config, max_age: Duration) -> Result<Option<bool>, AuthError> {
        let (now, login) = (config.clock.now(), self.usable()?.proven_at());
        Ok(login.map(|login| now.since(login) <= max_age && login <= now.plus(LEEWAY)))
    }
}
