use auth_runtime::{Acl, acl, acl_assert_no_wider};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

const ARTICLES_NEXT: Acl = acl![
    (Deny, User("mallory"), ["view", "comment"]),
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["edit"]),
];

acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);

pub(crate) fn main() {}
