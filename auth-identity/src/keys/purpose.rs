//! Names the purpose of a subkey, so that subkeys are separate: [`Purpose`].

use std::fmt;

use zeroize::Zeroizing;

use super::Key;

/// The purpose of a subkey: two purposes that differ in any part have unrelated subkeys.
#[derive(Clone, Eq, PartialEq)]
pub struct Purpose {
    info: Box<[u8]>,
}

impl Purpose {
    /// Joins the parts unambiguously: the version has one byte, and each text is preceded by its length.
    #[must_use]
    pub fn new(version: u8, purpose: &str, application: &str, name: &str) -> Self {
        let mut info = vec![version];
        for part in ["auth-runtime/derived", purpose, application, name] {
            info.extend_from_slice(&(part.len() as u64).to_be_bytes());
            info.extend_from_slice(part.as_bytes());
        }
        Self { info: info.into() }
    }

    /// Returns the unique bytes of this purpose.
    #[must_use]
    pub const fn info(&self) -> &[u8] {
        &self.info
    }

    /// Derives this purpose's subkey from a root key.
    pub(crate) fn derive(&self, key: &Key) -> Zeroizing<[u8; 32]> {
        key.derive(&[&self.info, key.id().as_bytes()])
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Purpose").field(&self.info.escape_ascii().to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_purposes_share_their_bytes() {
        let texts = ["", "a", "b", "aa", "ab", "a\0", "\0", "\0\0\0\0\0\0\0\u{1}a", "/"];
        let mut seen = HashSet::new();
        for version in [0, 1, 2, b'a'] {
            for purpose in texts {
                for application in texts {
                    for name in texts {
                        assert!(seen.insert(Purpose::new(version, purpose, application, name).info));
                    }
                }
            }
        }
        assert_eq!(seen.len(), 4 * 9 * 9 * 9);
    }
}
