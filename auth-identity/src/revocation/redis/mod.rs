//! Revokes credentials by a denylist in Redis that several instances share: [`RedisRevocation`].

mod instance_message;
mod lua_scripts;
mod redis_options;
mod replication;
mod server_snapshot;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, EventInterface as _},
    types::{Builder, config::ReconnectPolicy},
};
pub use redis_options::{RedisOptions, WhenAway};
use replication::Replication;
use tokio::{sync::broadcast::error::RecvError, task::JoinHandle};

use super::{Invalidate, Push, Revocation, RevocationStatus, Revoked};
use crate::{
    BoxError,
    answer_future::Answer,
    clock::UnixTime,
    events,
    identity::{CredentialId, UserId},
    redis_config,
};

/// A denylist on a Redis server with a local copy per instance. Clones share the connection.
///
/// A revocation by one instance is pushed to the others. Requests use the local copy and do not wait. An
/// instance that was disconnected catches up when the server is back; a server that lost its data is restored
/// by the instances.
///
/// While the server is unavailable, an instance uses its copy for 5 seconds and then responds 503 to every
/// request whose user is needed (fail closed), because it cannot know what others have revoked.
/// [`RedisOptions::when_away`] changes this. Revoking fails meanwhile.
///
/// It also invalidates the caches of all instances: see [`Push`].
///
/// The server needs version 5 or later and an eviction policy that does not drop keys, because that would
/// drop revocations. The connection is closed when the last clone is dropped.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, revocation::RedisRevocation};
///
/// # async fn example(keys: KeyRing) -> Result<(), auth_runtime::BoxError> {
/// let revocation = RedisRevocation::connect("redis://127.0.0.1:6379").await?;
/// let auth = AuthLayer::new(TicketCookie::new(keys)).with_revocation(revocation.clone());
/// # let _ = auth;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// An address with the scheme `rediss` uses TLS, which needs the feature `redis-tls`; without it, connecting
/// fails before anything is sent.
///
/// Anyone who can write to the server can revoke everything or undo revocations. Protect it like the
/// application's sessions.
#[derive(Clone)]
pub struct RedisRevocation {
    replication: Arc<Replication>,
    _tasks: Arc<Tasks>,
}

/// The background tasks; they run until the last clone is dropped.
struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl RedisRevocation {
    /// Connects and reads all revocations. It must be called within a tokio runtime, which then runs the
    /// replication.
    ///
    /// # Errors
    ///
    /// Fails if [`redis_config`](crate::redis_config) rejects the address, or if the server does not respond
    /// within ten times the deadline of a command.
    pub async fn connect(options: impl Into<RedisOptions>) -> Result<Self, BoxError> {
        let options = options.into();
        let deadline = options.deadline.saturating_mul(10);
        tokio::time::timeout(deadline, Self::connect_at_leisure(options)).await?
    }

    async fn connect_at_leisure(options: RedisOptions) -> Result<Self, BoxError> {
        let (client, subscriber) = (client(&options)?, client(&options)?);
        // Dropped on failure, so that nothing keeps trying.
        let mut tasks = Tasks(Vec::new());
        tasks.0.push(connect(&client).await?);
        tasks.0.push(connect(&subscriber).await?);
        let (mut messages, mut reconnects) = (subscriber.message_rx(), subscriber.reconnect_rx());
        let replication = Arc::new(Replication::new(options, client, subscriber));
        replication.subscribe().await?;
        replication.read_all().await?;

        let listening = Arc::clone(&replication);
        tasks.0.push(tokio::spawn(async move {
            loop {
                match messages.recv().await {
                    Ok(message) => match message.value.as_str() {
                        Some(text) => listening.receive(&text),
                        None => listening.has_missed(),
                    },
                    Err(RecvError::Lagged(_)) => listening.has_missed(),
                    Err(RecvError::Closed) => return,
                }
            }
        }));
        let returning = Arc::clone(&replication);
        tasks.0.push(tokio::spawn(async move {
            while !matches!(reconnects.recv().await, Err(RecvError::Closed)) {
                if let Err(error) = returning.subscribe().await {
                    events::failed("revocation", &error);
                }
                returning.has_missed();
            }
        }));
        let keeping = Arc::clone(&replication);
        tasks.0.push(tokio::spawn(async move { keeping.keep_in_sync().await }));
        Ok(Self { replication, _tasks: Arc::new(tasks) })
    }

    fn known(&self, user: &UserId, credential: Option<&CredentialId>) -> Result<RevocationStatus, BoxError> {
        if self.replication.is_out_of_date() {
            return Err("Redis has been away for too long".into());
        }
        Ok(self.replication.table.find(user, credential))
    }

    /// Returns the time of an epoch that covers everything issued until now by any instance's clock.
    fn epoch(&self) -> UnixTime {
        let options = &self.replication.options;
        options.clock.now().plus(options.clock_tolerance)
    }
}

