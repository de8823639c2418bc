//! Counts the free places of a denylist for one kind of entry, and warns before it is full: [`DenylistCapacity`].

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::events;

/// The kinds of entries. Each has its own capacity, so that credentials never displace users.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Credential,
    User,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::User => "user",
        }
    }
}

/// The number of entries of one kind.
pub(super) struct DenylistCapacity {
    kind: Kind,
    entries: AtomicUsize,
    has_warned: AtomicBool,
}

impl DenylistCapacity {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, entries: AtomicUsize::new(0), has_warned: AtomicBool::new(false) }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.load(Ordering::Acquire)
    }

    pub(super) fn count(&self, before: usize, after: usize) {
        self.entries.fetch_add(after.saturating_sub(before), Ordering::AcqRel);
        self.entries.fetch_sub(before.saturating_sub(after), Ordering::AcqRel);
    }

    /// Returns whether expired entries should be dropped: three quarters are used.
    pub(super) fn is_scarce(&self, capacity: usize) -> bool {
        self.len() >= capacity.saturating_sub(capacity / 4)
    }

    pub(super) fn is_full(&self, capacity: usize) -> bool {
        self.len() >= capacity
    }

    /// Sets the gauge and logs a warning at three quarters, once until half of the capacity is free again.
    pub(super) fn report(&self, capacity: usize) {
        let entries = self.len();
        #[cfg(feature = "metrics")]
        {
            // A list has fewer entries than a float can count.
            let count = f64::from(u32::try_from(entries).unwrap_or(u32::MAX));
            metrics::gauge!("auth_revocation_entries", "kind" => self.kind.name()).set(count);
        }
        if self.is_scarce(capacity) {
            if !self.has_warned.swap(true, Ordering::AcqRel) {
                events::revocation_list_nearly_full(self.kind.name(), entries, capacity);
            }
        } else if entries <= capacity / 2 {
            self.has_warned.store(false, Ordering::Release);
        }
    }
}

#[cfg(all(test, feature = "metrics"))]
mod tests {
    use super::*;
    use crate::keys::test_metrics::Numbers;

    #[test]
    fn the_gauge_tells_how_many_entries_of_each_kind_there_are() {
        let numbers = Numbers::default();
        metrics::with_local_recorder(&numbers, || {
            let (users, credentials) =
                (DenylistCapacity::new(Kind::User), DenylistCapacity::new(Kind::Credential));
            users.count(0, 2);
            credentials.count(0, 7);
            credentials.count(7, 5);
            users.report(10);
            credentials.report(10);
        });
        let expected = [("credential", 5_f64), ("user", 2_f64)];
        let expected =
            expected.map(|(kind, count)| (format!("auth_revocation_entries kind={kind}"), count.to_bits()));
        assert_eq!(numbers.all(), expected);
    }
}
