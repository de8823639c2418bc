use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

acl_assert!(ARTICLES {
    + can "edit";
});

fn main() {}
