//! Reads what a token says about the key of its client: [`Confirmation`] (RFC 7800, section 3.1).

/// The key that a token is bound to: its claim `cnf`.
///
/// A token with an unknown kind of binding is rejected, and so is one whose kind the policy does not verify.
///
/// # Example
///
/// ```
/// use auth_runtime::{Identity, identity::{ActiveToken, Confirmation}};
///
/// // The answer to an introspection: {"active": true, "sub": "alice", "cnf": {"jkt": "0ZcOCO…"}, "token_type": "DPoP"}
/// let bound = Confirmation::of_key("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
/// let token = ActiveToken::new(Identity::new("alice")?).with_confirmation(bound);
/// # let _ = token;
/// # Ok::<(), auth_runtime::identity::InvalidId>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Confirmation {
    key: Option<String>,
    certificate: Option<String>,
    is_unknown: bool,
}

impl Confirmation {
    /// Creates the binding to a key with this thumbprint: `jkt` (RFC 9449, section 6.1).
    pub fn of_key(thumbprint: impl Into<String>) -> Self {
        Self { key: Some(thumbprint.into()), ..Self::default() }
    }

    /// Creates the binding to a client certificate with this thumbprint: `x5t#S256` (RFC 8705, section 3.1).
    pub fn of_certificate(thumbprint: impl Into<String>) -> Self {
        Self { certificate: Some(thumbprint.into()), ..Self::default() }
    }

    /// Creates the binding that these members of `cnf` say (RFC 7800, section 3.1). A member that is not known here, or is
    /// not text, is a binding that cannot be verified, and so is a `cnf` without members.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::identity::Confirmation;
    ///
    /// let cnf = serde_json::json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    /// let members = cnf.as_object().into_iter().flatten();
    /// let bound = Confirmation::of_members(members.map(|(name, value)| (name.as_str(), value.as_str())));
    /// assert_eq!(bound.key(), Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
    /// ```
    pub fn of_members<'a>(members: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        members.into_iter().fold(Self::default(), |all, member| {
            all.and(match member {
                ("jkt", Some(thumbprint)) => Self::of_key(thumbprint),
                ("x5t#S256", Some(thumbprint)) => Self::of_certificate(thumbprint),
                _ => Self::unknown(),
            })
        })
    }

    /// Creates a binding of a kind that is not known here.
    pub fn unknown() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }

    /// Adds another binding; the request has to prove both.
    pub fn and(self, other: Self) -> Self {
        let is_contradictory = |own: &Option<String>, other: &Option<String>| {
            own.as_ref().zip(other.as_ref()).is_some_and(|(own, other)| own != other)
        };
        let is_unknown = self.is_unknown
            || other.is_unknown
            || is_contradictory(&self.key, &other.key)
            || is_contradictory(&self.certificate, &other.certificate);
        Self { key: self.key.or(other.key), certificate: self.certificate.or(other.certificate), is_unknown }
    }

    /// Returns the thumbprint of the key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the thumbprint of the certificate.
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Returns whether the kind of a binding is not known, or nothing is known of one.
    pub(super) const fn is_unknown(&self) -> bool {
        self.is_unknown || (self.key.is_none() && self.certificate.is_none())
    }
}
