//! The heads of an audit log are logged, so that they can be kept elsewhere. The thread of the log uses the global
//! subscriber, of which a process has one: this is a test binary of its own.

#![cfg(feature = "audit")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    fmt, fs,
    sync::{Arc, Mutex},
};

use auth_identity::{
    KeyRing,
    audit::{AuditHead, AuditLog, verify_file},
};
use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// Keeps the heads that are logged.
#[derive(Clone, Default)]
struct Heads(Arc<Mutex<Vec<AuditHead>>>);

struct Head(Option<AuditHead>);

impl Visit for Head {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "head" {
            self.0 = format!("{value:?}").parse().ok();
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Heads {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "auth_audit" {
            let mut head = Head(None);
            event.record(&mut head);
            self.0.lock().unwrap().push(head.0.unwrap());
        }
    }
}

#[test]
fn heads_are_logged_at_the_start_at_the_end_and_each_thousand_entries() {
    let file = std::env::temp_dir().join(format!("audit-checkpoints-{}.jsonl", std::process::id()));
    let (heads, keys) = (Heads::default(), KeyRing::random());
    let audit = AuditLog::open(&file, keys.clone()).unwrap();
    tracing_subscriber::registry().with(heads.clone()).with(audit.layer()).init();
    for number in 0..3_500_u64 {
        tracing::info!(target: "auth", number, "one of many");
        if number % 100 == 0 {
            audit.flush().unwrap();
        }
    }
    audit.close().unwrap();
    let logged = heads.0.lock().unwrap().clone();
    let numbers: Vec<u64> = logged.iter().map(AuditHead::seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 1_200), "{numbers:?}");
    assert!((4..=6).contains(&numbers.len()), "{numbers:?}");
    // 3,500 events, and those at the start and at the end; the checkpoints themselves are not recorded.
    assert_eq!(logged.last(), Some(&audit.head()));
    assert_eq!(audit.head().seq(), 3_502);
    for head in &logged {
        verify_file(&file, keys.clone(), Some(*head)).unwrap();
    }
    // Cut behind a checkpoint that is not the last one.
    let text = fs::read_to_string(&file).unwrap();
    let cut: String = text.lines().take(2_900).flat_map(|line| [line, "\n"]).collect();
    fs::write(&file, cut).unwrap();
    verify_file(&file, keys.clone(), Some(logged[1])).unwrap();
    assert!(verify_file(&file, keys, logged.last().copied()).is_err());
    fs::remove_file(file).unwrap();
}
