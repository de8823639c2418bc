//! Reads an e-mail address and whether it is verified: [`Email`].

use serde_json::Value;

/// An e-mail address that a provider names.
///
/// # Security
///
/// It is not a key of accounts, verified or not: addresses are given away, taken over and, at some providers,
/// written by administrators of other organizations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    address: String,
    verification: EmailVerification,
}

/// Whether a provider asserts that an address belongs to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailVerification {
    /// The provider asserts it.
    Verified,
    /// The provider asserts that it has not been verified.
    Unverified,
    /// The provider says nothing. It counts as unverified.
    Unknown,
}

impl Email {
    /// Returns an address, or `None` if the text is not one: exactly one `@` with something on both sides, at
    /// most 254 bytes, no white space, control or invisible formatting characters.
    #[must_use]
    pub fn new(address: &str, verification: EmailVerification) -> Option<Self> {
        let (user, domain) = address.split_once('@')?;
        let is_plain = address.len() <= 254
            && !address.contains(char::is_whitespace)
            && auth_runtime::UserId::new(address).is_ok();
        if user.is_empty() || domain.is_empty() || domain.contains('@') || !is_plain {
            return None;
        }
        Some(Self { address: address.to_owned(), verification })
    }

    /// Returns the address as the provider writes it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns what follows the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// Returns what the provider asserts.
    #[must_use]
    pub const fn verification(&self) -> EmailVerification {
        self.verification
    }

    /// Returns whether the provider asserts that the address belongs to the user.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        matches!(self.verification, EmailVerification::Verified)
    }
}

/// Who asserts the verification of an address. Texts are JSON pointers (RFC 6901) into the profile's
/// document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// The provider names verified addresses only.
    Always,
    /// The provider asserts nothing.
    Unknown,
    /// All of these members must be true, as a boolean, the text `true` or the number 1.
    Claims(&'static [&'static str]),
}

/// A place where an address may lie, with its own verification: the two are never taken from different
/// places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmailSource {
    /// One member; a JSON pointer.
    Member {
        /// Where the address lies.
        address: &'static str,
        /// Who asserts its verification.
        verified: Verified,
    },
    /// A list of objects, of which the primary one counts.
    List {
        /// Where the list lies; a JSON pointer.
        list: &'static str,
        /// The name of the member with the address.
        address: &'static str,
        /// The name of the member that is true for the primary address.
        primary: &'static str,
        /// The name of the member that is true for a verified address.
        verified: &'static str,
    },
}

impl EmailSource {
    /// Returns a source of one member, a JSON pointer.
    #[must_use]
    pub const fn new(address: &'static str, verified: Verified) -> Self {
        Self::Member { address, verified }
    }

    /// Returns a source of a list, a JSON pointer, with the names of its objects' members.
    #[must_use]
    pub const fn list(
        list: &'static str,
        address: &'static str,
        primary: &'static str,
        verified: &'static str,
    ) -> Self {
        Self::List { list, address, primary, verified }
    }

    fn read(self, document: &Value) -> Option<Email> {
        match self {
            Self::Member { address, verified } => {
                let address = document.pointer(address)?.as_str()?;
                let verification = match verified {
                    Verified::Always => EmailVerification::Verified,
                    Verified::Unknown => EmailVerification::Unknown,
                    Verified::Claims(claims) => all(claims.iter().map(|claim| document.pointer(claim))),
                };
                Email::new(address, verification)
            }
            Self::List { list, address, primary, verified } => {
                let entries = document.pointer(list)?.as_array()?;
                let is_primary = |entry: &&Value| entry.get(primary).and_then(truth) == Some(true);
                let entry = entries.iter().find(is_primary)?;
                Email::new(entry.get(address)?.as_str()?, all([entry.get(verified)]))
            }
        }
    }
}

/// Returns the address of the first source that knows its verification, else of the first that has one.
pub(super) fn read(sources: &[EmailSource], document: &Value) -> Option<Email> {
    let found = || sources.iter().filter_map(|source| source.read(document));
    found().find(|email| email.verification != EmailVerification::Unknown).or_else(|| found().next())
}

