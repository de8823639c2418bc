//! Shows details of a request's session: [`SessionDetails`].

use std::{fmt, sync::Arc};

use auth_identity::clock::UnixTime;

use super::{
    loaded_session::LoadedSession, request_session_state::RequestSessionState, session_secret::SessionSecret,
};

/// The contents of the request's session besides the identity; returned by
/// `Auth::credential_data`.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::{Identified, session::SessionDetails};
///
/// fn has_second_factor(identified: &Identified) -> bool {
///     identified.memo::<SessionDetails>().is_some_and(|session| session.tokens().iter().any(|token| token == "mfa"))
/// }
/// # assert!(!has_second_factor(&Identified::anonymous()));
/// ```
pub struct SessionDetails {
    pub(super) live: Arc<LoadedSession>,
    pub(super) secret: SessionSecret,
    pub(super) on: Arc<RequestSessionState>,
}

impl SessionDetails {
    /// Returns the state of a rejected session, so that a log-out can still end it.
    pub(super) fn refused(&self) -> Arc<RequestSessionState> {
        let mut on = RequestSessionState::clone(&self.on);
        on.presented.push((Arc::clone(&self.live), self.secret.clone()));
        Arc::new(on)
    }

    /// Returns the tokens of the log-in.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.live.core.tokens
    }

    /// Returns the text of the log-in.
    #[must_use]
    pub fn public_data(&self) -> &str {
        &self.live.core.public_data
    }

    /// Returns when the session began: when the user logged in or, during impersonation, when the
    /// impersonator did.
    #[must_use]
    pub fn created(&self) -> UnixTime {
        self.live.core.created()
    }

    /// Returns when the session was last used, with the precision of the write-back.
    #[must_use]
    pub fn last_seen(&self) -> UnixTime {
        self.live.values.seen
    }

    /// Returns the absolute timeout of the session.
    #[must_use]
    pub fn expires(&self) -> UnixTime {
        self.live.core.expires()
    }

    /// Returns the label.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.live.core.label.as_deref()
    }
}

impl fmt::Debug for SessionDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDetails").field("session", &self.live.ids).finish_non_exhaustive()
    }
}
