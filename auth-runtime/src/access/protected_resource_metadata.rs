//! Publishes how clients obtain a token, as protected resource metadata (RFC 9728).

use std::{collections::BTreeSet, error::Error, fmt};

use serde::Serialize;

use super::{AccessTable, guard_metadata::GuardMetadata, route_metadata::RouteMetadata};

/// Metadata of a protected resource (RFC 9728, section 2).
#[derive(Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_servers: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    scopes_supported: BTreeSet<String>,
    bearer_methods_supported: [&'static str; 1],
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
    /// The scopes are those that the guards of its routes name, in alphabetical order.
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
        let authorization_servers: Vec<&str> = authorization_servers.into_iter().collect();
        let mut addresses = authorization_servers.iter().copied().chain([resource]);
        if !addresses.all(is_address) {
            return Err(InvalidResource(()));
        }
        let guards = self.rows().iter().flat_map(|row| RouteMetadata::guards(row.route()));
        let metadata = Metadata {
            resource,
            authorization_servers,
            scopes_supported: guards.flat_map(GuardMetadata::scope_names).collect(),
            bearer_methods_supported: ["header"],
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