fn all<'a>(claims: impl IntoIterator<Item = Option<&'a Value>>) -> EmailVerification {
    let mut answer = EmailVerification::Unknown;
    let mut is_complete = true;
    for claim in claims {
        match claim.and_then(truth) {
            Some(false) => return EmailVerification::Unverified,
            Some(true) => answer = EmailVerification::Verified,
            None => is_complete = false,
        }
    }
    if is_complete { answer } else { EmailVerification::Unknown }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        Value::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CLAIMS: &[EmailSource] = &[EmailSource::new("/email", Verified::Claims(&["/ok"]))];

    // A missing claim is not true.
    #[test]
    fn missing_verification_is_unknown_and_unknown_is_not_verified() {
        for (claim, expected) in [
            (json!(true), EmailVerification::Verified),
            (json!("true"), EmailVerification::Verified),
            (json!(1), EmailVerification::Verified),
            (json!(false), EmailVerification::Unverified),
            (json!("false"), EmailVerification::Unverified),
            (json!(0), EmailVerification::Unverified),
            (json!(null), EmailVerification::Unknown),
            (json!("yes"), EmailVerification::Unknown),
            (json!("TRUE"), EmailVerification::Unknown),
            (json!(2), EmailVerification::Unknown),
            (json!(1.0), EmailVerification::Unknown),
            (json!([true]), EmailVerification::Unknown),
            (json!({}), EmailVerification::Unknown),
        ] {
            let email = read(CLAIMS, &json!({"email": "a@b.example", "ok": claim})).unwrap();
            assert_eq!(email.verification(), expected, "{claim}");
            assert_eq!(email.is_verified(), expected == EmailVerification::Verified);
        }
        let email = read(CLAIMS, &json!({"email": "a@b.example"})).unwrap();
        assert_eq!(email.verification(), EmailVerification::Unknown);
    }

    // An address with several `@` passed a rule about domains in oauth2-proxy.
    #[test]
    fn an_email_address_with_several_at_signs_is_absent() {
        let long = format!("{}@b.example", "a".repeat(250));
        for text in
            ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "a@b\0", "a\u{200b}@b", long.as_str()]
        {
            assert_eq!(Email::new(text, EmailVerification::Verified), None, "{text:?}");
        }
        assert_eq!(Email::new("a+b@c.example", EmailVerification::Unknown).unwrap().domain(), "c.example");
    }

    #[test]
    fn every_claim_must_be_true() {
        let sources = &[EmailSource::new("/email", Verified::Claims(&["/valid", "/verified"]))];
        let read = |valid: Value, verified: Value| {
            let document = json!({"email": "a@b.example", "valid": valid, "verified": verified});
            read(sources, &document).unwrap().verification()
        };
        assert_eq!(read(json!(true), json!(true)), EmailVerification::Verified);
        assert_eq!(read(json!(true), json!(false)), EmailVerification::Unverified);
        assert_eq!(read(json!(true), json!(null)), EmailVerification::Unknown);
    }

    #[test]
    fn address_and_verification_are_of_one_source() {
        let sources = &[
            EmailSource::new("/one/email", Verified::Claims(&["/one/ok"])),
            EmailSource::new("/two/email", Verified::Claims(&["/two/ok"])),
        ];
        let email = read(sources, &json!({"one": {"email": "a@b"}, "two": {"ok": true}})).unwrap();
        assert_eq!((email.address(), email.verification()), ("a@b", EmailVerification::Unknown));
        let email =
            read(sources, &json!({"one": {"email": "a@b"}, "two": {"email": "c@d", "ok": true}})).unwrap();
        assert_eq!((email.address(), email.verification()), ("c@d", EmailVerification::Verified));
    }

    #[test]
    fn the_primary_entry_of_a_list_counts() {
        let sources = &[EmailSource::list("/emails", "email", "primary", "verified")];
        let document = json!({"emails": [
            7, {"email": "x@y", "verified": true},
            {"email": "a@b", "primary": true, "verified": false}, {"email": "c@d", "verified": true},
        ]});
        let email = read(sources, &document).unwrap();
        assert_eq!((email.address(), email.verification()), ("a@b", EmailVerification::Unverified));
        for emails in
            [json!([]), json!({}), json!(null), json!([{"email": "a@b"}]), json!([{"primary": true}])]
        {
            assert_eq!(read(sources, &json!({"emails": emails})), None);
        }
    }
}
