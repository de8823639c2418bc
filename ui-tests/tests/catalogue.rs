//! Reads the catalogue `docs/compile-errors.md`, for the tests and for `build.rs`.

#![allow(dead_code, reason = "the build script and the tests use a part each")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests that cannot go on must stop"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One heading of the third level and what belongs to it.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) title: String,
    pub(crate) why: String,
    pub(crate) messages: Vec<String>,
    pub(crate) wrong: Vec<String>,
    pub(crate) right: Vec<String>,
    pub(crate) cases: Vec<String>,
}

impl Entry {
    /// Returns the first case of the entry with its wrong lines replaced by the right ones.
    pub(crate) fn right_form(&self) -> String {
        let case = self.cases.first().expect("an entry names a case");
        let source = fs::read_to_string(file(case, "rs")).expect("a case is a file");
        replaced(&source, &self.wrong, &self.right)
            .unwrap_or_else(|| panic!("`{}`: `{case}` does not contain the wrong lines", self.title))
    }
}

fn replaced(source: &str, wrong: &[String], right: &[String]) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    let at = lines
        .windows(wrong.len())
        .position(|window| window.iter().zip(wrong).all(|(line, wrong)| line.trim() == wrong.trim()))?;
    let mut fixed = String::new();
    let kept = lines[at + wrong.len()..].iter().copied();
    for line in lines[..at].iter().copied().chain(right.iter().map(String::as_str)).chain(kept) {
        fixed.push_str(line);
        fixed.push('\n');
    }
    Some(fixed)
}

/// Returns the entries of the catalogue.
pub(crate) fn catalogue() -> Vec<Entry> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compile-errors.md"))
        .expect("the catalogue is a file");
    let mut entries: Vec<Entry> = Vec::new();
    let mut code = "";
    let mut heading = "";
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            entries.push(Entry { title: title.to_owned(), ..Entry::default() });
        }
        if code.is_empty() && line.starts_with('#') {
            heading = line;
        }
        let Some(entry) = entries.last_mut().filter(|_| heading.starts_with("### ") && line != heading)
        else {
            continue;
        };
        match (line, code) {
            ("```rust", _) => code = "rust",
            ("```", _) => code = "",
            ("// wrong" | "// right", _) if !code.is_empty() => code = line,
            (_, "// wrong") => entry.wrong.push(line.to_owned()),
            (_, "// right") => entry.right.push(line.to_owned()),
            _ => {
                if let Some(message) = line.strip_prefix("> ") {
                    entry.messages.push(message.trim_end().to_owned());
                } else if let Some(cases) = line.strip_prefix("Cases: ") {
                    let names = cases.split('`').skip(1).step_by(2).map(str::to_owned);
                    entry.cases.extend(names);
                } else {
                    entry.why.push_str(line);
                }
            }
        }
    }
    entries
}

/// Returns the path of a case, such as `acl/action_missing`.
pub(crate) fn file(case: &str, extension: &str) -> PathBuf {
    let (folder, name) = case.split_once('/').expect("a case is a folder and a name");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/ui/{folder}/fail/{name}.{extension}"))
}
