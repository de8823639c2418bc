//! CSRF tokens (signed double-submit cookie, OWASP), for applications with old browsers: [`CsrfTokens`].
//!
//! Browsers since 2020 say where a request comes from, and no token is needed. Older ones leave out
//! `Sec-Fetch-Site`, and some leave out `Origin`: there, a form or a script has to send a token that pages of other
//! sites cannot read.
//!
//! A browser gets a cookie with 128 random bits. A token is an HMAC over this value and the identity of the request, so
//! it is valid for this browser and this user only. Each log-in replaces the cookie. The token of a response is masked
//! with a one-time pad, so that its compressed length tells nothing (BREACH).

mod browser_secret;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
pub use browser_secret::BrowserSecret;

use crate::{
    Identity, KeyRing,
    clock::UnixTime,
    identity::{
        Effects, IdentityError, Incoming,
        cookie::{CookieConfig, CookieValues, insecure_on_loopback},
    },
    keys::{KeyId, MacKeys, Purpose, TAG_BYTES},
};

/// The length of a token, in bytes: the key's id, the pad, and the masked tag.
const TOKEN_BYTES: usize = KeyId::BYTES + 2 * TAG_BYTES;

/// Makes and verifies CSRF tokens, for `AuthLayer::with_csrf_tokens`.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, csrf::CsrfTokens};
///
/// let keys = KeyRing::random();
/// let auth = AuthLayer::new(TicketCookie::new(keys.clone())).with_csrf_tokens(CsrfTokens::new(keys));
/// # let _ = auth;
/// ```
pub struct CsrfTokens {
    keys: MacKeys,
    cookie: CookieConfig,
}

impl CsrfTokens {
    /// Signs with these keys. All instances need the same ones.
    ///
    /// The cookie is `__Host-csrf`, and the browser removes it when it closes.
    #[must_use]
    pub fn new(keys: KeyRing) -> Self {
        Self::with_cookie(keys, CookieConfig::new().with_name("__Host-csrf").unwrap_or_default())
    }

    /// Signs with these keys, and uses a cookie with these settings.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{KeyRing, csrf::CsrfTokens, identity::cookie::CookieConfig};
    ///
    /// // For development over http on this host.
    /// let cookie = CookieConfig::new().with_name("csrf")?.with_insecure_http_on_loopback()?;
    /// let tokens = CsrfTokens::with_cookie(KeyRing::random(), cookie);
    /// # let _ = tokens;
    /// # Ok::<(), auth_runtime::identity::cookie::CookieConfigError>(())
    /// ```
    ///
    /// # Security
    ///
    /// A cookie without the prefix `__Host-` can be set by other hosts of the domain (cookie tossing): anonymous
    /// visitors then send a token of the attacker (login CSRF). Browsers before 2016 do not know the prefix.
    #[must_use]
    pub fn with_cookie(keys: KeyRing, cookie: CookieConfig) -> Self {
        Self { keys: MacKeys::new(keys, Purpose::new(1, "csrf", "", cookie.name())), cookie }
    }

    /// Returns the secret of the browser. One that sends several has one of another host (cookie tossing), and counts as
    /// one without.
    #[doc(hidden)]
    #[must_use]
    pub fn secret_of(&self, request: &Incoming<'_>) -> Option<BrowserSecret> {
        if !self.cookie.is_secure() && insecure_on_loopback::obstacle(request).is_some() {
            return None;
        }
        let mut values = CookieValues::new(request.headers(), self.cookie.name());
        match (values.next(), values.next()) {
            (Some(value), None) => BrowserSecret::parse(value.as_str()?),
            _ => None,
        }
    }

    /// Makes a secret, and the cookie that gives it to the browser.
    ///
    /// # Errors
    ///
    /// Fails if the system gives no randomness.
    #[doc(hidden)]
    pub fn new_secret(&self) -> Result<(BrowserSecret, Effects), IdentityError> {
        let secret = BrowserSecret::random()?;
        let effects = self.cookie.set(&secret.to_text(), None)?;
        Ok((secret, effects))
    }

