//! Keeps overlays on a Redis server: [`RedisOverlay`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fred::{clients::Client, interfaces::KeysInterface as _};

use super::{OverlaySource, OverlayStore};
use crate::BoxError;

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// Holds the rules of overlays on a Redis server, for any number of instances.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{Acl, BoxError, overlay::{Overlay, OverlaySettings, RedisOverlay}, redis_config};
/// use fred::prelude::*;
///
/// # async fn example(articles: Acl) -> Result<(), BoxError> {
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// client.init().await?;
/// let overlay: Overlay = OverlaySettings::new([articles]).open(RedisOverlay::new(client)).await?;
/// # let _ = overlay;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Parse the address with `redis_config`: without its TLS features, `fred` connects to a `rediss://` address
/// in clear text (downgrade). A server that has lost its data has no document, so the instances keep the
/// rules that they know; one that starts then does not start. Its eviction policy must not drop keys.
#[derive(Clone)]
#[must_use]
pub struct RedisOverlay {
    client: Client,
    key: String,
}

impl RedisOverlay {
    /// Creates a store with a connected client.
    pub fn new(client: Client) -> Self {
        Self { client, key: "auth:overlay".to_owned() }
    }

    /// Sets the key of the document. The default is `auth:overlay`.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }
}

#[async_trait]
impl OverlaySource for RedisOverlay {
    async fn load(&self) -> Result<Option<String>, BoxError> {
        Ok(tokio::time::timeout(DEADLINE, self.client.get(&self.key)).await??)
    }
}

#[async_trait]
impl OverlayStore for RedisOverlay {
    async fn replace(&self, document: &str) -> Result<(), BoxError> {
        let set = self.client.set::<(), _, _>(&self.key, document, None, None, false);
        Ok(tokio::time::timeout(DEADLINE, set).await??)
    }
}

impl fmt::Debug for RedisOverlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOverlay").field("key", &self.key).finish_non_exhaustive()
    }
}
