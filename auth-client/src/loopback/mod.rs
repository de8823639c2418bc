//! Receives the redirect of a log-in on a loopback address: [`LoopbackListener`] (RFC 8252 section 7.3).

mod bind_address;
mod callback_query;
mod constant_pages;
mod match_request;
mod request_head;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{Instant, timeout},
};
use url::Url;

use bind_address::{address, bind_both, host, no_address};
pub(crate) use callback_query::{Callback, read_query};
use match_request::{ExpectedRequest, Matched, check_path, hosts};

use crate::{Denial, Error, Interaction};

/// The timeout of one connection.
const CONNECTION: Duration = Duration::from_secs(5);
/// The maximum number of concurrent connections; further ones wait.
const CONNECTIONS: usize = 16;
/// How long the browser may take to fetch the last page.
const LAST_PAGE: Duration = Duration::from_secs(1);
/// How long to wait for a valid response after a denial without a state, which any page in the browser could
/// have sent.
const GRACE: Duration = Duration::from_secs(3);
/// The number of ports to try until one is free in both address families.
const PORTS: u32 = 16;
/// The interval of [`Interaction::waiting`].
const TICK: Duration = Duration::from_secs(15);

/// Listens on a loopback address for the redirect of a browser.
///
/// It binds 127.0.0.1, or `[::1]` if the host has no IPv4 loopback address, and nothing else. It accepts only
/// a request with the expected method, path, `Host` and state. All other requests get an error page, and it
/// keeps waiting.
///
/// A denial without a state may come from the authorization server, which could not read the request, or from
/// any page in the browser. After one, it waits three more seconds for a valid response before it returns the
/// denial.
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    /// The other address family, if the redirect address uses the name `localhost`.
    second: Option<TcpListener>,
    address: SocketAddr,
    path: String,
    is_named: bool,
}

impl LoopbackListener {
    /// Binds an ephemeral port for the path `/callback`.
    ///
    /// # Errors
    ///
    /// Fails if the host has no loopback address.
    pub async fn bind() -> Result<Self, Error> {
        Self::bind_to("/callback", 0).await
    }