    /// Returns a token for the browser with this secret, and for this user.
    ///
    /// # Errors
    ///
    /// Fails if the system gives no randomness.
    #[doc(hidden)]
    pub fn token(
        &self,
        now: UnixTime,
        secret: &BrowserSecret,
        user: Option<&Identity>,
        actor: Option<&Identity>,
    ) -> Result<String, IdentityError> {
        let (key, tag) = self.keys.sign(Some(now), [secret.as_bytes(), &bound_to(user, actor)]);
        let mut pad = [0; TAG_BYTES];
        getrandom::fill(&mut pad)
            .map_err(|_| IdentityError::unavailable("the system gives no randomness"))?;
        let mut token = Vec::with_capacity(TOKEN_BYTES);
        token.extend_from_slice(key.as_bytes());
        token.extend_from_slice(&pad);
        token.extend(tag.iter().zip(pad).map(|(byte, pad)| byte ^ pad));
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// Returns whether a token is for the browser with this secret, and for this user.
    #[doc(hidden)]
    #[must_use]
    pub fn verifies(
        &self,
        now: UnixTime,
        secret: &BrowserSecret,
        user: Option<&Identity>,
        actor: Option<&Identity>,
        token: &str,
    ) -> bool {
        // The decoder accepts one spelling of the same bytes.
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        let Some((key, rest)) = bytes.split_first_chunk::<{ KeyId::BYTES }>() else { return false };
        let Some((pad, masked)) = rest.split_first_chunk::<TAG_BYTES>() else { return false };
        // A tag of another length is not verified.
        let tag: Vec<u8> = if masked.len() == TAG_BYTES {
            masked.iter().zip(pad).map(|(byte, pad)| byte ^ pad).collect()
        } else {
            return false;
        };
        let bound = bound_to(user, actor);
        self.keys.verify(Some(now), KeyId::from_bytes(*key), secret.as_bytes(), &bound, &tag).is_some()
    }
}

/// Returns the bytes of a user, unambiguously: an identity is never empty.
fn bound_to(user: Option<&Identity>, actor: Option<&Identity>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for identity in [user, actor] {
        let text = identity.map(Identity::as_str).unwrap_or_default();
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

impl fmt::Debug for CsrfTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfTokens").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn name(text: &str) -> Identity {
        Identity::new(text).unwrap()
    }

    #[test]
    fn a_token_is_for_one_browser_and_one_user() {
        let tokens = CsrfTokens::new(KeyRing::random());
        let (secret, other) = (BrowserSecret::random().unwrap(), BrowserSecret::random().unwrap());
        let (alice, bob) = (name("alice"), name("bob"));
        let users = [
            (None, None),
            (Some(&alice), None),
            (Some(&bob), None),
            (Some(&alice), Some(&bob)),
            (Some(&bob), Some(&alice)),
        ];
        for (at, (user, actor)) in users.into_iter().enumerate() {
            let token = tokens.token(NOON, &secret, user, actor).unwrap();
            for (other_at, (user, actor)) in users.into_iter().enumerate() {
                assert_eq!(tokens.verifies(NOON, &secret, user, actor, &token), at == other_at);
                assert!(!tokens.verifies(NOON, &other, user, actor, &token));
            }
            let strange = CsrfTokens::new(KeyRing::random());
            assert!(!strange.verifies(NOON, &secret, user, actor, &token), "of other keys");
        }
    }

    #[test]
    fn every_change_of_a_token_is_rejected() {
        let tokens = CsrfTokens::new(KeyRing::random());
        let secret = BrowserSecret::random().unwrap();
        let token = tokens.token(NOON, &secret, None, None).unwrap();
        let verifies = |token: &str| tokens.verifies(NOON, &secret, None, None, token);
        assert!(verifies(&token));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert_eq!(bytes.len(), TOKEN_BYTES);
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&URL_SAFE_NO_PAD.encode(changed)), "{bit}");
        }
        for text in
            ["", "=", &token[1..], &token[..token.len() - 1], &format!("{token}A"), &format!(" {token}")]
        {
            assert!(!verifies(text), "{text}");
        }
        // The last character has bits that belong to no byte: only zeros are accepted.
        let second = format!("{}{}", &token[..token.len() - 1], "_");
        assert!(!verifies(&second));
    }

    // A response's compressed length must not show a guess of the token right.
    #[test]
    fn no_two_tokens_share_their_text() {
        let tokens = CsrfTokens::new(KeyRing::random());
        let secret = BrowserSecret::random().unwrap();
        let token = || tokens.token(NOON, &secret, None, None).unwrap();
        let (one, other) = (token(), token());
        let head = KeyId::BYTES * 4 / 3;
        assert_eq!(one[..head], other[..head], "the id of the key is public");
        let same = one.bytes().zip(other.bytes()).skip(head + 1).filter(|(one, other)| one == other).count();
        assert!(same < 16, "{same} of {} characters", one.len());
    }

    #[test]
    fn a_rotation_of_the_keys_leaves_tokens_valid_until_the_key_retires() {
        let key = crate::Key::random().unwrap();
        let (old, ring) = (key.id(), KeyRing::new(key));
        let tokens = CsrfTokens::new(ring.clone());
        let secret = BrowserSecret::random().unwrap();
        let token = tokens.token(NOON, &secret, None, None).unwrap();
        ring.rotate_to(crate::Key::random().unwrap()).unwrap();
        assert!(tokens.verifies(NOON, &secret, None, None, &token));
        ring.retire(old).unwrap();
        assert!(!tokens.verifies(NOON, &secret, None, None, &token));
    }
}
