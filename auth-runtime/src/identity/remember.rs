//! Options of a log-in.

use std::{fmt, time::Duration};

use super::Identity;
use crate::clock::UnixTime;

/// How long the client keeps what it is given.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Lifetime {
    /// As the policy is configured
    #[default]
    Configured,
    /// For this long, in whole seconds, and no longer than the policy's absolute limit
    For(Duration),
    /// Until the browser is closed, and no longer than the policy's lifetime
    BrowserSession,
}

/// Options of one log-in.
///
/// # Example
///
/// ```
/// use auth_runtime::Remember;
/// use std::time::Duration;
///
/// let for_a_month = Remember::new().with_lifetime(Duration::from_secs(30 * 24 * 3600));
/// let until_the_browser_closes = Remember::new().until_browser_closes();
/// let with_data = Remember::new().with_tokens(["mfa"]).with_public_data("theme=dark");
/// # let _ = (for_a_month, until_the_browser_closes, with_data);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Remember {
    lifetime: Lifetime,
    tokens: Vec<String>,
    public_data: String,
    actor: Option<Identity>,
    authenticated_at: Option<UnixTime>,
}

/// What is kept beside the identity may be anything.
impl fmt::Debug for Remember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remember")
            .field("lifetime", &self.lifetime)
            .field("actor", &self.actor)
            .field("authenticated_at", &self.authenticated_at)
            .finish_non_exhaustive()
    }
}

impl Remember {
    /// Everything as the policy is configured.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for this lifetime instead of the configured one.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Lifetime::For(lifetime);
        self
    }

    /// Asks the browser to forget the credential when it is closed.
    pub fn until_browser_closes(mut self) -> Self {
        self.lifetime = Lifetime::BrowserSession;
        self
    }

    /// Keeps short words beside the identity, such as how the user logged in.
    pub fn with_tokens(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps text beside the identity.
    ///
    /// # Security
    ///
    /// A ticket is signed, not encrypted: whoever has the cookie can read this text.
    pub fn with_public_data(mut self, data: impl Into<String>) -> Self {
        self.public_data = data.into();
        self
    }

    /// Says who acts under this identity, when that is somebody else.
    ///
    /// A policy that keeps it says so in what the rest of the request finds; `Auth::impersonate` refuses the others.
    pub fn with_actor(mut self, actor: Identity) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Says that the user has not just proved who they are: the credential takes the place of another one, whose user
    /// did so at this time, and lives no longer than that one might have.
    pub const fn with_authenticated_at(mut self, time: UnixTime) -> Self {
        self.authenticated_at = Some(time);
        self
    }

    /// Returns who acts under this identity, when that is somebody else.
    #[must_use]
    pub const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }

    /// Returns when the user proved who they are, if that was not just now.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<UnixTime> {
        self.authenticated_at
    }

    /// Returns the lifetime asked for.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Returns the text.
    #[must_use]
    pub fn public_data(&self) -> &str {
        &self.public_data
    }
}
