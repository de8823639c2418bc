//! Encrypts the `id_token` of a recorded log-in, which the log-out sends as `id_token_hint`:
//! [`IdTokenCipher`].

use std::sync::Arc;

use auth_runtime::{
    KeyRing,
    clock::UnixTime,
    keys::{KeyError, PurposeCipher},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::LoginRecord;

/// Encrypts `id_token`s, which hold names and addresses of users, each for its log-in.
#[derive(Clone, Debug)]
pub(super) struct IdTokenCipher(Arc<PurposeCipher>);

impl IdTokenCipher {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self(Arc::new(PurposeCipher::new(keys, "auth-login/id-token-hint")))
    }

    pub(super) fn seal(&self, now: UnixTime, login: &LoginRecord) -> Result<Option<String>, KeyError> {
        let Some(token) = &login.id_token else { return Ok(None) };
        let bound = SecretString::from(format!("{}\n{}", login.login, token.expose_secret()));
        self.0.encrypt(now, bound.expose_secret().as_bytes()).map(Some)
    }

    /// Adds the `id_token` to a log-in. If it cannot be decrypted, because its key is retired, the log-out at
    /// the provider goes without.
    pub(super) fn open(&self, now: UnixTime, login: LoginRecord, sealed: Option<&str>) -> LoginRecord {
        let open = |sealed: &str| {
            let plain = self.0.decrypt(now, sealed)?;
            let token =
                str::from_utf8(&plain).ok()?.strip_prefix(login.login.as_str())?.strip_prefix('\n')?;
            Some(SecretString::from(token))
        };
        let id_token = sealed.and_then(open);
        LoginRecord { id_token, ..login }
    }
}

#[cfg(test)]
mod tests {
    use auth_runtime::{Key, identity::CredentialId};

    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    fn login(id: &str) -> LoginRecord {
        LoginRecord::new(CredentialId::new(id).unwrap(), "fake", "https://op.example", "alice")
    }

    #[test]
    fn an_id_token_is_decrypted_for_its_log_in_only() {
        let ring = KeyRing::random();
        let old = ring.keys()[0].0;
        let cipher = IdTokenCipher::new(ring.clone());
        let sealed = cipher.seal(NOON, &login("one").with_id_token("CANARY")).unwrap().unwrap();
        assert!(!sealed.contains("CANARY"));
        let opened = |id: &str, sealed: &str| {
            let found = cipher.open(NOON, login(id), Some(sealed)).id_token;
            found.map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(opened("one", &sealed).as_deref(), Some("CANARY"));
        assert_eq!(opened("two", &sealed), None);
        assert_eq!(opened("on", &sealed), None);
        assert_eq!(opened("one", "x"), None);
        assert_eq!(cipher.seal(NOON, &login("one")).unwrap(), None);
        // The key of an old log-in is retired: the record is still good for a log-out.
        ring.rotate_to(Key::random().unwrap()).unwrap();
        ring.retire(old).unwrap();
        assert_eq!(opened("one", &sealed), None);
    }
}
