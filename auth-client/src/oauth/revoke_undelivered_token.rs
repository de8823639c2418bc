//! Revokes the token of a log-in that is cancelled before the token is delivered: [`deliver`].

use tokio::{runtime::Handle, sync::oneshot};

use super::OAuthClient;
use crate::{Error, Token};

/// Requests the token in a separate task. If the log-in is cancelled meanwhile, for example by a log-out, the
/// token is revoked: otherwise it would stay valid without being known here.
pub(super) async fn deliver(
    client: &OAuthClient,
    request: impl Future<Output = Result<Token, Error>> + Send + 'static,
) -> Result<Token, Error> {
    let runtime =
        Handle::try_current().map_err(|_| Error::configuration("a log-in needs a tokio runtime"))?;
    let (sender, receiver) = oneshot::channel();
    let client = client.clone();
    runtime.spawn(async move {
        let answer = request.await.map(|token| RevokeOnDrop { client, token: Some(token) });
        // An undelivered token is dropped, which revokes it.
        drop(sender.send(answer));
    });
    let answer = receiver.await.map_err(|_| Error::transport("the task that got the token ended early"))?;
    answer?.open()
}

/// A token in transit; dropping it revokes the token.
struct RevokeOnDrop {
    client: OAuthClient,
    token: Option<Token>,
}

impl RevokeOnDrop {
    fn open(mut self) -> Result<Token, Error> {
        self.token.take().ok_or_else(|| Error::transport("the token was taken already"))
    }
}

impl Drop for RevokeOnDrop {
    fn drop(&mut self) {
        let (Some(token), Ok(runtime)) = (self.token.take(), Handle::try_current()) else { return };
        let client = self.client.clone();
        runtime.spawn(async move {
            if let Err(error) = client.revoke(&token).await {
                tracing::warn!(target: "auth_client", service = %client.environment().service, %error,
                    "the token of a log-in that was given up cannot be revoked");
            }
        });
    }
}
