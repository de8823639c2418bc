use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Authenticated, ["edit"])];

const ARTICLES: Acl = acl![
    ..SITE,
    (Deny, Group("interns"), ["edit"]),
];

fn main() {}
