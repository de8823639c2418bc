//! Lists the names of an enum's variants, readable in constants: [`Words`].

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
    /// The same, for [`variant`].
    const VARIANTS: Variants<Self> = Variants::new(Self::WORDS);

    /// Returns the variant at this index of the names.
    fn at(index: usize) -> Option<Self>;
}

/// The names of the variants of an enum with `#[derive(Group)]`, readable in constants.
#[diagnostic::on_unimplemented(
    message = "this type does not name groups; write `#[derive(auth_runtime::Group)]` above the enum",
    label = "expected a string literal, an integer literal or a variant of an enum with `#[derive(Group)]`"
)]
pub trait GroupWords: Sized + 'static {
    /// The variants.
    const WORDS: Words;
    /// The same, for [`variant`].
    const VARIANTS: Variants<Self> = Variants::new(Self::WORDS);
}

/// An enum's variants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

    /// Returns the path of the enum.
    #[must_use]
    pub const fn owner(&self) -> &'static str {
        self.owner
    }

    /// Returns the name of the enum, without the modules that it is in.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "`start` is compared with zero first; constants have no iterators"
    )]
    pub const fn enum_name(&self) -> &'static str {
        let mut start = self.owner.len();
        while start > 0 && self.owner.as_bytes()[start - 1] != b':' {
            start -= 1;
        }
        self.owner.split_at(start).1
    }

    /// Returns the names in rules, in the order of the variants.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.words.iter().map(|word| word.name)
    }

    /// Returns whether both are the same enum.
    pub(crate) const fn is(&self, other: &Self) -> bool {
        Name::Text(self.owner).is(Name::Text(other.owner)) && self.words.len() == other.words.len()
    }

    pub(crate) const fn name_of(&self, discriminant: i128) -> Name<'static> {
        word(self.words, discriminant)
    }
}

/// One variant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// The variants of the enum `T`.
///
/// The macros read it from the trait, and pass it to a function without a bound: the compiler shows the source of a
/// bound in each message about it, but not of a trait whose constant is read.
#[derive(Debug)]
pub struct Variants<T>(pub(crate) Words, PhantomData<T>);

impl<T> Variants<T> {
    pub(crate) const fn new(words: Words) -> Self {
        Self(words, PhantomData)
    }
}

impl<T> Clone for Variants<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Variants<T> {}

/// Returns the name of an enum's variant in constants; the value is used for its type only.
#[must_use]
pub const fn variant<T>(variants: Variants<T>, variant: T, discriminant: i128) -> Name<'static> {
    // A constant cannot run the destructor that a type without `Copy` may have.
    mem::forget(variant);
    word(variants.0.words, discriminant)
}

/// The kind of a constant that is text.
#[derive(Debug)]
pub enum Text {}

/// The kind of a constant that is a variant of an enum.
#[derive(Debug)]
pub enum Variant {}

/// A type whose constants name permissions: text, or an enum with `#[derive(Permission)]`.
#[diagnostic::on_unimplemented(
    message = "this constant does not name a permission; make it a `&str`, or write \
               `#[derive(auth_runtime::Permission)]` above its enum",
    label = "expected a string or a variant of an enum with `#[derive(Permission)]`"
)]
pub trait ConstantPermission<Kind>: Sized {
    /// The variants; none for text.
    const CONSTANTS: Constants<Self, Kind>;
}

/// A type whose constants name groups: text, or an enum with `#[derive(Group)]`.
#[diagnostic::on_unimplemented(
    message = "this constant does not name a group; make it a `&str`, or write `#[derive(auth_runtime::Group)]` \
               above its enum",
    label = "expected a string or a variant of an enum with `#[derive(Group)]`"
)]
pub trait ConstantGroup<Kind>: Sized {
    /// The variants; none for text.
    const CONSTANTS: Constants<Self, Kind>;
}

#[diagnostic::do_not_recommend]
impl ConstantPermission<Text> for &'static str {
    const CONSTANTS: Constants<Self, Text> = Constants(&[], PhantomData);
}

#[diagnostic::do_not_recommend]
impl ConstantGroup<Text> for &'static str {
    const CONSTANTS: Constants<Self, Text> = Constants(&[], PhantomData);
}

#[diagnostic::do_not_recommend]
impl<P: PermissionWords> ConstantPermission<Variant> for P {
    const CONSTANTS: Constants<Self, Variant> = Constants(P::WORDS.words, PhantomData);
}

#[diagnostic::do_not_recommend]
impl<G: GroupWords> ConstantGroup<Variant> for G {
    const CONSTANTS: Constants<Self, Variant> = Constants(G::WORDS.words, PhantomData);
}

/// The variants that constants of `T` can be, and whether `T` is [`Text`] or has a [`Variant`].
#[derive(Debug)]
pub struct Constants<T, Kind>(&'static [Word], PhantomData<(T, Kind)>);

impl<T, Kind> Clone for Constants<T, Kind> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, Kind> Copy for Constants<T, Kind> {}

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

/// Returns a constant that names a permission or a group.
#[must_use]
pub const fn constant<T, Kind>(constants: Constants<T, Kind>, value: T) -> Constant<T, Kind> {
    Constant { value: ManuallyDrop::new(value), names: constants.0, kind: PhantomData }
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
