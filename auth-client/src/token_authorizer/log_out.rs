//! Logs an authorizer out: cancels the acquisition, then forgets and revokes the token.

use std::sync::Arc;

use super::acquire_token::Acquisition;
use crate::{Error, Grant, Token, TokenStore};

impl<G: Grant> Acquisition<G> {
    /// Removes the token here and in the store, and revokes it. Returns `false` if the server does not
    /// support revocation.
    ///
    /// It waits for a running refresh, because the server may have rotated the refresh token, and revokes the
    /// new token. It cancels a log-in of a user. It revokes the token even if the store fails.
    pub(super) async fn log_out(self) -> Result<bool, Error> {
        // Keep it: if the acquisition fails, this is the token to revoke.
        let (before, acquisition) = self.state.begin_log_out();
        if let Some(acquisition) = acquisition {
            // Poll it here: its other waiters may be slow or gone.
            let _ = acquisition.await;
        }
        let _turn = self.state.turn().await;
        let current = self.state.take().or(before).map(|cached| cached.token.clone());
        let (stored, removed) = match &self.setup.store {
            Some(store) => self.forget_stored(store).await,
            None => (None, Ok(())),
        };
        let revoked = match stored.or(current) {
            Some(token) => self.setup.grant.revoke(&token).await,
            None => Ok(true),
        };
        removed?;
        revoked
    }

    /// Removes the stored token and returns it, with the first failure of the store.
    async fn forget_stored(&self, store: &Arc<dyn TokenStore>) -> (Option<Token>, Result<(), Error>) {
        let key = self.setup.grant.store_key();
        let _lock = match store.lock(&key).await {
            Ok(lock) => lock,
            Err(error) => return (None, Err(error)),
        };
        let (stored, loaded) = match store.load(&key).await {
            Ok(stored) => (stored, Ok(())),
            Err(error) => (None, Err(error)),
        };
        (stored, loaded.and(store.remove(&key).await))
    }
}
