//! The same decisions written without a library.

#![expect(
    clippy::unnested_or_patterns,
    reason = "macros make the patterns; thousands are not written by hand"
)]

use std::collections::HashSet;

/// Expands to a pattern of all names that begin with the given digits and end with an odd one.
macro_rules! odd {
    ($($prefix:literal)*) => {
        concat!("group-", $($prefix,)* "1")
            | concat!("group-", $($prefix,)* "3")
            | concat!("group-", $($prefix,)* "5")
            | concat!("group-", $($prefix,)* "7")
            | concat!("group-", $($prefix,)* "9")
    };
}

macro_rules! tens {
    ($($p:literal)*) => {
        odd!($($p)* "0") | odd!($($p)* "1") | odd!($($p)* "2") | odd!($($p)* "3") | odd!($($p)* "4")
            | odd!($($p)* "5") | odd!($($p)* "6") | odd!($($p)* "7") | odd!($($p)* "8") | odd!($($p)* "9")
    };
}

macro_rules! hundreds {
    ($($p:literal)*) => {
        tens!($($p)* "0") | tens!($($p)* "1") | tens!($($p)* "2") | tens!($($p)* "3") | tens!($($p)* "4")
            | tens!($($p)* "5") | tens!($($p)* "6") | tens!($($p)* "7") | tens!($($p)* "8") | tens!($($p)* "9")
    };
}

/// One `match` per group, for 4 rules.
pub(crate) fn short(groups: &[String]) -> bool {
    groups.iter().any(|group| matches!(group.as_str(), "group-0001" | "group-0003"))
}

/// One `match` per group, for 100 rules.
pub(crate) fn middle(groups: &[String]) -> bool {
    groups.iter().any(|group| matches!(group.as_str(), tens!("0" "0")))
}

/// One `match` per group, for 10,000 rules.
pub(crate) fn long(groups: &[String]) -> bool {
    groups.iter().any(|group| {
        matches!(
            group.as_str(),
            hundreds!("0")
                | hundreds!("1")
                | hundreds!("2")
                | hundreds!("3")
                | hundreds!("4")
                | hundreds!("5")
                | hundreds!("6")
                | hundreds!("7")
                | hundreds!("8")
                | hundreds!("9")
        )
    })
}

/// One rule in a hand-written ACL.
pub(crate) struct Row {
    pub(crate) allow: bool,
    pub(crate) principal: String,
    pub(crate) permissions: Vec<String>,
}

/// An ordered scan; principals are a set.
pub(crate) fn scan_set(rows: &[Row], principals: &HashSet<String>, permission: &str) -> bool {
    rows.iter()
        .find(|row| {
            principals.contains(&row.principal) && row.permissions.iter().any(|own| own == permission)
        })
        .is_some_and(|row| row.allow)
}

/// An ordered scan; principals are a list.
pub(crate) fn scan_list(rows: &[Row], principals: &[String], permission: &str) -> bool {
    rows.iter()
        .find(|row| {
            principals.contains(&row.principal) && row.permissions.iter().any(|own| own == permission)
        })
        .is_some_and(|row| row.allow)
}
