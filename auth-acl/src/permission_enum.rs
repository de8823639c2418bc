//! Declares as an enum the permissions that a policy answers for or a resource has, [`Vocabulary`], and one of them in
//! a guard, [`Declared`].

use core::mem;

use super::{
    Name,
    const_message::Message,
    enum_names::{PermissionWords, Variants, Words},
};

/// The permissions that an authorization policy answers for, or that the rules of a resource use: an enum with
/// `#[derive(Permission)]`.
///
/// A guard names a variant, so a misspelt permission does not build. `()` has no permissions: it is for a policy
/// that finds users and groups only. The derive implements this trait.
///
/// # Example
///
/// ```
/// use auth_runtime::{BoxError, Permission, async_trait};
/// use auth_runtime::authorization::{AuthorizationPolicy, PolicyDecision, Question};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Edit,
/// }
///
/// struct Policy;
///
/// #[async_trait]
/// impl AuthorizationPolicy for Policy {
///     type Permission = Can;
///
///     async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
///         Ok(match question.permission_as::<Can>() {
///             Some(Can::View) => PolicyDecision::Allow,
///             Some(Can::Edit) => PolicyDecision::allow_if(question.user().is_some()),
///             None => PolicyDecision::Abstain,
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this type does not declare permissions; write a variant of an enum with `#[derive(auth_runtime::Permission)]`",
    label = "expected an enum with `#[derive(Permission)]`"
)]
pub trait Vocabulary: Sized + 'static {
    /// The names of the permissions.
    #[doc(hidden)]
    const WORDS: Words;

    /// The same, for [`declared`].
    #[doc(hidden)]
    const DECLARED: Variants<Self> = Variants::new(Self::WORDS);

    /// Returns the permission at this index of the names.
    #[doc(hidden)]
    fn at(index: usize) -> Option<Self>;

    /// Returns the permission with this name.
    #[must_use]
    fn named(name: Name<'_>) -> Option<Self> {
        let index = Self::WORDS.words.iter().position(|word| Name::Text(word.name) == name)?;
        Self::at(index)
    }
}

#[diagnostic::do_not_recommend]
impl<P: PermissionWords> Vocabulary for P {
    const WORDS: Words = P::WORDS;

    fn at(index: usize) -> Option<Self> {
        P::at(index)
    }
}

#[diagnostic::do_not_recommend]
impl PermissionWords for () {
    const WORDS: Words = Words::new("no permissions", &[]);

    fn at(_: usize) -> Option<Self> {
        None
    }
}

/// A permission of a declared vocabulary, in a guard.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    name: Name<'static>,
    words: Words,
}

/// Returns a variant and its enum, in constants; the value is used for its type only.
///
/// It has no bound, which the compiler would show behind the message of [`Vocabulary`].
#[must_use]
pub const fn declared<P>(variants: Variants<P>, variant: P, discriminant: i128) -> Declared {
    // A constant cannot run the destructor that a type without `Copy` may have.
    mem::forget(variant);
    Declared { name: variants.0.name_of(discriminant), words: variants.0 }
}

impl Declared {
    /// Returns the name of the permission.
    #[must_use]
    pub const fn name(&self) -> Name<'static> {
        self.name
    }

    /// Returns the names of all permissions of its enum.
    #[must_use]
    pub const fn words(&self) -> Words {
        self.words
    }
}

/// Stops the build when a guard asks for permissions of two enums: a policy answers for one.
///
/// # Panics
///
/// Panics with a message for the person who wrote the guard; called in constants only.
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
#[track_caller]
pub const fn check_one_vocabulary(first: &Declared, other: &Declared) {
    if first.words.is(&other.words) {
        return;
    }
    let message = Message::new().push("the permission ").push_name(other.name);
    let message = message.push(" belongs to `").push(other.words.owner).push("`, and ").push_name(first.name);
    let message = message.push(" to `").push(first.words.owner);
    panic!("{}", message.push("`; write variants of one enum, or a second guard").as_str())
}
