use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Everyone, ["view"])];

const ARTICLES: Acl = acl![
    SITE,
    (Allow, Group("editors"), ["edit"]),
];

fn main() {}
