//! Records metrics in tests of this crate and of those above it: [`Numbers`].

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{Counter, Gauge, Histogram, HistogramFn, KeyName, Metadata, Recorder, SharedString, Unit};

/// Keeps each number under its name and labels.
#[derive(Default)]
pub(crate) struct Numbers(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Numbers {
    fn of(&self, key: &metrics::Key) -> Arc<AtomicU64> {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = format!("{}{}", key.name(), labels.collect::<String>());
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default())
    }

    /// How many checks with a ring's keys there were, by their outcome.
    pub(crate) fn verifications(&self) -> Vec<(String, u64)> {
        self.all().into_iter().filter(|(name, _)| name.starts_with("auth_key_verifications")).collect()
    }

    pub(crate) fn all(&self) -> Vec<(String, u64)> {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.iter().map(|(name, number)| (name.clone(), number.load(Ordering::SeqCst))).collect()
    }
}

/// Counts the values of a histogram.
struct Records(Arc<AtomicU64>);

impl HistogramFn for Records {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &metrics::Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }
    fn register_gauge(&self, key: &metrics::Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.of(key))
    }
    fn register_histogram(&self, key: &metrics::Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Records(self.of(key))))
    }
}