    /// Binds a given path and port, if the authorization server requires them; port 0 is ephemeral.
    ///
    /// # Errors
    ///
    /// Fails if the path does not begin with `/` or has characters other than letters, digits and `-._~/`, or
    /// if the port is in use.
    pub async fn bind_to(path: &str, port: u16) -> Result<Self, Error> {
        check_path(path)?;
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => listener,
            Err(first) => {
                TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.map_err(|_| no_address(port, first))?
            }
        };
        Ok(Self {
            address: address(&listener)?,
            listener,
            second: None,
            path: path.to_owned(),
            is_named: false,
        })
    }

    /// Binds as [`bind_to`](Self::bind_to) does, with the name `localhost` in the redirect address, for
    /// authorization servers that accept no other.
    ///
    /// It binds the same port of 127.0.0.1 and of `[::1]`, because the browser may use either.
    ///
    /// # Security
    ///
    /// The host's name resolution decides what `localhost` means (RFC 8252 section 8.3 advises against it).
    /// PKCE prevents the use of an intercepted code.
    ///
    /// # Errors
    ///
    /// Fails as [`bind_to`](Self::bind_to) does, and if the port is in use in either address family.
    pub async fn bind_localhost(path: &str, port: u16) -> Result<Self, Error> {
        check_path(path)?;
        let mut left = if port == 0 { PORTS } else { 1 };
        loop {
            left = left.saturating_sub(1);
            match bind_both(port).await {
                Ok((listener, second)) => {
                    let address = address(&listener)?;
                    return Ok(Self { listener, second, address, path: path.to_owned(), is_named: true });
                }
                Err(error) if left == 0 => return Err(no_address(port, error)),
                Err(_) => {}
            }
        }
    }

    /// Returns the redirect address to register and send.
    ///
    /// # Errors
    ///
    /// Cannot fail: the address consists of validated parts.
    pub fn redirect_uri(&self) -> Result<Url, Error> {
        let host = if self.is_named { "localhost".to_owned() } else { host(self.address) };
        Url::parse(&format!("http://{host}:{}{}", self.address.port(), self.path))
            .map_err(|error| Error::configuration("the redirect address is none").with_source(error))
    }

    /// Returns the bound address.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a redirect with this state. The listener is closed when this returns or is dropped.
    pub(crate) async fn wait(
        self,
        state: &SecretString,
        deadline: Instant,
        interaction: &dyn Interaction,
    ) -> Result<Callback, Error> {
        let name = if self.is_named { "localhost".to_owned() } else { host(self.address) };
        let hosts = hosts(&name, self.address.port());
        let expected = Arc::new(ExpectedRequest::new(self.path.clone(), hosts, state.clone()));
        let (callback, mut callbacks) = mpsc::channel(1);
        let (denial, mut denials) = mpsc::channel(1);
        let senders = Senders { callback, denial };
        let (mut deadline, mut refused) = (deadline, None);
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut tasks = tokio::task::JoinSet::new();
        let mut ticks = tokio::time::interval(TICK);
        ticks.tick().await;
        let callback = loop {
            tokio::select! {
                biased;
                Some(callback) = callbacks.recv() => break callback,
                Some(denial) = denials.recv(), if refused.is_none() => {
                    refused = Some(denial);
                    deadline = Instant::now().checked_add(GRACE).map_or(deadline, |end| end.min(deadline));
                }
                () = tokio::time::sleep_until(deadline) => {
                    return Err(refused.map_or_else(
                        || Error::timed_out("the browser did not come back from the provider in time"),
                        Error::denied,
                    ));
                }
                stream = self.accept_slot(&slots) => {
                    let Some((stream, slot)) = stream else { continue };
                    let (expected, senders) = (Arc::clone(&expected), senders.clone());
                    tasks.spawn(async move {
                        serve(stream, &expected, &senders).await;
                        drop(slot);
                    });
                    while tasks.try_join_next().is_some() {}
                }
                _ = ticks.tick() => interaction.waiting(deadline.saturating_duration_since(Instant::now())),
            }
        };
        self.serve_last_page(&expected, tasks).await;
        Ok(callback)
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let Some(second) = &self.second else { return self.listener.accept().await };
        tokio::select! {
            accepted = self.listener.accept() => accepted,
            accepted = second.accept() => accepted,
        }
    }

    async fn accept_slot(
        &self,
        slots: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        if let Ok((stream, _)) = self.accept().await {
            return Some((stream, slot));
        }
        // Accepting fails, for example, with too many open files. Wait a moment and retry.
        tokio::time::sleep(Duration::from_millis(50)).await;
        None
    }

    /// Serves the last page, so that the browser leaves the address that contains the code.
    async fn serve_last_page(&self, expected: &Arc<ExpectedRequest>, mut tasks: tokio::task::JoinSet<()>) {
        let end = tokio::time::sleep(LAST_PAGE);
        tokio::pin!(end);
        let (callback, mut last_pages) = mpsc::channel(1);
        let senders = Senders { callback, denial: mpsc::channel(1).0 };
        let closed = Arc::new(expected.closed());
        loop {
            tokio::select! {
                biased;
                Some(_) = last_pages.recv() => break,
                () = &mut end => break,
                accepted = self.accept() => {
                    if let Ok((stream, _)) = accepted {
                        let (expected, senders) = (Arc::clone(&closed), senders.clone());
                        tasks.spawn(async move { serve(stream, &expected, &senders).await });
                    }
                }
            }
        }
        // Let the last bytes be sent.
        let _ =
            timeout(Duration::from_millis(50), async { while tasks.join_next().await.is_some() {} }).await;
    }
}

/// Two channels, so that forged denials cannot block the callback.
#[derive(Clone)]
struct Senders {
    callback: mpsc::Sender<Callback>,
    denial: mpsc::Sender<Denial>,
}

async fn serve(mut stream: TcpStream, expected: &ExpectedRequest, senders: &Senders) {
    let conversation = async {
        let matched = match request_head::read(&mut stream).await {
            Some(request) => expected.match_request(&request),
            None => Matched::Stray(constant_pages::BAD_REQUEST),
        };
        match matched {
            Matched::Callback(callback) => {
                constant_pages::write(&mut stream, constant_pages::SEE_DONE).await;
                // Only the first callback counts.
                let _ = senders.callback.try_send(callback);
            }
            Matched::StatelessDenial(denial) => {
                constant_pages::write(&mut stream, constant_pages::REFUSED).await;
                let _ = senders.denial.try_send(denial);
            }
            Matched::Done => {
                constant_pages::write(&mut stream, constant_pages::DONE).await;
                if expected.is_closed() {
                    let _ = senders.callback.try_send(Callback::nothing());
                }
            }
            Matched::Stray(text) => constant_pages::write(&mut stream, text).await,
        }
    };
    let _ = timeout(CONNECTION, conversation).await;
}
