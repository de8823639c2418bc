//! Authenticates by HTTP Basic: [`Basic`] (RFC 7617).

mod basic_verifier;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use zeroize::Zeroizing;

pub use basic_verifier::BasicVerifier;

use super::{
    ChangeContext, Effects, Identification, Identified, Identity, IdentityError, IdentityPolicy, Incoming,
    InvalidRealm, LoginOptions, Password, authorization_header::token68,
    credential_throttle::CredentialThrottle, identity_and_user_id, realm,
};
use crate::answer_future::Answer;
#[cfg(feature = "throttle")]
use crate::throttle::Throttle;

/// The maximum length of the credentials, in characters: a name of 255 bytes, a colon and a password of
/// 1,024.
const MAX_TEXT: usize = 1708;

const WRONG: IdentityError = IdentityError::refuse("the name or the password is wrong");
const MALFORMED: IdentityError = IdentityError::refuse("the basic credentials are malformed");

/// Authenticates requests by a name and a password in the header `Authorization` (RFC 7617).
///
/// The application verifies them; see [`BasicVerifier`]. Wrong and malformed credentials get 401. A name is
/// UTF-8 text of 1 to 255 bytes that is a valid [`UserId`](super::UserId) without a colon. A password has at
/// most 1,024 bytes. Neither contains control characters.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Basic, Identity};
/// use auth_runtime::identity::Password;
///
/// let auth = AuthLayer::new(Basic::new(|name: String, password: Password| async move {
///     // a look-up, and a check with `PasswordHasher`
///     let right = name == "alice" && password == Password::new("open sesame")?;
///     Ok(if right { Some(Identity::new(name)?) } else { None })
/// }));
/// # let _ = auth;
/// ```
///
/// # Security
///
/// The password is in every request, so https is required. It is verified on every request, which is slow
/// with a good hash. Browsers send it by themselves after the first time, and cannot log out; like a cookie
/// it is therefore ambient and does not authenticate unsafe cross-site requests (CSRF). Limit failed attempts
/// with `with_throttle` (feature `throttle`), against brute force and credential stuffing. For users in a browser, use a log-in.
pub struct Basic<V> {
    verifier: V,
    challenge: HeaderValue,
    throttle: CredentialThrottle,
}

impl<V: BasicVerifier> Basic<V> {
    /// Creates a policy with this verifier.
    #[must_use]
    pub fn new(verifier: V) -> Self {
        Self {
            verifier,
            challenge: HeaderValue::from_static("Basic realm=\"restricted\", charset=\"UTF-8\""),
            throttle: CredentialThrottle::default(),
        }
    }

    /// Limits failed attempts: by name and client, and by client. By default there is no limit.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Basic, BoxError, identity::Password, throttle::{MemoryThrottle, Throttle}};
    ///
    /// let policy = Basic::new(|_: String, _: Password| async { Ok::<_, BoxError>(None) })
    ///     .with_throttle(Throttle::new(MemoryThrottle::new()));
    /// # let _ = policy;
    /// ```
    ///
    /// # Security
    ///
    /// Beyond the limit the password is not verified, and a right one gets 429, too. Of many guesses at the same time, no
    /// more are answered than one after another.
    #[cfg(feature = "throttle")]
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = CredentialThrottle::new(throttle);
        self
    }

    /// Sets the realm of the challenge, which browsers show. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
    pub fn with_realm(mut self, text: &str) -> Result<Self, InvalidRealm> {
        self.challenge = realm::challenge("Basic", text, ", charset=\"UTF-8\"")?;
        Ok(self)
    }
}

#[async_trait]
impl<V: BasicVerifier> IdentityPolicy for Basic<V> {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let token = match token68(request.headers(), "Basic") {
            Ok(Some(token)) => token,
            Ok(None) => return Answer::Now(Ok(Identified::anonymous())),
            Err(error) => return Answer::Now(Err(error)),
        };
        Answer::later(async move {
            let (name, password) = read(token).ok_or(MALFORMED)?;
            let verify = async {
                let verified = self.verifier.verify(&name, &password).await;
                verified.map_err(IdentityError::unavailable)?.ok_or(WRONG)
            };
            let identity = self.throttle.around(Some(&name), request, verify).await?;
            let now = request.now();
            // A log-out revokes what was authenticated in this second; the next request authenticates again.
            let expires = now.plus(Duration::from_secs(1));
            Ok(Identified::known(identity).with_authenticated_at(now).with_expires(expires))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "basic credentials cannot be remembered; put a policy with a cookie before `Basic`, with `FirstOf`",
        ))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "basic credentials cannot be forgotten; the client sends them again",
        ))
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }

    fn vary(&self) -> HeaderValue {
        HeaderValue::from_static("authorization")
    }
}

/// Parses `name:password` at its first colon.
fn read(token: &str) -> Option<(String, Password)> {
    if token.len() > MAX_TEXT {
        return None;
    }
    // Allocate the final size: a growing buffer would leave copies behind.
    let mut bytes = Zeroizing::new(vec![0; token.len()]);
    let length = STANDARD.decode_slice(token, &mut bytes).ok()?;
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    let (name, password) = text.split_once(':')?;
    identity_and_user_id::check(name).ok()?;
    if password.chars().any(char::is_control) {
        return None;
    }
    Some((name.to_owned(), Password::new(password).ok()?))
}

impl<V> fmt::Debug for Basic<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}
