//! Holds the key that access tokens are bound to, and signs proofs with it (`DPoP`, RFC 9449): [`DpopKey`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    Error, StoreKey, Token, TokenStore, TokenWireFormat,
    clock::{Clock, SystemClock},
    oauth::random_text,
};

/// The header of a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// A longer nonce is not sent back.
const LONGEST_NONCE: usize = 1024;
/// Origins whose nonces are kept; the rest begins anew.
const MOST_NONCES: usize = 64;

/// A P-256 key that access tokens are bound to. A thief who has only the token cannot use it.
///
/// Clones share the key, and the nonces that servers have demanded. Its `Debug` form shows the thumbprint only.
///
/// # Example
///
/// ```
/// use auth_client::{ClientCredentials, DpopKey, OAuthClient, Provider, TokenAuthorizer};
///
/// let provider = Provider::new("https://login.example.com/token")?;
/// let client = OAuthClient::new(provider, "billing")?.with_secret("…").with_dpop(DpopKey::generate()?);
/// // `AuthorizedClient` and `AuthorizationLayer` add a proof to each request.
/// let authorizer = TokenAuthorizer::new(ClientCredentials::new(client));
/// # let _ = authorizer;
/// # Ok::<(), auth_client::Error>(())
/// ```
///
/// # Security
///
/// A key that lives as long as the process suits tokens in memory. A token in a store needs its key in a store:
/// [`in_store`](Self::in_store).
#[derive(Clone)]
pub struct DpopKey(Arc<Inner>);

struct Inner {
    key: EcdsaKeyPair,
    /// The coordinates, in base64url
    point: [String; 2],
    clock: Arc<dyn Clock>,
    /// The last nonce of each origin
    nonces: Mutex<HashMap<String, String>>,
}

impl DpopKey {
    /// Generates a key.
    ///
    /// # Errors
    ///
    /// Fails if the system gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        Self::from_pkcs8(&pkcs8()?)
    }

    /// Reads a P-256 key in PKCS #8 (DER).
    ///
    /// # Errors
    ///
    /// Fails if it is another key, or none.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Error> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_| Error::configuration("this is not a P-256 key in PKCS #8"))?;
        let point = key.public_key().as_ref();
        let coordinates = point.strip_prefix(&[4]).and_then(|both| both.split_at_checked(32));
        let (x, y) = coordinates.ok_or_else(|| Error::configuration("this is not a P-256 key in PKCS #8"))?;
        let point = [x, y].map(|coordinate| BASE64_URL_SAFE_NO_PAD.encode(coordinate));
        let clock = Arc::new(SystemClock::default());
        Ok(Self(Arc::new(Inner { key, point, clock, nonces: Mutex::default() })))
    }

    /// Returns the key of this name in a store, and creates it if there is none. Processes that share the store
    /// share the key.
    ///
    /// # Errors
    ///
    /// Fails if the store does.
    ///
    /// # Security
    ///
    /// The store has the private key, beside the tokens that are bound to it: encrypt it
    /// ([`FileStore::with_cipher`](crate::FileStore::with_cipher)).
    pub async fn in_store(store: &dyn TokenStore, name: &str) -> Result<Self, Error> {
        let key = StoreKey::of(&["dpop-key", name]);
        let lock = store.lock(&key).await?;
        if let Some(stored) = store.load(&key).await? {
            let text = secrecy::ExposeSecret::expose_secret(stored.access_token());
            let der = BASE64_URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new);
            let der = der.map_err(|_| Error::configuration("the stored key is damaged"))?;
            return Self::from_pkcs8(&der);
        }
        let der = pkcs8()?;
        let text = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&*der));
        // A store keeps tokens; the key is one whose type says what it is.
        let record = json!({ "access_token": text.as_str() });
        let record = Zeroizing::new(record.to_string());
        let token = Token::from_json(record.as_bytes(), SystemTime::UNIX_EPOCH, &TokenWireFormat::default())?;
        store.save(&key, &token).await?;
        drop(lock);
        Self::from_pkcs8(&der)
    }

    /// Sets the clock of proofs, for tests. The default is that of the operating system.
    ///
    /// # Errors
    ///
    /// Fails if the key has been cloned.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Result<Self, Error> {
        let inner = Arc::get_mut(&mut self.0).ok_or_else(|| Error::configuration("the key is in use"))?;
        inner.clock = Arc::new(clock);
        Ok(self)
    }

    /// Returns the thumbprint of the public key: `jkt` (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let [x, y] = &self.0.point;
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
    }

    /// Returns the value of the header `DPoP` for a request; `token` is the access token that it carries.
    ///
    /// # Errors
    ///
    /// Fails if the key cannot sign.
    pub fn proof(&self, method: &Method, url: &Url, token: Option<&str>) -> Result<HeaderValue, Error> {
        let [x, y] = &self.0.point;
        let header = json!({
            "typ": "dpop+jwt", "alg": "ES256", "jwk": { "crv": "P-256", "kty": "EC", "x": x, "y": y },
        });
        let issued = self.0.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut target = url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let mut claims = json!({
            "jti": random_text()?, "htm": method.as_str(), "htu": target.as_str(), "iat": issued.as_secs(),
        });
        if let Some(members) = claims.as_object_mut() {
            let ath = token.map(|token| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
            members.extend(ath.map(|hash| ("ath".to_owned(), hash.into())));
            members.extend(self.nonce(url).map(|nonce| ("nonce".to_owned(), nonce.into())));
        }
        let encode = |part: String| BASE64_URL_SAFE_NO_PAD.encode(part);
        let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let failed = || Error::configuration("the key of proofs cannot sign");
        let signature = self.0.key.sign(&SystemRandom::new(), input.as_bytes()).map_err(|_| failed())?;
        let proof = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        HeaderValue::try_from(proof).map_err(|_| failed())
    }

    /// Keeps the nonce of a response, for the next proof to its origin. Returns whether it is a new one.
    pub(crate) fn note_nonce(&self, url: &Url, headers: &HeaderMap) -> bool {
        let Some(nonce) = headers.get(DPOP_NONCE).and_then(|nonce| nonce.to_str().ok()) else { return false };
        if nonce.is_empty() || nonce.len() > LONGEST_NONCE {
            return false;
        }
        let mut nonces = self.0.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = origin(url);
        if nonces.len() >= MOST_NONCES && !nonces.contains_key(&origin) {
            nonces.clear();
        }
        nonces.insert(origin, nonce.to_owned()).as_deref() != Some(nonce)
    }

    fn nonce(&self, url: &Url) -> Option<String> {
        self.0.nonces.lock().unwrap_or_else(PoisonError::into_inner).get(&origin(url)).cloned()
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn pkcs8() -> Result<Zeroizing<Vec<u8>>, Error> {
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map(|der| Zeroizing::new(der.as_ref().to_vec()))
        .map_err(|_| Error::configuration("the system gives no random numbers"))
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DpopKey({})", self.thumbprint())
    }
}
