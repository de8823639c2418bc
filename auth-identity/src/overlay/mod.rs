//! Reads overlays of constant lists from a file or a store: [`Overlay`] holds the rules that are in force,
//! [`OverlaySource`] is where they are read.
//!
//! A list that declares `overlay = "articles"` can be tightened while the application runs: an operator
//! writes rules into a file or a store, and every instance evaluates them before those of the list.
//! [`OverlayRules`] says why they cannot allow what the list denies. A list that declares `overlay =
//! widening("articles")` can also be widened.
//!
//! # Document
//!
//! ```json
//! {
//!   "rules": [
//!     {
//!       "list": "articles",
//!       "id": "incident-42",
//!       "action": "deny",
//!       "principal": {"group": "editors"},
//!       "permissions": ["edit", "delete"],
//!       "note": "Two accounts were taken over.",
//!       "owner": "on-call",
//!       "until": "2027-01-31"
//!     }
//!   ]
//! }
//! ```
//!
//! | member | value |
//! |---|---|
//! | `list` | the name of the overlay that the list declares |
//! | `id` | ASCII letters, digits and `-`, `_`, `.`, `:`, `/` or `#`, at most 64; no two rules have the same |
//! | `action` | `"deny"`; `"allow"` only if the list declares `widening` |
//! | `principal` | `"everyone"`, `"authenticated"`, `{"group": …}` or `{"user": …}` |
//! | `permissions` | `"all"`, or a list of names |
//! | `note`, `owner`, `until` | as in `#[rule(…)]` of `acl!`; may be left out |
//!
//! Names of permissions and groups are text or whole numbers. A permission must be one that the list
//! mentions, or of a [declared vocabulary](OverlaySettings::with_permissions); a group one that the list
//! names, or a [declared](OverlaySettings::with_groups) one. Hierarchies of groups of the list are not
//! applied: name each group.
//!
//! The first rule of a list that matches decides. After its last day (UTC) a rule that allows has no effect;
//! a rule that denies stays in force, and a warning is logged.
//!
//! # Failures
//!
//! The document is read whole. If a part of it is not valid, if it is absent or if the source is down, the
//! rules before stay in force: a lost document must not lift a denial. To remove all rules, write `{"rules":
//! []}`. At start without a document that can be read, the application [does not
//! start](OverlaySettings::open) unless it says otherwise.
//!
//! | log event (target `auth`) | level | fields |
//! |---|---|---|
//! | `overlay declared` | INFO, WARN if it may widen | `list`, `may_widen`; at start |
//! | `overlay rule added`, `overlay rule removed` | INFO | `list`, `rule_id`, `rule`, `owner`, `until` |
//! | `overlay rule expired` | WARN | `list`, `rule_id`, `rule`, `owner`, `until`; once for each rule that is read |
//! | `failed` | ERROR | `operation` is `overlay`; when the reason changes, and every minute |
//!
//! | metric | kind | labels |
//! |---|---|---|
//! | `auth_overlay_rules` | gauge | the number of rules in force |
//! | `auth_overlay_failing` | gauge | 1 if the last read failed, so that the rules are those of an earlier one |
//! | `auth_overlay_decisions_total` | counter | `list`, `rule`: the id; `other` after 1,000 different ones |

mod check_names;
mod document;
mod error;
mod file_source;
mod listeners;
mod log_changes;
mod memory_store;
#[cfg(feature = "overlay-postgres")]
mod postgres_store;
#[cfg(feature = "redis")]
mod redis_store;
mod refresh_task;
mod settings;
mod source_and_store_traits;
#[cfg(any(feature = "overlay-postgres", feature = "overlay-sqlite"))]
mod sql;
#[cfg(feature = "overlay-sqlite")]
mod sqlite_store;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

pub use error::{OverlayError, OverlayErrorKind};
pub use file_source::OverlayFile;
pub use memory_store::MemoryOverlay;
#[cfg(feature = "overlay-postgres")]
pub use postgres_store::PostgresOverlay;
#[cfg(feature = "redis")]
pub use redis_store::RedisOverlay;
pub use settings::OverlaySettings;
pub use source_and_store_traits::{OverlaySource, OverlayStore};
#[cfg(feature = "overlay-sqlite")]
pub use sqlite_store::SqliteOverlay;

use crate::{
    acl::{Acl, ListOverlay, OverlayRules},
    clock::Clock,
};
use check_names::KnownNames;
use document::Document;
use listeners::Listeners;
use log_changes::Failures;
use refresh_task::RefreshTask;

