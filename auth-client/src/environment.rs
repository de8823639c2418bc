//! What all grants need of the world: a way to send, the time, and how this provider spells things.

use std::{fmt, sync::Arc};

use crate::{
    Error, HttpClient, TokenFormat, Transport,
    clock::{Clock, SystemClock},
};

/// What a grant needs of the world: a way to send, the time, how the provider's tokens look, the service's name.
#[derive(Clone)]
#[must_use]
pub struct Environment {
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) format: TokenFormat,
    pub(crate) service: Arc<str>,
}

impl Environment {
    /// Returns the default: a [`Transport`], the machine's clock, tokens as RFC 6750 has them.
    ///
    /// # Errors
    ///
    /// As [`Transport::new`].
    pub fn new() -> Result<Self, Error> {
        Ok(Self::with_http_client(Transport::new()?))
    }

    /// Returns the default with another way to send.
    pub fn with_http_client(http: impl HttpClient + 'static) -> Self {
        Self {
            http: Arc::new(http),
            clock: Arc::new(SystemClock::default()),
            format: TokenFormat::default(),
            service: "unknown service".into(),
        }
    }

    /// Tells the time by another clock.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads and sends tokens in another way.
    pub fn with_format(mut self, format: TokenFormat) -> Self {
        self.format = format;
        self
    }

    /// Names the service in messages. The default is `unknown service`.
    pub fn with_service_name(mut self, name: &str) -> Self {
        self.service = name.into();
        self
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("service", &self.service)
            .field("format", &self.format)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
