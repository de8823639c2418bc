use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit"]),
];

acl_assert!(ARTICLES {
    anonymous can "view";
    anonymous cannot "comment";
    everyone can "view";
    user "mallory" cannot "comment";
    user "mallory" can "view";
    group "editors" can "edit";
    only group "editors" can "edit";
    only authenticated can "comment";
});

pub(crate) fn main() {}
