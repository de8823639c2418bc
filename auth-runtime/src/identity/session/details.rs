//! What a request's session told besides the identity.

use std::{fmt, sync::Arc};

use super::{loaded::Loaded, lookup::Secrets, secret::Secret};
use crate::{clock::UnixTime, identity::Identified};

/// What the session of this request says besides the identity; [`Auth::credential_data`](crate::Auth::credential_data)
/// returns it.
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
    pub(super) live: Arc<Loaded>,
    pub(super) secret: Secret,
    pub(super) on: Arc<Circumstances>,
}

/// What changes have to know of the request that carries them.
#[derive(Clone, Debug, Default)]
pub(super) struct Circumstances {
    /// Why no cookie may be read or written here
    pub(super) obstacle: Option<&'static str>,
    pub(super) label: Option<String>,
    /// The sessions whose cookies the request carried, besides the one that it is in, if any, with those cookies
    pub(super) presented: Vec<(Arc<Loaded>, Secret)>,
    /// Another request has put another cookie in the place of one of these a short time ago: it may have
    /// reached the browser
    pub(super) is_replaced: bool,
    /// The values of cookies that were not looked up, because there are too many
    pub(super) unread: Secrets,
}

impl Circumstances {
    /// Nothing, where the sessions could not be looked up.
    pub(super) fn of(identified: &Identified) -> Option<Arc<Self>> {
        match identified.memo::<SessionDetails>() {
            Some(details) => Some(Arc::clone(&details.on)),
            None => identified.memo::<Self>(),
        }
    }
}

impl SessionDetails {
    /// What is left when the session is not taken: whoever has its cookie can still end it.
    pub(super) fn refused(&self) -> Arc<Circumstances> {
        let mut on = Circumstances::clone(&self.on);
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

    /// Returns when the session began: for a user, when they logged in; where somebody acts for the user, when those did.
    #[must_use]
    pub fn created(&self) -> UnixTime {
        self.live.core.created()
    }

    /// Returns when the session was last used, as exactly as it is written back.
    #[must_use]
    pub fn last_seen(&self) -> UnixTime {
        self.live.values.seen
    }

    /// Returns when the session ends, however much it is used.
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
