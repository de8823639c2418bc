//! Statements trip no lint.
#![deny(warnings, missing_docs, unused, unused_qualifications, unreachable_pub, clippy::all)]
use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

acl_assert!(ARTICLES { everyone can "view"; only group "editors" can "edit"; });

pub(crate) fn main() {}
