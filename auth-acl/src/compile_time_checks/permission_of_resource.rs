//! Checks at compile time that the permission of a guard is one that the rules of a resource use.

use crate::{Name, const_message::Message, enum_names::Words, near_name::near};

/// How many permissions a message lists.
const LISTED: usize = 8;

/// Stops the build when a guard asks a resource for a permission that is not among those of its rules.
///
/// `resource` is what a message calls it, such as `` `article` ``.
///
/// # Panics
///
/// Panics with a message for the person who wrote the guard; called in constants only.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[track_caller]
pub const fn check_resource_permission(words: &Words, resource: &str, permission: Name<'_>) {
    let (mut at, mut nearest) = (0, Nearest { distance: usize::MAX, name: None });
    while at < words.words.len() {
        let name = words.words[at].name;
        if Name::Text(name).is(permission) {
            return;
        }
        nearest = nearest.or(permission, name);
        at += 1;
    }
    complain(words, resource, permission, nearest.name)
}

/// The name that is most like a wrong one.
struct Nearest<'a> {
    distance: usize,
    name: Option<&'a str>,
}

impl<'a> Nearest<'a> {
    const fn or(self, wanted: Name<'_>, name: &'a str) -> Self {
        match wanted {
            Name::Text(wanted) => match near(wanted, name) {
                Some(distance) if distance < self.distance => Self { distance, name: Some(name) },
                _ => self,
            },
            Name::Number(_) => self,
        }
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
#[track_caller]
const fn complain(words: &Words, resource: &str, permission: Name<'_>, nearest: Option<&str>) -> ! {
    let known = words.words;
    if known.is_empty() {
        let message = Message::new().push("the rules of ").push(resource).push(" declare no permissions");
        panic!(
            "{}",
            message.push("; name an enum in its `Resource`, as in `type Permission = Can;`").as_str()
        )
    }
    let message = Message::new().push(resource).push(" has no permission ").push_name(permission);
    if let Some(name) = nearest {
        panic!("{}", message.push("; did you mean ").push_name(Name::Text(name)).push("?").as_str())
    }
    let message = message.push("; write one of `").push(words.enum_name());
    let (mut message, mut at) = (message.push("`: "), 0);
    while at < known.len() && at < LISTED {
        if at > 0 {
            message = message.push(if at + 1 == known.len() { " and " } else { ", " });
        }
        message = message.push_name(Name::Text(known[at].name));
        at += 1;
    }
    let message = if at < known.len() { message.push(" and more") } else { message };
    panic!("{}", message.as_str())
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{panic::catch_unwind, string::String};

    use super::*;
    use crate::enum_names::Word;

    const CAN: Words = Words::new(
        "shop::rights::Can",
        &[Word::new(0, "View", "view"), Word::new(1, "Edit", "edit"), Word::new(2, "EditAll", "edit_all")],
    );

    fn message(words: &'static Words, permission: Name<'static>) -> Option<String> {
        let panicked = catch_unwind(|| check_resource_permission(words, "`article`", permission)).err()?;
        panicked.downcast_ref::<String>().cloned()
    }

    #[test]
    fn a_permission_of_the_resource_is_accepted_and_another_one_explained() {
        assert_eq!(message(&CAN, Name::Text("edit")), None);
        for (permission, expected) in [
            (Name::Text("edti"), "`article` has no permission `edti`; did you mean `edit`?"),
            (Name::Text("edit_al"), "`article` has no permission `edit_al`; did you mean `edit_all`?"),
            (
                Name::Text("publish"),
                "`article` has no permission `publish`; write one of `Can`: `view`, `edit` and `edit_all`",
            ),
            (
                Name::Number(7),
                "`article` has no permission `7`; write one of `Can`: `view`, `edit` and `edit_all`",
            ),
        ] {
            assert_eq!(message(&CAN, permission).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_resource_without_permissions_has_none_to_ask_for() {
        const NONE: Words = Words::new("no permissions", &[]);
        assert_eq!(
            message(&NONE, Name::Text("edit")).as_deref(),
            Some(
                "the rules of `article` declare no permissions; name an enum in its `Resource`, as in \
                 `type Permission = Can;`"
            )
        );
    }
}
