use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

mod proofs {
    ::auth_runtime::acl_assert!(super::ARTICLES { everyone can "view"; });
}

pub(crate) fn main() {}
