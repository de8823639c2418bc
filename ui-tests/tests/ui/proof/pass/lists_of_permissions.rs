use auth_runtime::{Acl, acl, acl_assert};

const ARTICLES: Acl = acl![
    (Deny, Everyone, ["purge", "burn"]),
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["comment", "edit"]),
];

acl_assert!(ARTICLES {
    anonymous cannot ["comment", "edit"];
    nobody has both "view" and ["purge", "burn"];
});

pub(crate) fn main() {}
