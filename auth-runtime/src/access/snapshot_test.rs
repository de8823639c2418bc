//! Compares the access table with a snapshot file:
//! [`assert_access_snapshot!`](crate::assert_access_snapshot).

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::{Path, PathBuf},
};

use super::{AccessTable, Day, FindingKind, table_columns::Column};
use crate::clock::{Clock, SystemClock};

/// Asserts that a router's [`AccessTable`] equals a snapshot file, so that changes of access appear in the
/// diff of a review.
///
/// The path is relative to the package's `Cargo.toml`. `UPDATE_ACCESS=1` in the environment writes the file.
/// The test also fails when a written reason, or a rule of a guard's list, has expired (`until`). For other
/// lists, call [`expired_rules`](crate::access::expired_rules). Rules of
/// [overlays](AccessTable::with_overlay) are not part of it.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{assert_access_snapshot, auth_required, guarded::{get, Router}};
///
/// #[auth_required]
/// async fn profile() {}
///
/// fn routes() -> Router {
///     Router::new().route("/profile", get(profile))
/// }
///
/// // In a function with `#[test]`:
/// assert_access_snapshot!("tests/access.md", routes().access());
/// ```
///
/// # Panics
///
/// Panics if the file is missing or different. The message lists what became wider and what became narrower.
#[macro_export]
macro_rules! assert_access_snapshot {
    ($path:expr, $access:expr $(,)?) => {
        $crate::access::check_snapshot(
            &$access,
            ::core::env!("CARGO_MANIFEST_DIR"),
            ::core::convert::AsRef::<str>::as_ref($path),
        )
    };
}

/// Implements [`assert_access_snapshot!`](crate::assert_access_snapshot!).
#[doc(hidden)]
#[track_caller]
#[expect(clippy::panic, reason = "an assertion for tests")]
pub fn check_snapshot(access: &AccessTable, package: &str, path: &str) {
    let file = Path::new(package).join(path);
    let is_update = env::var_os("UPDATE_ACCESS").is_some_and(|value| value != "0" && !value.is_empty());
    if let Err(complaint) = compare(access, &file, is_update, Day::of(SystemClock.now())) {
        panic!("{complaint}");
    }
}

fn compare(access: &AccessTable, file: &PathBuf, is_update: bool, today: Day) -> Result<(), String> {
    let now = access.constant_markdown();
    let expired: Vec<String> = access
        .findings(today)
        .iter()
        .filter(|finding| matches!(finding.kind(), FindingKind::ExpiredReason | FindingKind::ExpiredRule))
        .map(ToString::to_string)
        .collect();
    if !expired.is_empty() {
        return Err(format!("some reasons or rules have expired:\n  {}", expired.join("\n  ")));
    }
    let saved = match fs::read_to_string(file) {
        Ok(saved) => saved.replace("\r\n", "\n"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{} cannot be read: {error}", file.display())),
    };
    if saved == now {
        return Ok(());
    }
    if is_update {
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(file, now));
        return written.map_err(|error| format!("{} cannot be written: {error}", file.display()));
    }
    let file = file.display();
    if saved.is_empty() {
        return Err(format!(
            "{file} is not there; run the test with UPDATE_ACCESS=1 to write it, and read it"
        ));
    }
    Err(format!(
        "the access table differs from {file}:\n{}\nRead it, and run the test with UPDATE_ACCESS=1 to accept it.",
        changes(&saved, &now)
    ))
}

/// A saved table: its cells by route and kind of request, and its other lines.
struct SavedTable<'a> {
    answers: BTreeMap<(&'a str, &'a str), &'a str>,
    /// The other cells of each route, by the titles of their columns
    routes: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    others: Vec<&'a str>,
}

impl<'a> SavedTable<'a> {
    fn of(text: &'a str) -> Self {
        let mut saved = Self { answers: BTreeMap::new(), routes: BTreeMap::new(), others: Vec::new() };
        let mut head: Vec<&str> = Vec::new();
        for line in text.lines() {
            let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
                saved.others.push(line);
                continue;
            };
            let cells: Vec<&str> = cells.split(" | ").collect();
            if head.is_empty() {
                head = cells;
                continue;
            }
            let Some((route, rest)) = cells.split_first() else { continue };
            let described = saved.routes.entry(route).or_default();
            for (title, cell) in head.iter().skip(1).zip(rest) {
                if Column::OF_ROUTES.iter().any(|column| column.title() == *title) {
                    described.insert(title, cell);
                } else {
                    saved.answers.insert((route, title), cell);
                }
            }
        }
        saved
    }
}

/// How many requests a cell allows.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Width {
    None,
    /// Conditions, scopes, a policy or a resource decide.
    Some,
    All,
}

impl Width {
    /// Reads the text of a cell.
    fn of(cell: &str) -> Self {
        if cell.starts_with(|first: char| first.is_ascii_digit()) {
            Self::None
        } else if cell.starts_with("yes") {
            Self::All
        } else {
            Self::Some
        }
    }
}

