//! Checks at compile time that a set of ACLs uses all variants of an enum of permissions, and no other names.

use super::knows;
use crate::{
    Acl, Name, Permissions,
    const_message::Message,
    enum_names::{Word, Words},
    near_name::near,
};

/// Stops the build when no list names a variant.
///
/// # Panics
///
/// Panics with a message for the person who wrote the enum; called in constants only.
#[track_caller]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place stays below its length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
pub const fn check_mentioned(words: &Words, enum_name: &str, contexts: &[Acl]) {
    let words = words.words;
    let mut message = Message::new().push("no listed ACL mentions ");
    let mut missing = 0;
    let mut at = 0;
    while at < words.len() {
        let mut mentioned = false;
        let mut context = 0;
        while context < contexts.len() {
            // A list with a compile error of its own is skipped.
            mentioned |= contexts[context].is_malformed()
                || knows(&contexts[context], Name::Text(words[at].name), false);
            context += 1;
        }
        if !mentioned {
            let start = if missing == 0 { "`" } else { ", `" };
            message = message.push(start).push(enum_name).push("::").push(words[at].variant);
            message = message.push("` (").push_name(Name::Text(words[at].name)).push(")");
            missing += 1;
        }
        at += 1;
    }
    if missing == 0 {
        return;
    }
    panic!("{}", message.push("; name it in a rule, or remove the variant").as_str())
}

/// Stops the build when a list names a permission that is not a variant.
///
/// # Panics
///
/// Panics with a message for the person who wrote the list; called in constants only.
#[track_caller]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place stays below its length; constants have no iterators"
)]
pub const fn check_covered(words: &Words, enum_name: &str, context: &Acl, context_name: &str) {
    let rules = context.rules();
    let mut at = 0;
    while at < rules.len() {
        if let Permissions::Names(names) = rules[at].permissions() {
            let mut n = 0;
            while n < names.len() {
                if !is_word(words.words, names[n]) {
                    stranger(enum_name, words.words, context_name, names[n]);
                }
                n += 1;
            }
        }
        at += 1;
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn is_word(words: &[Word], name: Name<'_>) -> bool {
    let mut at = 0;
    while at < words.len() {
        if Name::Text(words[at].name).is(name) {
            return true;
        }
        at += 1;
    }
    false
}

#[track_caller]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
const fn stranger(enum_name: &str, words: &[Word], context_name: &str, name: Name<'_>) -> ! {
    let message =
        Message::new().push("`").push(context_name).push("` mentions the permission ").push_name(name);
    let message = message.push(", which is not a variant of `").push(enum_name);
    let mut at = 0;
    while at < words.len() {
        if let Name::Text(text) = name
            && near(text, words[at].name).is_some()
        {
            let message =
                message.push("`; did you mean `").push(enum_name).push("::").push(words[at].variant);
            panic!("{}", message.push("`?").as_str())
        }
        at += 1;
    }
    panic!("{}", message.push("`; add a variant for it").as_str())
}