/// The rules of the overlays that are in force on this instance. Clones share them.
///
/// The source is read again every five seconds, on each instance. A request loads the present rules without a
/// lock, and the decisions of watched streams are repeated when the rules change.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, AuthLayer, KeyRing, TicketCookie, acl, overlay::{MemoryOverlay, OverlayStore, OverlaySettings}};
///
/// const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit"])];
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), auth_runtime::BoxError> {
/// let store = MemoryOverlay::new();
/// store.replace(r#"{"rules": []}"#).await?;
/// let overlay = OverlaySettings::new([ARTICLES]).open(store).await?;
/// let auth = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_overlay(overlay);
/// # let _ = auth;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// An attacker who can write the source can deny every request of the lists that declare an overlay (denial
/// of service), and can remove denials from it, but grants nothing that the constant lists deny, except by
/// lists that declare `widening`. Protect it like the application's configuration.
#[derive(Clone)]
#[must_use]
pub struct Overlay {
    shared: Arc<Shared>,
    _task: Arc<RefreshTask>,
}

/// What the handle and the task share.
struct Shared {
    source: Box<dyn OverlaySource>,
    known: KnownNames,
    clock: Arc<dyn Clock>,
    in_force: ArcSwap<OverlayRules>,
    /// Held while the source is read, so that an older document cannot replace a newer one
    reading: tokio::sync::Mutex<()>,
    last: Mutex<Last>,
    listeners: Listeners,
}

/// What was read last.
#[derive(Default)]
struct Last {
    /// The last document that is valid, and its text
    good: Option<(String, Document)>,
    failures: Failures,
}

impl Overlay {
    /// Returns the rules that are in force.
    #[must_use]
    pub fn rules(&self) -> Arc<OverlayRules> {
        self.shared.in_force.load_full()
    }

    /// Reads the source now. The task does the same at each interval.
    ///
    /// # Errors
    ///
    /// Fails if the source is down, the document is absent or a part of it is not valid; the rules before
    /// stay in force.
    pub async fn refresh(&self) -> Result<(), OverlayError> {
        self.shared.refresh().await
    }

    /// Returns the rules of a document without putting them in force, for a command that checks it before it
    /// is written.
    ///
    /// # Errors
    ///
    /// Fails if a part of it is not valid.
    pub fn check(&self, document: &str) -> Result<OverlayRules, OverlayError> {
        Ok(Document::parse(document, &self.shared.known)?.in_force(self.shared.clock.now()))
    }

    /// Calls `listener` after each change, until it returns `false`.
    pub fn listen(&self, listener: Arc<dyn Fn() -> bool + Send + Sync>) {
        self.shared.listeners.add(listener);
    }

    /// Returns whether the overlay of a list is known, so that rules about it can be read.
    #[must_use]
    pub fn covers(&self, list: &Acl) -> bool {
        list.overlays().iter().all(|overlay| self.shared.known.declares(*overlay))
    }

    /// Returns the overlays that the lists declare.
    #[must_use]
    pub fn declared(&self) -> Vec<ListOverlay> {
        self.shared.known.declared().collect()
    }
}

impl Shared {
    async fn refresh(&self) -> Result<(), OverlayError> {
        let _turn = self.reading.lock().await;
        let read = self.read().await;
        // Also after a failure: a grant ends with its last day.
        self.put_in_force();
        self.note(&read);
        read
    }

    async fn read(&self) -> Result<(), OverlayError> {
        let text = source_and_store_traits::load(&*self.source).await?;
        let is_new = self.last().good.as_ref().is_none_or(|(good, _)| *good != text);
        if is_new {
            let document = Document::parse(&text, &self.known)?;
            self.last().good = Some((text, document));
        }
        Ok(())
    }

    /// Puts the last good document in force, as far as its rules have not ended.
    fn put_in_force(&self) {
        let last = self.last();
        let Some((_, document)) = &last.good else { return };
        let (now, before) = (self.clock.now(), self.in_force.load_full());
        let after = document.in_force(now);
        drop(last);
        if log_changes::report(&before, &after, now) {
            self.in_force.store(Arc::new(after));
            self.listeners.tell();
        }
    }

    fn note(&self, read: &Result<(), OverlayError>) {
        self.last().failures.note(read.as_ref().err(), self.clock.now());
    }

    /// No code that panics runs while the lock is held.
    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay").field("rules", &self.rules().rules().len()).finish_non_exhaustive()
    }
}
