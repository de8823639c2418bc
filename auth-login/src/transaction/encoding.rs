//! Encodes a [`Transaction`] canonically, before encryption.

use auth_runtime::{LocalPath, clock::UnixTime, identity::CredentialId};

use super::{Purpose, Temporary, Transaction};
use crate::random_value::RandomValue;

/// The version of the format; others are rejected.
const VERSION: u8 = 3;

impl Transaction {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for random in [&self.state, &self.nonce, &self.verifier] {
            bytes.extend_from_slice(random.as_bytes());
        }
        bytes.extend_from_slice(&self.started.as_secs().to_be_bytes());
        bytes.extend_from_slice(&self.last_logout.to_be_bytes());
        bytes.push(u8::from(self.max_age.is_some()));
        bytes.extend_from_slice(&self.max_age.unwrap_or_default().to_be_bytes());
        let (purpose, texts) = match &self.purpose {
            Purpose::LogIn => (0, [None, None]),
            Purpose::StepUp { identity: None, .. } => (1, [None, None]),
            Purpose::StepUp { identity: Some(identity), replaced: None } => {
                (2, [Some(identity.as_str()), None])
            }
            Purpose::Link { user } => (3, [Some(user.as_str()), None]),
            Purpose::StepUp { identity: Some(identity), replaced: Some(login) } => {
                (4, [Some(identity.as_str()), Some(login.as_str())])
            }
        };
        bytes.push(purpose);
        for text in texts.into_iter().flatten() {
            measure(&mut bytes, text);
        }
        // At most eight are read from a page.
        bytes.push(u8::try_from(self.acr_values.len()).unwrap_or(u8::MAX));
        for acr in &self.acr_values {
            measure(&mut bytes, acr);
        }
        bytes.push(u8::from(self.temporary.is_some()));
        for text in self.temporary.iter().flat_map(|temporary| [&temporary.token, &temporary.secret]) {
            measure(&mut bytes, text);
        }
        // Ids of providers are checked to be short.
        bytes.push(u8::try_from(self.provider.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(self.provider.as_bytes());
        bytes.extend_from_slice(self.target.as_str().as_bytes());
        bytes
    }

    /// Reads what [`encode`](Self::encode) writes. The redirect target is validated again.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (VERSION, rest) = bytes.split_first().map(|(version, rest)| (*version, rest))? else {
            return None;
        };
        let (state, rest) = rest.split_first_chunk::<32>()?;
        let (nonce, rest) = rest.split_first_chunk::<32>()?;
        let (verifier, rest) = rest.split_first_chunk::<32>()?;
        let (started, rest) = rest.split_first_chunk::<8>()?;
        let (last_logout, rest) = rest.split_first_chunk::<8>()?;
        let (has_max_age, rest) = rest.split_first()?;
        let (max_age, rest) = rest.split_first_chunk::<8>()?;
        let (purpose, rest) = rest.split_first()?;
        let (purpose, rest) = match purpose {
            0 => (Purpose::LogIn, rest),
            1 => (Purpose::StepUp { identity: None, replaced: None }, rest),
            2 => {
                let (identity, rest) = measured(rest)?;
                (Purpose::StepUp { identity: Some(identity), replaced: None }, rest)
            }
            3 => {
                let (user, rest) = measured(rest)?;
                (Purpose::Link { user }, rest)
            }
            4 => {
                let (identity, rest) = measured(rest)?;
                let (login, rest) = measured(rest)?;
                let replaced = Some(CredentialId::new(login).ok()?);
                (Purpose::StepUp { identity: Some(identity), replaced }, rest)
            }
            _ => return None,
        };
        let (count, mut rest) = rest.split_first()?;
        let mut acr_values = Vec::new();
        for _ in 0..*count {
            let acr;
            (acr, rest) = measured(rest)?;
            acr_values.push(acr);
        }
        let (has_temporary, rest) = rest.split_first()?;
        let (temporary, rest) = match has_temporary {
            0 => (None, rest),
            1 => {
                let (token, rest) = measured(rest)?;
                let (secret, rest) = measured(rest)?;
                (Some(Temporary { token, secret }), rest)
            }
            _ => return None,
        };
        let (length, rest) = rest.split_first()?;
        let (provider, target) = rest.split_at_checked(usize::from(*length))?;
        let max_age = u64::from_be_bytes(*max_age);
        let max_age = match has_max_age {
            0 if max_age == 0 => None,
            1 => Some(max_age),
            _ => return None,
        };
        Some(Self {
            provider: str::from_utf8(provider).ok()?.to_owned(),
            state: RandomValue::from_bytes(*state),
            nonce: RandomValue::from_bytes(*nonce),
            verifier: RandomValue::from_bytes(*verifier),
            started: UnixTime::from_secs(u64::from_be_bytes(*started)),
            last_logout: u64::from_be_bytes(*last_logout),
            purpose,
            max_age,
            acr_values,
            temporary,
            target: LocalPath::parse(str::from_utf8(target).ok()?).ok()?,
        })
    }
}

/// Writes a text with its length before it. A longer text would not fit into a cookie, and is read as another one.
fn measure(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads a text with its length before it.
fn measured(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((str::from_utf8(text).ok()?.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::super::tests::attempt;
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        for target in ["/", "/a?b=c&d=%20", &format!("/{}", "x".repeat(2000))] {
            for max_age in [None, Some(0), Some(3600)] {
                for token in [None, Some(""), Some("temporary")] {
                    let text = |text: &str| text.to_owned();
                    let temporary =
                        token.map(|token| Temporary { token: text(token), secret: text("secret") });
                    let last_logout = u64::from(max_age.is_some());
                    let attempt = Transaction { last_logout, max_age, temporary, ..attempt("fake", target) };
                    assert_eq!(Transaction::decode(&attempt.encode()), Some(attempt));
                }
            }
        }
    }

    #[test]
    fn the_purpose_is_read_as_it_was_written() {
        let text = |text: &str| text.to_owned();
        for purpose in [
            Purpose::LogIn,
            Purpose::StepUp { identity: None, replaced: None },
            Purpose::StepUp { identity: Some(text("alice")), replaced: None },
            Purpose::StepUp {
                identity: Some(text("alice")),
                replaced: Some(CredentialId::new("a").unwrap()),
            },
            Purpose::Link { user: text("alice") },
        ] {
            for acr_values in [vec![], vec![text("phr"), text("urn:x")]] {
                let attempt = Transaction { purpose: purpose.clone(), acr_values, ..attempt("fake", "/a") };
                assert_eq!(Transaction::decode(&attempt.encode()), Some(attempt));
            }
        }
    }

    #[test]
    fn cut_or_changed_bytes_are_never_read_as_another_spelling() {
        let bytes = attempt("fake", "/a").encode();
        for length in 0..bytes.len() {
            // A shorter redirect target may be one, too; everything before it is fixed.
            if let Some(read) = Transaction::decode(&bytes[..length]) {
                assert_eq!(read.target.as_str(), "/");
            }
        }
        for index in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut changed = bytes.clone();
                changed[index] = value;
                if let Some(read) = Transaction::decode(&changed) {
                    assert_eq!(read.encode(), changed, "{index} {value}");
                }
            }
        }
    }

    #[test]
    fn a_redirect_target_elsewhere_is_rejected_when_it_is_used() {
        let mut bytes = attempt("fake", "/a").encode();
        bytes.truncate(bytes.len() - 2);
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "/a/../b", ""] {
            let stored = [&bytes[..], elsewhere.as_bytes()].concat();
            assert!(Transaction::decode(&stored).is_none(), "{elsewhere:?}");
        }
    }
}
