use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

struct Article;

impl Article {
    const ACL: Acl = ARTICLES;
}

acl_assert!(Article::ACL { everyone can "view"; });

pub(crate) fn main() {}
