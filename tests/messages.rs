//! Every message that the macros or the constants of the runtime can give is given in one of the UI tests.
//!
//! Messages are found by reading the sources: in the macro crate every string literal with a blank in it is prose and so
//! part of a message, unless it is listed here; in the runtime the text of constant messages is pushed bit by bit, and the
//! compiler's own diagnostics are put into words by attributes.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Literal, TokenStream, TokenTree};

/// Prose of the macro crate that is not part of any message.
const NO_MESSAGES: &[&str] = &[
    // What the parser of the language says, for us to recognize.
    "expected `,`",
    // Of `expect` and `allow` attributes.
    "the guard is generated",
    // Of the line that rustdoc shows.
    ", anonymous requests included",
    ", {} only",
    ", logged in at most {seconds} s ago",
    ", hidden from others",
    ", decided after the body is read",
    ", with a CSRF token in the form",
    ", at most {requests} requests in {seconds} s",
    ", logged in by {}",
    ", with {list} as its shadow",
    ", because: {}",
    " (until {})",
];

/// Messages that cannot be brought about on purpose, and why.
const UNREACHABLE: &[&str] = &[
    // The derives list every variant.
    "this variant has no name",
    // The UI tests have the feature, for the right forms of other mistakes.
    "`csrf_form` needs the feature `csrf`; write `cargo add auth-runtime --features csrf`",
    "`limit` needs the feature `throttle`; write `cargo add auth-runtime --features throttle`",
];

#[test]
fn every_message_of_the_macros_has_a_case() {
    let mut prose = Vec::new();
    for file in sources("auth-macros/src") {
        // What is said there is documentation, and no mistake leads to it.
        if file.ends_with("auth-macros/src/rustdoc_line.rs") {
            continue;
        }
        literals(read(&file), &mut |_, text| prose.push(text));
    }
    prose.retain(|text| text.trim().contains(' ') && !NO_MESSAGES.contains(&text.as_str()));
    assert!(prose.len() > 100, "the sources are not read any more: {}", prose.len());
    assert_all_are_given(prose);
}

#[test]
fn every_message_of_the_constants_has_a_case() {
    let mut prose = Vec::new();
    for file in ["auth-acl/src", "auth-identity/src", "auth-runtime/src"].into_iter().flat_map(sources) {
        literals(read(&file), &mut |before, text| {
            let pushed = before == ["push", "("] || before == ["panic", "!"];
            // `message = "…"` of `#[diagnostic::on_unimplemented]`
            let diagnosed = matches!(before, [key, "="] if ["message", "label", "note"].contains(key));
            if pushed || diagnosed {
                prose.push(text);
            }
        });
    }
    prose.retain(|text| text.contains(' ') && !UNREACHABLE.contains(&text.as_str()));
    assert!(prose.len() > 50, "the sources are not read any more: {}", prose.len());
    assert_all_are_given(prose);
}

/// Each is part of one line of what a case says, with something for each of its blanks to be filled in.
fn assert_all_are_given(prose: Vec<String>) {
    let given: Vec<String> =
        files("ui-tests/tests/ui", "stderr").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let lines: Vec<&str> = given.iter().flat_map(|text| text.lines()).collect();
    let missing: Vec<String> =
        prose.into_iter().filter(|text| !lines.iter().any(|line| holds(line, &fixed_parts(text)))).collect();
    assert!(missing.is_empty(), "no UI test gives these messages:\n{}", missing.join("\n"));
}

fn holds(line: &str, parts: &[String]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.split_once(part.as_str()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// What stands between the blanks `{…}` of a format string.
fn fixed_parts(format: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.next_if_eq(&letter).is_some() => parts.last_mut().unwrap().push(letter),
            '{' => {
                letters.by_ref().find(|letter| *letter == '}').unwrap();
                parts.push(String::new());
            }
            _ => parts.last_mut().unwrap().push(letter),
        }
    }
    parts
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = files(folder, "rs");
    files.retain(|file| !file.components().any(|part| part.as_os_str() == "tests"));
    files
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|found| found == extension) {
                files.push(entry);
            }
        }
    }
    files
}

fn read(file: &Path) -> TokenStream {
    fs::read_to_string(file).unwrap().parse().unwrap()
}

/// Calls `found` with each string literal and the two tokens before it, but not with documentation, with what lints are
/// told, nor with anything in tests.
fn literals(tokens: TokenStream, found: &mut impl FnMut(&[&str], String)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let mut before = [String::new(), String::new()];
    while let Some(token) = tokens.get(at) {
        at += 1;
        let text = token.to_string();
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                at += usize::from(tokens.get(at).is_some_and(|next| next.to_string() == "!"));
                let attribute = tokens.get(at).map(ToString::to_string).unwrap_or_default();
                at += 1;
                if attribute.contains("diagnostic") {
                    if let Some(TokenTree::Group(group)) = tokens.get(at - 1) {
                        literals(group.stream(), found);
                    }
                } else if attribute.replace(' ', "") == "[cfg(test)]" {
                    // The item that is only there for tests.
                    while tokens.get(at).is_some_and(|next| {
                        !matches!(next, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace)
                            && next.to_string() != ";"
                    }) {
                        at += 1;
                    }
                    at += 1;
                }
            }
            TokenTree::Group(group) => {
                let mut inside = |own: &[&str], text: String| match own {
                    ["", ""] => found(&[&before[1], "("], text),
                    own => found(own, text),
                };
                literals_in(group.stream(), &mut inside);
            }
            TokenTree::Literal(literal) => {
                if let Some(text) = string(literal) {
                    found(&[&before[0], &before[1]], text);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        before = [std::mem::take(&mut before[1]), text];
    }
}

/// A step down, without which the types would go on for ever.
fn literals_in(tokens: TokenStream, found: &mut dyn FnMut(&[&str], String)) {
    literals(tokens, &mut |before, text| found(before, text));
}

fn string(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|literal| literal.value())
}
