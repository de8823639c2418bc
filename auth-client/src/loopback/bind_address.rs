//! Binds loopback addresses, and formats them as hosts of redirect addresses.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

use crate::Error;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ipv6_are_in_brackets() {
        assert_eq!(host("[::1]:80".parse().unwrap()), "[::1]");
    }
}
