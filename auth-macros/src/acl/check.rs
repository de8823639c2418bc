//! The rules about rows that their words alone can break; what takes the meaning of enum variants is
//! decided where it is known, in constants of the runtime.

use std::collections::HashMap;

use super::{look_alike, parse::Row, permissions::Permissions, principal::Principal};
use crate::errors::Errors;

pub(crate) fn rows(rows: &[Row], errors: &mut Errors) {
    check_repeated_permissions(rows, errors);
    check_repeated_rows(rows, errors);
    look_alike::rows(rows, errors);
}

// The same permission twice in a rule is a slip, often for another one.
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

// The same rule twice is usually a bad merge.
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

/// What a rule says, in whatever order it lists its permissions.
fn key(row: &Row) -> (String, String, Vec<String>) {
    let principal = match &row.principal {
        Principal::Authenticated(word) | Principal::Everyone(word) => word.to_string(),
        Principal::Group(word, name) => format!("{word}({})", name.key()),
        Principal::User(word, id) => format!("{word}({:?})", id.value()),
    };
    let mut permissions = match &row.permissions {
        Permissions::All(_) => Vec::new(),
        Permissions::Names(names) => names.iter().map(crate::name::Name::key).collect(),
    };
    permissions.sort();
    (row.action.to_string(), principal, permissions)
}
