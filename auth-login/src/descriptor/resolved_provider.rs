//! Holds a descriptor with all placeholders filled in and all addresses checked: [`ResolvedProvider`].

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use super::{
    Call, Descriptor, DescriptorError, Endpoints, Issuer, Logout, Status, UserInfo, placeholders::Filled,
};

/// The placeholder that a request fills in.
pub(super) const ACCESS_TOKEN: &str = "access_token";

/// A provider that is ready for log-ins: every address is absolute and secure.
#[derive(Clone, Debug)]
pub struct ResolvedProvider {
    descriptor: Descriptor,
    issuer: String,
    discovery: Option<String>,
    endpoints: ResolvedEndpoints,
    calls: Vec<ResolvedCall>,
    refresh: Option<Url>,
    revocation: Option<Url>,
    logout: Option<Url>,
    api: Option<Url>,
    tenants: Vec<String>,
    filled: Filled,
}

/// The endpoints of a resolved provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResolvedEndpoints {
    /// In the metadata of [`discovery_issuer`](ResolvedProvider::discovery_issuer).
    Discovered,
    /// Those of RFC 6749.
    OAuth2 {
        /// The authorization endpoint.
        authorization: Url,
        /// The token endpoint.
        token: Url,
    },
    /// Those of RFC 5849.
    OAuth1 {
        /// Where temporary credentials are requested.
        request: Url,
        /// Where the user authorizes.
        authorization: Url,
        /// Where the token is requested.
        token: Url,
    },
}

/// A [`Call`] with its address filled in but for the access token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolvedCall {
    /// The call.
    pub call: Call,
    /// The address; it may hold `{access_token}`.
    pub address: String,
}

impl Descriptor {
    /// Returns the names of the placeholders that the application must give a value.
    pub(crate) fn missing_values(&self) -> impl Iterator<Item = &'static str> {
        self.placeholders
            .iter()
            .filter(|placeholder| placeholder.default.is_empty())
            .map(|placeholder| placeholder.name)
    }

    /// Fills in the placeholders and checks the descriptor.
    ///
    /// # Errors
    ///
    /// Fails if
    ///
    /// - the provider is [dead](Status::Dead); the text names the successor;
    /// - the descriptor has a [problem](Self::problem);
    /// - a value is missing, unknown or does not fit its placeholder;
    /// - an address is not secure.
    pub fn resolve(&self, values: &[(&str, &str)]) -> Result<ResolvedProvider, DescriptorError> {
        if let Status::Dead(sentence) = self.status {
            return Err(DescriptorError::dead(self.id, sentence));
        }
        if let Some(problem) = self.problem() {
            return Err(DescriptorError::problem(self.id, problem));
        }
        let filled = Filled::new(self.id, self.placeholders, values)?;
        let address = |template: &str| self.address(&filled.fill(template)?);
        let optional = |template: Option<&str>| template.map(address).transpose();
        let endpoints = match self.endpoints {
            Endpoints::Discovered => ResolvedEndpoints::Discovered,
            Endpoints::OAuth2 { authorization, token } => {
                ResolvedEndpoints::OAuth2 { authorization: address(authorization)?, token: address(token)? }
            }
            Endpoints::OAuth1 { request, authorization, token } => ResolvedEndpoints::OAuth1 {
                request: address(request)?,
                authorization: address(authorization)?,
                token: address(token)?,
            },
        };
        let (issuer, metadata) = match self.issuer {
            Issuer::Exact(text) => (filled.fill(text)?, Some(text)),
            Issuer::PerTenant { metadata, pattern, .. } => (pattern.to_owned(), Some(metadata)),
            Issuer::Namespace(text) => (filled.fill(text)?, None),
        };
        let discovery = match endpoints {
            ResolvedEndpoints::Discovered => metadata.map(|text| filled.fill(text)).transpose()?,
            _ => None,
        };
        if let Some(issuer) = &discovery {
            self.address(issuer)?;
        }
        let logout = match self.logout {
            Logout::Address { address, .. } => Some(address),
            Logout::Discovered | Logout::None => None,
        };
        Ok(ResolvedProvider {
            descriptor: *self,
            issuer,
            discovery,
            endpoints,
            calls: self.resolve_calls(&filled)?,
            refresh: optional(self.refresh)?,
            revocation: optional(self.revocation)?,
            logout: optional(logout)?,
            api: optional(self.api)?,
            tenants: Vec::new(),
            filled,
        })
    }

    fn resolve_calls(&self, filled: &Filled) -> Result<Vec<ResolvedCall>, DescriptorError> {
        let UserInfo::Calls(calls) = self.user_info else { return Ok(Vec::new()) };
        let resolve = |call: &Call| {
            let address = filled.fill(call.address)?;
            self.address(&address.replace("{access_token}", "token"))?;
            Ok(ResolvedCall { call: *call, address })
        };
        calls.iter().map(resolve).collect()
    }

    /// Reads an address and checks that credentials may be sent to it.
    fn address(&self, text: &str) -> Result<Url, DescriptorError> {
        let insecure = || DescriptorError::problem(self.id, super::Problem::Address);
        let url = Url::parse(text).map_err(|_| insecure())?;
        auth_client::Origin::parse(text).map_err(|_| insecure())?;
        if url.fragment().is_some() { Err(insecure()) } else { Ok(url) }
    }
}

