//! Locates an issuer's keys: [`Location`].

use reqwest::Url;
use serde_json::Value;

use super::{
    JwksError, JwksErrorKind,
    address_filter::{self, AddressFilter},
    fetch_document::{self, Clients},
};
use crate::strict_json;

/// The location of keys.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// The address of the set.
    Keys(Url),
    /// An issuer, whose metadata contain the address of the set.
    Issuer {
        /// As written: the metadata must repeat it.
        name: String,
        /// The possible addresses of the metadata, in order.
        metadata: [Url; 2],
    },
}

impl Address {
    pub(super) fn keys(text: &str, filter: AddressFilter) -> Result<Self, JwksError> {
        check(text, filter).map(Self::Keys)
    }

    /// Validates an issuer identifier (RFC 8414, section 2): `https`, without query and fragment.
    pub(super) fn issuer(text: &str, filter: AddressFilter) -> Result<Self, JwksError> {
        let url = check(text, filter)?;
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
            // OpenID Connect Discovery 1.0, section 4: after the path.
            at(format!("{path}/.well-known/openid-configuration")),
            // RFC 8414, section 3: before the path.
            at(format!("/.well-known/oauth-authorization-server{path}")),
        ];
        Ok(Self::Issuer { name: text.to_owned(), metadata })
    }

    /// Fails if only public addresses are allowed and this one is not public.
    pub(super) fn check_public(&self) -> Result<(), JwksError> {
        let (Self::Keys(url) | Self::Issuer { metadata: [url, _], .. }) = self;
        check_public(url)
    }
}

/// Fetches an issuer's metadata; the second address is used if the first has none of this issuer.
pub(super) async fn discover(
    clients: &Clients,
    issuer: &str,
    [openid, oauth]: &[Url; 2],
    filter: AddressFilter,
) -> Result<Url, JwksError> {
    let first = match ask(clients, issuer, openid, filter).await {
        Ok(keys) => return Ok(keys),
        Err(error) => error,
    };
    match ask(clients, issuer, oauth, filter).await {
        Ok(keys) => Ok(keys),
        // A wrong response is more informative than a missing document.
        Err(second) if first.kind() == JwksErrorKind::Unreachable => {
            let message = format!("{first}; {second}");
            let is_wrong = second.kind() != JwksErrorKind::Unreachable;
            Err(if is_wrong { second } else { first }.with_message(message))
        }
        Err(second) => {
            let message = format!("{first}; {second}");
            Err(first.with_message(message))
        }
    }
}

async fn ask(clients: &Clients, issuer: &str, place: &Url, filter: AddressFilter) -> Result<Url, JwksError> {
    let fetched = fetch_document::get(clients, place).await?;
    let wrong = |message: &str| fetch_document::answer(&fetch_document::place(place), message);
    let metadata = strict_json::parse_object(&fetched.body).map_err(|_| wrong("is not strict JSON"))?;
    if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
        let other = metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
        let other = fetch_document::foreign(other);
        return Err(wrong(&format!("is about the issuer `{other}`, and not about `{issuer}`")));
    }
    let keys = metadata.get("jwks_uri").and_then(Value::as_str).ok_or_else(|| wrong("has no `jwks_uri`"))?;
    check(keys, filter).map_err(|error| wrong("names a `jwks_uri` that is not allowed").because(error))
}

/// Checks an address as far as possible without resolving names.
fn check(text: &str, filter: AddressFilter) -> Result<Url, JwksError> {
    let url = Url::parse(text).map_err(|error| refused("the address is not a URL").because(error))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refused("the address must have neither a user nor a fragment"));
    }
    match url.scheme() {
        "https" if filter == AddressFilter::Public => check_public(&url).map(|()| url),
        "https" => Ok(url),
        "http" if filter == AddressFilter::Loopback && is_loopback(&url) => Ok(url),
        "http" if filter == AddressFilter::Loopback => {
            Err(refused("`http` is only for this machine: 127.0.0.1, [::1], localhost"))
        }
        _ => Err(refused("the address must begin with `https://`")),
    }
}

fn check_public(url: &Url) -> Result<(), JwksError> {
    if address_filter::may_be_public(url) {
        Ok(())
    } else {
        Err(refused("the address is not of the public internet"))
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str() == Some("localhost")
        || address_filter::literal(url).is_some_and(|address| address.is_loopback())
}

fn refused(message: &str) -> JwksError {
    JwksError::new(JwksErrorKind::Address, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: [AddressFilter; 3] = [AddressFilter::Any, AddressFilter::Loopback, AddressFilter::Public];

    fn metadata(issuer: &str) -> [String; 2] {
        match Address::issuer(issuer, AddressFilter::Any).unwrap() {
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

    #[test]
    fn only_https_unless_it_is_this_machine_and_said_so() {
        for good in ["https://a.example/keys", "https://a.example:8443/?v=1", "HTTPS://A.example/keys"] {
            assert!(EACH.iter().all(|filter| check(good, *filter).is_ok()), "{good}");
        }
        for local in
            ["http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]:8080/keys", "http://localhost/"]
        {
            assert!(EACH.map(|filter| check(local, filter).is_ok()) == [false, true, false], "{local}");
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
            assert!(EACH.iter().all(|filter| check(bad, *filter).is_err()), "{bad}");
        }
        assert!(Address::issuer("https://a.example/?x=1", AddressFilter::Any).is_err());
        assert!(Address::issuer("https://a.example?", AddressFilter::Any).is_err());
    }

    /// A literal address instead of a name, in all spellings.
    #[test]
    fn private_addresses_are_out_of_reach_of_the_public() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "0x7f.1",
            "2130706433",
            "0x7f000001",
            "017700000001",
            "0",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "10.0.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::8.8.8.8]",
            "[2002:7f00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            let url = format!("https://{host}:8443/keys");
            assert_eq!(EACH.map(|filter| check(&url, filter).is_ok()), [true, true, false], "{host}");
            assert!(Address::keys(&url, AddressFilter::Any).unwrap().check_public().is_err(), "{host}");
            assert!(Address::issuer(&url, AddressFilter::Any).unwrap().check_public().is_err(), "{host}");
        }
        // A name is resolved later, even if it looks like an address.
        for host in ["a.example", "localhost", "127.0.0.1.a.example", "8.8.8.8", "[2606:4700::1111]"] {
            let url = format!("https://{host}/keys");
            assert!(EACH.iter().all(|filter| check(&url, *filter).is_ok()), "{host}");
            assert!(Address::issuer(&url, AddressFilter::Any).unwrap().check_public().is_ok(), "{host}");
        }
    }
}
