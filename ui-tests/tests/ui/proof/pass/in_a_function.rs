use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

pub(crate) fn main() {
    let limit = 7;
    acl_assert!(ARTICLES { everyone can "view"; });
    assert_eq!(limit, 7);
    acl_assert! { ARTICLES { anonymous cannot "edit"; } }
}
