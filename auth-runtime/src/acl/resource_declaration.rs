//! Reads from the type of a [`Resource`] what is known before there is a value: [`ResourceDeclaration`].

use auth_acl::__private::Words;

use super::{Resource, Vocabulary};

/// The permissions of a resource, and the path parameters by which it is loaded.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ResourceDeclaration {
    pub(crate) words: Words,
    pub(crate) path_parameters: &'static [&'static str],
}

impl ResourceDeclaration {
    #[must_use]
    pub const fn of<R: Resource>() -> Self {
        Self { words: words_of::<R>(), path_parameters: R::PATH_PARAMETERS }
    }
}

/// Returns the permissions of a resource.
#[doc(hidden)]
#[must_use]
pub const fn words_of<R: Resource>() -> Words {
    <R::Permission as Vocabulary>::WORDS
}
