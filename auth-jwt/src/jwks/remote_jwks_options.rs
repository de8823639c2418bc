//! Constructs [`RemoteJwks`], and sets its options.

use std::{sync::Arc, time::Duration};

use reqwest::Certificate;

use super::{
    JwksError, JwksErrorKind, RemoteJwks,
    address_filter::AddressFilter,
    fetch_document,
    fetch_schedule::{MIN_LIFETIME, Times},
    locate_keys::Address,
    remote_jwks::Settings,
};
use crate::{
    Algorithm,
    algorithm::Family,
    key::{Import, pem},
};

/// How long keys may be used at most after an issuer has stopped responding.
const MAX_STALE: Duration = Duration::from_hours(24);

impl RemoteJwks {
    /// Fetches keys from the address of a JWK set.
    ///
    /// # Errors
    ///
    /// Fails if it is not an `https` address, or has a user or a fragment.
    pub fn new(url: &str) -> Result<Self, JwksError> {
        Self::at(Address::keys(url, AddressFilter::Any)?, AddressFilter::Any)
    }

    /// Discovers the keys of an issuer by its metadata.
    ///
    /// The metadata are fetched from `/.well-known/openid-configuration` (`OpenID` Connect Discovery) and
    /// then from `/.well-known/oauth-authorization-server` (RFC 8414). Their `issuer` must equal this one
    /// byte by byte (mix-up attack), and their `jwks_uri` must be `https`.
    ///
    /// # Errors
    ///
    /// Fails if the issuer is not an `https` address, or has a user, a query or a fragment.
    pub fn discover(issuer: &str) -> Result<Self, JwksError> {
        Self::at(Address::issuer(issuer, AddressFilter::Any)?, AddressFilter::Any)
    }

    /// Fetches keys from this host, also over `http`; for tests and examples.
    ///
    /// # Errors
    ///
    /// Fails as [`new`](Self::new) does, and for `http` addresses of other hosts.
    pub fn insecure_loopback(url: &str) -> Result<Self, JwksError> {
        Self::at(Address::keys(url, AddressFilter::Loopback)?, AddressFilter::Loopback)
    }

    /// Discovers the keys of an issuer on this host, also over `http`; for tests and examples.
    ///
    /// # Errors
    ///
    /// Fails as [`discover`](Self::discover) does, and for `http` addresses of other hosts.
    pub fn insecure_loopback_discover(issuer: &str) -> Result<Self, JwksError> {
        Self::at(Address::issuer(issuer, AddressFilter::Loopback)?, AddressFilter::Loopback)
    }

    fn at(address: Address, filter: AddressFilter) -> Result<Self, JwksError> {
        let settings = Settings {
            address: Arc::new(address),
            clients: fetch_document::Clients::new(&[], filter)?,
            roots: Vec::new(),
            filter,
            times: Times::default(),
            import: Import::default(),
        };
        Ok(Self { settings, shared: Arc::default() })
    }

    /// Trusts a further certificate authority in PEM (`BEGIN CERTIFICATE`), for issuers inside a company.
    ///
    /// # Errors
    ///
    /// Fails if the text is not a certificate.
    pub fn with_root_certificate(mut self, pem: impl AsRef<[u8]>) -> Result<Self, JwksError> {
        let refused =
            || JwksError::new(JwksErrorKind::Address, "the root certificate is not a PEM certificate");
        let (_, der) =
            pem::decode(pem.as_ref(), &["CERTIFICATE"]).map_err(|error| refused().because(error))?;
        let root = Certificate::from_der(&der).map_err(|error| refused().because(error))?;
        self.settings.roots.push(root);
        self.settings.clients = fetch_document::Clients::new(&self.settings.roots, self.settings.filter)?;
        Ok(self)
    }

    /// Connects to public addresses only (SSRF protection), for issuers that others choose, such as
    /// customers.
    ///
    /// Loopback, private, shared, link-local, unique local and other reserved addresses are rejected, also
    /// inside IPv6 addresses. A name is resolved once per connection, and the connection uses the checked
    /// address (DNS rebinding). No proxy is used, because it would resolve names itself.
    ///
    /// By default all addresses are allowed: the application configures its issuer itself, identity providers
    /// inside a company have private addresses, and the server must have a certificate for the name.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::jwt::RemoteJwks;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let named_by_a_customer = "https://login.customer.example";
    /// let keys = RemoteJwks::discover(named_by_a_customer)?.with_public_addresses_only()?;
    ///
    /// assert!(RemoteJwks::discover("https://10.0.0.1")?.with_public_addresses_only().is_err());
    /// # let _ = keys;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the address is a literal IP address that is not public, or a loopback address. A name without
    /// a public address counts as an issuer that does not respond, and an event has the reason.
    pub fn with_public_addresses_only(mut self) -> Result<Self, JwksError> {
        if self.settings.filter == AddressFilter::Loopback {
            return Err(JwksError::new(JwksErrorKind::Address, "this machine is not of the public internet"));
        }
        self.settings.address.check_public()?;
        self.settings.clients = fetch_document::Clients::new(&self.settings.roots, AddressFilter::Public)?;
        self.settings.filter = AddressFilter::Public;
        // Copies may have fetched from any address; their keys do not count.
        self.shared = Arc::default();
        Ok(self)
    }

    /// Sets how long keys are used without being fetched again; an hour by default, at least a minute.
    ///
    /// A key that the issuer withdraws is rejected after this time at the latest, if the issuer responds.
    #[must_use]
    pub fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.times.max_lifetime = lifetime.max(MIN_LIFETIME);
        self
    }

    /// Sets how long keys are used beyond their lifetime while the issuer does not respond; 24 hours by
    /// default and at most.
    #[must_use]
    pub fn with_stale_limit(mut self, limit: Duration) -> Self {
        self.settings.times.stale_limit = limit.min(MAX_STALE);
        self
    }

    /// Sets the minimum time between two fetches for unknown key ids; 30 seconds by default, at least one.
    /// The first one after a rotation is not delayed by other fetches.
    #[must_use]
    pub fn with_cool_down(mut self, pause: Duration) -> Self {
        self.settings.times.cool_down = pause.max(Duration::from_secs(1));
        self
    }

    /// Sets the timeout of a fetch including metadata, and of a request that waits for it; five seconds by
    /// default.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.settings.times.deadline = deadline;
        self
    }

    /// Sets the algorithm of RSA keys without `alg`; RS256 by default.
    ///
    /// # Panics
    ///
    /// Panics if it is not an algorithm of RSA keys.
    #[must_use]
    pub fn with_rsa_algorithm(mut self, algorithm: Algorithm) -> Self {
        assert!(algorithm.family() == Family::Rsa, "{algorithm} is not an algorithm of RSA keys");
        self.settings.import.rsa = algorithm;
        self
    }
}
