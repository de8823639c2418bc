//! Short messages after a form was sent: [`Notice`].
//!
//! The address has the name of the message and never its text, or a link could put words into the newsroom's
//! mouth (content spoofing).

/// A message, by the name in the query `?done=…`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Notice(&'static str);

const NOTICES: [(&str, &str); 20] = [
    ("logged-out", "You are logged out."),
    ("logged-out-elsewhere", "You are logged out on all other devices."),
    ("logged-out-everywhere", "You are logged out everywhere."),
    ("session-ended", "The session has ended."),
    ("password-changed", "The password is changed."),
    ("email-changed", "The address is changed."),
    ("key-revoked", "The key is revoked."),
    ("registered", "Your account is ready. Log in."),
    ("role-set", "The role is set."),
    ("blocked", "The person is blocked."),
    ("unblocked", "The person is no longer blocked."),
    ("impersonation-ended", "You are yourself again."),
    ("commented", "Your comment is there."),
    ("comment-deleted", "The comment is deleted."),
    ("co-author-added", "The co-author is added."),
    ("co-author-removed", "The co-author is removed."),
    ("saved", "The article is saved."),
    ("submitted", "The article is with the editors now."),
    ("published", "The article is published."),
    ("sent-back", "The article is with its author again."),
];

impl Notice {
    /// Reads the message's name from a query.
    pub(super) fn of(query: Option<&str>) -> Option<Self> {
        let name = query?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
        NOTICES.iter().find(|(known, _)| *known == name).map(|(_, text)| Self(text))
    }

    pub(super) const fn text(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_have_a_text() {
        assert_eq!(Notice::of(Some("a=b&done=saved")).map(Notice::text), Some("The article is saved."));
        assert_eq!(Notice::of(Some("done=call+this+number")), None);
        assert_eq!(Notice::of(Some("redone=saved")), None);
        assert_eq!(Notice::of(None), None);
    }
}
