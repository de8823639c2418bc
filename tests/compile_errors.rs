//! The catalogue `docs/compile-errors.md` says what the UI tests say, and its right forms compile.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

/// One heading of the third level and what belongs to it.
#[derive(Debug, Default)]
struct Entry {
    title: String,
    why: String,
    messages: Vec<String>,
    wrong: Vec<String>,
    right: Vec<String>,
    cases: Vec<String>,
}

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

/// The first case of each entry, with its wrong lines replaced, is a module of one program.
#[test]
fn right_forms_compile() {
    let mut program = String::from("#![allow(warnings)]\n");
    for (number, entry) in catalogue().into_iter().enumerate() {
        let case = &entry.cases[0];
        let source = fs::read_to_string(file(case, "rs")).unwrap();
        let fixed = replaced(&source, &entry.wrong, &entry.right)
            .unwrap_or_else(|| panic!("`{}`: its wrong lines do not stand in `{case}`", entry.title));
        writeln!(program, "\n/// {} ({case})\nmod right_{number} {{\n{fixed}}}", entry.title).unwrap();
    }
    program.push_str("\nfn main() {}\n");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("right_forms.rs"), program).unwrap();
    auth_runtime::testing::rules_compile(folder.join("right_forms.rs").to_str().unwrap());
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

fn catalogue() -> Vec<Entry> {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compile-errors.md")).unwrap();
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

fn file(case: &str, extension: &str) -> std::path::PathBuf {
    let (folder, name) = case.split_once('/').unwrap();
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/ui/{folder}/fail/{name}.{extension}"))
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
