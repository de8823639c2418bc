//! Connections to the Redis server.

use auth_runtime::{BoxError, redis_config};
use fred::prelude::{Client, ClientLike as _};

/// Connects a client.
pub(crate) async fn client(address: &str) -> Result<Client, BoxError> {
    let client = Client::new(redis_config(address)?, None, None, None);
    client.init().await?;
    Ok(client)
}
