//! The audit log as a page: its latest entries, and whether it is as it was written.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
};

use auth_runtime::{KeyRing, acl_required, audit};
use axum::{extract::State, response::Response};
use maud::{Markup, html};
use tokio::task;

use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

/// How many entries the page shows.
const SHOWN: usize = 100;

/// The file that this process writes, and the keys that verify it.
#[derive(Clone)]
pub(crate) struct AuditFile {
    pub(crate) path: PathBuf,
    pub(crate) keys: KeyRing,
}

impl fmt::Debug for AuditFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// One entry, as `auth_runtime::audit` documents it.
#[derive(serde::Deserialize)]
struct Entry {
    seq: u64,
    time: i64,
    event: String,
    fields: serde_json::Map<String, serde_json::Value>,
}

/// What a look at the file has shown.
struct Seen {
    verdict: Result<u64, String>,
    entries: Vec<Entry>,
}

impl AuditFile {
    /// Reads the whole file, which takes about a second for a million entries.
    fn look(&self) -> Result<Seen, std::io::Error> {
        let verdict = match audit::verify_file(&self.path, self.keys.clone(), None) {
            Ok(report) => Ok(report.head().seq()),
            Err(error) => Err(error.to_string()),
        };
        let mut newest = VecDeque::with_capacity(SHOWN);
        for line in BufReader::new(File::open(&self.path)?).lines() {
            if newest.len() == SHOWN {
                newest.pop_front();
            }
            newest.push_back(line?);
        }
        // A line that is being written is not complete.
        let entries = newest.iter().rev().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Seen { verdict, entries })
    }
}

#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
pub(super) async fn page(frame: Frame, State(newsroom): State<Newsroom>) -> Result<Response, Failure> {
    let content = match newsroom.dashboard.audit.clone() {
        None => html! { h1 { "Audit log" } p { "This instance has none: set " code { "AUDIT_LOG" } "." } },
        Some(file) => {
            let seen = task::spawn_blocking(move || file.look()).await.map_err(Failure::unavailable)?;
            html(&seen.map_err(Failure::unavailable)?)
        }
    };
    Ok(frame.page("Audit log", &content))
}

fn html(seen: &Seen) -> Markup {
    html! {
        h1 { "Audit log" }
        @match &seen.verdict {
            Ok(entries) => p.notice-line { "All " (entries) " entries are as they were written." },
            Err(error) => p.error role="alert" { "The log is not as it was written: " (error) },
        }
        div.wide tabindex="0" role="region" aria-labelledby="entries" {
            table {
                caption #entries { "The latest entries, the newest first" }
                thead {
                    tr { th scope="col" { "No." } th scope="col" { "Time" } th scope="col" { "Event" } th scope="col" { "About" } }
                }
                tbody {
                    @for entry in &seen.entries {
                        tr {
                            th scope="row" { (entry.seq) }
                            td { (time::time(time::from_row(entry.time))) }
                            td { (entry.event) }
                            td { (about(&entry.fields)) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the fields that have a value, as text.
fn about(fields: &serde_json::Map<String, serde_json::Value>) -> String {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = fields.iter().map(|(name, value)| (name, text(value))).filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