impl ResolvedProvider {
    /// Accepts only these tenants of a provider with one issuer per tenant. The default is all.
    ///
    /// # Security
    ///
    /// Without a list, every user of every tenant may log in: an application for one organization must name
    /// its own.
    #[must_use]
    pub fn with_tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants = tenants.into_iter().map(Into::into).collect();
        self
    }

    /// Returns the descriptor.
    #[must_use]
    pub const fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Returns the issuer that the metadata must name and accounts are named by. With one issuer per tenant,
    /// it holds the marker; the accounts' issuer is then that of [`id_token_issuer`](Self::id_token_issuer).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the issuer that the callback's `iss` must equal if it comes (RFC 9207); `None` if there is
    /// nothing to compare with.
    #[must_use]
    pub fn callback_issuer(&self) -> Option<&str> {
        matches!(self.descriptor.issuer, Issuer::Exact(_)).then_some(self.issuer.as_str())
    }

    /// Returns the issuer whose metadata are read; `None` for a provider that is never discovered.
    #[must_use]
    pub fn discovery_issuer(&self) -> Option<&str> {
        self.discovery.as_deref()
    }

    /// Returns the `iss` that an `id_token` with these claims must have; `None` if no issuer is right, as for
    /// a tenant that is not on the list.
    #[must_use]
    pub fn id_token_issuer(&self, claims: &Value) -> Option<Cow<'_, str>> {
        match self.descriptor.issuer {
            Issuer::Exact(_) => Some(Cow::Borrowed(&self.issuer)),
            Issuer::PerTenant { pattern, marker, claim, .. } => {
                let tenant = claims.get(claim)?.as_str().filter(|tenant| is_tenant(tenant))?;
                let is_listed = self.tenants.is_empty() || self.tenants.iter().any(|one| one == tenant);
                is_listed.then(|| Cow::Owned(pattern.replace(marker, tenant)))
            }
            Issuer::Namespace(_) => None,
        }
    }

    /// Returns the endpoints.
    #[must_use]
    pub const fn endpoints(&self) -> &ResolvedEndpoints {
        &self.endpoints
    }

    /// Returns the requests that bring the profile.
    #[must_use]
    pub fn calls(&self) -> &[ResolvedCall] {
        &self.calls
    }

    /// Returns where refresh tokens are redeemed, if the descriptor names another place than the token endpoint.
    #[must_use]
    pub const fn refresh(&self) -> Option<&Url> {
        self.refresh.as_ref()
    }

    /// Returns the revocation endpoint that the descriptor names.
    #[must_use]
    pub const fn revocation(&self) -> Option<&Url> {
        self.revocation.as_ref()
    }

    /// Returns where a user logs out at a provider whose log-out has a form of its own
    /// ([`Logout::Address`]), with the client's id and the address to return to.
    #[must_use]
    pub fn logout(&self, client_id: &str, return_to: &str) -> Option<Url> {
        let Logout::Address { client_id: client, return_to: target, .. } = self.descriptor.logout else {
            return None;
        };
        let mut url = self.logout.clone()?;
        url.query_pairs_mut().append_pair(client, client_id).append_pair(target, return_to);
        Some(url)
    }

    /// Returns the base address of the provider's API.
    #[must_use]
    pub const fn api(&self) -> Option<&Url> {
        self.api.as_ref()
    }

    /// Returns what stands for a placeholder.
    #[must_use]
    pub fn placeholder(&self, name: &str) -> Option<&str> {
        self.filled.value(name)
    }
}

/// True for characters that cannot turn one issuer into another.
fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
