//! Caches the keys of an issuer: [`RemoteJwks`].

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use reqwest::{Certificate, Url};
use tokio::{runtime::Handle, sync::watch};
use tracing::instrument::WithSubscriber;

use super::{
    JwksError, JwksErrorKind,
    address_filter::AddressFilter,
    fetch_document,
    fetch_schedule::{Age, Attempts, Held, Times, Want},
    locate_keys::{self, Address},
};
use crate::{Algorithm, Found, JwkSetError, KeySet, KeySource, events, key::Import};
use auth_identity::{Answer, BoxError, clock::UnixTime};

/// How long an issuer's `jwks_uri` is cached.
const MAX_LOCATED: Duration = Duration::from_hours(24);

/// The public keys of an issuer, fetched from its address and kept up to date.
///
/// Nothing is fetched before the first token, so an application starts without its issuer. After that:
///
/// | when | what happens |
/// |---|---|
/// | three quarters of the keys' lifetime have passed | they are used, and fetched again in the background |
/// | their lifetime has passed | the request waits for new keys; a withdrawn key is rejected from now on |
/// | the issuer does not respond | the last keys are used, up to 24 hours beyond their lifetime; then 503 |
/// | a token has an unknown key id | one fetch at once, at most every 30 seconds; the token is rejected if the id stays unknown |
/// | a key is unusable | it is skipped and logged; the others are used ([`KeySet::from_jwks`] has the rules) |
/// | the whole set is unusable | as if the issuer had not responded |
///
/// The lifetime is `Cache-Control: max-age`, between a minute and an hour; 15 minutes without it. One fetch
/// runs at a time for all requests (single flight); it continues if the request that began it is cancelled.
/// Copies share their keys.
///
/// # Example
///
/// ```
/// use auth_runtime::jwt::RemoteJwks;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = RemoteJwks::new("https://issuer.example/jwks.json")?;
/// let keys = RemoteJwks::discover("https://issuer.example")?;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// It uses only `https`, to any address unless [restricted](Self::with_public_addresses_only) (SSRF), and
/// does not follow redirects. A response has at most 256 KiB and 100 keys, takes at most five seconds, and is
/// uncompressed JSON. Shared secrets in a set are skipped, so a published key is never used as a secret.
#[derive(Clone)]
pub struct RemoteJwks {
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) address: Arc<Address>,
    pub(super) clients: fetch_document::Clients,
    pub(super) roots: Vec<Certificate>,
    pub(super) filter: AddressFilter,
    pub(super) times: Times,
    pub(super) import: Import,
}

#[derive(Default)]
pub(super) struct Shared {
    held: ArcSwapOption<Held>,
    flight: Mutex<Flight>,
}

#[derive(Default)]
struct Flight {
    attempts: Attempts,
    /// Ends when the current fetch ends.
    running: Option<watch::Receiver<()>>,
    /// The `jwks_uri` of the issuer's metadata, and when it was fetched.
    located: Option<(Url, UnixTime)>,
}

