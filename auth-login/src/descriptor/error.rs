//! Defines [`DescriptorError`], the error of a descriptor that cannot be used.

use std::{error::Error, fmt};

use super::Problem;

/// Why a provider cannot be configured. Its text names the provider, the problem, then the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptorError {
    provider: String,
    message: String,
    is_dead: bool,
}

impl DescriptorError {
    pub(super) fn problem(provider: &str, problem: Problem) -> Self {
        Self::value(provider, problem.message().to_owned())
    }

    pub(super) fn value(provider: &str, message: String) -> Self {
        Self { provider: provider.to_owned(), message, is_dead: false }
    }

    pub(super) fn dead(provider: &str, sentence: &str) -> Self {
        Self { is_dead: true, ..Self::value(provider, sentence.to_owned()) }
    }

    /// Names the application's own id in place of the descriptor's.
    pub(crate) fn at(self, provider: &str) -> Self {
        Self { provider: provider.to_owned(), ..self }
    }

    /// Returns the descriptor's id.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Returns whether the provider has ended its service; the text names the successor.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        self.is_dead
    }
}

impl fmt::Display for DescriptorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "provider `{}`: {}", self.provider, self.message)
    }
}

impl Error for DescriptorError {}
