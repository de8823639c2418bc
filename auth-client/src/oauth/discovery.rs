//! Discovers the endpoints of authorization servers (RFC 8414) and `OpenID` Providers.

use std::time::SystemTime;

use http::{Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::provider::{Provider, endpoint};
use crate::{Error, ErrorKind, HttpClient, error::harmless, json, origin, retry_after};

/// Issuer and token endpoint are required. The other members are read one by one, so that an invalid one does
/// not invalidate the rest.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    authorization_endpoint: Value,
    #[serde(default)]
    device_authorization_endpoint: Value,
    #[serde(default)]
    introspection_endpoint: Value,
    #[serde(default)]
    revocation_endpoint: Value,
    #[serde(default)]
    userinfo_endpoint: Value,
    #[serde(default)]
    jwks_uri: Value,
    #[serde(default)]
    end_session_endpoint: Value,
    #[serde(default)]
    pushed_authorization_request_endpoint: Value,
    #[serde(default)]
    require_pushed_authorization_requests: Value,
    #[serde(default)]
    code_challenge_methods_supported: Value,
    #[serde(default)]
    authorization_response_iss_parameter_supported: Value,
}

/// The reason why an address did not yield metadata.
struct Failure {
    /// The reason, shown after the address.
    text: String,
    error: Error,
}

pub(super) async fn discover(issuer: &str, http: &dyn HttpClient) -> Result<Provider, Error> {
    let url = location(issuer)?;
    ask_each(&addresses(&url), issuer, http).await
}

pub(super) async fn discover_openid(
    place: &str,
    issuer: &str,
    http: &dyn HttpClient,
) -> Result<Provider, Error> {
    let [_, openid] = addresses(&location(place)?);
    ask_each(&[openid], issuer, http).await
}

fn location(issuer: &str) -> Result<Url, Error> {
    let url = Url::parse(issuer)
        .map_err(|error| Error::configuration("an issuer must be an address").with_source(error))?;
    origin::check_secure(&url)?;
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(Error::configuration(
            "an issuer must have no query, no fragment, no name and no password",
        ));
    }
    Ok(url)
}

async fn ask_each(addresses: &[Url], issuer: &str, http: &dyn HttpClient) -> Result<Provider, Error> {
    let mut failures = Vec::new();
    for address in addresses {
        match ask(issuer, address, http).await {
            Ok(provider) => return Ok(provider),
            Err(failure) => failures.push((address.clone(), failure)),
        }
    }
    Err(summary(failures))
}

/// Combines the failures of both addresses. If one of the servers is out of order, the error is temporary.
fn summary(failures: Vec<(Url, Failure)>) -> Error {
    let texts: Vec<String> =
        failures.iter().map(|(address, failure)| format!("{address} {}", failure.text)).collect();
    let message = format!("the issuer publishes no usable metadata: {}", texts.join("; "));
    let is_outage = |error: &Error| error.kind() == ErrorKind::Transport;
    let decisive = failures.iter().position(|(_, failure)| is_outage(&failure.error)).unwrap_or_default();
    let Some((_, Failure { error: cause, .. })) = failures.into_iter().nth(decisive) else {
        return Error::protocol(message);
    };
    let error = if is_outage(&cause) { Error::transport(message) } else { Error::protocol(message) };
    let (status, wait) = (cause.status(), cause.retry_after());
    let error = error.with_source(cause).with_retry_after(wait);
    match status {
        Some(status) => error.with_status(status),
        None => error,
    }
}

/// Requests one address. Metadata of another issuer are rejected (mix-up attack), and the next address is
/// tried.
async fn ask(issuer: &str, address: &Url, http: &dyn HttpClient) -> Result<Provider, Failure> {
    let answer = fetch(address, http)
        .await
        .map_err(|error| Failure { text: format!("does not answer ({error})"), error })?;
    let status = answer.status();
    let failed = |more: &str, error: Error| Failure {
        text: format!("answers {status}{more}"),
        error: error.with_status(status),
    };
    if status != StatusCode::OK {
        let message = format!("the address answers {status}");
        let is_outage = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        let error = if is_outage { Error::transport(message) } else { Error::protocol(message) };
        let wait = retry_after::read(answer.headers(), SystemTime::now());
        return Err(failed("", error.with_retry_after(wait)));
    }
    let metadata: Metadata = json::object(answer.body()).map_err(|error| {
        let error = Error::protocol("the answer is not what RFC 8414 asks for").with_source(error);
        failed(" without metadata (RFC 8414)", error)
    })?;
    provider(issuer, &metadata).map_err(|error| failed(&format!(", but {error}"), error))
}

