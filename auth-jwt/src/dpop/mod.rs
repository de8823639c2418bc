//! Verifies proofs of possession in the header `DPoP` (RFC 9449): [`Dpop`].

mod nonce;
mod proof;
mod target_address;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_identity::{
    clock::UnixTime,
    identity::{IdentityError, Incoming, PossessionProof},
    keys::KeyRing,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Algorithm, JwtConfigError, JwtConfigErrorKind, ReplayCache, TokenUse, replay};
use nonce::Nonces;
use proof::{Expected, Proof};
use target_address::BaseAddress;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The clock skew of clients for proofs that seem to come from the future.
const AHEAD: Duration = Duration::from_secs(30);
/// The default age.
const MAX_AGE: Duration = Duration::from_mins(1);
const LONGEST_AGE: Duration = Duration::from_mins(5);

/// Verifies that the client of a request has the private key that its access token is bound to (demonstrating proof of
/// possession, RFC 9449).
///
/// | option | default |
/// |---|---|
/// | algorithms | ES256, ES384, `EdDSA`, PS256 |
/// | age of a proof | at most 60 seconds |
/// | nonce of this server | not demanded |
///
/// # Example
///
/// ```
/// use auth_runtime::AuthLayer;
/// use auth_runtime::jwt::{BearerJwt, Dpop, MemoryReplayCache, VerifyingKey};
///
/// # fn example(key: VerifyingKey) -> Result<(), Box<dyn std::error::Error>> {
/// let policy = BearerJwt::new(key)
///     .with_issuer("https://id.example")
///     .with_audience("https://api.shop.example")
///     .with_dpop(Dpop::new("https://api.shop.example", MemoryReplayCache::new())?)
///     .with_bound_tokens_only();
/// let auth = AuthLayer::new(policy);
/// # let _ = auth;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// A request is accepted if it has `Authorization: DPoP …` with a token that is bound to a key (`cnf.jkt`), and one header
/// `DPoP` with a proof
///
/// 1. of the type `dpop+jwt`, with one of the algorithms, which are asymmetric, and with its public key (`jwk`) alone;
/// 2. whose signature is by that key, and the key is that of the token (RFC 7638);
/// 3. for this method (`htm`), this address (`htu`) and this token (`ath`);
/// 4. that is fresh (`iat`), and of an id (`jti`) that this key has not used.
///
/// A bound token with the scheme `Bearer` is rejected, and so is another token with the scheme `DPoP` (downgrade).
///
/// The address is compared with the configured one and the path of the request, never with `Host`. Both are normalized
/// (RFC 3986, section 6.2); the query does not count. A request whose path has dot segments has no valid proof.
///
/// A client with a valid token can fill the replay cache, one entry for each request: limit its requests
/// (`limit = "…"`). All instances must share the cache; in another one a proof is accepted once more.
#[derive(Clone)]
#[must_use]
pub struct Dpop {
    base: BaseAddress,
    replay: Arc<dyn ReplayCache>,
    algorithms: Vec<Algorithm>,
    /// Their names, for challenges
    names: String,
    max_age: Duration,
    nonces: Option<Nonces>,
}

impl Dpop {
    /// Verifies proofs for the public address of this application, as clients see it, such as `https://api.example`.
    ///
    /// A path of the address is put before that of each request, for a proxy in front that removes it.
    ///
    /// # Errors
    ///
    /// Fails if it is not an `http` or `https` address, or has a query.
    pub fn new(address: &str, replay: impl ReplayCache) -> Result<Self, JwtConfigError> {
        let base = BaseAddress::parse(address).ok_or(JwtConfigError::new(JwtConfigErrorKind::Address))?;
        let algorithms = vec![Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::PS256];
        let names = names(&algorithms);
        Ok(Self { base, replay: Arc::new(replay), algorithms, names, max_age: MAX_AGE, nonces: None })
    }

