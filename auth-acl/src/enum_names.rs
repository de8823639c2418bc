//! The names of an enum's variants, readable in constants.

use core::{
    marker::PhantomData,
    mem::{self, ManuallyDrop},
};

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

/// The kind of a constant that is text.
#[derive(Debug)]
pub enum Text {}

/// The kind of a constant that is a variant of an enum.
#[derive(Debug)]
pub enum Variant {}

/// A type whose constants name permissions: text, or an enum with `#[derive(Permission)]`.
#[diagnostic::on_unimplemented(
    message = "this constant does not name a permission; make it a `&str`, or write `#[derive(auth_runtime::Permission)]` above its enum",
    label = "expected a string or a variant of an enum with `#[derive(Permission)]`"
)]
pub trait ConstantPermission: Sized {
    /// `Text` or `Variant`.
    type Kind;
    /// The variants; none for text.
    const NAMES: &'static [Word];
}

/// A type whose constants name groups: text, or an enum with `#[derive(Group)]`.
#[diagnostic::on_unimplemented(
    message = "this constant does not name a group; make it a `&str`, or write `#[derive(auth_runtime::Group)]` above its enum",
    label = "expected a string or a variant of an enum with `#[derive(Group)]`"
)]
pub trait ConstantGroup: Sized {
    /// `Text` or `Variant`.
    type Kind;
    /// The variants; none for text.
    const NAMES: &'static [Word];
}

impl ConstantPermission for &'static str {
    type Kind = Text;
    const NAMES: &'static [Word] = &[];
}

impl ConstantGroup for &'static str {
    type Kind = Text;
    const NAMES: &'static [Word] = &[];
}

#[diagnostic::do_not_recommend]
impl<P: PermissionWords> ConstantPermission for P {
    type Kind = Variant;
    const NAMES: &'static [Word] = P::WORDS.words;
}

#[diagnostic::do_not_recommend]
impl<G: GroupWords> ConstantGroup for G {
    type Kind = Variant;
    const NAMES: &'static [Word] = G::WORDS.words;
}

/// A constant that names a permission or a group.
///
/// The macros cannot see whether a constant is text or a variant. With this type the same tokens work for both, in
/// constants, where traits have no methods.
#[derive(Debug)]
pub struct Constant<T, Kind> {
    value: ManuallyDrop<T>,
    names: &'static [Word],
    kind: PhantomData<Kind>,
}

/// Returns a constant that names a permission.
#[must_use]
pub const fn permission_constant<T: ConstantPermission>(value: T) -> Constant<T, T::Kind> {
    Constant { value: ManuallyDrop::new(value), names: T::NAMES, kind: PhantomData }
}

/// Returns a constant that names a group.
#[must_use]
pub const fn group_constant<T: ConstantGroup>(value: T) -> Constant<T, T::Kind> {
    Constant { value: ManuallyDrop::new(value), names: T::NAMES, kind: PhantomData }
}

impl Constant<&'static str, Text> {
    /// Returns an integer that stands for the discriminant, which text does not have.
    #[must_use]
    pub const fn variant(self) -> u8 {
        0
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(self, _discriminant: i128) -> Name<'static> {
        Name::Text(ManuallyDrop::into_inner(self.value))
    }

    /// Returns `false`: a rule for `ALL` permissions is not a mention of it.
    #[must_use]
    pub const fn is_variant(self) -> bool {
        false
    }
}

impl<T> Constant<T, Variant> {
    /// Returns the variant, whose discriminant a cast finds.
    #[must_use]
    pub const fn variant(self) -> T {
        ManuallyDrop::into_inner(self.value)
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(self, discriminant: i128) -> Name<'static> {
        word(self.names, discriminant)
    }

    /// Returns `true`.
    #[must_use]
    pub const fn is_variant(self) -> bool {
        true
    }
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
