//! Replicates the denylist from Redis to this instance: [`Replication`].

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use fred::{
    clients::Client,
    interfaces::{KeysInterface as _, LuaInterface as _, PubsubInterface as _},
    types::Value,
};
use tokio::sync::Notify;

use super::{
    instance_message::{Content, Message},
    lua_scripts::{CHANGE, READ, RESTORE},
    redis_options::{RedisOptions, WhenAway},
    server_snapshot::Snapshot,
};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::CredentialId,
    revocation::{
        Invalidate, MOST_AHEAD, RevocationFull, Revoked, denylist_table::DenylistTable,
        revocation_listeners::Listeners,
    },
};

/// A name and its time.
type Entry = (UnixTime, String);

type Listener = Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>;

/// The number of entries that are restored in one step.
const CHUNK: usize = 1_000;

/// The maximum delay of a message that the server has sent.
const ON_THE_WAY: Duration = Duration::from_millis(100);

pub(super) struct Replication {
    pub(super) table: DenylistTable,
    pub(super) options: RedisOptions,
    /// Sends commands
    client: Client,
    /// Receives messages
    subscriber: Client,
    keys: [String; 3],
    channel: String,
    /// The number of the last change that this instance has applied
    last_sequence: AtomicU64,
    began: Instant,
    /// When this instance was last known to be in sync, in milliseconds since its start
    last_in_sync: AtomicU64,
    is_disconnected: AtomicBool,
    /// Messages were missed
    missed: Notify,
    listeners: Mutex<Vec<Listener>>,
    pub(super) revocations: Listeners,
}

impl Replication {
    pub(super) fn new(options: RedisOptions, client: Client, subscriber: Client) -> Self {
        // The braces put the keys of one application on one node of a cluster.
        let key = |name| format!("{{{}}}:{name}", options.prefix);
        Self {
            table: DenylistTable::new(),
            client,
            subscriber,
            keys: [key("epochs"), key("credentials"), key("sequence")],
            channel: key("changes"),
            options,
            last_sequence: AtomicU64::new(0),
            began: Instant::now(),
            last_in_sync: AtomicU64::new(0),
            is_disconnected: AtomicBool::new(false),
            missed: Notify::new(),
            listeners: Mutex::default(),
            revocations: Listeners::default(),
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns whether this instance has been out of sync for too long to allow requests.
    pub(super) fn is_out_of_date(&self) -> bool {
        let WhenAway::DenyAfter(grace) = self.options.when_away else { return false };
        let unsure = self.elapsed().saturating_sub(self.last_in_sync.load(Ordering::Acquire));
        Duration::from_millis(unsure) > grace
    }

    pub(super) fn listen(&self, listener: Listener) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    fn tell_listeners(&self, what: &Invalidate) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).retain(|listener| listener(what));
    }

    pub(super) async fn subscribe(&self) -> Result<(), BoxError> {
        Ok(self.subscriber.subscribe(self.channel.as_str()).await?)
    }

    /// Makes a change for all instances. Returns the time from which it is effective.
    pub(super) async fn change(&self, kind: &str, name: &str, time: UnixTime) -> Result<UnixTime, BoxError> {
        let (now, limits) = (self.options.clock.now(), self.options.limits);
        let oldest = now.as_secs().saturating_sub(limits.longest_lifetime.as_secs());
        let arguments = vec![
            self.channel.clone(),
            kind.to_owned(),
            name.to_owned(),
            time.to_string(),
            time.plus(MOST_AHEAD).to_string(),
            limits.capacity.to_string(),
            oldest.to_string(),
            now.to_string(),
        ];
        let answer: Vec<u64> = self.client.eval(CHANGE, self.keys.to_vec(), arguments).await?;
        match *answer {
            [_, time] => Ok(UnixTime::from_secs(time)),
            _ => Err(RevocationFull.into()),
        }
    }

    /// Applies a message of another instance, or of this one.
    pub(super) fn receive(&self, text: &str) {
        let Some(Message { number, content }) = Message::parse(text) else {
            events::failed("revocation", &BoxError::from("a message from Redis makes no sense"));
            return self.missed.notify_one();
        };
        match content {
            Content::Credential(id, expires) => {
                self.table.note_credential(&id, expires);
                self.revocations.tell(&Revoked::Credential(id));
            }
            Content::Everybody(epoch) => {
                self.table.note_everybody(epoch);
                self.revocations.tell(&Revoked::Everybody);
            }
            Content::Invalidate(what) => self.tell_listeners(&what),
            Content::Restored => self.missed.notify_one(),
            Content::User(user, epoch) => {
                self.table.note_user(&user, epoch);
                self.tell_listeners(&Invalidate::User(user.clone()));
                self.revocations.tell(&Revoked::User(user));
            }
        }
        let last_sequence = self.last_sequence.load(Ordering::Acquire);
        if number > last_sequence.saturating_add(1) {
            self.missed.notify_one();
        } else {
            self.last_sequence.fetch_max(number, Ordering::AcqRel);
        }
    }

    /// Records that messages may have been missed.
    pub(super) fn has_missed(&self) {
        self.missed.notify_one();
    }

