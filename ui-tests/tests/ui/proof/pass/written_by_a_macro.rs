use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

macro_rules! only {
    ($context:ident, $group:literal, $permission:literal) => {
        acl_assert!($context {
            only group $group can $permission;
            anonymous cannot [$permission];
        });
    };
}

only!(ARTICLES, "editors", "edit");

pub(crate) fn main() {}
