//! Configures overlays: [`OverlaySettings`].

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use auth_acl::__private::OwnedName;

use super::{
    Last, Overlay, OverlayError, OverlaySource, Shared, check_names::KnownNames, listeners::Listeners,
    log_changes, refresh_task::RefreshTask,
};
use crate::{
    acl::{Acl, Group, OverlayRules, Vocabulary},
    clock::{Clock, SystemClock},
};

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);

/// The lists whose overlays are read, and how.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, acl, overlay::{OverlayErrorKind, OverlayFile, OverlaySettings}};
///
/// const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit"])];
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let settings = OverlaySettings::new([ARTICLES]).with_groups(["contractors"]);
/// let error = settings.open(OverlayFile::new("/no/such/overlay.json")).await.unwrap_err();
/// assert_eq!(error.kind(), OverlayErrorKind::Absent);
/// # }
/// ```
#[must_use]
pub struct OverlaySettings {
    lists: Vec<Acl>,
    permissions: Vec<&'static str>,
    groups: Vec<OwnedName>,
    interval: Duration,
    starts_without: bool,
    clock: Arc<dyn Clock>,
}

impl OverlaySettings {
    /// Creates settings for these lists, each of which declares an overlay.
    pub fn new(lists: impl IntoIterator<Item = Acl>) -> Self {
        Self {
            lists: lists.into_iter().collect(),
            permissions: Vec::new(),
            groups: Vec::new(),
            interval: Duration::from_secs(5),
            starts_without: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Lets rules name these groups, besides those that the lists name.
    pub fn with_groups<G: Group>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        self.groups.extend(groups.into_iter().map(|group| OwnedName::new(group.name())));
        self
    }

    /// Lets rules name the permissions of an enum, besides those that the lists mention. A list whose only
    /// rules are for `ALL` permissions mentions none.
    pub fn with_permissions<P: Vocabulary>(mut self) -> Self {
        self.permissions.extend(P::WORDS.names());
        self
    }

    /// Sets how often each instance reads the source, from a second to an hour. The default is five seconds.
    ///
    /// A change is in force on an instance after at most this time.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(SHORTEST, LONGEST);
        self
    }

    /// Starts without rules if the source is down, or its document is absent or not valid. By default the
    /// application does not start then.
    ///
    /// # Security
    ///
    /// Until the source can be read, the constant lists alone decide: what an overlay would deny is allowed
    /// (fail open).
    pub const fn start_without_source(mut self) -> Self {
        self.starts_without = true;
        self
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads the source, and starts a task that reads it again at each interval until the last clone of the
    /// [`Overlay`] is dropped.
    ///
    /// # Errors
    ///
    /// Fails if a list declares no overlay, if two lists declare one differently, and, unless the settings
    /// [start without](Self::start_without_source), if the source cannot be read or its document is not
    /// valid.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, and in one without time.
    pub async fn open(self, source: impl OverlaySource) -> Result<Overlay, OverlayError> {
        let mut known = KnownNames::new(self.permissions, self.groups);
        for list in &self.lists {
            known.add(list)?;
        }
        log_changes::declared(known.declared());
        let shared = Arc::new(Shared {
            source: Box::new(source),
            known,
            clock: self.clock,
            in_force: ArcSwap::from_pointee(OverlayRules::default()),
            reading: tokio::sync::Mutex::new(()),
            last: Mutex::new(Last::default()),
            listeners: Listeners::default(),
        });
        match shared.refresh().await {
            Err(error) if !self.starts_without => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let task = Arc::new(RefreshTask::start(&shared, self.interval));
        Ok(Overlay { shared, _task: task })
    }
}

impl fmt::Debug for OverlaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverlaySettings").field("interval", &self.interval).finish_non_exhaustive()
    }
}
