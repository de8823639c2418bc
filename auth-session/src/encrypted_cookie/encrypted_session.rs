//! Shows details of a request's encrypted session: [`EncryptedSession`].

use std::fmt;

use super::cookie_content::{CookieContent, User};
use auth_identity::clock::UnixTime;

/// The contents of the request's encrypted cookie besides the identity and the data.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError};
/// use auth_runtime::identity::EncryptedSession;
///
/// async fn revision(auth: Auth) -> Result<String, AuthError> {
///     let session = auth.credential_data::<EncryptedSession>().await?;
///     Ok(session.map_or(0, |session| session.revision()).to_string())
/// }
/// ```
pub struct EncryptedSession {
    pub(super) content: CookieContent,
    pub(super) expires: UnixTime,
}

impl EncryptedSession {
    /// Returns how often the cookie was written since the last log-in or rotation.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.content.revision
    }

    /// Returns when the user logged in, or for anonymous data when the first were stored.
    #[must_use]
    pub const fn since(&self) -> UnixTime {
        self.content.since
    }

    /// Returns when the cookie was written.
    #[must_use]
    pub const fn written(&self) -> UnixTime {
        self.content.written
    }

    /// Returns when the session ends without another request.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Returns the tokens of the log-in.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        self.user().map_or(&[], |user| &user.tokens)
    }

    /// Returns the text of the log-in, which is encrypted here.
    #[must_use]
    pub fn public_data(&self) -> &str {
        self.user().map_or("", |user| &user.public_data)
    }

    const fn user(&self) -> Option<&User> {
        self.content.user.as_ref()
    }
}

impl fmt::Debug for EncryptedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedSession")
            .field("revision", &self.revision())
            .field("since", &self.since())
            .field("written", &self.written())
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