impl Shared {
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RemoteJwks {
    /// Finds keys, and begins a fetch if one is due and `may_fetch`.
    fn look(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime, may_fetch: bool) -> Look {
        if algorithm.is_symmetric() {
            // Published keys never verify a shared secret, so a fetch would not help.
            return Look::Found(Found::default());
        }
        let times = &self.settings.times;
        let fetch = |want| may_fetch.then(|| self.fetch(want, now)).flatten();
        let held = self.shared.held.load();
        let Some((held, age)) = held.as_deref().map(|held| (held, held.age(now, times))) else {
            return fetch(Want::Keys).map_or(Look::Unavailable, Look::Wait);
        };
        if age == Age::Dead {
            return fetch(Want::Keys).map_or(Look::Unavailable, Look::Wait);
        }
        let found = held.keys.candidates(kid, algorithm);
        let down = self.is_down(age);
        if found.is_empty() && !held.keys.knows(kid) {
            let want = if age == Age::Expired { Want::Keys } else { Want::Name };
            return match fetch(want) {
                Some(landing) => Look::Wait(landing),
                None if self.shared.flight().attempts.failing() => Look::Unavailable,
                None => Look::Found(found),
            };
        }
        match age {
            Age::Due => {
                fetch(Want::Keys);
            }
            Age::Expired => {
                // If the issuer is down, not every request must wait for the timeout.
                if let Some(landing) = fetch(Want::Keys)
                    && !down
                {
                    return Look::Wait(landing);
                }
            }
            Age::Fresh | Age::Dead => {}
        }
        Look::Found(found)
    }

    /// Returns whether the issuer is known not to respond; used only for keys that need a fetch.
    fn is_down(&self, age: Age) -> bool {
        age == Age::Expired && self.shared.flight().attempts.failing()
    }

    /// Joins the current fetch, or begins one if it is due.
    fn fetch(&self, want: Want, now: UnixTime) -> Option<Flying> {
        let mut flight = self.shared.flight();
        if let Some(running) = &flight.running {
            return Some(Flying { landing: running.clone(), is_joined: true });
        }
        if !flight.attempts.allows(want, now, &self.settings.times) {
            return None;
        }
        let runtime = Handle::try_current().ok()?;
        // Fetch the metadata again after a failure: the keys may have moved.
        let located = match &flight.located {
            Some((url, since)) if !flight.attempts.failing() && now.since(*since) < MAX_LOCATED => {
                Some(url.clone())
            }
            _ => None,
        };
        flight.attempts.begin(want, now);
        let (sender, receiver) = watch::channel(());
        flight.running = Some(receiver.clone());
        drop(flight);
        let landing = Landing { shared: Arc::clone(&self.shared), settled: false, _sender: sender };
        // Log the fetch in the span of the request.
        runtime.spawn(fly(self.settings.clone(), located, now, landing).with_current_subscriber());
        Some(Flying { landing: receiver, is_joined: false })
    }
}

/// A fetch under way.
struct Flying {
    landing: watch::Receiver<()>,
    /// It began before: its response may be older than the token.
    is_joined: bool,
}

/// The result of looking for keys.
enum Look {
    Found(Found),
    /// Unavailable now.
    Unavailable,
    /// Available when the fetch has ended.
    Wait(Flying),
}

/// Completes a fetch, even one that was aborted with its runtime.
struct Landing {
    shared: Arc<Shared>,
    settled: bool,
    /// Dropped last: waiting requests look again then.
    _sender: watch::Sender<()>,
}

impl Landing {
    fn settle(&mut self, result: Result<Held, JwksError>) {
        self.settled = true;
        match result {
            Ok(held) => {
                events::keys_fetched(held.keys.len());
                self.shared.held.store(Some(Arc::new(held)));
                self.shared.flight().attempts.succeed();
            }
            Err(error) => {
                events::failed("fetch_keys", &error);
                self.shared.flight().attempts.fail(error.wait());
            }
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flight = self.shared.flight();
        if !self.settled {
            flight.attempts.fail(None);
        }
        flight.running = None;
    }
}

async fn fly(settings: Settings, located: Option<Url>, now: UnixTime, mut landing: Landing) {
    let deadline = settings.times.deadline;
    let fetched = tokio::time::timeout(deadline, fetch_keys(&settings, located, now, &landing.shared)).await;
    landing.settle(fetched.unwrap_or_else(|_| {
        let message = format!("the issuer does not answer within {deadline:?}");
        Err(JwksError::new(JwksErrorKind::Unreachable, message))
    }));
}

async fn fetch_keys(
    settings: &Settings,
    located: Option<Url>,
    now: UnixTime,
    shared: &Shared,
) -> Result<Held, JwksError> {
    let url = match (&*settings.address, located) {
        (Address::Keys(url), _) => url.clone(),
        (Address::Issuer { .. }, Some(url)) => url,
        (Address::Issuer { name, metadata }, None) => {
            let url = locate_keys::discover(&settings.clients, name, metadata, settings.filter).await?;
            shared.flight().located = Some((url.clone(), now));
            url
        }
    };
    let fetched = fetch_document::get(&settings.clients, &url).await?;
    let keys = KeySet::import(&fetched.body, settings.import).map_err(|error: JwkSetError| {
        fetch_document::answer(&fetch_document::place(&url), "is not a usable JWK set").because(error)
    })?;
    Ok(Held::new(keys, now, fetched.keep, &settings.times))
}

impl KeySource for RemoteJwks {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>> {
        let mut flying = match self.look(kid, algorithm, now, true) {
            Look::Found(found) => return Answer::Now(Ok(found)),
            Look::Unavailable => return Answer::Now(Err(unavailable())),
            Look::Wait(flying) => flying,
        };
        let kid = kid.map(str::to_owned);
        Answer::later(async move {
            // The fetch has its own timeout; this one covers a stuck runtime.
            let timeout = self.settings.times.deadline.saturating_mul(2);
            let mut may_fetch = true;
            loop {
                let landed = async { while flying.landing.changed().await.is_ok() {} };
                tokio::time::timeout(timeout, landed).await.ok();
                // Once more after a fetch that others began. The next one is the last.
                may_fetch = may_fetch && flying.is_joined;
                match self.look(kid.as_deref(), algorithm, now, may_fetch) {
                    Look::Found(found) => return Ok(found),
                    Look::Wait(next) if may_fetch => flying = Flying { is_joined: false, ..next },
                    Look::Unavailable | Look::Wait(_) => return Err(unavailable()),
                }
            }
        })
    }
}

fn unavailable() -> BoxError {
    JwksError::new(JwksErrorKind::Unavailable, "the issuer's keys are not at hand").into()
}

impl fmt::Debug for RemoteJwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &*self.settings.address {
            Address::Keys(url) => fetch_document::place(url),
            Address::Issuer { name, .. } => name.clone(),
        };
        f.debug_tuple("RemoteJwks").field(&place).finish_non_exhaustive()
    }
}
