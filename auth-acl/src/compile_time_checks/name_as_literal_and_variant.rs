//! Checks that a name is written in one way within an ACL, either as a literal or as a variant. Two spellings
//! of one name look like two permissions to a reader.

use core::mem;

use crate::{Name, const_message::Message, enum_names::Variants};

/// A name and how it is written: as a literal, or as a variant of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    name: Name<'static>,
    code: &'static str,
    /// The enum; nothing for a literal
    owner: Option<&'static str>,
}

impl Written {
    /// A name that is written as a literal.
    #[must_use]
    pub const fn literal(name: Name<'static>, code: &'static str) -> Self {
        Self { name, code, owner: None }
    }

    /// A name that is written as a variant.
    #[must_use]
    pub const fn variant<T>(
        variants: Variants<T>,
        variant: T,
        name: Name<'static>,
        code: &'static str,
    ) -> Self {
        mem::forget(variant);
        Self { name, code, owner: Some(variants.0.owner) }
    }
}

/// For each name, the index of the first one that is equal.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below both lengths, and the remainder below the table's; constants have no iterators"
)]
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
pub const fn first_written<const N: usize, const PLACES: usize>(written: &[Written]) -> [usize; N] {
    // An open-addressing hash table of indices plus one, so that zero means vacant.
    let mut table = [0; PLACES];
    let mut firsts = [0; N];
    let mut at = 0;
    while at < N && at < written.len() {
        let mut place = written[at].name.fingerprint(0) as usize % PLACES;
        while table[place] != 0 && !written[table[place] - 1].name.is(written[at].name) {
            place = (place + 1) % PLACES;
        }
        if table[place] == 0 {
            table[place] = at + 1;
        }
        firsts[at] = table[place] - 1;
        at += 1;
    }
    firsts
}

/// Stops the build when a name is spelled differently from an earlier occurrence.
///
/// # Panics
///
/// Panics with a message for the person who wrote the rule; called in constants only.
#[track_caller]
#[expect(clippy::indexing_slicing, reason = "both are places of this very list; constants have no iterators")]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
pub const fn check_written(written: &[Written], firsts: &[usize], at: usize) {
    let (first, second) = (&written[firsts[at]], &written[at]);
    let message = Message::new().push("`").push(second.code).push("` ");
    let message = match (first.owner, second.owner) {
        (None, None) => return,
        (Some(a), Some(b)) if Name::Text(a).is(Name::Text(b)) => return,
        (Some(_), Some(_)) => message
            .push("and `")
            .push(first.code)
            .push("` are both named ")
            .push_name(second.name)
            .push("; give one of them another `name`"),
        (Some(_), None) => {
            message.push("is the name of `").push(first.code).push("`; write the variant here, too")
        }
        (None, Some(_)) => message
            .push("is written as `")
            .push(first.code)
            .push("` further up; write the variant there, too"),
    };
    panic!("{}", message.as_str())
}
