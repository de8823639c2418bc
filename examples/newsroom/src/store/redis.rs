//! Connections to the Redis server.

use auth_runtime::{BoxError, redis_config};
use fred::prelude::{Client, ClientLike as _, ReconnectPolicy};

/// Connects a client, which connects again for ever when the server was away: without a policy it never would.
pub(crate) async fn client(address: &str) -> Result<Client, BoxError> {
    let policy = ReconnectPolicy::new_exponential(0, 50, 1_000, 2);
    let client = Client::new(redis_config(address)?, None, None, Some(policy));
    client.init().await?;
    Ok(client)
}
