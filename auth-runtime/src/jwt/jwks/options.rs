//! Which issuer, and with which limits.

use std::{sync::Arc, time::Duration};

use reqwest::Certificate;

use super::{
    JwksError, JwksErrorKind, RemoteJwks, fetch,
    locate::Address,
    reach::Reach,
    remote::Settings,
    schedule::{MIN_LIFETIME, Times},
};
use crate::jwt::{
    Algorithm,
    algorithm::Family,
    key::{Import, pem},
};

/// How long keys may be used at most after an issuer stopped answering.
const MAX_STALE: Duration = Duration::from_hours(24);

impl RemoteJwks {
    /// Takes the address of a JWK set.
    ///
    /// # Errors
    ///
    /// Fails when it is no `https` address, or has a user or a fragment.
    pub fn new(url: &str) -> Result<Self, JwksError> {
        Self::at(Address::keys(url, Reach::Any)?, Reach::Any)
    }

    /// Takes an issuer, whose metadata say where its keys are.
    ///
    /// The metadata are looked for at `/.well-known/openid-configuration` (`OpenID` Connect Discovery) and then at
    /// `/.well-known/oauth-authorization-server` (RFC 8414). The `issuer` in them must be this one, letter by letter,
    /// and the `jwks_uri` an `https` address.
    ///
    /// # Errors
    ///
    /// Fails when the issuer is no `https` address, or has a user, a query or a fragment.
    pub fn discover(issuer: &str) -> Result<Self, JwksError> {
        Self::at(Address::issuer(issuer, Reach::Any)?, Reach::Any)
    }

    /// Takes the address of a JWK set on this machine, which may be `http`; for tests and examples.
    ///
    /// # Errors
    ///
    /// Fails as [`new`](Self::new) does, and on `http` addresses of other machines.
    pub fn insecure_loopback(url: &str) -> Result<Self, JwksError> {
        Self::at(Address::keys(url, Reach::Loopback)?, Reach::Loopback)
    }

    /// Takes an issuer on this machine, which may be `http`, as its `jwks_uri` may; for tests and examples.
    ///
    /// # Errors
    ///
    /// Fails as [`discover`](Self::discover) does, and on `http` addresses of other machines.
    pub fn insecure_loopback_discover(issuer: &str) -> Result<Self, JwksError> {
        Self::at(Address::issuer(issuer, Reach::Loopback)?, Reach::Loopback)
    }

    fn at(address: Address, reach: Reach) -> Result<Self, JwksError> {
        let settings = Settings {
            address: Arc::new(address),
            clients: fetch::Clients::new(&[], reach)?,
            roots: Vec::new(),
            reach,
            times: Times::default(),
            import: Import::default(),
        };
        Ok(Self { settings, shared: Arc::default() })
    }

    /// Trusts a further certificate authority, one in PEM (`BEGIN CERTIFICATE`); for issuers inside a company.
    ///
    /// # Errors
    ///
    /// Fails when the text is no certificate.
    pub fn with_root_certificate(mut self, pem: impl AsRef<[u8]>) -> Result<Self, JwksError> {
        let refused = || JwksError::new(JwksErrorKind::Address, "the root certificate is no PEM certificate");
        let (_, der) =
            pem::decode(pem.as_ref(), &["CERTIFICATE"]).map_err(|error| refused().because(error))?;
        let root = Certificate::from_der(&der).map_err(|error| refused().because(error))?;
        self.settings.roots.push(root);
        self.settings.clients = fetch::Clients::new(&self.settings.roots, self.settings.reach)?;
        Ok(self)
    }

    /// Connects to addresses of the public internet only; for issuers that somebody else chooses, such as a customer.
    ///
    /// Loopback, private, shared, link-local and unique local addresses are refused, and all others that are reserved, also
    /// inside IPv6 addresses. A name is looked up once per connection, and the connection is made to what was checked. No
    /// proxy is used, since it would look names up by itself.
    ///
    /// The default is to connect to any address: the application names its issuer itself, identity providers inside a
    /// company have private addresses, and whoever answers must show a certificate for the name before anything is asked.
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
    /// Fails when the address is an IP address that is not public, and when this machine was meant. A name without a public
    /// address is an issuer that does not answer, with an event that says why.
    pub fn with_public_addresses_only(mut self) -> Result<Self, JwksError> {
        if self.settings.reach == Reach::Loopback {
            return Err(JwksError::new(JwksErrorKind::Address, "this machine is not of the public internet"));
        }
        self.settings.address.check_public()?;
        self.settings.clients = fetch::Clients::new(&self.settings.roots, Reach::Public)?;
        self.settings.reach = Reach::Public;
        // What a copy has fetched from anywhere does not count.
        self.shared = Arc::default();
        Ok(self)
    }

    /// Limits how long keys are used without being fetched again; an hour by default, a minute at least.
    ///
    /// A key that the issuer withdraws is refused after this time at the latest, if the issuer answers.
    #[must_use]
    pub fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.times.max_lifetime = lifetime.max(MIN_LIFETIME);
        self
    }

    /// Limits how long keys are used beyond their lifetime while the issuer does not answer; 24 hours by default and at most.
    #[must_use]
    pub fn with_stale_limit(mut self, limit: Duration) -> Self {
        self.settings.times.stale_limit = limit.min(MAX_STALE);
        self
    }

    /// Sets the least time between two fetches for names that are not known; 30 seconds by default, one at least.
    #[must_use]
    pub fn with_cool_down(mut self, pause: Duration) -> Self {
        self.settings.times.cool_down = pause.max(Duration::from_secs(1));
        self
    }

    /// Sets how long a fetch may take, metadata included, and a request wait for it; five seconds by default.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.settings.times.deadline = deadline;
        self
    }

    /// Sets the algorithm of RSA keys that name none; RS256 by default.
    ///
    /// # Panics
    ///
    /// Panics when it is no algorithm of RSA keys.
    #[must_use]
    pub fn with_rsa_algorithm(mut self, algorithm: Algorithm) -> Self {
        assert!(algorithm.family() == Family::Rsa, "{algorithm} is no algorithm of RSA keys");
        self.settings.import.rsa = algorithm;
        self
    }
}
