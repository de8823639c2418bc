//! The plan of the house: in `auth-runtime`, modules name only modules of their own floor or of those below.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{fs, path::Path};

/// The floors from the ground up; a module's first word decides.
const FLOORS: &[(&str, u8)] = &[
    ("clock", 1),
    ("acl", 1),
    ("keys", 1),
    ("ticket", 1),
    ("local_path", 1),
    ("answer", 2),
    ("cache", 2),
    ("redis_config", 2),
    ("identity", 2),
    ("key_store", 2),
    ("authorization", 2),
    ("error_kind", 2),
    ("events", 2),
    ("hits", 2),
    ("revocation", 2),
    ("users", 2),
    ("jwt", 2),
    ("auth", 3),
    ("layer", 3),
    ("probe", 3),
    ("guard", 3),
    ("refusal", 3),
    ("watch", 3),
    ("cross_origin", 3),
    ("access", 4),
    ("fuzzing", 4),
    ("gate", 4),
    ("guarded", 4),
    ("testing", 4),
];

fn floor_of(module: &str) -> u8 {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .unwrap_or_else(|| panic!("`{module}` is on no floor; give it one"))
        .1
}

fn visit(folder: &Path, module: Option<&str>, complaints: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = module.map_or(stem.as_str(), |module| module).to_owned();
        if path.is_dir() {
            visit(&path, Some(&module), complaints);
        } else if !["lib", "macros", "private"].contains(&module.as_str()) {
            check(&path, &module, complaints);
        }
    }
}

fn check(path: &Path, module: &str, complaints: &mut Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .take_while(|line| !line.contains("#[cfg(test)]"))
        .collect::<Vec<_>>()
        .join(" ");
    let floor = floor_of(module);
    for named in named_modules(&code) {
        if FLOORS.iter().any(|(name, _)| *name == named) && floor_of(&named) > floor {
            complaints.push(format!("{}: `{module}` (floor {floor}) names `{named}`", path.display()));
        }
    }
    for web in ["axum", "tower_layer", "tower_service"] {
        if floor < 3 && code.contains(&format!("{web}::")) {
            complaints.push(format!("{}: floor {floor} names `{web}`", path.display()));
        }
    }
    for waiting in ["async ", ".await", "http::"] {
        if floor < 2 && code.contains(waiting) {
            complaints.push(format!("{}: the ground floor says `{waiting}`", path.display()));
        }
    }
}

/// The first words after `crate::`, in plain paths and in groups.
fn named_modules(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut named = Vec::new();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            named.push(word(after));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => named.push(word(std::mem::take(&mut item).trim_start())),
                _ => {}
            }
            if depth == 0 && c != ',' {
                item.push(c);
            }
        }
        named.push(word(item.trim_start()));
    }
    named
}

#[test]
fn arrows_point_down() {
    let mut complaints = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("auth-runtime/src");
    visit(&root, None, &mut complaints);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn groups_of_paths_are_read() {
    assert_eq!(
        named_modules("use crate::{acl::{A, B}, layer, clock::Clock}; crate::guard::x()"),
        ["acl", "layer", "clock", "guard"]
    );
}
