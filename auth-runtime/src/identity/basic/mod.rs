//! Names and passwords in each request.

mod verifier;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use zeroize::Zeroizing;

pub use verifier::BasicVerifier;

use super::{
    Effects, Identification, Identified, Identity, IdentityError, IdentityPolicy, Incoming, InvalidRealm,
    Occasion, Password, Remember, authorization_header::token68, id, realm,
};
use crate::answer::Answer;

/// The longest credentials, in characters: a name of 255 bytes, a colon and a password of 1,024.
const MAX_TEXT: usize = 1708;

const WRONG: IdentityError = IdentityError::refuse("the name or the password is wrong");
const MALFORMED: IdentityError = IdentityError::refuse("the basic credentials are malformed");

/// Takes a name and a password from each request's `Authorization` header (RFC 7617).
///
/// The application checks them; see [`BasicVerifier`]. Wrong credentials are refused with 401, and so are malformed
/// ones: a name is UTF-8 text of 1 to 255 bytes that could be a [`UserId`](super::UserId) and holds no colon, a password
/// has at most 1,024 bytes, and neither holds control characters.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, Basic, Identity};
/// use auth_runtime::identity::Password;
///
/// let auth = AuthLayer::new(Basic::new(|name: String, password: Password| async move {
///     // a look-up, and a check with `Passwords`
///     let right = name == "alice" && password == Password::new("open sesame")?;
///     Ok(if right { Some(Identity::new(name)?) } else { None })
/// }));
/// # let _ = auth;
/// ```
///
/// # Security
///
/// The password travels with each request, so only https keeps it secret, and it is checked on each request, which a
/// good hash makes slow. Browsers send it by themselves once it was typed in and never log out; like a cookie it does
/// therefore not speak for unsafe requests from other sites. For people use a log-in that is remembered.
pub struct Basic<V> {
    verifier: V,
    challenge: HeaderValue,
}

impl<V: BasicVerifier> Basic<V> {
    /// Lets this verifier check names and passwords.
    #[must_use]
    pub fn new(verifier: V) -> Self {
        Self {
            verifier,
            challenge: HeaderValue::from_static("Basic realm=\"restricted\", charset=\"UTF-8\""),
        }
    }

    /// Sets the realm of the challenge, which browsers show. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails when it holds anything but visible ASCII and spaces.
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
            match self.verifier.verify(&name, &password).await {
                Ok(Some(identity)) => {
                    let now = request.now();
                    // A log-out revokes what was proved in this second; the next request proves it anew.
                    let expires = now.plus(Duration::from_secs(1));
                    Ok(Identified::known(identity).with_authenticated_at(now).with_expires(expires))
                }
                Ok(None) => Err(WRONG),
                Err(error) => Err(IdentityError::unavailable(error)),
            }
        })
    }

    async fn remember(&self, _: &Occasion<'_>, _: &Identity, _: &Remember) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured(
            "basic credentials cannot be remembered; put a policy with a cookie before `Basic`, with `FirstOf`",
        ))
    }

    async fn forget(&self, _: &Occasion<'_>) -> Result<Effects, IdentityError> {
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

/// Reads `name:password`, whose first colon is the one between them.
fn read(token: &str) -> Option<(String, Password)> {
    if token.len() > MAX_TEXT {
        return None;
    }
    // Of its final size, or it would leave copies behind.
    let mut bytes = Zeroizing::new(vec![0; token.len()]);
    let length = STANDARD.decode_slice(token, &mut bytes).ok()?;
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    let (name, password) = text.split_once(':')?;
    id::check(name).ok()?;
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
