//! Binds loopback addresses and formats them for redirect addresses and the header `Host`.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

use super::match_request::DONE;
use crate::Error;

pub(super) fn check_path(path: &str) -> Result<(), Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !path.starts_with('/') || !path.bytes().all(is_plain) || path == DONE {
        return Err(Error::configuration("the path of a redirect address must be plain, and begin with `/`"));
    }
    Ok(())
}

pub(super) fn no_address(port: u16, cause: io::Error) -> Error {
    Error::configuration(format!("no loopback address can be listened on at port {port}")).with_source(cause)
}

pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener
        .local_addr()
        .map_err(|error| Error::configuration("the listener has no address").with_source(error))
}

/// Binds one port in both address families. A family that the host does not have is skipped. A port that
/// another program uses in one family is an error, because the browser might connect there.
pub(super) async fn bind_both(port: u16) -> io::Result<(TcpListener, Option<TcpListener>)> {
    let is_taken = |error: &io::Error| error.kind() == io::ErrorKind::AddrInUse;
    let first = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Err(error) if !is_taken(&error) => {
            return TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.map(|only| (only, None));
        }
        bound => bound?,
    };
    match TcpListener::bind((Ipv6Addr::LOCALHOST, first.local_addr()?.port())).await {
        Err(error) if is_taken(&error) => Err(error),
        second => Ok((first, second.ok())),
    }
}

/// Returns the address as a URL has it.
pub(super) fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// Returns the accepted values of `Host`; browsers omit the default port (RFC 9110 section 7.2).
pub(super) fn hosts(name: &str, port: u16) -> Vec<String> {
    let mut hosts = vec![format!("{name}:{port}")];
    if port == 80 {
        hosts.push(name.to_owned());
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110 section 7.2: browsers omit the default port.
    #[test]
    fn the_default_port_may_be_left_out() {
        assert_eq!(hosts("127.0.0.1", 80), ["127.0.0.1:80", "127.0.0.1"]);
        assert_eq!(hosts("localhost", 8080), ["localhost:8080"]);
        assert_eq!(host("[::1]:80".parse().unwrap()), "[::1]");
    }
}
