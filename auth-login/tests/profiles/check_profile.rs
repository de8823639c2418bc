//! Reads a document as one provider's, and compares what comes of it.

use auth_login::{
    profile::{Email, EmailVerification, Profile},
    providers::by_id,
};
use serde_json::Value;

pub(crate) const UNKNOWN: Option<EmailVerification> = Some(EmailVerification::Unknown);
pub(crate) const VERIFIED: Option<EmailVerification> = Some(EmailVerification::Verified);
pub(crate) const UNVERIFIED: Option<EmailVerification> = Some(EmailVerification::Unverified);

pub(crate) fn read(id: &str, document: Value) -> Profile {
    let descriptor = by_id(id).unwrap();
    Profile::read("https://issuer.example", &descriptor.mapping, document)
        .unwrap_or_else(|error| panic!("{id}: {error}"))
}

/// Subject, e-mail address with verification, and display name.
#[track_caller]
pub(crate) fn check(
    id: &str,
    document: Value,
    subject: &str,
    email: &str,
    verification: Option<EmailVerification>,
    name: &str,
) -> Profile {
    let profile = read(id, document);
    assert_eq!(profile.account().subject(), subject, "{id}");
    assert_eq!(profile.email.as_ref().map_or("", Email::address), email, "{id}");
    assert_eq!(profile.email.as_ref().map(Email::verification), verification, "{id}");
    assert_eq!(profile.display_name(), name, "{id}");
    profile
}
