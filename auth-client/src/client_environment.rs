//! Defines [`Environment`]: HTTP client, clock and token format, shared by all grants.

use std::{fmt, sync::Arc};

use crate::{
    Error, HttpClient, TokenWireFormat, Transport,
    clock::{Clock, SystemClock},
};

/// The HTTP client, clock, token format and service name that a grant uses.
#[derive(Clone)]
#[must_use]
pub struct Environment {
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) format: TokenWireFormat,
    pub(crate) service: Arc<str>,
}

impl Environment {
    /// Returns the default: a [`Transport`], the system clock, and tokens as in RFC 6750.
    ///
    /// # Errors
    ///
    /// As [`Transport::new`].
    pub fn new() -> Result<Self, Error> {
        Ok(Self::with_http_client(Transport::new()?))
    }

    /// Returns the default with another HTTP client.
    pub fn with_http_client(http: impl HttpClient + 'static) -> Self {
        Self {
            http: Arc::new(http),
            clock: Arc::new(SystemClock::default()),
            format: TokenWireFormat::default(),
            service: "unknown service".into(),
        }
    }

    /// Sets the clock.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets how tokens are read and sent.
    pub fn with_format(mut self, format: TokenWireFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the service name in messages. The default is `unknown service`.
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