/// Returns both addresses: RFC 8414 puts the well-known part before the issuer's path, `OpenID` Connect puts
/// it after.
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
    // Compare byte by byte (RFC 8414 section 3.3), against impersonation of the issuer.
    if metadata.issuer != issuer {
        return Err(Error::protocol(format!(
            "the metadata are those of another issuer, `{}` instead of `{}`",
            harmless(&metadata.issuer),
            harmless(issuer)
        )));
    }
    let methods = names(&metadata.code_challenge_methods_supported);
    Ok(Provider {
        issuer: Some(issuer.to_owned()),
        token: safe("token", &metadata.token_endpoint)?,
        token_text: metadata.token_endpoint.clone(),
        refresh: None,
        authorization: optional("authorization", &metadata.authorization_endpoint)?,
        device: optional("device authorization", &metadata.device_authorization_endpoint)?,
        introspection: optional("introspection", &metadata.introspection_endpoint)?,
        revocation: optional("revocation", &metadata.revocation_endpoint)?,
        userinfo: optional("userinfo", &metadata.userinfo_endpoint)?,
        jwks: optional("keys", &metadata.jwks_uri)?,
        end_session: optional("end of session", &metadata.end_session_endpoint)?,
        pushed_authorization: optional(
            "pushed authorization",
            &metadata.pushed_authorization_request_endpoint,
        )?,
        requires_pushed: is_true(&metadata.require_pushed_authorization_requests),
        names_itself: is_true(&metadata.authorization_response_iss_parameter_supported),
        lacks_s256: methods.is_some_and(|methods| !methods.contains(&"S256")),
    })
}

/// Reads a flag, which some providers write as a text.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text == "true",
        _ => false,
    }
}

fn safe(what: &str, address: &str) -> Result<Url, Error> {
    endpoint(what, address).map_err(|error| {
        Error::protocol(format!("the {what} endpoint's address is not safe")).with_source(error)
    })
}

/// Parses an optional endpoint. An invalid address is omitted with a warning; an unsafe address is an error,
/// because a client must not connect there.
fn optional(what: &str, value: &Value) -> Result<Option<Url>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if Url::parse(text).is_ok() => safe(what, text).map(Some),
        _ => {
            tracing::warn!(target: "auth_client", endpoint = what,
                "the issuer publishes an endpoint that is not an address; it is left out");
            Ok(None)
        }
    }
}

