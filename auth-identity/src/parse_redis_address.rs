//! Parses the address of a Redis server, and never downgrades from TLS: [`redis_config`].

use fred::types::config::Config;
use zeroize::Zeroizing;

use crate::BoxError;

/// The schemes of plain connections; with TLS, an `s` follows the first word.
const SERVERS: [&str; 2] = ["redis", "valkey"];
const TOPOLOGIES: [&str; 3] = ["", "-cluster", "-sentinel"];
/// A connection that does not leave the host.
const SOCKETS: [&str; 2] = ["redis+unix", "valkey+unix"];
/// The query parameters that the driver reads. It ignores others, such as `ssl=true`.
const PARAMETERS: [&str; 4] = ["node", "sentinelServiceName", "sentinelUsername", "sentinelPassword"];

/// Parses a Redis address into the configuration of a `fred` client, and never downgrades from TLS.
///
/// | scheme | connection |
/// |---|---|
/// | `redis`, `redis-cluster`, `redis-sentinel`, and the same with `valkey` | plain TCP |
/// | `rediss`, `rediss-cluster`, `rediss-sentinel`, and the same with `valkeys` | TLS |
/// | `redis+unix`, `valkey+unix` | a Unix domain socket, with the feature `unix-sockets` of `fred` |
///
/// TLS needs the feature `redis-tls`. The server's certificate is verified with the certificate authorities of the
/// operating system; the environment variable `SSL_CERT_FILE` names a file with others.
///
/// # Example
///
/// ```
/// use auth_runtime::redis_config;
/// use fred::prelude::Client;
///
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// # let _ = client;
/// assert!(redis_config("https://127.0.0.1").is_err());
/// # Ok::<_, auth_runtime::BoxError>(())
/// ```
///
/// # Errors
///
/// Fails if the address is malformed, has an unknown scheme or query parameter, or requires TLS and the
/// driver was built without it. No message contains the address, which may hold a password.
///
/// # Security
///
/// `Config::from_url` of `fred` 10 accepts a scheme that requires TLS if it was built without TLS: it logs a
/// warning and sends the password in clear text. Use this function instead.
pub fn redis_config(address: &str) -> Result<Config, BoxError> {
    let (scheme, rest) =
        address.split_once("://").ok_or("a Redis address has the form `redis://host:port`")?;
    let scheme = Scheme::parse(scheme)?;
    check_query(rest)?;
    let config = if scheme.is_secure { secure(&scheme, rest)? } else { plain(&scheme.plain, rest)? };
    if scheme.is_secure && !config.uses_tls() {
        return Err("the Redis address demands TLS, and the driver was built without it; \
                    enable the feature `redis-tls` of `auth-runtime`"
            .into());
    }
    Ok(config)
}

struct Scheme {
    is_secure: bool,
    /// The same without TLS
    plain: String,
}

impl Scheme {
    fn parse(text: &str) -> Result<Self, BoxError> {
        let text = text.to_ascii_lowercase();
        if SOCKETS.contains(&text.as_str()) {
            return Ok(Self { is_secure: false, plain: text });
        }
        for server in SERVERS {
            let Some(rest) = text.strip_prefix(server) else { continue };
            let secure = rest.strip_prefix('s').filter(|topology| TOPOLOGIES.contains(topology));
            if let Some(topology) = secure {
                return Ok(Self { is_secure: true, plain: format!("{server}{topology}") });
            }
            if TOPOLOGIES.contains(&rest) {
                return Ok(Self { is_secure: false, plain: text });
            }
        }
        Err("the scheme of a Redis address is `redis`, `redis-cluster` or `redis-sentinel`; \
             with TLS `rediss`, `rediss-cluster` or `rediss-sentinel`"
            .into())
    }
}

fn check_query(rest: &str) -> Result<(), BoxError> {
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    match names.find(|name| !name.is_empty() && !PARAMETERS.contains(name)) {
        None => Ok(()),
        Some(_) => Err("a Redis address has an unknown query parameter; known are `node` and \
                        `sentinelServiceName`, and TLS is demanded by the scheme `rediss`"
            .into()),
    }
}

fn plain(scheme: &str, rest: &str) -> Result<Config, BoxError> {
    Ok(Config::from_url(&Zeroizing::new(format!("{scheme}://{rest}")))?)
}

