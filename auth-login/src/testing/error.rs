//! Defines [`FakeProviderError`], the reasons why a fake provider cannot do what a test asks for.

use std::{borrow::Cow, error::Error, fmt};

/// Why a [`FakeProvider`](super::FakeProvider) cannot do what a test asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeProviderError(Cow<'static, str>);

impl FakeProviderError {
    pub(super) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for FakeProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FakeProviderError {}
