//! Metadata of authorization servers (RFC 8414), and of `OpenID` providers.

use http::{Request, Response, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::provider::{Provider, endpoint};
use crate::{Error, HttpClient, json, origin};

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    authorization_endpoint: Option<String>,
    #[serde(default)]
    device_authorization_endpoint: Option<String>,
    #[serde(default)]
    introspection_endpoint: Option<String>,
    #[serde(default)]
    revocation_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

pub(super) async fn discover(issuer: &str, http: &dyn HttpClient) -> Result<Provider, Error> {
    let url = Url::parse(issuer)
        .map_err(|error| Error::configuration("an issuer must be an address").with_source(error))?;
    origin::check_secure(&url)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::configuration("an issuer must have no query and no fragment"));
    }
    let mut answer = None;
    for address in addresses(&url) {
        let found = fetch(&address, http).await?;
        let status = found.status();
        answer = Some(found);
        if status != StatusCode::NOT_FOUND {
            break;
        }
    }
    let answer = answer.ok_or_else(|| Error::protocol("the issuer publishes nothing"))?;
    if answer.status() != StatusCode::OK {
        let message = format!("the issuer answers {} when it is asked for its endpoints", answer.status());
        let error = if answer.status().is_server_error() {
            Error::transport(message)
        } else {
            Error::protocol(message)
        };
        return Err(error.with_status(answer.status()));
    }
    let metadata: Metadata = json::object(answer.body()).map_err(|error| {
        Error::protocol("what the issuer publishes is not what RFC 8414 asks for").with_source(error)
    })?;
    provider(issuer, &metadata)
}

/// The well-known part goes before the issuer's path for RFC 8414, behind it for `OpenID` Connect.
fn addresses(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/').to_owned();
    let at = |path: &str| {
        let mut url = issuer.clone();
        url.set_path(path);
        url
    };
    [
        at(&format!("/.well-known/oauth-authorization-server{path}")),
        at(&format!("{path}/.well-known/openid-configuration")),
    ]
}

async fn fetch(address: &Url, http: &dyn HttpClient) -> Result<Response<Vec<u8>>, Error> {
    let request = Request::get(address.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|error| Error::configuration("the issuer's address makes no request").with_source(error))?;
    http.send(request).await
}

fn provider(issuer: &str, metadata: &Metadata) -> Result<Provider, Error> {
    // Byte by byte (RFC 8414 section 3.3): one who answers for another is an impostor.
    if metadata.issuer != issuer {
        return Err(Error::protocol("the endpoints are those of another issuer"));
    }
    let unsafe_one = |error: Error| {
        Error::protocol("the issuer publishes an endpoint that is not safe").with_source(error)
    };
    let optional = |what, address: &Option<String>| {
        address.as_deref().map(|address| endpoint(what, address)).transpose().map_err(unsafe_one)
    };
    Ok(Provider {
        issuer: Some(issuer.to_owned()),
        token: endpoint("token", &metadata.token_endpoint).map_err(unsafe_one)?,
        authorization: optional("authorization", &metadata.authorization_endpoint)?,
        device: optional("device authorization", &metadata.device_authorization_endpoint)?,
        introspection: optional("introspection", &metadata.introspection_endpoint)?,
        revocation: optional("revocation", &metadata.revocation_endpoint)?,
        names_itself: metadata.authorization_response_iss_parameter_supported,
        lacks_s256: metadata
            .code_challenge_methods_supported
            .as_ref()
            .is_some_and(|methods| !methods.iter().any(|method| method == "S256")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    async fn ask(issuer: &str, metadata: serde_json::Value) -> Result<Provider, Error> {
        let http = move |_| {
            let body = metadata.to_string().into_bytes();
            async move { Ok(Response::new(body)) }
        };
        discover(issuer, &http).await
    }

    #[tokio::test]
    async fn the_endpoints_are_found() {
        let provider = ask(
            "https://login.example.com/tenant",
            json!({
                "issuer": "https://login.example.com/tenant",
                "token_endpoint": "https://login.example.com/t",
                "revocation_endpoint": "https://login.example.com/r",
                "code_challenge_methods_supported": ["plain"],
            }),
        )
        .await
        .unwrap();
        assert_eq!(provider.issuer(), Some("https://login.example.com/tenant"));
        assert_eq!(provider.token_url().as_str(), "https://login.example.com/t");
        assert!(provider.revocation.is_some() && provider.authorization.is_none());
        assert!(provider.lacks_s256 && !provider.names_itself);
    }

    #[test]
    fn both_well_known_addresses_are_asked() {
        let found = addresses(&Url::parse("https://a.example/tenant/").unwrap()).map(String::from);
        assert_eq!(
            found,
            [
                "https://a.example/.well-known/oauth-authorization-server/tenant",
                "https://a.example/tenant/.well-known/openid-configuration"
            ]
        );
    }

    // OA6: ten issuers that are nearly the right one.
    #[tokio::test]
    async fn an_impostor_is_refused() {
        for other in [
            "https://login.example.com/",
            "https://login.example.com:443",
            "https://LOGIN.example.com",
            "https://login.example.com.evil.org",
            "https://evil.org",
            "http://login.example.com",
            "https://login.example.com/a",
            "https://login.example.com?",
            " https://login.example.com",
            "",
        ] {
            let metadata = json!({"issuer": other, "token_endpoint": "https://login.example.com/t"});
            let error = ask("https://login.example.com", metadata).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{other:?}");
        }
    }

    // CL1
    #[tokio::test]
    async fn endpoints_without_encryption_are_refused() {
        for name in ["token_endpoint", "authorization_endpoint", "revocation_endpoint"] {
            let mut metadata =
                json!({"issuer": "https://a.example", "token_endpoint": "https://a.example/t"});
            metadata[name] = json!("http://a.example/x");
            assert_eq!(
                ask("https://a.example", metadata).await.unwrap_err().kind(),
                ErrorKind::Protocol,
                "{name}"
            );
        }
        assert_eq!(ask("http://a.example", json!({})).await.unwrap_err().kind(), ErrorKind::Configuration);
        assert_eq!(ask("https://a.example?x", json!({})).await.unwrap_err().kind(), ErrorKind::Configuration);
    }
}
