//! Holds the content of a ticket: [`Ticket`].

use std::{fmt, time::Duration};

use super::{TicketError, TicketErrorKind};
use crate::{Identity, clock::UnixTime, identity::Authentication};

/// A server's statement about a user, with its validity.
///
/// # Example
///
/// ```
/// use std::{fmt, time::Duration};
/// use auth_runtime::{Identity, clock::UnixTime, ticket::Ticket};
///
/// let noon = UnixTime::from_secs(1_700_000_000);
/// let ticket = Ticket::new(Identity::new("alice")?, noon, noon.plus(Duration::from_secs(3600)));
///
/// let (skew, absolute) = (Duration::from_secs(60), Duration::from_secs(86_400));
/// assert!(ticket.check(noon.plus(Duration::from_secs(3599)), skew, absolute).is_ok());
/// assert!(ticket.check(noon.plus(Duration::from_secs(3600)), skew, absolute).is_err());
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[must_use]
pub struct Ticket {
    pub(super) issued: UnixTime,
    pub(super) expires: UnixTime,
    pub(super) first_login: UnixTime,
    pub(super) identity: Identity,
    pub(super) tokens: Vec<String>,
    pub(super) public_data: String,
    pub(super) actor: Option<Identity>,
    pub(super) authentication: Authentication,
    pub(super) marks: Marks,
}

/// The flags of a ticket, one bit each.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Marks(u8);

impl Marks {
    /// The signature covers the client's address
    pub(crate) const BOUND: Self = Self(1);
    /// Tokens or data follow
    pub(crate) const EXTRAS: Self = Self(1 << 1);
    /// A session cookie: the browser removes it when it closes
    pub(crate) const BROWSER_SESSION: Self = Self(1 << 2);
    /// The lifetime was chosen at log-in, not configured
    pub(crate) const OWN_LIFETIME: Self = Self(1 << 3);
    /// It replaces a ticket of another format, and the time of the log-in is unknown
    pub(crate) const IMPORTED: Self = Self(1 << 4);

    /// Another user impersonates the identity
    pub(crate) const ACTOR: Self = Self(1 << 5);
    /// The authentication differs from the default
    pub(crate) const AUTHENTICATION: Self = Self(1 << 6);

    const ALL: u8 = (1 << 7) - 1;

    pub(super) const fn from_byte(byte: u8) -> Option<Self> {
        if byte & !Self::ALL == 0 { Some(Self(byte)) } else { None }
    }

    pub(super) const fn as_byte(self) -> u8 {
        self.0
    }

    pub(crate) const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    pub(crate) const fn with(self, mark: Self, present: bool) -> Self {
        if present { Self(self.0 | mark.0) } else { Self(self.0 & !mark.0) }
    }
}

impl Ticket {
    /// Creates a ticket whose log-in is its time of issue.
    pub const fn new(identity: Identity, issued: UnixTime, expires: UnixTime) -> Self {
        Self {
            issued,
            expires,
            first_login: issued,
            identity,
            tokens: Vec::new(),
            public_data: String::new(),
            actor: None,
            authentication: Authentication::new(),
            marks: Marks(0),
        }
    }

    /// Sets the time at which the user last authenticated (`auth_time`); renewal keeps it.
    pub const fn with_first_login(mut self, time: UnixTime) -> Self {
        self.first_login = time;
        self
    }

    /// Sets the tokens.
    pub fn with_tokens(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the data.
    ///
    /// # Security
    ///
    /// The data is signed, not encrypted: it is readable in the cookie.
    pub fn with_public_data(mut self, data: impl Into<String>) -> Self {
        self.public_data = data.into();
        self
    }

    /// Sets the user who impersonates the identity.
    pub fn with_actor(mut self, actor: Identity) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Sets how the user authenticated.
    pub fn with_authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = authentication;
        self
    }

    pub(crate) const fn with_times(mut self, issued: UnixTime, expires: UnixTime) -> Self {
        self.issued = issued;
        self.expires = expires;
        self
    }

    pub(crate) const fn with_mark(mut self, mark: Marks, present: bool) -> Self {
        self.marks = self.marks.with(mark, present);
        self
    }

    /// Returns the time of issue.
    #[must_use]
    pub const fn issued(&self) -> UnixTime {
        self.issued
    }

    /// Returns the expiry: the ticket is not valid from this time on.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Returns the time at which the user last authenticated.
    #[must_use]
    pub const fn first_login(&self) -> UnixTime {
        self.first_login
    }

    /// Returns the identity.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Returns the data.
    #[must_use]
    pub fn public_data(&self) -> &str {
        &self.public_data
    }

    /// Returns the user who impersonates the identity.
    #[must_use]
    pub const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }

    /// Returns how the user authenticated.
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    pub(crate) const fn marks(&self) -> Marks {
        self.marks
    }

    /// Checks that the ticket is valid at `now`: issued no later than `now` plus `skew`, not expired, and its
    /// log-in less than `absolute` ago (absolute timeout).
    ///
    /// # Errors
    ///
    /// Fails if it is not valid.
    pub fn check(&self, now: UnixTime, skew: Duration, absolute: Duration) -> Result<(), TicketError> {
        if self.issued.max(self.first_login) > now.plus(skew) {
            return Err(TicketError::new(TicketErrorKind::NotYet));
        }
        if now >= self.expires || now >= self.first_login.plus(absolute) {
            return Err(TicketError::new(TicketErrorKind::Expired));
        }
        Ok(())
    }
}

impl fmt::Debug for Ticket {
    /// Omits identities, tokens and data: they are not secret to the client, but others read the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("issued", &self.issued)
            .field("expires", &self.expires)
            .field("first_login", &self.first_login)
            .finish_non_exhaustive()
    }
}
