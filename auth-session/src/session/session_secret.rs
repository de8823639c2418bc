//! The secret in a session's cookie, and the names that are derived from it.

use std::{fmt, sync::Arc};

use auth_identity::__private::Purpose;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256, Sha512};
use tower_sessions_core::session::Id;
use zeroize::Zeroizing;

use auth_identity::{
    Identity,
    identity::{CredentialId, IdentityError},
};

/// The version of the derivation.
const VERSION: u8 = 1;
/// The length of each half, in bytes.
const HALF: usize = 16;
/// The length of a secret, in bytes.
const BYTES: usize = 2 * HALF;
/// The length of its text.
const TEXT: usize = 43;

/// The value of a session's cookie: 128 random bits that identify the session, and 128 that change with each
/// rotation. Stores never see them.
#[derive(Clone)]
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

    /// Returns a new value for the same session.
    pub(super) fn rotated(&self) -> Result<Self, IdentityError> {
        let mut rotated = Self::random()?;
        for (byte, kept) in rotated.0.iter_mut().zip(self.lasting()) {
            *byte = *kept;
        }
        Ok(rotated)
    }

    /// Parses exactly the text that [`text`](Self::text) returns.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT {
            return None;
        }
        let mut secret = Zeroizing::new([0; BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, secret.as_mut_slice()).ok()?;
        (length == BYTES).then_some(Self(secret))
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    fn lasting(&self) -> &[u8] {
        self.0.get(..HALF).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// The names of one session. None of them reveals the cookie's value or another name.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Ids {
    /// The store's name of the identity record
    pub(super) core: Id,
    /// The store's name of the data record
    pub(super) values: Id,
    /// The public id in lists of sessions
    pub(super) public: CredentialId,
}

impl Ids {
    /// Returns the names of the records, as an index stores them.
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
#[derive(Clone)]
pub(super) struct Names(Arc<Hashers>);

/// Each name is a SHA-256 of the secret after a block for its purpose; the blocks are hashed once in advance.
/// A secret is random and has a fixed length, so a plain hash protects it.
struct Hashers {
    records: Sha256,
    public: Sha256,
    door: Sha256,
    users: Purpose,
    acting: Purpose,
    logins: Purpose,
}

impl Names {
    pub(super) fn new(application: &str, cookie: &str) -> Self {
        let purpose = |name| Purpose::new(VERSION, name, application, cookie);
        Self(Arc::new(Hashers {
            records: hasher(&purpose("session/records")),
            public: hasher(&purpose("session/public")),
            door: hasher(&purpose("session/door")),
            users: purpose("session"),
            acting: purpose("session/acting"),
            logins: purpose("session/login"),
        }))
    }

    /// Returns the names of the session of this secret.
    #[expect(clippy::expect_used, reason = "the text is 22 letters of base64")]
    pub(super) fn ids(&self, secret: &Secret) -> Ids {
        let [core, values] = hash(&self.0.records, secret.lasting());
        let [public, _] = hash(&self.0.public, secret.lasting());
        let mut text = [0; 22];
        URL_SAFE_NO_PAD.encode_slice(public, &mut text).expect("16 bytes are 22 letters");
        let text = str::from_utf8(&text).expect("base64 is ASCII");
        let public = CredentialId::new(text).expect("22 letters are a name");
        Ids { core: Id(i128::from_le_bytes(core)), values: Id(i128::from_le_bytes(values)), public }
    }

    /// Returns the store's name of the record that marks this value as the present one.
    pub(super) fn door(&self, secret: &Secret) -> Id {
        let [door, _] = hash(&self.0.door, secret.0.as_slice());
        Id(i128::from_le_bytes(door))
    }

    /// Returns an index's name of a user: of fixed length, and not the identity itself.
    pub(super) fn user(&self, identity: &Identity) -> String {
        listed(&self.0.users, identity)
    }

    /// Returns an index's name of a user as impersonator.
    pub(super) fn acting(&self, identity: &Identity) -> String {
        listed(&self.0.acting, identity)
    }

    /// Returns an index's name of a log-in.
    pub(super) fn login(&self, id: &CredentialId) -> String {
        listed(&self.0.logins, id.as_str())
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Names").field(&self.0.users).finish()
    }
}

fn listed(purpose: &Purpose, name: &str) -> String {
    let digest = Sha256::new().chain_update(purpose.info()).chain_update(name).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

/// SHA-512 turns a purpose into exactly one block of SHA-256.
fn hasher(purpose: &Purpose) -> Sha256 {
    Sha256::new().chain_update(Sha512::digest(purpose.info()))
}

/// Returns the two halves of the hash.
fn hash(hasher: &Sha256, secret: &[u8]) -> [[u8; 16]; 2] {
    let name: [u8; 32] = hasher.clone().chain_update(secret).finalize().into();
    let mut halves = name.as_chunks::<16>().0.iter();
    [(); 2].map(|()| halves.next().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_failing_random_generator_makes_no_secret() {
        assert!(Secret::random_from(|_| Err("broken")).is_err());
    }

    #[test]
    fn secrets_and_their_names_do_not_repeat() {
        let names = Names::new("shop", "__Host-session");
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let secret = Secret::random().unwrap();
            let ids = names.ids(&secret);
            assert!(seen.insert(ids.core) && seen.insert(ids.values) && seen.insert(names.door(&secret)));
        }
    }

    // 10^7 samples, each half separately. Of two halves 128 bits each are compared: the probability of an
    // accidental collision is below 2^-80. No byte value and no bit is more frequent than chance allows.
    #[test]
    #[ignore = "takes a minute and 320 MB"]
    fn ten_million_secrets_are_different_and_even() {
        const DRAWS: u32 = 10_000_000;
        let mut halves = [Vec::new(), Vec::new()];
        let mut counts = [0_u64; 256];
        for half in &mut halves {
            half.reserve_exact(DRAWS as usize);
        }
        for _ in 0..DRAWS {
            let secret = Secret::random().unwrap();
            for (half, bytes) in halves.iter_mut().zip(secret.0.as_chunks::<HALF>().0) {
                let start = *bytes.first_chunk::<16>().unwrap();
                half.push(u128::from_le_bytes(start));
                for byte in start {
                    counts[usize::from(byte)] += 1;
                }
            }
        }
        for mut half in halves {
            half.sort_unstable();
            assert!(half.windows(2).all(|pair| pair[0] != pair[1]));
        }
        let (all, ones) = counts.iter().zip(0..=u8::MAX).fold((0, 0), |(all, ones), (count, byte)| {
            (all + count, ones + count * u64::from(byte.count_ones()))
        });
        assert_eq!(all, u64::from(DRAWS) * 32);
        // Seven standard deviations; half the root of as many bits is one.
        #[expect(clippy::cast_precision_loss, reason = "these numbers are exact")]
        let (all, ones, counts) = (all as f64, ones as f64, counts.map(|count| count as f64));
        assert!((ones - all * 4.0).abs() < 7.0 * (all * 8.0).sqrt() / 2.0, "{ones} ones");
        // 255 degrees of freedom: the mean is 255, the standard deviation 22.6.
        let expected = all / 256.0;
        let chi: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        assert!((97.0..=413.0).contains(&chi), "{chi}");
    }

    #[test]
    fn names_depend_on_application_and_cookie_and_do_not_tell_the_secret() {
        let secret = Secret(Zeroizing::new([7; BYTES]));
        let text = secret.text();
        let mut seen = HashSet::new();
        for (application, cookie) in [("", "a"), ("a", ""), ("shop", "a"), ("shop", "b"), ("sho", "pa")] {
            let ids = Names::new(application, cookie).ids(&secret);
            let door = Names::new(application, cookie).door(&secret).to_string();
            for name in [ids.core.to_string(), ids.values.to_string(), ids.public.to_string(), door] {
                assert!(!text.contains(&name) && seen.insert(name));
            }
            assert_eq!(Ids::from_records(ids.public.clone(), &ids.records()), Some(ids));
        }
        assert_eq!(format!("{secret:?}"), "Secret([redacted])");
    }

    #[test]
    fn another_value_of_a_session_has_another_door_and_no_half_of_it_opens_alone() {
        let names = Names::new("", "c");
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let rotated = one.rotated().unwrap();
        assert_eq!(names.ids(&one), names.ids(&rotated));
        assert_ne!(names.door(&one), names.door(&rotated));
        let mut mixed = Zeroizing::new(*one.0);
        mixed[HALF..].copy_from_slice(&other.0[HALF..]);
        let mixed = names.door(&Secret(mixed));
        assert!(mixed != names.door(&one) && mixed != names.door(&other));
    }

    #[test]
    fn users_have_names_of_one_shape() {
        let names = Names::new("", "c");
        let mut seen = HashSet::new();
        for user in ["a", "session:*", "a b", "*", "{x}", "a:b", "ä"] {
            let user = Identity::new(user).unwrap();
            let login = names.login(&CredentialId::new(user.as_str()).unwrap());
            for name in [names.user(&user), names.acting(&user), login] {
                assert_eq!(name.len(), 43);
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
                assert!(seen.insert(name));
            }
        }
    }

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
