//! Checks the syntax of ACL rules: repeated permissions, rules and ids, and confusable names.
//!
//! Checks that need the names of enum variants run in constants of the runtime, because only the derive knows
//! those names.

use std::collections::HashMap;

use super::{look_alike, parse_rules::Row, rule_permissions::Permissions, rule_principal::Principal};
use crate::{
    errors::{Errors, other_line},
    token_text,
};

pub(crate) fn rows(rows: &[Row], errors: &mut Errors) {
    check_repeated_permissions(rows, errors);
    check_repeated_rows(rows, errors);
    check_repeated_ids(rows, errors);
    look_alike::rows(rows, errors);
}

// A permission that is listed twice in one rule is usually a typing error for another one.
fn check_repeated_permissions(rows: &[Row], errors: &mut Errors) {
    for row in rows {
        let Permissions::Names(names) = &row.permissions else { continue };
        let mut seen = HashMap::new();
        for name in names {
            if let Some(first) = seen.get(&name.key()) {
                let message = format_args!("the permission `{}` is listed twice", name.bare());
                errors.duplicate(name, message, first);
            } else {
                seen.insert(name.key(), name);
            }
        }
    }
}

// A repeated rule is usually a bad merge.
fn check_repeated_rows(rows: &[Row], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for row in rows {
        if let Some(first) = seen.get(&key(row)) {
            errors.duplicate(&row.group, "this rule is listed twice", first);
        } else {
            seen.insert(key(row), &row.group);
        }
    }
}

// An id that stands for two rules says nothing in a log.
fn check_repeated_ids(rows: &[Row], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for id in rows.iter().filter_map(|row| row.label.id.as_ref()) {
        if let Some(first) = seen.get(&id.value()) {
            let other = match other_line(first, id) {
                Some(line) => format!("the rule on line {line}"),
                None => "another rule".to_owned(),
            };
            errors
                .on(id, format_args!("the id `{}` is also that of {other}; choose another one", id.value()));
        } else {
            seen.insert(id.value(), id);
        }
    }
}

/// Returns a key that is equal for equal rules, regardless of the order of their permissions and conditions.
fn key(row: &Row) -> (String, String, Vec<String>, Vec<String>) {
    let principal = match &row.principal {
        Principal::Authenticated(word) | Principal::Everyone(word) => word.to_string(),
        Principal::Group(word, name) => format!("{word}({})", name.key()),
        Principal::Service(word, id) | Principal::User(word, id) => format!("{word}({:?})", id.value()),
    };
    let mut permissions = match &row.permissions {
        Permissions::All(_) => Vec::new(),
        Permissions::Names(names) => names.iter().map(crate::name::Name::key).collect(),
    };
    permissions.sort();
    let mut conditions: Vec<String> = row.conditions.iter().map(token_text::tokens).collect();
    conditions.sort();
    (row.action.to_string(), principal, permissions, conditions)
}
