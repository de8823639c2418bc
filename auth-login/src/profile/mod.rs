//! Holds the profile of a user at an identity provider: [`Profile`] and its [`AccountKey`].
//!
//! The account key, issuer and subject, is the only thing to find an account by. An e-mail address is for
//! display: the provider may give it to another person, and in some providers any administrator of a tenant
//! can write one.

mod display_text;
mod email;
mod mapping;
mod picture_location;
mod subject_location;

use std::{error::Error, fmt};

use auth_runtime::UserId;
use serde_json::Value;

pub use email::{Email, EmailSource, EmailVerification, Verified};
pub use mapping::{Mapping, Pointers};
pub use picture_location::Picture;
pub use subject_location::Subject;

/// The key of an account: who names it, and what it is called there. It never changes.
///
/// ```
/// use auth_login::profile::AccountKey;
///
/// let key = AccountKey::new("https://github.com/login/oauth", "583231")?;
/// assert_eq!(key.subject(), "583231");
/// assert!(AccountKey::new("https://github.com/login/oauth", "").is_err());
/// # Ok::<(), auth_login::profile::ProfileError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey {
    issuer: String,
    subject: String,
}

impl AccountKey {
    /// Returns the key of an account.
    ///
    /// # Errors
    ///
    /// Fails if one of the texts is empty, longer than 255 bytes, begins or ends with white space, or holds
    /// control or invisible formatting characters, or if the subject is `null` or `undefined`, which only a
    /// defect makes.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, ProfileError> {
        if UserId::new(issuer).is_err() {
            return Err(ProfileError::Issuer);
        }
        if UserId::new(subject).is_err() || matches!(subject, "null" | "undefined") {
            return Err(ProfileError::Subject);
        }
        Ok(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    /// Returns the issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the subject, which is unique at this issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// A user as an identity provider describes them.
///
/// All but the account key is for display, and may be absent. `Debug` shows the key alone.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    account: AccountKey,
    /// The provider's own id of the user; the subject where there is no other.
    pub id: String,
    /// The e-mail address, and whether the provider asserts that it belongs to the user.
    pub email: Option<Email>,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The name that the user chose at the provider. It may be renamed, and then be taken by another user.
    pub username: Option<String>,
    /// The address of a picture; `https` only.
    pub picture: Option<String>,
    /// The address of the user's page; `https` only.
    pub link: Option<String>,
    /// The preferred language, as the provider writes it.
    pub locale: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The country, as the provider writes it.
    pub country: Option<String>,
    /// The gender, as the provider writes it.
    pub gender: Option<String>,
    /// Everything that the provider said, by part: `id_token`, `user`, `token` and others. Not checked.
    pub raw: Value,
}

impl Profile {
    /// Returns a profile of which nothing but the account is known.
    #[must_use]
    pub fn new(account: AccountKey) -> Self {
        Self {
            id: account.subject.clone(),
            account,
            email: None,
            first_name: None,
            last_name: None,
            username: None,
            picture: None,
            link: None,
            locale: None,
            city: None,
            country: None,
            gender: None,
            raw: Value::Null,
        }
    }

    /// Reads a profile of an account of this issuer from a document of the provider's responses.
    ///
    /// Never panics on any document. A member of an unexpected type counts as absent, except for
    /// the subject.
    ///
    /// ```
    /// use auth_login::{profile::Profile, providers};
    ///
    /// let document = serde_json::json!({
    ///     "user": {"id": 583231, "login": "octocat", "name": "The Octocat"},
    ///     "emails": [{"email": "octocat@github.com", "primary": true, "verified": true}],
    /// });
    /// let profile = Profile::read("https://github.com/login/oauth", &providers::GITHUB.mapping, document)?;
    /// assert_eq!(profile.account().subject(), "583231");
    /// assert!(profile.email.unwrap().is_verified());
    /// # Ok::<(), auth_login::profile::ProfileError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if there is no usable subject: none, an empty one, or one that is neither a text nor an integer
    /// that is represented exactly.
    pub fn read(issuer: &str, mapping: &Mapping, document: Value) -> Result<Self, ProfileError> {
        mapping.read(issuer, document)
    }

    /// Returns the key of the account.
    #[must_use]
    pub const fn account(&self) -> &AccountKey {
        &self.account
    }

    /// Returns a name for display: first and last name, else the username, else the provider's id.
    #[must_use]
    pub fn display_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => self.username.clone().unwrap_or_else(|| self.id.clone()),
        }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Why a document is not a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileError {
    /// The issuer is not a usable name.
    Issuer,
    /// There is no usable subject.
    Subject,
    /// The subject is a number that JSON readers round, or not an integer.
    InexactSubject,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "the issuer is not a usable name of accounts",
            Self::Subject => "the provider's response has no usable subject",
            Self::InexactSubject => "the subject is a number that is not represented exactly",
        })
    }
}

impl Error for ProfileError {}
