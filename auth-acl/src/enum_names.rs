//! The names of an enum's variants, readable in constants.

use core::mem;

use super::Name;

/// The names of the variants of an enum with `#[derive(Permission)]`, readable in constants.
#[diagnostic::on_unimplemented(
    message = "this type does not name permissions; write `#[derive(auth_runtime::Permission)]` above the enum",
    label = "expected a string literal, an integer literal or a variant of an enum with `#[derive(Permission)]`"
)]
pub trait PermissionWords: Sized + 'static {
    /// The variants.
    const WORDS: Words;
}

/// The names of the variants of an enum with `#[derive(Group)]`, readable in constants.
#[diagnostic::on_unimplemented(
    message = "this type does not name groups; write `#[derive(auth_runtime::Group)]` above the enum",
    label = "expected a string literal, an integer literal or a variant of an enum with `#[derive(Group)]`"
)]
pub trait GroupWords: Sized + 'static {
    /// The variants.
    const WORDS: Words;
}

/// An enum's variants.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The path of the enum, which identifies it
    pub(crate) owner: &'static str,
    pub(crate) words: &'static [Word],
}

impl Words {
    /// The variants of `owner`.
    #[must_use]
    pub const fn new(owner: &'static str, words: &'static [Word]) -> Self {
        Self { owner, words }
    }
}

/// One variant.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    discriminant: i128,
    pub(crate) variant: &'static str,
    pub(crate) name: &'static str,
}

impl Word {
    /// A variant's identifier, and its name in rules.
    #[must_use]
    pub const fn new(discriminant: i128, variant: &'static str, name: &'static str) -> Self {
        Self { discriminant, variant, name }
    }
}

/// Returns the variants of an enum.
#[must_use]
pub const fn words<P: PermissionWords>() -> Words {
    P::WORDS
}

/// Returns the name of an enum's variant in constants; the value is used for its type only.
#[must_use]
pub const fn permission<P: PermissionWords>(variant: P, discriminant: i128) -> Name<'static> {
    // A constant cannot run the destructor that a type without `Copy` may have.
    mem::forget(variant);
    word(P::WORDS.words, discriminant)
}

/// Returns the name of an enum's variant in constants; the value is used for its type only.
#[must_use]
pub const fn group<G: GroupWords>(variant: G, discriminant: i128) -> Name<'static> {
    mem::forget(variant);
    word(G::WORDS.words, discriminant)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
#[expect(clippy::panic, reason = "the derives list every variant; a build, not a request, would stop here")]
const fn word(words: &'static [Word], discriminant: i128) -> Name<'static> {
    let mut at = 0;
    while at < words.len() {
        if words[at].discriminant == discriminant {
            return Name::Text(words[at].name);
        }
        at += 1;
    }
    panic!("this variant has no name")
}
