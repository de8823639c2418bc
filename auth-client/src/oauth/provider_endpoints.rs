//! Defines [`Provider`], the endpoints of an authorization server.

use url::Url;

use crate::{Error, HttpClient, origin};

/// The endpoints of an OAuth 2.0 authorization server. All are `https`, or `http` on a loopback address.
///
/// ```
/// use auth_client::Provider;
///
/// let provider = Provider::new("https://login.example.com/token")?
///     .with_authorization_url("https://login.example.com/authorize")?;
/// # Ok::<(), auth_client::Error>(())
/// ```
///
/// Most servers publish their metadata: see [`discover`](Self::discover).
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) issuer: Option<String>,
    pub(crate) token: Url,
    /// The token endpoint as written: the audience of a client assertion, byte for byte.
    #[cfg_attr(
        not(feature = "jwt"),
        expect(dead_code, reason = "assertions are signed with the feature `jwt`")
    )]
    pub(crate) token_text: String,
    /// Where refresh tokens are redeemed, if not at the token endpoint.
    pub(crate) refresh: Option<Url>,
    pub(crate) authorization: Option<Url>,
    pub(crate) device: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) revocation: Option<Url>,
    pub(crate) userinfo: Option<Url>,
    pub(crate) jwks: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) pushed_authorization: Option<Url>,
    /// The provider accepts pushed authorization requests only (RFC 9126).
    pub(crate) requires_pushed: bool,
    /// The server adds `iss` to its responses (RFC 9207).
    pub(crate) names_itself: bool,
    /// The server publishes PKCE methods without S256.
    pub(crate) lacks_s256: bool,
}

/// Parses the address of an endpoint.
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
    /// Creates a provider with a token endpoint (RFC 6749 section 3.2) only.
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn new(token_url: &str) -> Result<Self, Error> {
        Ok(Self {
            issuer: None,
            token: endpoint("token", token_url)?,
            token_text: token_url.to_owned(),
            refresh: None,
            authorization: None,
            device: None,
            introspection: None,
            revocation: None,
            userinfo: None,
            jwks: None,
            end_session: None,
            pushed_authorization: None,
            requires_pushed: false,
            names_itself: false,
            lacks_s256: false,
        })
    }

    /// Discovers the endpoints of an issuer: at the address of RFC 8414 and, if there are no metadata of this
    /// issuer, at that of `OpenID` Connect Discovery.
    ///
    /// Any other response of the first address leads to the second: a status other than 200, HTML, an empty
    /// object, another issuer. Optional members of a wrong type are omitted.
    ///
    /// # Errors
    ///
    /// Fails if neither address has metadata of this issuer (compared byte by byte) with safe endpoints. The
    /// message names each address and its status.
    pub async fn discover(issuer: &str, http: &dyn HttpClient) -> Result<Self, Error> {
        super::discovery::discover(issuer, http).await
    }

    /// Asks an `OpenID` provider for its endpoints, at the address of `OpenID` Connect Discovery section 4
    /// alone: metadata at the address of RFC 8414 may lack the userinfo endpoint and the keys.
    ///
    /// `location` is where the metadata are, without the well-known part. `issuer` is the name that they must
    /// have, byte by byte: for all providers but those that serve several tenants it is the same text.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub async fn discover_openid(location: &str, issuer: &str, http: &dyn HttpClient) -> Result<Self, Error> {
        super::discovery::discover_openid(location, issuer, http).await
    }

    /// Sets the issuer. Responses that name another issuer (RFC 9207, mix-up attack) and its `id_token`s are
    /// rejected.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the authorization endpoint (RFC 6749 section 3.1).
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn with_authorization_url(mut self, address: &str) -> Result<Self, Error> {
        self.authorization = Some(endpoint("authorization", address)?);
        Ok(self)
    }

    /// Sets where refresh tokens are redeemed, for the few providers with an endpoint of its own for it. The
    /// default is the token endpoint (RFC 6749 section 6).
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn with_refresh_url(mut self, address: &str) -> Result<Self, Error> {
        self.refresh = Some(endpoint("refresh", address)?);
        Ok(self)
    }

    /// Sets the device authorization endpoint (RFC 8628).
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn with_device_authorization_url(mut self, address: &str) -> Result<Self, Error> {
        self.device = Some(endpoint("device authorization", address)?);
        Ok(self)
    }

    /// Sets the introspection endpoint (RFC 7662).
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn with_introspection_url(mut self, address: &str) -> Result<Self, Error> {
        self.introspection = Some(endpoint("introspection", address)?);
        Ok(self)
    }

    /// Sets the revocation endpoint (RFC 7009).
    ///
    /// # Errors
    ///
    /// Fails if the address is not valid or not safe.
    pub fn with_revocation_url(mut self, address: &str) -> Result<Self, Error> {
        self.revocation = Some(endpoint("revocation", address)?);
        Ok(self)
    }

    /// Returns the issuer.
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

    /// Returns where claims about the user are (`OpenID` Connect Core section 5.3), if the provider publishes
    /// it.
    #[must_use]
    pub fn userinfo_url(&self) -> Option<&Url> {
        self.userinfo.as_ref()
    }

    /// Returns where the provider's public keys are (RFC 7517), if it publishes them.
    #[must_use]
    pub fn jwks_url(&self) -> Option<&Url> {
        self.jwks.as_ref()
    }

    /// Returns where users log out at the provider (`OpenID` Connect RP-Initiated Logout section 2), if it
    /// publishes it.
    #[must_use]
    pub fn end_session_url(&self) -> Option<&Url> {
        self.end_session.as_ref()
    }

    /// Returns where authorization requests are pushed (RFC 9126 section 5), if the provider publishes it.
    #[must_use]
    pub fn pushed_authorization_url(&self) -> Option<&Url> {
        self.pushed_authorization.as_ref()
    }

    /// Returns whether the provider accepts pushed authorization requests only (RFC 9126 section 5).
    #[must_use]
    pub fn requires_pushed_authorization(&self) -> bool {
        self.requires_pushed
    }

    /// Returns whether the provider announces that its authorization responses have `iss` (RFC 9207 section
    /// 3).
    #[must_use]
    pub fn announces_issuer(&self) -> bool {
        self.names_itself
    }

    /// Returns whether the provider publishes a list of PKCE methods without S256 (RFC 8414 section 2).
    #[must_use]
    pub fn lacks_s256(&self) -> bool {
        self.lacks_s256
    }

    /// Returns the name that separates this server from others in store keys.
    pub(crate) fn name(&self) -> &str {
        self.issuer.as_deref().unwrap_or(self.token.as_str())
    }
}
