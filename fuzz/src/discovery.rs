//! The metadata of an issuer.

use auth_client::Provider;
use axum::http::{Request, Response};
use futures_util::FutureExt as _;
use serde_json::Value;

use super::json::Tree;

const ISSUER: &str = "https://login.example.com/tenant";

/// Rejects metadata of another issuer (mix-up attack), and endpoints that would get secrets over an
/// unencrypted connection.
pub fn check(bytes: &[u8]) -> bool {
    let body = bytes.to_vec();
    let http = move |_: Request<Vec<u8>>| {
        let body = body.clone();
        async move { Ok(Response::new(body)) }
    };
    let provider = Provider::discover(ISSUER, &http).now_or_never().expect("nothing has to be waited for");
    let provider = match provider {
        Ok(provider) => provider,
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control));
            return false;
        }
    };
    assert!(Tree::parse(bytes).is_some_and(|tree| !tree.has_reserved_name()));
    let metadata: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!((metadata["issuer"].as_str(), provider.issuer()), (Some(ISSUER), Some(ISSUER)));
    for url in [Some(provider.token_url()), provider.authorization_url()].into_iter().flatten() {
        let is_loopback = match url.host().unwrap() {
            url::Host::Domain(_) => false,
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        assert!(url.scheme() == "https" || (url.scheme() == "http" && is_loopback), "{url}");
    }
    true
}
