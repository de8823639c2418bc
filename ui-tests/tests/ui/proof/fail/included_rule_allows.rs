use auth_runtime::{Acl, acl, acl_assert};

const SITE: Acl = acl![(Allow, Everyone, ["view"])];

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"]), ..SITE];

acl_assert!(ARTICLES {
    anonymous cannot "view";
});

fn main() {}
