//! Log-out of an authorizer: ends the flight under way, then forgets and revokes the token.

use std::sync::Arc;

use super::flight::Flight;
use crate::{Error, Grant, Token, TokenStore};

impl<G: Grant> Flight<G> {
    /// Forgets the token here and in the store, and revokes it. Returns false if the provider offers no way for that.
    ///
    /// A refresh that is under way is waited for, since the provider may have rotated the refresh token already: what it
    /// brings is revoked. A log-in of a person is ended. The token is revoked even if the store fails.
    pub(super) async fn log_out(self) -> Result<bool, Error> {
        // Kept: if the flight fails, this is still the token to revoke.
        let (before, flight) = self.state.begin_log_out();
        if let Some(flight) = flight {
            // Its waiters may be slow to poll it, or only this one may be left.
            let _ = flight.await;
        }
        let _turn = self.state.turn().await;
        let current = self.state.take().or(before).map(|held| held.token.clone());
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
