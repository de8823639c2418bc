//! Where the browser comes back to: a tiny server on this machine's loopback address (RFC 8252 section 7.3).

mod answer;
mod bind;
mod callback;
mod judge;
mod request;

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

use bind::{address, bind_both, check_path, host, hosts, no_address};
pub(crate) use callback::{Callback, read_query};
use judge::{Heard, Rules};

use crate::{Denial, Error, Interaction};

/// How long one connection may take.
const CONNECTION: Duration = Duration::from_secs(5);
/// How many connections are served at a time; the others wait.
const CONNECTIONS: usize = 16;
/// How long the browser may take to fetch the last page.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long is waited for the right answer after a denial without a state, which any page in the browser could have sent.
const GRACE: Duration = Duration::from_secs(3);
/// How many ports are tried for one that is free in both families.
const PORTS: u32 = 16;
/// How often the person is told that nothing has come yet.
const TICK: Duration = Duration::from_secs(15);

/// Waits on a loopback address for a browser that comes back from a provider.
///
/// It listens on 127.0.0.1, or on `[::1]` where there is no such address, and nowhere else. It answers only requests whose
/// method, path, `Host` and state are the right ones; whatever else knocks gets an error page, and the waiting goes on.
///
/// A denial without a state may be the provider's, which could not read the request, or come from any page in the browser:
/// after it the right answer is waited for three seconds more, and then the denial is the error.
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    /// The other family, where the redirect address has the name `localhost`.
    second: Option<TcpListener>,
    address: SocketAddr,
    path: String,
    is_named: bool,
}

impl LoopbackListener {
    /// Listens on a port of the system's choice, for the path `/callback`.
    ///
    /// # Errors
    ///
    /// The machine has no loopback address to listen on.
    pub async fn bind() -> Result<Self, Error> {
        Self::bind_to("/callback", 0).await
    }

    /// Listens for another path, on a port that a provider insists on; 0 is for the system's choice.
    ///
    /// # Errors
    ///
    /// A path that does not begin with `/` or has characters other than letters, digits and `-._~/`; a port that is taken.
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

    /// Listens as [`bind_to`](Self::bind_to) does, for a redirect address with the name `localhost` in place of an address: for
    /// providers that accept no other.
    ///
    /// It listens on the same port of 127.0.0.1 and of `[::1]`, since the browser may take the name for either.
    ///
    /// # Security
    ///
    /// What the name stands for is the machine's decision, not this program's (RFC 8252 section 8.3 advises against it). PKCE
    /// keeps a code that went astray from being used.
    ///
    /// # Errors
    ///
    /// As [`bind_to`](Self::bind_to); a port that is taken in one of the two families.
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

    /// Returns the address that the provider must send the browser to.
    ///
    /// # Errors
    ///
    /// None that is known; the address is put together from checked parts.
    pub fn redirect_uri(&self) -> Result<Url, Error> {
        let host = if self.is_named { "localhost".to_owned() } else { host(self.address) };
        Url::parse(&format!("http://{host}:{}{}", self.address.port(), self.path))
            .map_err(|error| Error::configuration("the redirect address is none").with_source(error))
    }

    /// Returns the address that is listened on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the browser comes back with this state. The listener is closed when this returns, or is dropped.
    pub(crate) async fn wait(
        self,
        state: &SecretString,
        deadline: Instant,
        interaction: &dyn Interaction,
    ) -> Result<Callback, Error> {
        let name = if self.is_named { "localhost".to_owned() } else { host(self.address) };
        let hosts = hosts(&name, self.address.port());
        let rules = Arc::new(Rules::new(self.path.clone(), hosts, state.clone()));
        let (callback, mut callbacks) = mpsc::channel(1);
        let (denial, mut denials) = mpsc::channel(1);
        let heard = Ears { callback, denial };
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
                        || Error::timed_out("nobody came back from the provider in time"),
                        Error::denied,
                    ));
                }
                stream = self.accept_slot(&slots) => {
                    let Some((stream, slot)) = stream else { continue };
                    let (rules, heard) = (Arc::clone(&rules), heard.clone());
                    tasks.spawn(async move {
                        serve(stream, &rules, &heard).await;
                        drop(slot);
                    });
                    while tasks.try_join_next().is_some() {}
                }
                _ = ticks.tick() => interaction.waiting(deadline.saturating_duration_since(Instant::now())),
            }
        };
        self.say_farewell(&rules, tasks).await;
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
        // As when there are too many open files: a moment later there may be room.
        tokio::time::sleep(Duration::from_millis(50)).await;
        None
    }

    /// The browser was sent on to a page without a code in its address; it may fetch that before the door closes.
    async fn say_farewell(&self, rules: &Arc<Rules>, mut tasks: tokio::task::JoinSet<()>) {
        let end = tokio::time::sleep(FAREWELL);
        tokio::pin!(end);
        let (callback, mut farewells) = mpsc::channel(1);
        let heard = Ears { callback, denial: mpsc::channel(1).0 };
        let closed = Arc::new(rules.closed());
        loop {
            tokio::select! {
                biased;
                Some(_) = farewells.recv() => break,
                () = &mut end => break,
                accepted = self.accept() => {
                    if let Ok((stream, _)) = accepted {
                        let (rules, heard) = (Arc::clone(&closed), heard.clone());
                        tasks.spawn(async move { serve(stream, &rules, &heard).await });
                    }
                }
            }
        }
        // The last bytes may still be on their way.
        let _ =
            timeout(Duration::from_millis(50), async { while tasks.join_next().await.is_some() {} }).await;
    }
}

/// Where what was heard goes: apart, so that denials of strangers keep no callback out.
#[derive(Clone)]
struct Ears {
    callback: mpsc::Sender<Callback>,
    denial: mpsc::Sender<Denial>,
}

async fn serve(mut stream: TcpStream, rules: &Rules, heard: &Ears) {
    let conversation = async {
        let judged = match request::read(&mut stream).await {
            Some(request) => rules.judge(&request),
            None => Heard::Stray(answer::BAD_REQUEST),
        };
        match judged {
            Heard::Callback(callback) => {
                answer::write(&mut stream, answer::SEE_DONE).await;
                // Only the first counts.
                let _ = heard.callback.try_send(callback);
            }
            Heard::StatelessDenial(denial) => {
                answer::write(&mut stream, answer::REFUSED).await;
                let _ = heard.denial.try_send(denial);
            }
            Heard::Done => {
                answer::write(&mut stream, answer::DONE).await;
                if rules.is_closed() {
                    let _ = heard.callback.try_send(Callback::nothing());
                }
            }
            Heard::Stray(text) => answer::write(&mut stream, text).await,
        }
    };
    let _ = timeout(CONNECTION, conversation).await;
}
