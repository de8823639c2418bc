//! Encodes messages between instances: [`Message`].

use crate::{
    clock::UnixTime,
    identity::{CredentialId, UserId},
    revocation::Invalidate,
};

/// A message with its sequence number.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Message {
    pub(super) number: u64,
    pub(super) content: Content,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) enum Content {
    Credential(CredentialId, UnixTime),
    Everybody(UnixTime),
    Invalidate(Invalidate),
    /// The server had lost entries, and they were restored.
    Restored,
    User(UserId, UnixTime),
}

impl Message {
    /// Parses a message; the name comes last, because it may contain spaces.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, content) = text.split_once(' ')?;
        Some(Self { number: self::number(number)?, content: Content::parse(content)? })
    }
}

impl Content {
    fn parse(text: &str) -> Option<Self> {
        let Some((kind, rest)) = text.split_once(' ') else {
            return match text {
                "forget_all" => Some(Self::Invalidate(Invalidate::All)),
                "restored" => Some(Self::Restored),
                _ => None,
            };
        };
        match kind {
            "forget" => UserId::from_stored(rest).ok().map(|user| Self::Invalidate(Invalidate::User(user))),
            "user" | "credential" => {
                let (time, name) = rest.split_once(' ')?;
                let time = UnixTime::from_secs(number(time)?);
                match (kind, name) {
                    ("user", "") => Some(Self::Everybody(time)),
                    ("user", name) => UserId::from_stored(name).ok().map(|user| Self::User(user, time)),
                    (_, name) => CredentialId::from_list(name).map(|id| Self::Credential(id, time)),
                }
            }
            _ => None,
        }
    }
}

/// Parses a number in its canonical form.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// Returns the text of an invalidation.
pub(super) fn words(what: &Invalidate) -> String {
    match what {
        Invalidate::All => "forget_all".to_owned(),
        Invalidate::User(user) => format!("forget {user}"),
    }
}

#[cfg(any(fuzzing, test))]
impl super::RedisRevocation {
    /// The content of a message is at its end, word by word.
    pub(crate) fn fuzz_message(text: &str) -> bool {
        let Some(message) = Message::parse(text) else { return false };
        let content = match &message.content {
            Content::Credential(id, time) => format!(" credential {time} {id}"),
            Content::Everybody(time) => format!(" user {time} "),
            Content::Invalidate(what) => format!(" {}", words(what)),
            Content::Restored => " restored".to_owned(),
            Content::User(user, time) => format!(" user {time} {user}"),
        };
        assert_eq!(text, format!("{}{content}", message.number));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        let content = |text: &str| Message::parse(text).map(|message| message.content);
        let time = UnixTime::from_secs(12);
        let user = |name: &str| UserId::new(name).unwrap();
        let id = |name: &str| CredentialId::new(name).unwrap();
        assert_eq!(Message::parse("7 restored"), Some(Message { number: 7, content: Content::Restored }));
        assert_eq!(content("7 user 12 alice b"), Some(Content::User(user("alice b"), time)));
        assert_eq!(content("7 user 12 "), Some(Content::Everybody(time)));
        assert_eq!(content("7 credential 12 a b"), Some(Content::Credential(id("a b"), time)));
        assert_eq!(content("7 forget alice b"), Some(Content::Invalidate(Invalidate::User(user("alice b")))));
        assert_eq!(content("7 forget_all"), Some(Content::Invalidate(Invalidate::All)));
        for what in [Invalidate::All, Invalidate::User(user("alice b"))] {
            assert_eq!(content(&format!("7 {}", words(&what))), Some(Content::Invalidate(what)));
        }
        let login = CredentialId::of_login(&user("alice"), time);
        assert_eq!(content(&format!("7 credential 12 {login}")), Some(Content::Credential(login, time)));
    }

    #[test]
    fn garbage_is_not_a_message() {
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