/// Reads a list of names, or names in one text; other types yield `None`.
fn names(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(values) => Some(values.iter().filter_map(Value::as_str).collect()),
        Value::String(text) if !text.is_empty() => Some(text.split([' ', ',']).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn ask(issuer: &str, metadata: Value) -> Result<Provider, Error> {
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

    /// Responds to the two addresses in turn; status 0 stands for a network error.
    async fn ask_both(answers: [(u16, &'static str); 2]) -> Result<Provider, Error> {
        let http = move |request: Request<Vec<u8>>| {
            let nth = usize::from(request.uri().path().ends_with("openid-configuration"));
            let (status, body) = answers[nth];
            async move {
                if status == 0 {
                    return Err(Error::transport("the network is gone"));
                }
                Ok(Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
            }
        };
        discover("https://a.example", &http).await
    }

    const GOOD: &str = r#"{"issuer":"https://a.example","token_endpoint":"https://a.example/t"}"#;

    #[tokio::test]
    async fn what_is_not_metadata_leads_to_the_next_address() {
        for (status, body) in [
            (404, ""),
            (400, ""),
            (401, r#"{"error":"unauthorized"}"#),
            (403, "<html>"),
            (405, ""),
            (429, ""),
            (301, ""),
            (302, ""),
            (308, ""),
            (204, ""),
            (200, "<!doctype html><html></html>"),
            (200, ""),
            (200, "{}"),
            (200, "[]"),
            (200, r#"{"issuer":5,"token_endpoint":"https://a.example/t"}"#),
            (200, r#"{"issuer":"https://a.example"}"#),
            (200, r#"{"issuer":"https://other.example","token_endpoint":"https://other.example/t"}"#),
            (200, r#"{"issuer":"https://a.example","token_endpoint":"http://a.example/t"}"#),
            (500, ""),
            (503, ""),
            (0, ""),
        ] {
            let found = ask_both([(status, body), (200, GOOD)]).await;
            assert!(found.is_ok(), "{status} {body}: {found:?}");
            assert!(ask_both([(200, GOOD), (status, body)]).await.is_ok());
        }
    }

    #[tokio::test]
    async fn the_error_names_each_address_with_its_status() {
        let error = ask_both([(403, ""), (200, "<html>")]).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the issuer publishes no usable metadata: \
             https://a.example/.well-known/oauth-authorization-server answers 403 Forbidden; \
             https://a.example/.well-known/openid-configuration answers 200 OK without metadata (RFC 8414)"
        );
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let error = ask_both([(0, ""), (404, "")]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(error.to_string().contains("does not answer (the network is gone); https://"), "{error}");
        let error = ask_both([(404, ""), (503, "")]).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Transport, Some(StatusCode::SERVICE_UNAVAILABLE))
        );
        let other = r#"{"issuer":"https://a.example/","token_endpoint":"https://a.example/t"}"#;
        let error = ask_both([(200, other), (404, "")]).await.unwrap_err().to_string();
        assert!(error.contains("`https://a.example/` instead of `https://a.example`"), "{error}");
    }

    #[tokio::test]
    async fn an_odd_member_costs_no_more_than_itself() {
        for (name, value) in [
            ("authorization_endpoint", json!(null)),
            ("authorization_endpoint", json!("")),
            ("device_authorization_endpoint", json!(5)),
            ("introspection_endpoint", json!(false)),
            ("revocation_endpoint", json!(["https://a.example/r"])),
            ("revocation_endpoint", json!("/revoke")),
            ("code_challenge_methods_supported", json!("S256")),
            ("code_challenge_methods_supported", json!("plain S256")),
            ("code_challenge_methods_supported", json!([null, "S256"])),
            ("code_challenge_methods_supported", json!({})),
            ("authorization_response_iss_parameter_supported", json!("false")),
            ("authorization_response_iss_parameter_supported", json!(null)),
            ("scopes_supported", json!(7)),
        ] {
            let mut metadata: Value = serde_json::from_str(GOOD).unwrap();
            metadata[name] = value.clone();
            let provider = ask("https://a.example", metadata).await;
            let provider = provider.unwrap_or_else(|error| panic!("{name}: {value}: {error}"));
            assert!(provider.authorization.is_none() && provider.revocation.is_none(), "{name}: {value}");
            assert!(!provider.lacks_s256 && !provider.names_itself, "{name}: {value}");
        }
        let mut metadata: Value = serde_json::from_str(GOOD).unwrap();
        metadata["authorization_response_iss_parameter_supported"] = json!("true");
        assert!(ask("https://a.example", metadata).await.unwrap().names_itself);
    }

    #[tokio::test]
    async fn openid_metadata_are_asked_at_one_address_and_under_the_name_that_is_expected() {
        let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = std::sync::Arc::clone(&asked);
        let http = move |request: Request<Vec<u8>>| {
            seen.lock().unwrap().push(request.uri().to_string());
            let body = json!({
                "issuer": "https://a.example/{tenantid}/v2.0",
                "token_endpoint": "https://a.example/t",
                "userinfo_endpoint": "https://a.example/u",
                "jwks_uri": "https://a.example/k",
                "end_session_endpoint": "https://a.example/e",
                "pushed_authorization_request_endpoint": "https://a.example/p",
                "require_pushed_authorization_requests": true,
            });
            async move { Ok(Response::new(body.to_string().into_bytes())) }
        };
        let place = "https://a.example/common/v2.0";
        let provider = discover_openid(place, "https://a.example/{tenantid}/v2.0", &http).await.unwrap();
        assert_eq!(provider.userinfo_url().unwrap().path(), "/u");
        assert_eq!(provider.jwks_url().unwrap().path(), "/k");
        assert_eq!(provider.end_session_url().unwrap().path(), "/e");
        assert_eq!(provider.pushed_authorization_url().unwrap().path(), "/p");
        assert!(provider.requires_pushed_authorization());
        assert!(!provider.announces_issuer() && !provider.lacks_s256());
        assert_eq!(discover_openid(place, place, &http).await.unwrap_err().kind(), ErrorKind::Protocol);
        let openid = "https://a.example/common/v2.0/.well-known/openid-configuration";
        assert_eq!(*asked.lock().unwrap(), [openid, openid]);
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

    // Ten issuers that nearly match.
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
