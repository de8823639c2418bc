//! Where an issuer's keys are.

use reqwest::{Client, Url};
use serde_json::Value;

use super::{JwksError, JwksErrorKind, fetch};
use crate::jwt::json;

/// Where keys come from.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// The set itself.
    Keys(Url),
    /// An issuer, whose metadata say where the set is.
    Issuer {
        /// As it was written: what the metadata must repeat.
        name: String,
        /// Where the metadata may be, in order.
        metadata: [Url; 2],
    },
}

impl Address {
    pub(super) fn keys(text: &str, insecure: bool) -> Result<Self, JwksError> {
        check(text, insecure).map(Self::Keys)
    }

    /// Takes an issuer identifier (RFC 8414, section 2): `https`, without query and fragment.
    pub(super) fn issuer(text: &str, insecure: bool) -> Result<Self, JwksError> {
        let url = check(text, insecure)?;
        if url.query().is_some() || text.contains('?') {
            return Err(refused("an issuer has no query"));
        }
        let path = url.path().trim_end_matches('/');
        let at = |path: String| {
            let mut url = url.clone();
            url.set_path(&path);
            url
        };
        let metadata = [
            // OpenID Connect Discovery 1.0, section 4: behind the path.
            at(format!("{path}/.well-known/openid-configuration")),
            // RFC 8414, section 3: before the path.
            at(format!("/.well-known/oauth-authorization-server{path}")),
        ];
        Ok(Self::Issuer { name: text.to_owned(), metadata })
    }
}

/// Asks an issuer where its keys are; the second place is asked when the first has no metadata.
pub(super) async fn discover(
    client: &Client,
    issuer: &str,
    [openid, oauth]: &[Url; 2],
    insecure: bool,
) -> Result<Url, JwksError> {
    let (fetched, place) = match fetch::get(client, openid).await {
        Ok(fetched) => (fetched, openid),
        Err(first) => match fetch::get(client, oauth).await {
            Ok(fetched) => (fetched, oauth),
            // Both failed: the usual place's reason tells more.
            Err(_) => return Err(first),
        },
    };
    let wrong = |message| fetch::answer(&fetch::place(place), message);
    let metadata = json::parse_object(&fetched.body).map_err(|_| wrong("is not strict JSON"))?;
    if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(wrong("is about another issuer"));
    }
    let keys = metadata.get("jwks_uri").and_then(Value::as_str).ok_or_else(|| wrong("has no `jwks_uri`"))?;
    check(keys, insecure).map_err(|error| wrong("names a `jwks_uri` that is not allowed").because(error))
}

/// Accepts `https` addresses; with `insecure` also `http` ones of this machine.
fn check(text: &str, insecure: bool) -> Result<Url, JwksError> {
    let url = Url::parse(text).map_err(|error| refused("the address is no URL").because(error))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refused("the address must have neither a user nor a fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if insecure && is_loopback(&url) => Ok(url),
        "http" if insecure => Err(refused("`http` is only for this machine: 127.0.0.1, [::1], localhost")),
        _ => Err(refused("the address must begin with `https://`")),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn refused(message: &str) -> JwksError {
    JwksError::new(JwksErrorKind::Address, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(issuer: &str) -> [String; 2] {
        match Address::issuer(issuer, false).unwrap() {
            Address::Issuer { metadata, .. } => metadata.map(String::from),
            Address::Keys(_) => panic!("an issuer"),
        }
    }

    /// RFC 8414, section 3.1, and `OpenID` Connect Discovery 1.0, section 4.1.
    #[test]
    fn metadata_have_two_places() {
        assert_eq!(
            metadata("https://a.example"),
            [
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server"
            ]
        );
        for issuer in ["https://a.example/realms/one", "https://a.example/realms/one/"] {
            assert_eq!(
                metadata(issuer),
                [
                    "https://a.example/realms/one/.well-known/openid-configuration",
                    "https://a.example/.well-known/oauth-authorization-server/realms/one"
                ]
            );
        }
    }

    /// JW20
    #[test]
    fn only_https_unless_it_is_this_machine_and_said_so() {
        for good in ["https://a.example/keys", "https://a.example:8443/?v=1", "HTTPS://A.example/keys"] {
            assert!(check(good, false).is_ok() && check(good, true).is_ok(), "{good}");
        }
        for local in
            ["http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]:8080/keys", "http://localhost/"]
        {
            assert!(check(local, false).is_err() && check(local, true).is_ok(), "{local}");
        }
        for bad in [
            "",
            "keys",
            "//a.example",
            "http://a.example/",
            "http://169.254.169.254/",
            "http://10.0.0.1/",
            "http://127.0.0.1.a.example/",
            "http://localhost.a.example/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "data:application/json,{}",
            "https://u@a.example/",
            "https://u:p@a.example/",
            "https://a.example/#x",
            "https://",
            "javascript:0",
        ] {
            assert!(check(bad, false).is_err() && check(bad, true).is_err(), "{bad}");
        }
        assert!(Address::issuer("https://a.example/?x=1", false).is_err());
        assert!(Address::issuer("https://a.example?", false).is_err());
    }
}