/// Parses the address as a plain one: the driver would panic in a process with two backends of `rustls`.
#[cfg(feature = "redis-tls")]
fn secure(scheme: &Scheme, rest: &str) -> Result<Config, BoxError> {
    let mut config = plain(&scheme.plain, rest)?;
    config.tls = Some(tls::connector()?);
    Ok(config)
}

/// Leaves TLS to the driver, for which the application may have enabled it.
#[cfg(not(feature = "redis-tls"))]
fn secure(scheme: &Scheme, rest: &str) -> Result<Config, BoxError> {
    let (server, topology) = match scheme.plain.split_once('-') {
        Some((server, topology)) => (server, format!("-{topology}")),
        None => (scheme.plain.as_str(), String::new()),
    };
    plain(&format!("{server}s{topology}"), rest)
}

#[cfg(feature = "redis-tls")]
mod tls {
    use std::sync::Arc;

    use fred::{
        rustls::{
            ClientConfig, RootCertStore,
            crypto::{CryptoProvider, aws_lc_rs},
        },
        rustls_native_certs::load_native_certs,
        types::config::{TlsConfig, TlsConnector},
    };

    use crate::BoxError;

    pub(super) fn connector() -> Result<TlsConfig, BoxError> {
        let default = || Arc::new(aws_lc_rs::default_provider());
        let provider = CryptoProvider::get_default().map_or_else(default, Arc::clone);
        let found = load_native_certs();
        let mut roots = RootCertStore::empty();
        let (usable, _) = roots.add_parsable_certificates(found.certs);
        if usable == 0 {
            let cause = found.errors.into_iter().next().map(|error| format!(": {error}"));
            let cause = cause.unwrap_or_default();
            return Err(format!("there are no certificate authorities to verify Redis with{cause}").into());
        }
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(config).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECURE: [&str; 6] =
        ["rediss", "rediss-cluster", "rediss-sentinel", "valkeys", "valkeys-cluster", "valkeys-sentinel"];

    fn address(scheme: &str) -> String {
        format!("{scheme}://user:canary@127.0.0.1:6379?sentinelServiceName=main")
    }

    #[test]
    fn a_scheme_that_demands_tls_gets_it_or_is_an_error() {
        for scheme in SECURE.into_iter().flat_map(|scheme| [scheme.to_owned(), scheme.to_uppercase()]) {
            match redis_config(&address(&scheme)) {
                Ok(config) => assert!(config.uses_tls(), "{scheme}"),
                #[cfg(feature = "redis-tls")]
                Err(error) => panic!("{scheme}: {error}"),
                #[cfg(not(feature = "redis-tls"))]
                Err(error) => {
                    assert!(error.to_string().contains("`redis-tls`"), "{scheme}: {error}");
                }
            }
        }
    }

    #[test]
    fn plain_schemes_are_read_as_the_driver_reads_them() {
        for scheme in SECURE.map(|scheme| scheme.replacen("s-", "-", 1)) {
            let scheme = scheme.strip_suffix('s').filter(|_| !scheme.contains('-')).unwrap_or(&scheme);
            let address = address(scheme);
            let config = redis_config(&address).unwrap();
            assert_eq!(config, Config::from_url(&address).unwrap(), "{scheme}");
            assert!(!config.uses_tls(), "{scheme}");
        }
    }

    #[test]
    fn what_the_driver_would_take_for_a_plain_address_is_an_error_without_the_password() {
        for address in [
            "nonsense",
            "https://user:canary@127.0.0.1",
            "tls://user:canary@127.0.0.1",
            "redis+tls://user:canary@127.0.0.1",
            "redisss://user:canary@127.0.0.1",
            "rediss+unix://user:canary@host/socket",
            " rediss://user:canary@127.0.0.1",
            "redi\tss://user:canary@127.0.0.1",
            "redis://user:canary@127.0.0.1?ssl=true",
            "redis://user:canary@127.0.0.1/0?node=other:1&canary=true",
            "redis-cluster://user:canary@127.0.0.1?node=canary",
            "redis://user:canary@",
        ] {
            let error = redis_config(address).unwrap_err().to_string();
            assert!(!error.contains("canary@") && !error.contains("user"), "{address}: {error}");
        }
    }
}
