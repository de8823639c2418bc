//! Restricts where credentials are sent: [`Origin`].

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use crate::Error;

/// Scheme, host and port of a service (RFC 6454). Credentials are sent only if all three match.
///
/// ```
/// use auth_client::Origin;
///
/// let api = Origin::parse("https://api.example.com")?;
/// assert!(api.holds(&"https://api.example.com/v1/items".parse().unwrap()));
/// assert!(!api.holds(&"https://api.example.com:8443/".parse().unwrap()));
/// assert!(Origin::parse("http://api.example.com").is_err());
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: Host<String>,
    port: u16,
}

impl Origin {
    /// Parses an origin such as `https://api.example.com`; path and query are ignored.
    ///
    /// # Errors
    ///
    /// Fails if the address is neither `http` nor `https`, and for `http` to an address other than loopback,
    /// where credentials could be read in transit.
    pub fn parse(address: &str) -> Result<Self, Error> {
        let url = Url::parse(address).map_err(|error| {
            Error::configuration("an origin must be an address such as `https://api.example.com`")
                .with_source(error)
        })?;
        check_secure(&url)?;
        Self::of(&url)
    }

    /// Parses an origin as [`parse`](Self::parse) does, and accepts `http` to any host.
    ///
    /// # Security
    ///
    /// Credentials can be read in transit. Use it only in networks that are encrypted themselves.
    ///
    /// # Errors
    ///
    /// Fails if the address is neither `http` nor `https`.
    pub fn parse_insecure(address: &str) -> Result<Self, Error> {
        let url = Url::parse(address).map_err(|error| {
            Error::configuration("an origin must be an address such as `http://api.internal`")
                .with_source(error)
        })?;
        Self::of(&url)
    }

    fn of(url: &Url) -> Result<Self, Error> {
        let (Some(host), Some(port), "http" | "https") =
            (url.host(), url.port_or_known_default(), url.scheme())
        else {
            return Err(Error::configuration("an origin must be an `http` or `https` address"));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::configuration("an origin must have no name and no password"));
        }
        Ok(Self { scheme: url.scheme().to_owned(), host: host.to_owned(), port })
    }

    /// Returns whether the origin is on this host.
    #[cfg(feature = "middleware")]
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }

    /// Returns whether the address belongs to this origin.
    #[must_use]
    pub fn holds(&self, url: &Url) -> bool {
        url.scheme() == self.scheme
            && url.port_or_known_default() == Some(self.port)
            && url.host().is_some_and(|host| host.to_owned() == self.host)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// Returns whether the destination is this host: 127.0.0.0/8, `::1`, or `localhost` (RFC 6761 section 6.3).
/// Such requests never use a proxy, which would see data that must not leave the host.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host.to_owned()))
}

fn is_loopback_host(host: &Host<String>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// Returns whether the scheme is `https`, or `http` to a loopback address. The name `localhost` does not
/// count, because name resolution decides what it means (RFC 8252 section 8.3).
pub(crate) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            _ => false,
        },
        _ => false,
    }
}

pub(crate) fn check_secure(url: &Url) -> Result<(), Error> {
    if is_secure(url) {
        return Ok(());
    }
    Err(Error::configuration(format!(
        "`{}://{}` must be https; http is for loopback addresses such as 127.0.0.1 only",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_over_https_or_stay_on_the_machine() {
        for (address, expected) in [
            ("https://example.com", true),
            ("https://127.0.0.1", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("http://localhost", false),
            ("http://example.com", false),
            ("http://10.0.0.1", false),
            ("http://169.254.169.254", false),
            ("http://0.0.0.0", false),
            ("http://[::]", false),
            ("http://127.0.0.1.example.com", false),
            ("ftp://127.0.0.1", false),
            ("file:///etc/passwd", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(is_secure(&Url::parse(address).unwrap()), expected, "{address}");
            assert_eq!(Origin::parse(address).is_ok(), expected, "{address}");
        }
        assert!(Origin::parse("api.example.com").is_err());
        assert!(Origin::parse("https://me:secret@example.com").is_err());
        assert!(Origin::parse_insecure("http://api.internal").is_ok());
        assert!(Origin::parse_insecure("ftp://api.internal").is_err());
    }

    #[test]
    fn what_is_on_this_machine() {
        for (address, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("https://localhost:8443", true),
            ("https://LOCALHOST.", true),
            ("https://app.localhost", true),
            ("https://localhost.example.com", false),
            ("https://notlocalhost", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_together() {
        let origin = Origin::parse("https://API.example.com/v1?x").unwrap();
        for (address, expected) in [
            ("https://api.example.com/other", true),
            ("https://api.example.com:443/", true),
            ("https://api.example.com:444/", false),
            ("http://api.example.com/", false),
            ("https://example.com/", false),
            ("https://api.example.com.evil.org/", false),
            ("https://evil.org/api.example.com", false),
            ("https://api.example.com@evil.org/", false),
            ("https://api.example.com./", false),
        ] {
            assert_eq!(origin.holds(&Url::parse(address).unwrap()), expected, "{address}");
        }
        assert_eq!(format!("{origin:?}"), "https://api.example.com:443");
    }
}
