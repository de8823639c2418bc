//! Verifies an audit log: `AUDIT_KEY=… audit-verify FILE [HEAD]`.
//!
//! `AUDIT_KEY` is the key of the log in base64url, or several that are separated by commas. `HEAD` is the newest head that
//! was kept elsewhere: the field `head` of the event `audit checkpoint`. With it, entries that were cut off at the end are
//! found, too.
//!
//! ```text
//! $ AUDIT_KEY=… cargo run -p audit-verify -- /var/log/shop/audit.jsonl
//! 4002 entries of 1 run, all as they were written
//! the head is 4002:5f1c…
//! ```

use std::{env, fmt::Write as _, process::ExitCode};

use auth_runtime::{
    BoxError, Key, KeyRing,
    audit::{AuditHead, verify_file},
};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let keys = env::var("AUDIT_KEY").unwrap_or_default();
    let (Some(file), head, None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: AUDIT_KEY=… audit-verify FILE [HEAD]");
        return ExitCode::from(2);
    };
    match run(&file, &keys, head.as_deref()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Verifies a file, and returns what there is to say about it.
pub(crate) fn run(file: &str, keys: &str, head: Option<&str>) -> Result<String, BoxError> {
    let known = head.map(str::parse::<AuditHead>).transpose()?;
    let report = verify_file(file, ring(keys)?, known)?;
    let runs = report.runs();
    let mut text = format!(
        "{} entries of {runs} {}, all as they were written",
        report.head().seq(),
        if runs == 1 { "run" } else { "runs" }
    );
    if report.crashes() > 0 {
        write!(text, "\n{} earlier runs ended without `audit closed`", report.crashes())?;
    }
    if !report.is_closed() {
        text.push_str(
            "\nno `audit closed` at the end: the program runs, has crashed, or entries were cut off",
        );
    }
    if known.is_none() {
        text.push_str("\nwithout a known head, entries that were cut off at the end are not found");
    }
    write!(text, "\nthe head is {}", report.head())?;
    Ok(text)
}

/// Returns a ring with all keys.
fn ring(keys: &str) -> Result<KeyRing, BoxError> {
    let mut keys = keys.split(',').map(Key::from_base64);
    let ring = KeyRing::new(keys.next().ok_or("AUDIT_KEY is not set")??);
    keys.try_fold(ring, |ring, key| Ok(ring.with_previous(key?)?))
}
