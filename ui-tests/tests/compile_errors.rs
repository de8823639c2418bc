//! The catalogue `docs/compile-errors.md` has the messages of the UI tests, and each case in one entry.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

mod scores;

use std::{collections::BTreeMap, fs, path::Path};

use crate::catalogue::{catalogue, file};

#[test]
fn every_case_has_one_entry() {
    let mut entries: BTreeMap<String, Vec<String>> =
        cases().into_iter().map(|case| (case, Vec::new())).collect();
    for entry in catalogue() {
        for case in &entry.cases {
            let named = entries.get_mut(case);
            named
                .unwrap_or_else(|| panic!("`{}` names no case: `{case}`", entry.title))
                .push(entry.title.clone());
        }
    }
    entries.retain(|_, titles| titles.len() != 1);
    assert!(entries.is_empty(), "each case belongs to one entry: {entries:#?}");
}

#[test]
fn every_entry_is_complete() {
    for entry in catalogue() {
        let parts = [&entry.messages, &entry.wrong, &entry.right, &entry.cases];
        assert!(parts.iter().all(|part| !part.is_empty()) && entry.why.len() > 10, "{entry:?}");
    }
}

#[test]
fn messages_are_those_of_the_cases() {
    for entry in catalogue() {
        let said: Vec<(&str, Vec<String>)> =
            entry.cases.iter().map(|case| (case.as_str(), errors(case))).collect();
        for message in &entry.messages {
            let found = said.iter().any(|(_, errors)| errors.iter().any(|error| fits(message, error)));
            assert!(found, "`{}`: none of its cases says «{message}»", entry.title);
        }
        for (case, errors) in said {
            let found = entry.messages.iter().any(|message| errors.iter().any(|error| fits(message, error)));
            assert!(found, "`{}`: `{case}` says none of its messages, but {errors:#?}", entry.title);
        }
    }
}

/// A message may end with the anchor of its entry, as `[inside-an-impl-block]`.
#[test]
fn anchors_are_those_of_the_entries() {
    let mut count = 0;
    for entry in catalogue() {
        let anchor = anchor(&entry.title);
        for case in &entry.cases {
            for error in errors(case) {
                let Some((_, named)) = error.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")) else {
                    continue;
                };
                let is_anchor = named.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                if is_anchor && entry.messages.iter().any(|message| fits(message, &error)) {
                    assert_eq!(
                        named, anchor,
                        "`{case}` names the anchor of another entry than `{}`",
                        entry.title
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20, "{count} messages name their entry");
}

/// Returns the anchor of a heading, as mdBook and GitHub make it.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Whether a message of the catalogue is this one, with words of the user's in place of each `…`.
fn fits(message: &str, error: &str) -> bool {
    let mut parts = message.split('…');
    let Some(mut rest) = error.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() && !part.is_empty() {
            rest.strip_suffix(part).map(str::len)
        } else if part.is_empty() {
            Some(rest.len())
        } else {
            rest.find(part)
        };
        match at {
            Some(at) if at > 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    rest.is_empty()
}

/// `acl/action_missing`, for each file in a folder `fail`.
fn cases() -> Vec<String> {
    let mut cases = Vec::new();
    for folder in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")).unwrap().map(Result::unwrap)
    {
        for case in fs::read_dir(folder.path().join("fail")).into_iter().flatten().map(Result::unwrap) {
            if let Some(name) = case.file_name().to_str().and_then(|name| name.strip_suffix(".rs")) {
                cases.push(format!("{}/{name}", folder.file_name().to_str().unwrap()));
            }
        }
    }
    cases
}

/// What the compiler says about a case, without the code of the error.
fn errors(case: &str) -> Vec<String> {
    let said = fs::read_to_string(file(case, "stderr")).unwrap();
    let first_words = said.lines().filter_map(|line| {
        let (_, message) = line.strip_prefix("error")?.split_once(": ")?;
        Some(message.strip_prefix("evaluation panicked: ").unwrap_or(message).to_owned())
    });
    first_words.collect()
}
