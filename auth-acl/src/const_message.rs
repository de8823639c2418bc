//! Formats compile errors in constants, [`Message`], and fails with them: [`complain`].

use super::{Name, principal::service_name};

/// The longest message, in bytes; longer ones are truncated.
const MESSAGE: usize = 1024;

/// A buffer for text in constants.
pub(crate) struct Message {
    bytes: [u8; MESSAGE],
    length: usize,
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
impl Message {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; MESSAGE], length: 0 }
    }

    pub(crate) const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() > MESSAGE {
            return self;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    pub(crate) const fn push_name(self, name: Name<'_>) -> Self {
        match name {
            Name::Text(text) => self.push("`").push(text).push("`"),
            Name::Number(number) => self.push("`").push_number(number).push("`"),
        }
    }

    /// Writes who has this id: a user or a service.
    pub(crate) const fn push_user(self, id: &str) -> Self {
        match service_name(id) {
            Some(name) => self.push("the service `").push(name).push("`"),
            None => self.push("the user `").push(id).push("`"),
        }
    }

    /// Writes the number of a rule, counted from 1.
    #[expect(clippy::cast_possible_wrap, reason = "a list of 2^63 rules does not fit into a program")]
    pub(crate) const fn push_count(self, at: usize) -> Self {
        self.push_number(at as i64 + 1)
    }

    pub(crate) const fn push_number(mut self, number: i64) -> Self {
        if number < 0 {
            self = self.push("-");
        }
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        match core::str::from_utf8(digits.split_at(first).1) {
            Ok(text) => self.push(text),
            Err(_) => self,
        }
    }

    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// Stops the build with this message.
#[track_caller]
#[expect(clippy::panic, reason = "a panic in a constant is a compile error; this is its message")]
pub(crate) const fn complain(message: &Message) -> ! {
    panic!("{}", message.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_and_cuts_long_messages_at_a_word() {
        let text = Message::new().push_name(Name::Number(i64::MIN)).push(" ").push_name(Name::Number(0));
        assert_eq!(text.as_str(), "`-9223372036854775808` `0`");
        let long = "é".repeat(600);
        assert_eq!(Message::new().push("short").push(&long).as_str(), "short");
    }
}
