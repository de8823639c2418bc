//! Where a provider's endpoints are.

use url::Url;

use crate::{Error, HttpClient, origin};

/// The addresses of an OAuth 2.0 authorization server. All are `https`, or `http` on a loopback address.
///
/// ```
/// use auth_client::Provider;
///
/// let provider = Provider::new("https://login.example.com/token")?
///     .with_authorization_url("https://login.example.com/authorize")?;
/// # Ok::<(), auth_client::Error>(())
/// ```
///
/// Most providers publish theirs: see [`discover`](Self::discover).
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) issuer: Option<String>,
    pub(crate) token: Url,
    /// The token endpoint as it was written: what a signed assertion names as its audience, byte for byte.
    #[cfg_attr(
        not(feature = "jwt"),
        expect(dead_code, reason = "assertions are signed with the feature `jwt`")
    )]
    pub(crate) token_text: String,
    pub(crate) authorization: Option<Url>,
    pub(crate) device: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) revocation: Option<Url>,
    /// The provider says that it adds `iss` to its answers (RFC 9207).
    pub(crate) names_itself: bool,
    /// The provider publishes a list of PKCE methods without S256.
    pub(crate) lacks_s256: bool,
}

/// Reads the address of an endpoint.
pub(super) fn endpoint(what: &str, address: &str) -> Result<Url, Error> {
    let url = Url::parse(address).map_err(|error| {
        Error::configuration(format!("the {what} endpoint's address is none")).with_source(error)
    })?;
    origin::check_secure(&url)?;
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(Error::configuration(format!(
            "the {what} endpoint's address must have no fragment, no name and no password"
        )));
    }
    Ok(url)
}

impl Provider {
    /// Returns a provider with a token endpoint (RFC 6749 section 3.2) and no other.
    ///
    /// # Errors
    ///
    /// What is no address, or not a safe one.
    pub fn new(token_url: &str) -> Result<Self, Error> {
        Ok(Self {
            issuer: None,
            token: endpoint("token", token_url)?,
            token_text: token_url.to_owned(),
            authorization: None,
            device: None,
            introspection: None,
            revocation: None,
            names_itself: false,
            lacks_s256: false,
        })
    }

    /// Asks the issuer for its endpoints: at the address of RFC 8414, and where there are no metadata of this issuer, at that of
    /// `OpenID` Connect Discovery.
    ///
    /// Any other answer of the first address leads to the second: a status other than 200, HTML, an empty object, another
    /// issuer. Optional members of a wrong type are left out.
    ///
    /// # Errors
    ///
    /// Neither address has metadata of this issuer (compared byte by byte) whose endpoints have safe addresses. The text names
    /// each address with its status.
    pub async fn discover(issuer: &str, http: &dyn HttpClient) -> Result<Self, Error> {
        super::discovery::discover(issuer, http).await
    }

    /// Names the issuer. Answers that name another one (RFC 9207), and `id_token`s of another one, are refused.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets where users log in (RFC 6749 section 3.1).
    ///
    /// # Errors
    ///
    /// What is no address, or not a safe one.
    pub fn with_authorization_url(mut self, address: &str) -> Result<Self, Error> {
        self.authorization = Some(endpoint("authorization", address)?);
        Ok(self)
    }

    /// Sets where devices ask for codes (RFC 8628).
    ///
    /// # Errors
    ///
    /// What is no address, or not a safe one.
    pub fn with_device_authorization_url(mut self, address: &str) -> Result<Self, Error> {
        self.device = Some(endpoint("device authorization", address)?);
        Ok(self)
    }

    /// Sets where tokens are looked into (RFC 7662).
    ///
    /// # Errors
    ///
    /// What is no address, or not a safe one.
    pub fn with_introspection_url(mut self, address: &str) -> Result<Self, Error> {
        self.introspection = Some(endpoint("introspection", address)?);
        Ok(self)
    }

    /// Sets where tokens are revoked (RFC 7009).
    ///
    /// # Errors
    ///
    /// What is no address, or not a safe one.
    pub fn with_revocation_url(mut self, address: &str) -> Result<Self, Error> {
        self.revocation = Some(endpoint("revocation", address)?);
        Ok(self)
    }

    /// Returns the issuer's name.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> &Url {
        &self.token
    }

    /// Returns the authorization endpoint.
    #[must_use]
    pub fn authorization_url(&self) -> Option<&Url> {
        self.authorization.as_ref()
    }

    /// What tells this provider from others.
    pub(crate) fn name(&self) -> &str {
        self.issuer.as_deref().unwrap_or(self.token.as_str())
    }
}
