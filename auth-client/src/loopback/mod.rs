//! Where the browser comes back to: a tiny server on this machine's loopback address (RFC 8252 section 7.3).

mod answer;
mod callback;
mod judge;
mod request;

use std::{
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

pub(crate) use callback::{Callback, read_query};
use judge::{Heard, Rules};

use crate::{Error, Interaction};

/// How long one connection may take.
const CONNECTION: Duration = Duration::from_secs(5);
/// How many connections are served at a time; the others wait.
const CONNECTIONS: usize = 16;
/// How long the browser may take to fetch the last page.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often the person is told that nothing has come yet.
const TICK: Duration = Duration::from_secs(15);

/// Waits on a loopback address for a browser that comes back from a provider.
///
/// It listens on 127.0.0.1, or on `[::1]` where there is no such address, and nowhere else. It answers only requests whose
/// method, path, `Host` and state are the right ones; whatever else knocks gets an error page, and the waiting goes on.
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    address: SocketAddr,
    path: String,
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
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !path.starts_with('/') || !path.bytes().all(is_plain) || path == judge::DONE {
            return Err(Error::configuration(
                "the path of a redirect address must be plain, and begin with `/`",
            ));
        }
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => listener,
            Err(first) => TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.map_err(|_| {
                Error::configuration(format!("no loopback address can be listened on at port {port}"))
                    .with_source(first)
            })?,
        };
        let address = listener
            .local_addr()
            .map_err(|error| Error::configuration("the listener has no address").with_source(error))?;
        Ok(Self { listener, address, path: path.to_owned() })
    }

    /// Returns the address that the provider must send the browser to.
    ///
    /// # Errors
    ///
    /// None that is known; the address is put together from checked parts.
    pub fn redirect_uri(&self) -> Result<Url, Error> {
        Url::parse(&format!("http://{}{}", self.address, self.path))
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
        let rules = Arc::new(Rules::new(self.path.clone(), self.address.to_string(), state.clone()));
        let (heard, mut callbacks) = mpsc::channel(1);
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut tasks = tokio::task::JoinSet::new();
        let mut ticks = tokio::time::interval(TICK);
        ticks.tick().await;
        let callback = loop {
            tokio::select! {
                biased;
                Some(callback) = callbacks.recv() => break callback,
                () = tokio::time::sleep_until(deadline) => {
                    return Err(Error::timed_out("nobody came back from the provider in time"));
                }
                stream = accept(&self.listener, &slots) => {
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

    /// The browser was sent on to a page without a code in its address; it may fetch that before the door closes.
    async fn say_farewell(&self, rules: &Arc<Rules>, mut tasks: tokio::task::JoinSet<()>) {
        let end = tokio::time::sleep(FAREWELL);
        tokio::pin!(end);
        let (heard, mut farewells) = mpsc::channel(1);
        let closed = Arc::new(rules.closed());
        loop {
            tokio::select! {
                biased;
                Some(_) = farewells.recv() => break,
                () = &mut end => break,
                accepted = self.listener.accept() => {
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

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    if let Ok((stream, _)) = listener.accept().await {
        return Some((stream, slot));
    }
    // As when there are too many open files: a moment later there may be room.
    tokio::time::sleep(Duration::from_millis(50)).await;
    None
}

async fn serve(mut stream: TcpStream, rules: &Rules, heard: &mpsc::Sender<Callback>) {
    let conversation = async {
        let judged = match request::read(&mut stream).await {
            Some(request) => rules.judge(&request),
            None => Heard::Stray(answer::BAD_REQUEST),
        };
        match judged {
            Heard::Callback(callback) => {
                answer::write(&mut stream, answer::SEE_DONE).await;
                // Only the first counts.
                let _ = heard.try_send(callback);
            }
            Heard::Done => {
                answer::write(&mut stream, answer::DONE).await;
                if rules.is_closed() {
                    let _ = heard.try_send(Callback::nothing());
                }
            }
            Heard::Stray(text) => answer::write(&mut stream, text).await,
        }
    };
    let _ = timeout(CONNECTION, conversation).await;
}