    /// Accepts these algorithms only.
    ///
    /// # Errors
    ///
    /// Fails if there is none, or one is symmetric: a proof shows its key.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, JwtConfigError> {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() || self.algorithms.iter().any(|algorithm| algorithm.is_symmetric()) {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Algorithm));
        }
        self.names = names(&self.algorithms);
        Ok(self)
    }

    /// Sets how old a proof may be, in whole seconds. The default is 60 seconds; it may also be up to 30 seconds ahead.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_max_age(mut self, age: Duration) -> Result<Self, JwtConfigError> {
        if age > LONGEST_AGE {
            return Err(JwtConfigError::new(JwtConfigErrorKind::Leeway));
        }
        self.max_age = age;
        Ok(self)
    }

    /// Demands a nonce of this server in each proof, so that a client cannot make proofs in advance (RFC 9449, section
    /// 9). By default none is demanded.
    ///
    /// A nonce is valid for five minutes, in all instances with this ring. A proof without a valid one gets 401
    /// `use_dpop_nonce`, with a nonce in the header `DPoP-Nonce`; the client tries again with it. The response to a proof
    /// with a nonce that is more than half as old has a new one, so that a client that goes on needs no second attempt
    /// (section 8.2). Pages of other origins
    /// can read the header only if the layer for CORS exposes it.
    pub fn with_nonce(mut self, ring: KeyRing) -> Self {
        self.nonces = Some(Nonces::new(ring));
        self
    }
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(" ")
}

const fn invalid(message: &'static str) -> IdentityError {
    IdentityError::invalid_proof(message, false)
}

#[async_trait]
impl PossessionProof for Dpop {
    async fn verify(
        &self,
        request: &Incoming<'_>,
        token_hash: &[u8; 32],
        thumbprint: &str,
    ) -> Result<HeaderMap, IdentityError> {
        self.nonces.iter().for_each(|nonces| nonces.note(request.now()));
        let target = self.base.with_path(request.original_uri().path());
        let expected = Expected {
            algorithms: &self.algorithms,
            method: request.method(),
            target: &target.ok_or(invalid("the path of the request has no canonical form"))?,
            token_hash,
            thumbprint,
        };
        let proof = Proof::read(sole_header(request.headers())?, &expected).map_err(invalid)?;
        // The watch of a request asks again about what it has proven.
        if request.is_asked_again() {
            return Ok(HeaderMap::new());
        }
        self.check_freshness(&proof, request.now())?;
        let issued = proof.issued_at;
        let until = issued.plus(self.max_age).plus(AHEAD).plus(replay::CLOCKS_APART);
        let seen =
            TokenUse::new(replay::hash(Some(&format!("DPoP {thumbprint}")), &proof.id), request.now(), until);
        // Last, so that only a valid proof takes room.
        match self.replay.use_once(&seen).await {
            Ok(true) => Ok(self.next_nonce(&proof, request.now())),
            Ok(false) => Err(invalid("the DPoP proof was used before")),
            Err(error) => Err(IdentityError::unavailable(error)),
        }
    }

    fn algorithms(&self) -> &str {
        &self.names
    }

    fn headers(&self) -> HeaderMap {
        let nonce = self.nonces.as_ref().and_then(Nonces::present);
        nonce
            .and_then(|nonce| HeaderValue::try_from(nonce).ok())
            .map(|nonce| (DPOP_NONCE, nonce))
            .into_iter()
            .collect()
    }
}

impl Dpop {
    /// Returns a nonce that replaces the one of a valid proof, if that one will end soon (RFC 9449, section 8.2).
    fn next_nonce(&self, proof: &Proof, now: UnixTime) -> HeaderMap {
        let ends_soon =
            |nonces: &Nonces| proof.nonce.as_deref().is_some_and(|nonce| nonces.ends_soon(nonce, now));
        if self.nonces.as_ref().is_some_and(ends_soon) { self.headers() } else { HeaderMap::new() }
    }

    fn check_freshness(&self, proof: &Proof, now: UnixTime) -> Result<(), IdentityError> {
        if let Some(nonces) = &self.nonces
            && !proof.nonce.as_deref().is_some_and(|nonce| nonces.is_valid(nonce, now))
        {
            return Err(IdentityError::invalid_proof(
                "the DPoP proof has no valid nonce of this server",
                true,
            ));
        }
        if proof.issued_at > now.plus(AHEAD) {
            return Err(invalid("the DPoP proof is from the future"));
        }
        if now.since(proof.issued_at) > self.max_age {
            return Err(invalid("the DPoP proof is too old"));
        }
        Ok(())
    }
}

/// Returns the only header `DPoP` (RFC 9449, section 4.3, step 1).
fn sole_header(headers: &HeaderMap) -> Result<&str, IdentityError> {
    let mut lines = headers.get_all(DPOP).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Err(invalid("the header `DPoP` is missing")),
        (Some(line), None) => line.to_str().map_err(|_| invalid("the DPoP proof is not a signed token")),
        (Some(_), Some(_)) => Err(invalid("there is more than one header `DPoP`")),
    }
}

impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop")
            .field("base", &self.base)
            .field("algorithms", &self.names)
            .field("max_age", &self.max_age)
            .field("demands_nonce", &self.nonces.is_some())
            .finish_non_exhaustive()
    }
}
