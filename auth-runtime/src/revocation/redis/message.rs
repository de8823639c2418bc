//! What instances tell each other.

use crate::{
    clock::UnixTime,
    identity::{CredentialId, UserId},
    revocation::Invalidate,
};

/// One message: its number, and what it says.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Message {
    pub(super) number: u64,
    pub(super) said: Said,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) enum Said {
    Credential(CredentialId, UnixTime),
    Everybody(UnixTime),
    Invalidate(Invalidate),
    /// The server had forgotten something, and knows it again.
    Restored,
    User(UserId, UnixTime),
}

impl Message {
    /// Reads a message; the name comes last, since there may be spaces in it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, said) = text.split_once(' ')?;
        Some(Self { number: self::number(number)?, said: Said::parse(said)? })
    }
}

impl Said {
    fn parse(text: &str) -> Option<Self> {
        let Some((kind, rest)) = text.split_once(' ') else {
            return match text {
                "forget_all" => Some(Self::Invalidate(Invalidate::All)),
                "restored" => Some(Self::Restored),
                _ => None,
            };
        };
        match kind {
            "forget" => UserId::new(rest).ok().map(|user| Self::Invalidate(Invalidate::User(user))),
            "user" | "credential" => {
                let (time, name) = rest.split_once(' ')?;
                let time = UnixTime::from_secs(number(time)?);
                match (kind, name) {
                    ("user", "") => Some(Self::Everybody(time)),
                    ("user", name) => UserId::new(name).ok().map(|user| Self::User(user, time)),
                    (_, name) => CredentialId::from_list(name).map(|id| Self::Credential(id, time)),
                }
            }
            _ => None,
        }
    }
}

/// Reads a number in its one spelling.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// The words by which all caches are told.
pub(super) fn words(what: &Invalidate) -> String {
    match what {
        Invalidate::All => "forget_all".to_owned(),
        Invalidate::User(user) => format!("forget {user}"),
    }
}

#[cfg(any(fuzzing, test))]
impl super::RedisRevocation {
    /// What is said in a message stands at its end, word by word.
    pub(crate) fn fuzz_message(text: &str) -> bool {
        let Some(message) = Message::parse(text) else { return false };
        let said = match &message.said {
            Said::Credential(id, time) => format!(" credential {time} {id}"),
            Said::Everybody(time) => format!(" user {time} "),
            Said::Invalidate(what) => format!(" {}", words(what)),
            Said::Restored => " restored".to_owned(),
            Said::User(user, time) => format!(" user {time} {user}"),
        };
        assert_eq!(text, format!("{}{said}", message.number));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        let said = |text: &str| Message::parse(text).map(|message| message.said);
        let time = UnixTime::from_secs(12);
        let user = |name: &str| UserId::new(name).unwrap();
        let id = |name: &str| CredentialId::new(name).unwrap();
        assert_eq!(Message::parse("7 restored"), Some(Message { number: 7, said: Said::Restored }));
        assert_eq!(said("7 user 12 alice b"), Some(Said::User(user("alice b"), time)));
        assert_eq!(said("7 user 12 "), Some(Said::Everybody(time)));
        assert_eq!(said("7 credential 12 a b"), Some(Said::Credential(id("a b"), time)));
        assert_eq!(said("7 forget alice b"), Some(Said::Invalidate(Invalidate::User(user("alice b")))));
        assert_eq!(said("7 forget_all"), Some(Said::Invalidate(Invalidate::All)));
        for what in [Invalidate::All, Invalidate::User(user("alice b"))] {
            assert_eq!(said(&format!("7 {}", words(&what))), Some(Said::Invalidate(what)));
        }
        let login = CredentialId::of_login(&user("alice"), time);
        assert_eq!(said(&format!("7 credential 12 {login}")), Some(Said::Credential(login, time)));
    }

    #[test]
    fn nonsense_is_no_message() {
        for text in
            ["", "7", "x restored", "7 user", "7 user 12", "7 user x alice", "7 forget ", "7 forget a\u{7}"]
        {
            assert_eq!(Message::parse(text), None, "{text}");
        }
        for text in [
            "-7 restored",
            "+7 restored",
            "07 restored",
            "7 user 012 alice",
            "7 restored ",
            "7 forget_all users",
            "7 forget",
            "7 credential 12 ",
            "7 Restored",
            "7  restored",
            "99999999999999999999 restored",
        ] {
            assert_eq!(Message::parse(text), None, "{text}");
        }
    }
}
