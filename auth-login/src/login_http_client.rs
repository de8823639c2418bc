//! Builds the HTTP client of a [`Login`], with its timeout and root certificates.

use std::{sync::Arc, time::Duration};

use auth_client::{HttpClient, Transport, TransportBuilder};

use crate::{Login, LoginError};

/// How long one request to a provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Login {
    /// Trusts one more root certificate, such as a company's own, in PEM.
    pub fn with_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sends requests to the provider in another way, all but those for its keys. The default is a
    /// [`Transport`] with a timeout of 10 seconds.
    pub fn with_http_client(mut self, http: impl HttpClient + 'static) -> Self {
        self.http = Some(Arc::new(http));
        self
    }

    /// Returns what sends requests to the provider's endpoints.
    pub(crate) fn transport(&self) -> Result<Arc<dyn HttpClient>, LoginError> {
        self.transport_from(Transport::builder())
    }

    /// Returns what sends requests to the provider, with the limits of the builder but for the timeout.
    pub(crate) fn transport_from(
        &self,
        builder: TransportBuilder,
    ) -> Result<Arc<dyn HttpClient>, LoginError> {
        if let Some(http) = &self.http {
            return Ok(Arc::clone(http));
        }
        let mut builder = builder.with_timeout(TIMEOUT);
        for pem in &self.roots {
            builder = builder.with_root_certificate(pem)?;
        }
        Ok(Arc::new(builder.build()?))
    }
}
