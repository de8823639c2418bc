//! A list of revocations that instances on many machines share.

mod hub;
mod known;
mod message;
mod options;
mod scripts;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, EventInterface as _},
    types::{Builder, config::ReconnectPolicy},
};
use hub::Hub;
pub use options::{RedisOptions, WhenAway};
use tokio::{sync::broadcast::error::RecvError, task::JoinHandle};

use super::{Invalidate, Push, Revocation, RevocationStatus, Revoked};
use crate::{
    BoxError,
    answer::Answer,
    clock::UnixTime,
    events,
    identity::{CredentialId, UserId},
    redis_config,
};

/// A list of revocations on a Redis server, of which each instance has a copy at hand. Clones share the connection.
///
/// What one instance revokes is pushed to the others at once; requests are judged by the copy and wait for nothing. An
/// instance that was cut off catches up as soon as the server is back, and so does a server that has lost its memory:
/// the instances tell it what they know.
///
/// While the server is away an instance goes by its copy for 5 seconds, and then answers everybody whose user it is asked
/// for with 503, since it cannot know what others have revoked; [`RedisOptions::when_away`] has the other choices.
/// Revoking fails meanwhile, at once.
///
/// It also tells the caches of all instances what to forget: see [`Push`].
///
/// The server needs to be version 5 or later, and to keep what it is told: an eviction policy that drops keys drops
/// revocations. The connection is closed when the last clone is dropped.
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
/// An address with the scheme `rediss` is reached over TLS, which needs the feature `redis-tls`; without it, connecting
/// fails before anything is sent.
///
/// Whoever can write to the server can revoke everything, or undo it. It needs no more protection than the sessions of
/// the application, and no less.
#[derive(Clone)]
pub struct RedisRevocation {
    hub: Arc<Hub>,
    _tasks: Arc<Tasks>,
}

/// What runs for as long as anybody holds the list.
struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl RedisRevocation {
    /// Connects, and reads what has been revoked so far. It has to be called within a Tokio runtime, which then runs what
    /// keeps the copy up to date.
    ///
    /// # Errors
    ///
    /// Fails when [`redis_config`](crate::redis_config) rejects the address, or the server does not answer
    /// within the deadline, by which ten times the deadline of a command is meant.
    pub async fn connect(options: impl Into<RedisOptions>) -> Result<Self, BoxError> {
        let options = options.into();
        let deadline = options.deadline.saturating_mul(10);
        tokio::time::timeout(deadline, Self::connect_at_leisure(options)).await?
    }

    async fn connect_at_leisure(options: RedisOptions) -> Result<Self, BoxError> {
        let (client, ear) = (client(&options)?, client(&options)?);
        // Dropped on failure, so that nothing goes on trying.
        let mut tasks = Tasks(Vec::new());
        tasks.0.push(connect(&client).await?);
        tasks.0.push(connect(&ear).await?);
        let (mut messages, mut reconnects) = (ear.message_rx(), ear.reconnect_rx());
        let hub = Arc::new(Hub::new(options, client, ear));
        hub.subscribe().await?;
        hub.read_all().await?;

        let listening = Arc::clone(&hub);
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
        let returning = Arc::clone(&hub);
        tasks.0.push(tokio::spawn(async move {
            while !matches!(reconnects.recv().await, Err(RecvError::Closed)) {
                if let Err(error) = returning.subscribe().await {
                    events::failed("revocation", &error);
                }
                returning.has_missed();
            }
        }));
        let keeping = Arc::clone(&hub);
        tasks.0.push(tokio::spawn(async move { keeping.keep_in_step().await }));
        Ok(Self { hub, _tasks: Arc::new(tasks) })
    }

    fn known(&self, user: &UserId, credential: Option<&CredentialId>) -> Result<RevocationStatus, BoxError> {
        if self.hub.is_out_of_date() {
            return Err("Redis has been away for too long".into());
        }
        Ok(self.hub.table.find(user, credential))
    }

    /// The time of an epoch that covers what was issued until now, by whatever clock.
    fn epoch(&self) -> UnixTime {
        let options = &self.hub.options;
        options.clock.now().plus(options.clock_tolerance)
    }
}

/// Makes a client that tries for ever to reach its server, and never keeps anybody waiting for it.
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

/// Ends a task with the one that waits for it.
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
        let epoch = self.hub.change("user", user, self.epoch()).await?;
        self.hub.table.note_user(user, epoch);
        self.hub.table.report(self.hub.options.limits);
        Ok(())
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        let epoch = self.hub.change("user", "", self.epoch()).await?;
        self.hub.table.note_everybody(epoch);
        Ok(())
    }

    async fn revoke_credential(
        &self,
        credential: &CredentialId,
        expires: Option<UnixTime>,
    ) -> Result<(), BoxError> {
        let options = &self.hub.options;
        let unknown = || options.clock.now().plus(options.limits.longest_lifetime);
        let expires = expires.unwrap_or_else(unknown);
        // A clock that is behind keeps it for longer.
        let kept = expires.plus(options.clock_tolerance).plus(Duration::from_secs(1));
        let kept = self.hub.change("credential", credential.as_str(), kept).await?;
        self.hub.table.note_credential(credential, kept);
        self.hub.table.report(options.limits);
        Ok(())
    }

    fn listen(&self, listener: Arc<dyn Fn(&Revoked) -> bool + Send + Sync>) {
        self.hub.revocations.add(listener);
    }
}

#[async_trait]
impl Push for RedisRevocation {
    fn listen(&self, listener: Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>) {
        self.hub.listen(listener);
    }

    async fn push(&self, what: Invalidate) -> Result<(), BoxError> {
        self.hub.change("tell", &message::words(&what), UnixTime::from_secs(0)).await?;
        Ok(())
    }
}

impl fmt::Debug for RedisRevocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocation").field("options", &self.hub.options).finish_non_exhaustive()
    }
}