    /// Checks regularly that no message was missed.
    pub(super) async fn keep_in_sync(&self) {
        loop {
            let waited = tokio::time::timeout(self.options.interval(), self.missed.notified()).await;
            let done = match waited {
                Ok(()) => self.read_all().await,
                Err(_) => self.check_for_gap().await,
            };
            match done {
                Ok(()) => self.is_disconnected.store(false, Ordering::Release),
                // Once, however long it takes.
                Err(error) if !self.is_disconnected.swap(true, Ordering::AcqRel) => {
                    events::failed("revocation", &error);
                }
                Err(_) => {}
            }
        }
    }

    async fn check_for_gap(&self) -> Result<(), BoxError> {
        self.table.prune_when_scarce(self.options.limits, self.options.clock.now());
        self.table.report(self.options.limits);
        let asked = self.elapsed();
        let number: Option<u64> = self.client.get(sequence(&self.keys)).await?;
        let number = number.unwrap_or(0);
        if number > self.last_sequence.load(Ordering::Acquire) {
            tokio::time::sleep(ON_THE_WAY).await;
        }
        match self.last_sequence.load(Ordering::Acquire) {
            // More messages arrived while the response was in transit.
            last_sequence
                if last_sequence == number
                    || (last_sequence > number && self.has_more_than(number).await?) =>
            {
                self.last_in_sync.fetch_max(asked, Ordering::AcqRel);
                Ok(())
            }
            _ => {
                // The subscriber's connection may be dead without noticing.
                self.subscribe().await?;
                self.read_all().await
            }
        }
    }

    /// Returns whether the server has advanced beyond a number; one that lost its data has not.
    async fn has_more_than(&self, number: u64) -> Result<bool, BoxError> {
        let last_sequence = self.last_sequence.load(Ordering::Acquire);
        let now: Option<u64> = self.client.get(sequence(&self.keys)).await?;
        Ok(now.is_some_and(|now| now > number && now >= last_sequence))
    }

    /// Reads everything, and restores what the server has lost.
    pub(super) async fn read_all(&self) -> Result<(), BoxError> {
        let asked = self.elapsed();
        let answer: Vec<Value> = self.client.eval(READ, self.keys.to_vec(), Vec::<String>::new()).await?;
        let mut parts = answer.into_iter();
        let mut part = || parts.next().ok_or("an answer of Redis is too short");
        let number: u64 = part()?.convert()?;
        let (epochs, credentials): (Vec<String>, Vec<String>) = (part()?.convert()?, part()?.convert()?);
        let known = Snapshot::of(&epochs, &credentials);
        known.note(&self.table);
        self.table.prune_when_scarce(self.options.limits, self.options.clock.now());
        self.table.report(self.options.limits);
        let number = self.restore(&known, number).await?;
        self.last_sequence.store(number, Ordering::Release);
        self.tell_listeners(&Invalidate::All);
        self.revocations.tell(&Revoked::Everybody);
        self.last_in_sync.fetch_max(asked, Ordering::AcqRel);
        Ok(())
    }

    /// Restores entries that this instance has and the server does not. Returns the number of the last
    /// change.
    async fn restore(&self, known: &Snapshot, number: u64) -> Result<u64, BoxError> {
        let (epochs, credentials) = self.forgotten(known);
        let mut number = number;
        let last_sequence = self.last_sequence.load(Ordering::Acquire);
        let all =
            epochs.iter().map(|entry| (true, entry)).chain(credentials.iter().map(|entry| (false, entry)));
        let all: Vec<_> = all.collect();
        for chunk in all.chunks(CHUNK) {
            let count = chunk.iter().filter(|(is_epoch, _)| *is_epoch).count();
            let mut arguments = vec![self.channel.clone(), last_sequence.to_string(), count.to_string()];
            for (_, (time, name)) in chunk {
                arguments.extend([time.to_string(), name.clone()]);
            }
            number = self.client.eval(RESTORE, self.keys.to_vec(), arguments).await?;
        }
        Ok(number)
    }

    fn forgotten(&self, known: &Snapshot) -> (Vec<Entry>, Vec<Entry>) {
        let now = self.options.clock.now();
        let longest = self.options.limits.longest_lifetime;
        let (mut epochs, mut credentials) = (Vec::new(), Vec::new());
        let mut epoch = |name: &str, epoch: UnixTime| {
            if epoch.plus(longest) >= now && !known.epochs.contains(&(name.to_owned(), epoch)) {
                epochs.push((epoch, name.to_owned()));
            }
        };
        if let Some(everybody) = self.table.everybody() {
            epoch("", everybody);
        }
        let credential = |id: &CredentialId, expires: UnixTime| {
            if expires >= now && !known.credentials.contains(&(id.as_str().to_owned(), expires)) {
                credentials.push((expires, id.as_str().to_owned()));
            }
        };
        self.table.visit(|user, time| epoch(user, time), credential);
        (epochs, credentials)
    }
}

/// The key of the sequence is the last one.
fn sequence(keys: &[String; 3]) -> &str {
    let [_, _, sequence] = keys;
    sequence
}