/// Creates a client that reconnects for ever and never makes a caller wait for it.
fn client(options: &RedisOptions) -> Result<Client, BoxError> {
    let deadline = options.deadline;
    let mut builder = Builder::from_config(redis_config(&options.address)?);
    builder
        .with_connection_config(|connection| {
            connection.connection_timeout = deadline;
            connection.internal_command_timeout = deadline;
            connection.tcp.nodelay = Some(true);
            connection.unresponsive.max_timeout = Some(deadline.saturating_mul(2));
            connection.unresponsive.interval = deadline;
        })
        .with_performance_config(|performance| {
            performance.default_command_timeout = deadline;
            performance.broadcast_channel_capacity = 4_096;
        })
        .set_policy(ReconnectPolicy::new_exponential(0, 50, 1_000, 2));
    Ok(builder.build()?)
}

/// Connects for as long as the task runs.
async fn connect(client: &Client) -> Result<JoinHandle<()>, BoxError> {
    let connection = client.init().await?;
    let stop = Stop(connection.abort_handle());
    Ok(tokio::spawn(async move {
        let _stop = stop;
        let _ended = connection.await;
    }))
}

/// Aborts a task when dropped.
struct Stop(tokio::task::AbortHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[async_trait]
impl Revocation for RedisRevocation {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> Answer<'a, Result<RevocationStatus, BoxError>> {
        Answer::Now(self.known(user, credential))
    }

    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError> {
        let epoch = self.replication.change("user", user, self.epoch()).await?;
        self.replication.table.note_user(user, epoch);
        self.replication.table.report(self.replication.options.limits);
        Ok(())
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        let epoch = self.replication.change("user", "", self.epoch()).await?;
        self.replication.table.note_everybody(epoch);
        Ok(())
    }

    async fn revoke_credential(
        &self,
        credential: &CredentialId,
        expires: Option<UnixTime>,
    ) -> Result<(), BoxError> {
        let options = &self.replication.options;
        let unknown = || options.clock.now().plus(options.limits.longest_lifetime);
        let expires = expires.unwrap_or_else(unknown);
        // An instance whose clock is behind keeps the entry longer.
        let kept = expires.plus(options.clock_tolerance).plus(Duration::from_secs(1));
        let kept = self.replication.change("credential", credential.as_str(), kept).await?;
        self.replication.table.note_credential(credential, kept);
        self.replication.table.report(options.limits);
        Ok(())
    }

    fn listen(&self, listener: Arc<dyn Fn(&Revoked) -> bool + Send + Sync>) {
        self.replication.revocations.add(listener);
    }
}

#[async_trait]
impl Push for RedisRevocation {
    fn listen(&self, listener: Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>) {
        self.replication.listen(listener);
    }

    async fn push(&self, what: Invalidate) -> Result<(), BoxError> {
        self.replication.change("tell", &instance_message::words(&what), UnixTime::from_secs(0)).await?;
        Ok(())
    }
}

impl fmt::Debug for RedisRevocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocation").field("options", &self.replication.options).finish_non_exhaustive()
    }
}
