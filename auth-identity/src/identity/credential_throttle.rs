//! Throttles the verification of credentials that every request carries: [`CredentialThrottle`].

use super::{IdentityError, Incoming};
#[cfg(feature = "throttle")]
use crate::{AuthErrorKind, throttle::Throttle};

/// The throttle of a policy, if it has one.
#[derive(Clone, Debug, Default)]
pub(super) struct CredentialThrottle {
    #[cfg(feature = "throttle")]
    throttle: Option<Throttle>,
}

impl CredentialThrottle {
    #[cfg(feature = "throttle")]
    pub(super) const fn new(throttle: Throttle) -> Self {
        Self { throttle: Some(throttle) }
    }

    /// Returns whether there is a throttle.
    #[cfg_attr(not(feature = "throttle"), expect(clippy::unused_self, reason = "there never is one then"))]
    pub(super) const fn is_some(&self) -> bool {
        #[cfg(feature = "throttle")]
        return self.throttle.is_some();
        #[cfg(not(feature = "throttle"))]
        false
    }

    /// Runs `verify` unless there were too many failures, and counts its failure.
    pub(super) async fn around<T>(
        &self,
        account: Option<&str>,
        request: &Incoming<'_>,
        verify: impl Future<Output = Result<T, IdentityError>>,
    ) -> Result<T, IdentityError> {
        #[cfg(feature = "throttle")]
        // A watch that repeats the check is not an attempt of the client.
        if let Some(throttle) = self.throttle.as_ref().filter(|_| !request.is_asked_again()) {
            let attempt = throttle.admit(account, request).await?;
            let verified = verify.await;
            match &verified {
                Ok(_) => attempt.succeeded(request.now()).await?,
                Err(error) if error.kind() == AuthErrorKind::InvalidCredential => {
                    attempt.failed(request.now()).await?;
                }
                Err(_) => {}
            }
            return verified;
        }
        #[cfg(not(feature = "throttle"))]
        let _ = (account, request);
        verify.await
    }
}
