use auth_runtime::{Acl, OWNER, acl};

const ARTICLES: Acl = acl![
    deny(redundant),
    (Allow, Authenticated, ["edit"], if OWNER),
    (Allow, Group("editors"), ["edit"], if OWNER),
];

fn main() {}
