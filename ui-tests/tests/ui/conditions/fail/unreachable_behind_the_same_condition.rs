use auth_runtime::{Acl, OWNER, acl};

const ARTICLES: Acl = acl![
    (Deny, Authenticated, ["approve"], if OWNER),
    (Allow, Group("editors"), ["approve"], if OWNER),
];

fn main() {}
