//! What one instance knows, and how it keeps in step with the others.

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
    known::Known,
    message::{Message, Said},
    options::{RedisOptions, WhenAway},
    scripts::{CHANGE, READ, RESTORE},
};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::CredentialId,
    revocation::{Invalidate, MOST_AHEAD, RevocationFull, Revoked, listeners::Listeners, table::Table},
};

/// A name, and the time that belongs to it.
type Entry = (UnixTime, String);

type Listener = Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>;

/// How many entries are put back in one step.
const CHUNK: usize = 1_000;

/// How long a message may take that the server has sent.
const ON_THE_WAY: Duration = Duration::from_millis(100);

pub(super) struct Hub {
    pub(super) table: Table,
    pub(super) options: RedisOptions,
    /// Gives orders
    client: Client,
    /// Listens
    ear: Client,
    keys: [String; 3],
    channel: String,
    /// The number of the last change that this instance knows
    seen: AtomicU64,
    began: Instant,
    /// When this instance was last sure to know everything, in milliseconds after it began
    sure: AtomicU64,
    is_away: AtomicBool,
    /// Something was missed
    missed: Notify,
    listeners: Mutex<Vec<Listener>>,
    pub(super) revocations: Listeners,
}

impl Hub {
    pub(super) fn new(options: RedisOptions, client: Client, ear: Client) -> Self {
        // The braces put the keys of one application on one machine of a cluster.
        let key = |name| format!("{{{}}}:{name}", options.prefix);
        Self {
            table: Table::new(),
            client,
            ear,
            keys: [key("epochs"), key("credentials"), key("sequence")],
            channel: key("changes"),
            options,
            seen: AtomicU64::new(0),
            began: Instant::now(),
            sure: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            missed: Notify::new(),
            listeners: Mutex::default(),
            revocations: Listeners::default(),
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns whether so much may have been missed that nobody can be let pass.
    pub(super) fn is_out_of_date(&self) -> bool {
        let WhenAway::DenyAfter(grace) = self.options.when_away else { return false };
        let unsure = self.elapsed().saturating_sub(self.sure.load(Ordering::Acquire));
        Duration::from_millis(unsure) > grace
    }

    pub(super) fn listen(&self, listener: Listener) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    fn tell_listeners(&self, what: &Invalidate) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).retain(|listener| listener(what));
    }

    pub(super) async fn subscribe(&self) -> Result<(), BoxError> {
        Ok(self.ear.subscribe(self.channel.as_str()).await?)
    }

    /// Changes something for all instances. Returns the time from which on it holds.
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

    /// Takes in a message of another instance, or of this one.
    pub(super) fn receive(&self, text: &str) {
        let Some(Message { number, said }) = Message::parse(text) else {
            events::failed("revocation", &BoxError::from("a message from Redis makes no sense"));
            return self.missed.notify_one();
        };
        match said {
            Said::Credential(id, expires) => {
                self.table.note_credential(&id, expires);
                self.revocations.tell(&Revoked::Credential(id));
            }
            Said::Everybody(epoch) => {
                self.table.note_everybody(epoch);
                self.revocations.tell(&Revoked::Everybody);
            }
            Said::Invalidate(what) => self.tell_listeners(&what),
            Said::Restored => self.missed.notify_one(),
            Said::User(user, epoch) => {
                self.table.note_user(&user, epoch);
                self.tell_listeners(&Invalidate::User(user.clone()));
                self.revocations.tell(&Revoked::User(user));
            }
        }
        let seen = self.seen.load(Ordering::Acquire);
        if number > seen.saturating_add(1) {
            self.missed.notify_one();
        } else {
            self.seen.fetch_max(number, Ordering::AcqRel);
        }
    }

    /// Says that messages may have been missed.
    pub(super) fn has_missed(&self) {
        self.missed.notify_one();
    }

