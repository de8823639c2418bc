//! Writes misconfigurations to standard error for programs without a `tracing` subscriber.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use super::OneLine;

/// The maximum number of different messages. Their texts come from this crate and the application, so there
/// are few.
const MAX_MESSAGES: usize = 64;

static SHOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Writes a message as one line, unless a subscriber gets it as an event or it was written before.
pub fn show(message: &str) {
    if tracing::dispatcher::has_been_set() || !is_new(message) {
        return;
    }
    let message = OneLine(message);
    // Not `eprintln!`, which panics where standard error is closed.
    let _ =
        writeln!(io::stderr(), "auth-runtime: {message} (install a `tracing` subscriber to see all events)");
}

fn is_new(message: &str) -> bool {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    shown.len() < MAX_MESSAGES && shown.insert(message.to_owned())
}
