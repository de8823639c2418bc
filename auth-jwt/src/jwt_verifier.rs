//! Verifies signature and claims of tokens: [`JwtVerifier`] (RFC 7519, section 7.2; RFC 8725).

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;

use super::{
    Found, JwtConfigError, JwtConfigErrorKind, JwtError, JwtErrorKind, KeySource, VerifiedClaims,
    compact_serialization::{Compact, CompactError, MAX_BYTES},
    jose_header::Header,
    validate_claims::Rules,
};
use auth_identity::{Answer, BoxError, clock::UnixTime};

/// The maximum length of a token's header, in characters; it is parsed before the token is verified.
const MAX_HEADER_CHARS: usize = 1024;
/// The maximum clock skew that can be configured.
const MAX_LEEWAY: Duration = Duration::from_mins(5);

/// Verifies tokens: first the signature, then time, issuer, audience, type and other required claims.
///
/// [`BearerJwt`](super::BearerJwt) is an identity policy with a verifier; use a verifier by itself for tokens
/// from other places, such as messages.
///
/// # Example
///
/// ```
/// use auth_runtime::{KeyRing, clock::{Clock, SystemClock}};
/// use auth_runtime::jwt::{JwtIssuer, JwtVerifier, RingKeys};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = RingKeys::new(KeyRing::random());
/// let issuer = JwtIssuer::new(keys.clone(), "https://shop.example")?;
/// let token = issuer.access_token("alice", "https://api.shop.example").issue()?;
///
/// let verifier = JwtVerifier::new(keys)
///     .with_issuer("https://shop.example")
///     .with_audience("https://api.shop.example");
/// let claims = verifier.verify(token.as_str(), SystemClock.now()).await?;
/// assert_eq!(claims.subject(), Some("alice"));
/// # Ok(()) }
/// ```
///
/// # Security
///
/// A token is valid if
///
/// 1. it has at most 8 KiB (its header 1 KiB) and three parts of canonical base64url, of which the first two
///    are JSON objects with unique members;
/// 2. its header has no critical extension (`crit`), no key and no address of one, and an accepted type;
/// 3. a key for exactly its algorithm made its signature;
/// 4. it has not expired, and is not dated in the future;
/// 5. issuer and audience are accepted, and every required claim is present;
/// 6. each claim of RFC 7519, RFC 8693 and RFC 9068 has its specified type, whether it is required or not.
///    The scopes may be a list. `auth_time` and `acr` of another type count as missing unless they are
///    required; guards with `fresh` and `acr` then deny.
///
/// A token that is bound to a key of its client (`cnf`) is rejected, because a verifier sees no request that could prove
/// possession. [`BearerJwt::with_dpop`](super::BearerJwt::with_dpop) and
/// [`with_client_certificates`](super::BearerJwt::with_client_certificates) accept such tokens.
#[derive(Clone)]
#[must_use]
pub struct JwtVerifier {
    keys: Arc<dyn KeySource>,
    rules: Rules,
    latest: Arc<ArcSwapOption<Known>>,
}

/// The header of the last valid token: the next one usually has the same, and need not be parsed again.
// INVARIANT: `header` is what `text` says and nothing else, so that verifiers of other rules can share it.
struct Known {
    text: Box<str>,
    header: Header,
}

impl JwtVerifier {
    /// Verifies signatures with these keys.
    pub fn new(keys: impl KeySource) -> Self {
        Self { keys: Arc::new(keys), rules: Rules::default(), latest: Arc::default() }
    }

