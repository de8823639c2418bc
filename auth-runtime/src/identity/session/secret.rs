//! What a session's cookie holds, and the names that are derived from it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use tower_sessions_core::session::Id;
use zeroize::Zeroizing;

use crate::{
    Identity,
    identity::{CredentialId, IdentityError},
    keys::Purpose,
};

/// The version of the derivation.
const VERSION: u8 = 1;
/// The length of a secret, in bytes.
const BYTES: usize = 32;
/// The length of its text.
const TEXT: usize = 43;

/// The value of a session's cookie: 256 random bits. No store ever sees it.
pub(super) struct Secret(Zeroizing<[u8; BYTES]>);

impl Secret {
    pub(super) fn random() -> Result<Self, IdentityError> {
        Self::random_from(getrandom::fill)
    }

    fn random_from<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, IdentityError> {
        let mut secret = Zeroizing::new([0; BYTES]);
        fill(secret.as_mut_slice())
            .map_err(|_| IdentityError::unavailable("the operating system gives no random bytes"))?;
        Ok(Self(secret))
    }

    /// Takes exactly the text that [`text`](Self::text) makes.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT {
            return None;
        }
        // One byte more than a secret has, because the decoder wants room for whole groups.
        let mut decoded = Zeroizing::new([0; BYTES + 1]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, decoded.as_mut_slice()).ok()?;
        let mut secret = Zeroizing::new([0; BYTES]);
        if length != BYTES {
            return None;
        }
        secret.copy_from_slice(decoded.get(..BYTES)?);
        Some(Self(secret))
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// The names of one session. None of them tells the cookie's value, or another of them.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Ids {
    /// Where the store keeps who the session is of
    pub(super) core: Id,
    /// Where the store keeps its activity and its data
    pub(super) values: Id,
    /// What lists of sessions call it
    pub(super) public: CredentialId,
}

impl Ids {
    /// The names of the records, as an index keeps them.
    pub(super) fn records(&self) -> String {
        format!("{}.{}", self.core, self.values)
    }

    pub(super) fn from_records(public: CredentialId, records: &str) -> Option<Self> {
        let (core, values) = records.split_once('.')?;
        Some(Self { core: core.parse().ok()?, values: values.parse().ok()?, public })
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ids").field(&self.public.as_str()).finish()
    }
}

/// Derives names for one application and cookie.
#[derive(Clone, Debug)]
pub(super) struct Names(Purpose);

impl Names {
    pub(super) fn new(application: &str, cookie: &str) -> Self {
        Self(Purpose::new(VERSION, "session", application, cookie))
    }

    #[expect(clippy::expect_used, reason = "both lengths are constants that HKDF-SHA-256 takes")]
    pub(super) fn ids(&self, secret: &Secret) -> Ids {
        let mut output = Zeroizing::new([0; 48]);
        Hkdf::<Sha256>::from_prk(secret.0.as_slice())
            .expect("32 bytes are a pseudorandom key")
            .expand(self.0.info(), output.as_mut_slice())
            .expect("48 bytes are two blocks");
        let (parts, _) = output.as_chunks::<16>();
        let [core, values, public] = parts else { unreachable!("48 bytes are three times 16") };
        Ids {
            core: Id(i128::from_le_bytes(*core)),
            values: Id(i128::from_le_bytes(*values)),
            public: CredentialId::new(URL_SAFE_NO_PAD.encode(public)).expect("22 letters are a name"),
        }
    }

    /// What an index calls a user: of one shape whatever the identity is, and not the identity itself.
    pub(super) fn user(&self, identity: &Identity) -> String {
        let digest = Sha256::new().chain_update(self.0.info()).chain_update(identity.as_str()).finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // SE4, CN6
    #[test]
    fn a_failing_random_generator_makes_no_secret() {
        assert!(Secret::random_from(|_| Err("broken")).is_err());
    }

    // SE4
    #[test]
    fn secrets_and_their_names_do_not_repeat() {
        let names = Names::new("shop", "__Host-session");
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let secret = Secret::random().unwrap();
            let ids = names.ids(&secret);
            assert!(seen.insert(ids.core) && seen.insert(ids.values));
        }
    }

    // SE9, SE16
    #[test]
    fn names_depend_on_application_and_cookie_and_do_not_tell_the_secret() {
        let secret = Secret(Zeroizing::new([7; BYTES]));
        let text = secret.text();
        let mut seen = HashSet::new();
        for (application, cookie) in [("", "a"), ("a", ""), ("shop", "a"), ("shop", "b"), ("sho", "pa")] {
            let ids = Names::new(application, cookie).ids(&secret);
            for name in [ids.core.to_string(), ids.values.to_string(), ids.public.to_string()] {
                assert!(!text.contains(&name) && seen.insert(name));
            }
            assert_eq!(Ids::from_records(ids.public.clone(), &ids.records()), Some(ids));
        }
        assert_eq!(format!("{secret:?}"), "Secret([redacted])");
    }

    // SE16
    #[test]
    fn users_have_names_of_one_shape() {
        let names = Names::new("", "c");
        let mut seen = HashSet::new();
        for user in ["a", "session:*", "a b", "*", "{x}", "a:b", "ä"] {
            let name = names.user(&Identity::new(user).unwrap());
            assert_eq!(name.len(), 43);
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
            assert!(seen.insert(name));
        }
    }

    // SE3
    #[test]
    fn only_the_text_of_a_secret_is_one() {
        let text = Secret(Zeroizing::new([0xff; BYTES])).text();
        assert_eq!(*Secret::parse(text.as_bytes()).unwrap().0, [0xff; BYTES]);
        for wrong in
            ["", "a", &text[1..], &format!("{}=", &text[1..]), &format!("{}9", &text[..42]), &"*".repeat(43)]
        {
            assert!(Secret::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(Secret::parse(&[0xff; 43]).is_none());
        assert!(Secret::parse(&[b'a'; 44]).is_none());
    }
}
