//! The application's check of a name and a password.

use async_trait::async_trait;

use crate::{BoxError, Identity, identity::Password};

/// Checks a name and a password.
///
/// An async closure `|name: String, password: Password| async move { … }` is one.
///
/// # Security
///
/// An answer for an unknown name should take as long as one for a wrong password, or names can be guessed:
/// `Passwords::verify` (feature `password`) sees to that. Limit how often a client may try.
#[async_trait]
pub trait BasicVerifier: Send + Sync + 'static {
    /// Returns the identity of whom these credentials belong to, and `None` when they are wrong.
    ///
    /// # Errors
    ///
    /// Fails when the question cannot be answered: 503.
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError>;
}

#[async_trait]
impl<F, Fut> BasicVerifier for F
where
    F: Fn(String, Password) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Identity>, BoxError>> + Send + 'static,
{
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError> {
        self(name.to_owned(), password.clone()).await
    }
}