    /// Makes sure, again and again, that nothing was missed.
    pub(super) async fn keep_in_step(&self) {
        loop {
            let waited = tokio::time::timeout(self.options.interval(), self.missed.notified()).await;
            let done = match waited {
                Ok(()) => self.read_all().await,
                Err(_) => self.look_whether_missed().await,
            };
            match done {
                Ok(()) => self.is_away.store(false, Ordering::Release),
                // Once, however long it takes.
                Err(error) if !self.is_away.swap(true, Ordering::AcqRel) => {
                    events::failed("revocation", &error);
                }
                Err(_) => {}
            }
        }
    }

    async fn look_whether_missed(&self) -> Result<(), BoxError> {
        self.table.prune_when_scarce(self.options.limits, self.options.clock.now());
        self.table.report(self.options.limits);
        let asked = self.elapsed();
        let number: Option<u64> = self.client.get(sequence(&self.keys)).await?;
        let number = number.unwrap_or(0);
        if number > self.seen.load(Ordering::Acquire) {
            tokio::time::sleep(ON_THE_WAY).await;
        }
        match self.seen.load(Ordering::Acquire) {
            // More came in while the answer was on its way.
            seen if seen == number || (seen > number && self.has_more_than(number).await?) => {
                self.sure.fetch_max(asked, Ordering::AcqRel);
                Ok(())
            }
            _ => {
                // The connection that listens may be dead and not know it.
                self.subscribe().await?;
                self.read_all().await
            }
        }
    }

    /// Returns whether the server counts on beyond a number that it named; one that has lost its memory does not.
    async fn has_more_than(&self, number: u64) -> Result<bool, BoxError> {
        let seen = self.seen.load(Ordering::Acquire);
        let now: Option<u64> = self.client.get(sequence(&self.keys)).await?;
        Ok(now.is_some_and(|now| now > number && now >= seen))
    }

    /// Reads all there is, and puts back what the server has forgotten.
    pub(super) async fn read_all(&self) -> Result<(), BoxError> {
        let asked = self.elapsed();
        let answer: Vec<Value> = self.client.eval(READ, self.keys.to_vec(), Vec::<String>::new()).await?;
        let mut parts = answer.into_iter();
        let mut part = || parts.next().ok_or("an answer of Redis is too short");
        let number: u64 = part()?.convert()?;
        let (epochs, credentials): (Vec<String>, Vec<String>) = (part()?.convert()?, part()?.convert()?);
        let known = Known::of(&epochs, &credentials);
        known.note(&self.table);
        self.table.prune_when_scarce(self.options.limits, self.options.clock.now());
        self.table.report(self.options.limits);
        let number = self.restore(&known, number).await?;
        self.seen.store(number, Ordering::Release);
        self.tell_listeners(&Invalidate::All);
        self.revocations.tell(&Revoked::Everybody);
        self.sure.fetch_max(asked, Ordering::AcqRel);
        Ok(())
    }

    /// Puts back what this instance knows and the server does not. Returns the number of the last change.
    async fn restore(&self, known: &Known, number: u64) -> Result<u64, BoxError> {
        let (epochs, credentials) = self.forgotten(known);
        let mut number = number;
        let seen = self.seen.load(Ordering::Acquire);
        let all =
            epochs.iter().map(|entry| (true, entry)).chain(credentials.iter().map(|entry| (false, entry)));
        let all: Vec<_> = all.collect();
        for chunk in all.chunks(CHUNK) {
            let count = chunk.iter().filter(|(is_epoch, _)| *is_epoch).count();
            let mut arguments = vec![self.channel.clone(), seen.to_string(), count.to_string()];
            for (_, (time, name)) in chunk {
                arguments.extend([time.to_string(), name.clone()]);
            }
            number = self.client.eval(RESTORE, self.keys.to_vec(), arguments).await?;
        }
        Ok(number)
    }

    fn forgotten(&self, known: &Known) -> (Vec<Entry>, Vec<Entry>) {
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

/// The key of the sequence comes last.
fn sequence(keys: &[String; 3]) -> &str {
    let [_, _, sequence] = keys;
    sequence
}