/// The title of the column for users that no rule names.
const SIGNED_IN: &str = "signed in";

fn changes(saved: &str, now: &str) -> String {
    let (before, after) = (SavedTable::of(saved), SavedTable::of(now));
    let mut lines = Vec::new();
    for (route, cells) in &after.routes {
        let Some(old) = before.routes.get(route) else {
            let cells: Vec<String> = cells.iter().map(|(title, cell)| format!("{title}: {cell}")).collect();
            lines.push(format!("  new:       {route}, {}", cells.join(", ")));
            continue;
        };
        for (title, cell) in cells {
            let old = old.get(title).copied().unwrap_or("no column");
            if old != *cell {
                lines.push(format!("  {:<10} {route}: {old} -> {cell}", format!("{title}:")));
            }
        }
    }
    let gone = before.routes.keys().filter(|route| !after.routes.contains_key(*route));
    lines.extend(gone.map(|route| format!("  gone:      {route}")));
    let cells: BTreeSet<&(&str, &str)> = before.answers.keys().chain(after.answers.keys()).collect();
    for &&(route, caller) in &cells {
        // A kind of request without a column is decided like any authenticated user.
        let of = |saved: &SavedTable<'_>| {
            let cell = |caller| saved.answers.get(&(route, caller)).map(|cell| (*cell).to_owned());
            cell(caller).or_else(|| cell(SIGNED_IN))
        };
        let (old, Some(answer)) = (of(&before), of(&after)) else { continue };
        if old.as_ref() == Some(&answer) {
            continue;
        }
        let word = match Width::of(&answer).cmp(&old.as_deref().map_or(Width::None, Width::of)) {
            Ordering::Greater => "WIDER:   ",
            Ordering::Less => "narrower:",
            Ordering::Equal if old.is_some() => "other:   ",
            Ordering::Equal => continue,
        };
        let old = old.as_deref().unwrap_or("no route");
        lines.push(format!("  {word}  {route} for {caller}: {old} -> {answer}"));
    }
    for line in &after.others {
        if !line.is_empty() && !before.others.contains(line) {
            lines.push(format!("  +          {line}"));
        }
    }
    for line in &before.others {
        if !line.is_empty() && !after.others.contains(line) {
            lines.push(format!("  -          {line}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Acl, Condition, acl, acl_required, allow_anonymous,
        guarded::{Router, get, put},
    };

    const OLD: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
    const NEW: Acl = acl![(Allow, Authenticated, ["view", "edit"])];

    #[acl_required("view", OLD, crate = crate)]
    async fn view() {}

    #[acl_required("edit", OLD, crate = crate)]
    async fn edit() {}

    #[acl_required("view", NEW, crate = crate)]
    async fn new_view() {}

    #[acl_required("edit", NEW, crate = crate)]
    async fn new_edit() {}

    #[allow_anonymous(reason = "until we have accounts", until = "2026-12-31", crate = crate)]
    async fn login() {}

    const BORROWED: Acl = acl![
        #[rule(id = "press-may-edit", owner = "press-team", until = "2027-01-31")]
        (Allow, Group("press"), ["edit"]),
        (Allow, Group("editors"), ["edit"]),
    ];

    #[acl_required("edit", BORROWED, crate = crate)]
    async fn borrowed() {}

    #[test]
    fn a_rule_that_has_expired_fails_the_test_and_is_not_accepted() {
        let folder = env::temp_dir().join(format!("access-snapshot-rule-{}", std::process::id()));
        let file = folder.join("access.md");
        let routes: Router = Router::new().route("/a", get(borrowed));
        compare(&routes.access(), &file, true, day("2027-01-31")).unwrap();
        compare(&routes.access(), &file, false, day("2027-01-31")).unwrap();
        for is_update in [false, true] {
            let complaint = compare(&routes.access(), &file, is_update, day("2027-02-01")).unwrap_err();
            let expected = "rule 1 (`press-may-edit`) of `BORROWED` was meant to end on 2027-01-31; its owner is \
                press-team: (Allow, Group(\"press\"), [\"edit\"]) [expired-rule]";
            assert!(complaint.contains(expected), "{complaint}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    const DAYTIME: Condition = Condition::daily("daytime", "08:00", "18:00");
    const LONG_DAYTIME: Condition = Condition::daily("daytime", "06:00", "20:00");
    const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8"]);

    const FREE: Acl = acl![(Deny, Group("interns"), ["edit"]), (Allow, Authenticated, ["edit"])];
    const BY_DAY: Acl = acl![(Allow, Authenticated, ["edit"], if DAYTIME)];
    const BY_LONG_DAY: Acl = acl![(Allow, Authenticated, ["edit"], if LONG_DAYTIME)];
    const BY_OFFICE: Acl = acl![(Deny, Everyone, ["edit"], if OFFICE), (Allow, Everyone, ["edit"])];
    const NEVER: Acl = acl![(Deny, Everyone, ["edit"]), (Allow, User("root"), ["other"])];

    #[acl_required("edit", FREE, crate = crate)]
    async fn free() {}

    #[acl_required("edit", BY_DAY, crate = crate)]
    async fn by_day() {}

    #[acl_required("edit", BY_LONG_DAY, crate = crate)]
    async fn by_long_day() {}

    #[acl_required("edit", BY_OFFICE, crate = crate)]
    async fn by_office() {}

    #[acl_required("other", NEVER, crate = crate)]
    async fn never() {}

    #[test]
    fn a_condition_that_comes_goes_or_changes_is_told_with_its_direction() {
        let table = |routes: Router| routes.access().to_markdown();
        let free = || table(Router::new().route("/a", get(free)));
        let by_day = || table(Router::new().route("/a", get(by_day)));
        let by_office = || table(Router::new().route("/a", get(by_office)));
        let never = || table(Router::new().route("/a", get(never)));
        for (old, new, lines) in [
            (
                free(),
                by_day(),
                &[
                    "narrower:  GET /a for signed in: yes (FREE 2) -> if daytime (BY_DAY 1)",
                    // A column that goes: these are users like all others now.
                    "WIDER:     GET /a for group interns: 403 (FREE 1) -> if daytime (BY_DAY 1)",
                    "+          - `daytime`: the time is from 08:00 to 18:00 UTC",
                ][..],
            ),
            (
                by_day(),
                free(),
                &[
                    "WIDER:     GET /a for signed in: if daytime (BY_DAY 1) -> yes (FREE 2)",
                    "narrower:  GET /a for group interns: if daytime (BY_DAY 1) -> 403 (FREE 1)",
                    "-          - `daytime`: the time is from 08:00 to 18:00 UTC",
                ],
            ),
            (
                by_day(),
                by_office(),
                &[
                    "WIDER:     GET /a for anonymous: 401 -> unless office (BY_OFFICE 1)",
                    "other:     GET /a for signed in: if daytime (BY_DAY 1) -> unless office (BY_OFFICE 1)",
                ],
            ),
            (never(), by_day(), &["WIDER:     GET /a for signed in: 403 -> if daytime (BY_DAY 1)"]),
            (by_day(), never(), &["narrower:  GET /a for signed in: if daytime (BY_DAY 1) -> 403"]),
        ] {
            let complaint = changes(&old, &new);
            for line in lines {
                assert!(complaint.contains(line), "{line} is missing:\n{complaint}");
            }
        }
        // A condition with another meaning has the same cells.
        let long = table(Router::new().route("/a", get(by_long_day)));
        let complaint = changes(&by_day().replace("BY_DAY", "BY_LONG_DAY"), &long);
        assert_eq!(
            complaint,
            "  +          - `daytime`: the time is from 06:00 to 20:00 UTC\n  -          - `daytime`: the time is \
             from 08:00 to 18:00 UTC"
        );
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_is_reported_until_it_is_accepted() {
        let folder = env::temp_dir().join(format!("access-snapshot-{}", std::process::id()));
        let file = folder.join("access.md");
        let old: Router = Router::new().route("/a", get(view).put(edit)).route("/login", get(login));
        let today = day("2026-12-31");

        let complaint = compare(&old.access(), &file, false, today).unwrap_err();
        assert!(complaint.contains("is not there; run the test with UPDATE_ACCESS=1"), "{complaint}");
        compare(&old.access(), &file, true, today).unwrap();
        compare(&old.access(), &file, false, today).unwrap();
        fs::write(&file, fs::read_to_string(&file).unwrap().replace('\n', "\r\n")).unwrap();
        compare(&old.access(), &file, false, today).unwrap();

        let new: Router = Router::new().route("/a", get(new_view).put(new_edit)).route("/b", put(edit));
        let complaint = compare(&new.access(), &file, false, today).unwrap_err();
        for line in [
            "new:       PUT /b, guard: edit @ OLD",
            "guard:     PUT /a: edit @ OLD -> edit @ NEW",
            "gone:      GET /login",
            "narrower:  GET /a for anonymous: yes (OLD 1) -> 401",
            "WIDER:     PUT /a for signed in: 403 -> yes (NEW 1)",
            "WIDER:     PUT /b for group editors: no route -> yes (OLD 2)",
            "-          2 of 3 routes may answer anonymous requests.",
            "+          0 of 3 routes may answer anonymous requests.",
            "-          - `GET /login`: until we have accounts (until 2026-12-31)",
        ] {
            assert!(complaint.contains(line), "{line} is missing:\n{complaint}");
        }
        assert!(!complaint.contains("PUT /a for group editors: yes (OLD 2) -> yes (OLD 2)"), "{complaint}");

        let complaint = compare(&old.access(), &file, true, day("2027-01-01")).unwrap_err();
        assert!(complaint.contains("some reasons or rules have expired"), "{complaint}");
        fs::remove_dir_all(folder).unwrap();
    }
}
