//! Derives from a session's secret the ids of its records, its public id, and keys of the index: [`DerivedIds`].

use std::{fmt, sync::Arc};

use auth_identity::{__private::Purpose, Identity, identity::CredentialId};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256, Sha512};
use tower_sessions_core::session::Id;

use super::session_secret::SessionSecret;

/// The version of the derivation.
const VERSION: u8 = 1;

/// The names of one session. None of them reveals the cookie's value or another name.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct DerivedIds {
    /// The store's name of the identity record
    pub(super) core: Id,
    /// The store's name of the data record
    pub(super) values: Id,
    /// The public id in lists of sessions
    pub(super) public: CredentialId,
}

impl DerivedIds {
    /// Returns the names of the records, as an index stores them.
    pub(super) fn records(&self) -> String {
        format!("{}.{}", self.core, self.values)
    }

    pub(super) fn from_records(public: CredentialId, records: &str) -> Option<Self> {
        let (core, values) = records.split_once('.')?;
        Some(Self { core: core.parse().ok()?, values: values.parse().ok()?, public })
    }
}

impl fmt::Debug for DerivedIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DerivedIds").field(&self.public.as_str()).finish()
    }
}

/// Derives names for one application and cookie.
#[derive(Clone)]
pub(super) struct IdDerivation(Arc<Hashers>);

/// Each name is a SHA-256 of the secret after a block for its purpose; the blocks are hashed once in advance.
/// A secret is random and has a fixed length, so a plain hash protects it.
struct Hashers {
    records: Sha256,
    public: Sha256,
    status: Sha256,
    users: Purpose,
    acting: Purpose,
    logins: Purpose,
}

impl IdDerivation {
    pub(super) fn new(application: &str, cookie: &str) -> Self {
        let purpose = |name| Purpose::new(VERSION, name, application, cookie);
        Self(Arc::new(Hashers {
            records: hasher(&purpose("session/records")),
            public: hasher(&purpose("session/public")),
            status: hasher(&purpose("session/secret")),
            users: purpose("session"),
            acting: purpose("session/acting"),
            logins: purpose("session/login"),
        }))
    }

    /// Returns the names of the session of this secret.
    #[expect(clippy::expect_used, reason = "the text is 22 letters of base64")]
    pub(super) fn ids(&self, secret: &SessionSecret) -> DerivedIds {
        let [core, values] = hash(&self.0.records, secret.lasting());
        let [public, _] = hash(&self.0.public, secret.lasting());
        let mut text = [0; 22];
        URL_SAFE_NO_PAD.encode_slice(public, &mut text).expect("16 bytes are 22 letters");
        let text = str::from_utf8(&text).expect("base64 is ASCII");
        let public = CredentialId::new(text).expect("22 letters are a name");
        DerivedIds { core: Id(i128::from_le_bytes(core)), values: Id(i128::from_le_bytes(values)), public }
    }

    /// Returns the store's name of the record that marks this value as the present one.
    pub(super) fn status_id(&self, secret: &SessionSecret) -> Id {
        let [status, _] = hash(&self.0.status, secret.bytes());
        Id(i128::from_le_bytes(status))
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

impl fmt::Debug for IdDerivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdDerivation").field(&self.0.users).finish()
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

    fn secret_of(bytes: &[u8]) -> SessionSecret {
        SessionSecret::parse(URL_SAFE_NO_PAD.encode(bytes).as_bytes()).unwrap()
    }

    #[test]
    fn secrets_and_their_names_do_not_repeat() {
        let derivation = IdDerivation::new("shop", "__Host-session");
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let secret = SessionSecret::random().unwrap();
            let ids = derivation.ids(&secret);
            assert!(
                seen.insert(ids.core)
                    && seen.insert(ids.values)
                    && seen.insert(derivation.status_id(&secret))
            );
        }
    }

    #[test]
    fn names_depend_on_application_and_cookie_and_do_not_tell_the_secret() {
        let secret = secret_of(&[7; 32]);
        let text = secret.text();
        let mut seen = HashSet::new();
        for (application, cookie) in [("", "a"), ("a", ""), ("shop", "a"), ("shop", "b"), ("sho", "pa")] {
            let ids = IdDerivation::new(application, cookie).ids(&secret);
            let status = IdDerivation::new(application, cookie).status_id(&secret).to_string();
            for name in [ids.core.to_string(), ids.values.to_string(), ids.public.to_string(), status] {
                assert!(!text.contains(&name) && seen.insert(name));
            }
            assert_eq!(DerivedIds::from_records(ids.public.clone(), &ids.records()), Some(ids));
        }
    }

    #[test]
    fn another_secret_of_a_session_has_another_status_id_and_no_half_of_it_opens_alone() {
        let derivation = IdDerivation::new("", "c");
        let (one, other) = (SessionSecret::random().unwrap(), SessionSecret::random().unwrap());
        let rotated = one.rotated().unwrap();
        assert_eq!(derivation.ids(&one), derivation.ids(&rotated));
        assert_ne!(derivation.status_id(&one), derivation.status_id(&rotated));
        let mixed = [one.lasting(), &other.bytes()[one.lasting().len()..]].concat();
        let mixed = derivation.status_id(&secret_of(&mixed));
        assert!(mixed != derivation.status_id(&one) && mixed != derivation.status_id(&other));
    }

    #[test]
    fn users_have_names_of_one_shape() {
        let derivation = IdDerivation::new("", "c");
        let mut seen = HashSet::new();
        for user in ["a", "session:*", "a b", "*", "{x}", "a:b", "ä"] {
            let user = Identity::new(user).unwrap();
            let login = derivation.login(&CredentialId::new(user.as_str()).unwrap());
            for name in [derivation.user(&user), derivation.acting(&user), login] {
                assert_eq!(name.len(), 43);
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
                assert!(seen.insert(name));
            }
        }
    }
}
