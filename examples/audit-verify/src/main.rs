//! Verifies an audit log: `AUDIT_KEY=… audit-verify FILE [HEAD [START]]`.
//!
//! `AUDIT_KEY` is the key of the log in base64url, or several that are separated by commas. `HEAD` is the newest head that
//! was kept elsewhere: the field `head` of the event `audit checkpoint`. With it, entries that were cut off at the end are
//! found, too; `-` stands for none. `START` is the head of the last rotated file that was moved elsewhere: the field
//! `head` of the event `audit rotated`.
//!
//! ```text
//! $ AUDIT_KEY=… cargo run -p audit-verify -- /var/log/shop/audit.jsonl
//! 4002 entries of 1 run, all as they were written
//! the head is 4002:5f1c…
//! ```

use std::{env, fmt::Write as _, process::ExitCode};

use auth_runtime::{
    BoxError, Key, KeyRing,
    audit::{AuditHead, verify_file, verify_file_from},
};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let keys = env::var("AUDIT_KEY").unwrap_or_default();
    let (file, heads) = (arguments.next(), [arguments.next(), arguments.next()]);
    let (Some(file), None) = (file, arguments.next()) else {
        eprintln!("usage: AUDIT_KEY=… audit-verify FILE [HEAD [START]]");
        return ExitCode::from(2);
    };
    match run(&file, &keys, heads.each_ref().map(Option::as_deref)) {
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

/// Verifies a file and its rotated files, and returns what there is to say about them.
pub(crate) fn run(file: &str, keys: &str, heads: [Option<&str>; 2]) -> Result<String, BoxError> {
    let [known, start] = heads.map(|head| head.filter(|head| *head != "-").map(str::parse::<AuditHead>));
    let (known, keys) = (known.transpose()?, ring(keys)?);
    let report = match start.transpose()? {
        Some(start) => verify_file_from(file, keys, start, known)?,
        None => verify_file(file, keys, known)?,
    };
    let runs = report.runs();
    let mut text = format!(
        "{} entries of {runs} {}",
        report.head().seq().saturating_sub(report.start().seq()),
        if runs == 1 { "run" } else { "runs" }
    );
    if report.files() > 1 {
        write!(text, " in {} files", report.files())?;
    }
    text.push_str(", all as they were written");
    if report.start().seq() > 0 {
        write!(
            text,
            "\nthe entries before {} are in files that are not here",
            report.start().seq().saturating_add(1)
        )?;
    }
    if report.gaps() > 0 {
        let (gaps, lost) = (report.gaps(), report.lost());
        write!(text, "\n{gaps} times nothing could be written for a while, and {lost} events were lost")?;
    }
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
