use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if owner),
];

fn main() {}