    /// Accepts tokens of this issuer only; each further call adds one. By default the issuer is not checked.
    ///
    /// Names are compared byte by byte.
    ///
    /// # Security
    ///
    /// Each key of the source is accepted for each of these issuers. Give issuers that do not trust each
    /// other a verifier each, with separate keys.
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        if !self.rules.issuers.contains(&issuer) {
            self.rules.issuers.push(issuer);
        }
        self
    }

    /// Accepts tokens for this audience only; each further call adds one. By default only tokens without an
    /// audience are accepted.
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// Accepts tokens of this type (`typ` in the header) only. The default is `at+jwt`, access tokens of RFC
    /// 9068; many issuers write `JWT` instead.
    pub fn with_type(self, typ: impl Into<String>) -> Self {
        self.with_types([typ])
    }

    /// Accepts tokens of these types only.
    pub fn with_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rules.types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Rejects tokens without one of these claims, or with `null` there. By default only the claims of other
    /// options are required.
    pub fn with_required_claims(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rules.required.extend(names.into_iter().map(Into::into));
        self
    }

    /// Sets the claim that contains the scopes, as a list of tokens or as text separated by single spaces.
    /// The default is `scope`.
    pub fn with_scope_claim(mut self, name: impl Into<String>) -> Self {
        self.rules.scope_claim = name.into();
        self
    }

    /// Sets the issuer's maximum clock skew for `nbf`, `iat` and `auth_time`, in whole seconds. The default
    /// is 30 seconds.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.rules.leeway = checked_leeway(leeway)?;
        Ok(self)
    }

    /// Sets how long a token is accepted after it has expired, in whole seconds. The default is zero.
    ///
    /// # Errors
    ///
    /// Fails for more than 300 seconds.
    pub fn with_expiry_leeway(mut self, leeway: Duration) -> Result<Self, JwtConfigError> {
        self.rules.expiry_leeway = checked_leeway(leeway)?;
        Ok(self)
    }

    /// Accepts tokens that never expire.
    ///
    /// # Security
    ///
    /// A stolen token of this kind is valid as long as its key is accepted.
    pub const fn allow_missing_expiry(mut self) -> Self {
        self.rules.without_expiry = true;
        self
    }

    /// Accepts tokens without an issuer, even if issuers are set.
    ///
    /// # Security
    ///
    /// With several issuers, each of them can then issue tokens without a name.
    pub const fn allow_missing_issuer(mut self) -> Self {
        self.rules.without_issuer = true;
        self
    }

    /// Accepts tokens without an audience, even if audiences are set.
    ///
    /// # Security
    ///
    /// A token that the issuer issued for another service is then accepted here (confused deputy).
    pub const fn allow_missing_audience(mut self) -> Self {
        self.rules.without_audience = true;
        self
    }

    /// Accepts tokens without a subject.
    pub const fn allow_missing_subject(mut self) -> Self {
        self.rules.without_subject = true;
        self
    }

    /// Accepts tokens without a type in the header.
    ///
    /// # Security
    ///
    /// Tokens that the same keys have signed for other purposes may then be accepted as access tokens.
    pub const fn allow_missing_type(mut self) -> Self {
        self.rules.without_type = true;
        self
    }

    /// Accepts tokens that are bound to a key: the caller verifies the binding.
    pub(super) const fn allow_bound(mut self) -> Self {
        self.rules.with_bound = true;
        self
    }

    pub(super) fn issuers(&self) -> &[String] {
        &self.rules.issuers
    }

    pub(super) const fn expiry_leeway(&self) -> Duration {
        self.rules.expiry_leeway
    }

    /// Verifies a token: at once if its key is available, later if the [source](KeySource) has to wait.
    ///
    /// # Errors
    ///
    /// Fails if the token is not valid at the time `now`, and if its key is unavailable.
    pub fn verify<'a>(
        &'a self,
        token: impl Into<Cow<'a, str>>,
        now: UnixTime,
    ) -> Answer<'a, Result<VerifiedClaims, JwtError>> {
        let token = token.into();
        let (compact, known) = match self.read(&token) {
            Ok(read) => read,
            Err(error) => return Answer::Now(Err(error)),
        };
        match self.keys.find(known.header.kid.as_deref(), known.header.algorithm, now) {
            Answer::Now(found) => Answer::Now(self.finish(&compact, known, found, now)),
            Answer::Later(found) => Answer::later(async move {
                let found = found.await;
                self.finish(&parse(&token)?, known, found, now)
            }),
        }
    }

    fn read<'t>(&self, token: &'t str) -> Result<(Compact<'t>, Arc<Known>), JwtError> {
        let compact = parse(token)?;
        let known = self.header(&compact)?;
        Ok((compact, known))
    }

    fn header(&self, compact: &Compact<'_>) -> Result<Arc<Known>, JwtError> {
        let text = compact.header_text();
        let known = if let Some(known) = self.latest.load_full().filter(|known| *known.text == *text) {
            known
        } else {
            let members = compact.header().map_err(malformed)?;
            Arc::new(Known { text: text.into(), header: Header::read(&members)? })
        };
        self.rules.check_type(known.header.typ.as_deref())?;
        Ok(known)
    }

    /// Do not parse the claims before the signature is verified.
    fn finish(
        &self,
        compact: &Compact<'_>,
        known: Arc<Known>,
        found: Result<Found, BoxError>,
        now: UnixTime,
    ) -> Result<VerifiedClaims, JwtError> {
        let found = found.map_err(JwtError::unavailable)?;
        if found.is_empty() {
            return Err(JwtErrorKind::Key.into());
        }
        // A custom source might return any key.
        let is_signed = found.iter().any(|key| {
            key.algorithm() == known.header.algorithm && key.verify(compact.signing_input, &compact.signature)
        });
        if !is_signed {
            return Err(JwtErrorKind::Signature.into());
        }
        let claims =
            compact.claims().map_err(|error| JwtError::because(JwtErrorKind::Claim, error.to_string()))?;
        let registered = self.rules.check(&claims, now)?;
        let kid = known.header.kid.clone();
        if self.latest.load().as_ref().is_none_or(|latest| !Arc::ptr_eq(latest, &known)) {
            self.latest.store(Some(known));
        }
        Ok(VerifiedClaims::new(claims, registered, kid))
    }
}

fn parse(token: &str) -> Result<Compact<'_>, JwtError> {
    let is_short = token.bytes().take(MAX_HEADER_CHARS.saturating_add(1)).any(|byte| byte == b'.');
    if !is_short && token.len() > MAX_HEADER_CHARS && token.len() <= MAX_BYTES {
        return Err(JwtError::because(JwtErrorKind::Malformed, "the header is longer than 1 KiB"));
    }
    Compact::parse(token).map_err(malformed)
}

fn malformed(error: CompactError) -> JwtError {
    match error {
        CompactError::TooLong => JwtErrorKind::TooLong.into(),
        error => JwtError::because(JwtErrorKind::Malformed, error.to_string()),
    }
}

fn checked_leeway(leeway: Duration) -> Result<Duration, JwtConfigError> {
    if leeway > MAX_LEEWAY { Err(JwtConfigError::new(JwtConfigErrorKind::Leeway)) } else { Ok(leeway) }
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier").field("rules", &self.rules).finish_non_exhaustive()
    }
}
