//! Describes the caller of a question as text.

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};
use core::fmt::Write as _;

use crate::{Groups, Principals, principal::service_name};

/// The caller, as text.
pub(super) fn who(principals: &Principals<'_>) -> String {
    if principals.is_blocked() {
        return "a user who is blocked".to_owned();
    }
    let mut text = principals.user_id().map_or_else(|| "an anonymous request".to_owned(), named);
    let groups: Vec<String> =
        principals.groups().into_iter().flat_map(Groups::iter).map(|group| format!("`{group}`")).collect();
    let _ = match groups.as_slice() {
        [] => write!(text, " in no group"),
        groups => write!(text, " in {}", groups.join(", ")),
    };
    text
}

/// A user or a service, as text.
pub(super) fn named(id: &str) -> String {
    match service_name(id) {
        Some(name) => format!("the service `{name}`"),
        None => format!("the user `{id}`"),
    }
}
