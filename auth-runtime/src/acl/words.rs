//! Enums as vocabularies, readable in constants.

use super::Name;

/// The vocabulary of an enum with `#[derive(Permission)]`, readable in constants.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a permission",
    label = "expected a string literal, an integer literal or a variant of an enum with `#[derive(Permission)]`",
    note = "write `#[derive(Clone, Copy, Permission)]` above the enum"
)]
pub trait PermissionWords: Copy + 'static {
    /// Each variant's discriminant and name.
    const WORDS: &'static [(i128, &'static str)];
}

/// The vocabulary of an enum with `#[derive(Group)]`, readable in constants.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a group",
    label = "expected a string literal, an integer literal or a variant of an enum with `#[derive(Group)]`",
    note = "write `#[derive(Clone, Copy, Group)]` above the enum"
)]
pub trait GroupWords: Copy + 'static {
    /// Each variant's discriminant and name.
    const WORDS: &'static [(i128, &'static str)];
}

/// Returns the name of an enum's variant in constants; the value only says of which enum.
#[must_use]
pub const fn permission<P: PermissionWords>(_variant: P, discriminant: i128) -> Name<'static> {
    word(P::WORDS, discriminant)
}

/// Returns the name of an enum's variant in constants; the value only says of which enum.
#[must_use]
pub const fn group<G: GroupWords>(_variant: G, discriminant: i128) -> Name<'static> {
    word(G::WORDS, discriminant)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "the derives list every variant; a build, not a request, would stop here")]
const fn word(words: &'static [(i128, &'static str)], discriminant: i128) -> Name<'static> {
    let mut at = 0;
    while at < words.len() {
        if words[at].0 == discriminant {
            return Name::Text(words[at].1);
        }
        at += 1;
    }
    panic!("this variant has no name")
}
