use auth_runtime::{Acl, acl, acl_assert_no_wider};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

const NEXT: Acl = acl![(Allow, Group("editors"), ["edit"])];

pub(crate) fn main() {
    acl_assert_no_wider!(NEXT, ARTICLES,);
}
