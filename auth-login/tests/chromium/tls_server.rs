//! A server of this test, over TLS, for one of the hosts that the browser knows.

use std::{future::pending, io, net::SocketAddr};

use axum::{extract::Request, response::Response, serve::Listener};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::server::TlsStream;
use tower::Service;

#[expect(dead_code, reason = "its own server and authority are for clients that are not browsers")]
#[path = "../../../tests/support/tls.rs"]
mod tls;

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Connections after their handshake. A slow one does not hold up the others.
struct Handshakes {
    done: mpsc::Receiver<Connection>,
    address: SocketAddr,
}

impl Listener for Handshakes {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.done.recv().await {
            Some(connection) => connection,
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Serves until the test ends; returns the port.
pub async fn serve<S>(service: S) -> u16
where
    S: Service<Request, Response = Response, Error = std::convert::Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, done) = mpsc::channel(8);
    tokio::spawn(async move {
        let acceptor = tls::acceptor();
        while let Ok((stream, peer)) = listener.accept().await {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = sender.send((stream, peer)).await;
                }
            });
        }
    });
    let service = axum::ServiceExt::<Request>::into_make_service(service);
    tokio::spawn(async move { axum::serve(Handshakes { done, address }, service).await });
    address.port()
}
