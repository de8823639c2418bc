//! Issues and checks nonces for proofs: [`Nonces`] (RFC 9449, section 9).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_identity::{clock::UnixTime, keys::KeyRing};

use crate::{Algorithm, KeySource as _, RingKeys, base64url};

/// How long a nonce is accepted.
const LIFETIME: Duration = Duration::from_mins(5);
/// From this age on, a response has the next one.
const AGEING: Duration = Duration::from_secs(150);
/// The clock skew between two instances.
const AHEAD: Duration = Duration::from_mins(1);

/// Makes nonces, and recognizes them: each is a time with a signature, so that nothing has to be stored.
#[derive(Clone)]
pub(super) struct Nonces {
    keys: RingKeys,
    /// When the last request was: a challenge comes after a request, and knows no time
    latest: Arc<AtomicU64>,
}

impl Nonces {
    pub(super) fn new(ring: KeyRing) -> Self {
        Self { keys: RingKeys::for_purpose(ring, "dpop-nonce", ""), latest: Arc::default() }
    }

    /// Takes note of the time.
    pub(super) fn note(&self, now: UnixTime) {
        self.latest.store(now.as_secs(), Ordering::Relaxed);
    }

    /// Returns a nonce of now; `None` before the first request with a proof.
    pub(super) fn present(&self) -> Option<String> {
        let now = self.latest.load(Ordering::Relaxed);
        if now == 0 {
            return None;
        }
        let key = self.keys.active(UnixTime::from_secs(now)).ok()?;
        let signature = key.sign(now.to_string().as_bytes()).ok()?;
        Some(format!("{now}.{}.{}", key.kid()?, base64url::encode(signature)))
    }

    pub(super) fn is_valid(&self, nonce: &str, now: UnixTime) -> bool {
        self.made_at(nonce, now).is_some_and(|made| made <= now.plus(AHEAD) && now.since(made) <= LIFETIME)
    }

    /// Returns whether more than half of the time of a valid nonce is over.
    pub(super) fn ends_soon(&self, nonce: &str, now: UnixTime) -> bool {
        self.made_at(nonce, now).is_some_and(|made| now.since(made) > AGEING)
    }

    fn made_at(&self, nonce: &str, now: UnixTime) -> Option<UnixTime> {
        let (time, rest) = nonce.split_once('.')?;
        let (kid, signature) = rest.split_once('.')?;
        let keys = self.keys.find(Some(kid), Algorithm::HS256, now).now()?.ok()?;
        keys.verify(time.as_bytes(), &base64url::decode(signature)?)?;
        time.parse().ok().map(UnixTime::from_secs)
    }
}
