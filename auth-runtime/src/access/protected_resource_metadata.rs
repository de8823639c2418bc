//! Publishes how clients obtain a token, as protected resource metadata (RFC 9728).

use std::{collections::BTreeSet, error::Error, fmt};

use serde::Serialize;

use super::{AccessTable, guard_metadata::GuardMetadata, route_metadata::RouteMetadata};
use crate::identity::SupportedBindings;

/// Metadata of a protected resource (RFC 9728, section 2).
#[derive(Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_servers: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    scopes_supported: BTreeSet<String>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tls_client_certificate_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    dpop_signing_alg_values_supported: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dpop_bound_access_tokens_required: bool,
}

/// The address is not valid for a protected resource or an authorization server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidResource(());

impl fmt::Display for InvalidResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not one of https, without spaces and without a fragment")
    }
}

impl Error for InvalidResource {}

impl AccessTable {
    /// Returns the metadata of a protected resource (RFC 9728, section 2) as JSON. `resource` is its address.
    /// The scopes are those that the guards of its routes name, and the [conditions](crate::conditions) of their rules, in
    /// alphabetical order.
    ///
    /// Serve it as `application/json` at `/.well-known/oauth-protected-resource`, followed by the path of the
    /// resource if it has one. Announce that address with `BearerJwt::with_resource_metadata`. It declares
    /// that tokens are accepted in the header only.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{guarded::{get, Router}, scope_required};
    ///
    /// #[scope_required("articles:read")]
    /// async fn articles() {}
    ///
    /// let routes: Router = Router::new().route("/articles", get(articles));
    /// let json = routes.access().protected_resource("https://api.example", ["https://issuer.example"])?;
    /// assert!(json.contains(r#""scopes_supported":["articles:read"]"#));
    /// # Ok::<(), auth_runtime::access::InvalidResource>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if `resource` or an authorization server is not an https address without a fragment (RFC 9728,
    /// sections 1.2 and 2; RFC 8414, section 2).
    pub fn protected_resource<'a>(
        &self,
        resource: &'a str,
        authorization_servers: impl IntoIterator<Item = &'a str>,
    ) -> Result<String, InvalidResource> {
        self.protected_resource_with_bindings(resource, authorization_servers, &SupportedBindings::default())
    }

    /// Returns the metadata as [`protected_resource`](Self::protected_resource) does, and says to which keys of clients
    /// tokens may be bound, by `DPoP` or a client certificate.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{auth_required, guarded::{get, Router}};
    /// use auth_runtime::jwt::{BearerJwt, Dpop, MemoryReplayCache, VerifyingKey};
    ///
    /// #[auth_required]
    /// async fn me() {}
    ///
    /// # fn example(key: VerifyingKey) -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = BearerJwt::new(key)
    ///     .with_dpop(Dpop::new("https://api.example", MemoryReplayCache::new())?)
    ///     .with_bound_tokens_only();
    /// let routes: Router = Router::new().route("/me", get(me));
    /// let servers = ["https://issuer.example"];
    /// let bindings = policy.supported_bindings();
    /// let json = routes.access().protected_resource_with_bindings("https://api.example", servers, &bindings)?;
    /// assert!(json.contains(r#""dpop_bound_access_tokens_required":true"#));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as [`protected_resource`](Self::protected_resource) does.
    pub fn protected_resource_with_bindings<'a>(
        &self,
        resource: &'a str,
        authorization_servers: impl IntoIterator<Item = &'a str>,
        bindings: &SupportedBindings,
    ) -> Result<String, InvalidResource> {
        let authorization_servers: Vec<&str> = authorization_servers.into_iter().collect();
        let mut addresses = authorization_servers.iter().copied().chain([resource]);
        if !addresses.all(is_address) {
            return Err(InvalidResource(()));
        }
        let guards = self.rows().iter().flat_map(|row| RouteMetadata::guards(row.route()));
        let of_conditions =
            |guard: &GuardMetadata| guard.scopes_of_conditions().into_iter().map(str::to_owned);
        let scopes = guards.flat_map(|guard| guard.scope_names().into_iter().chain(of_conditions(guard)));
        let metadata = Metadata {
            resource,
            authorization_servers,
            scopes_supported: scopes.collect(),
            bearer_methods_supported: ["header"],
            tls_client_certificate_bound_access_tokens: bindings.has_certificates(),
            dpop_signing_alg_values_supported: bindings.dpop_algorithms(),
            dpop_bound_access_tokens_required: bindings.requires_dpop(),
        };
        serde_json::to_string(&metadata).map_err(|_| InvalidResource(()))
    }
}

fn is_address(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.bytes().all(is_plain) && !rest.is_empty() && !rest.starts_with(['/', '?', ':'])
    })
}
