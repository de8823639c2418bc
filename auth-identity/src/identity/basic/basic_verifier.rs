//! Lets the application check a name and a password: the trait [`BasicVerifier`].

use async_trait::async_trait;

use crate::{BoxError, Identity, identity::Password};

/// Verifies a name and a password.
///
/// Async closures `|name: String, password: Password| async move { … }` implement it.
///
/// # Security
///
/// An unknown name should take as long as a wrong password; otherwise names can be guessed (timing attack,
/// user enumeration). `PasswordHasher::verify` (feature `password`) ensures that. Limit the rate of attempts
/// (credential stuffing): `Basic::with_throttle` (feature `throttle`).
#[diagnostic::on_unimplemented(
    message = "this does not verify passwords; write `|name: String, password: Password| async move {{ Ok(None) }}`",
    label = "expected an async closure to `Result<Option<Identity>, BoxError>`"
)]
#[async_trait]
pub trait BasicVerifier: Send + Sync + 'static {
    /// Returns the identity of the owner, or `None` if the credentials are wrong.
    ///
    /// # Errors
    ///
    /// Fails if the verification is unavailable; the request gets 503.
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError>;
}

#[diagnostic::do_not_recommend]
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
