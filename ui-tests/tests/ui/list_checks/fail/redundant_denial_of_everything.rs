use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundant),
    (Allow, Group("admins"), ALL),
    (Deny, Everyone, ALL),
    (Deny, Authenticated, ALL),
];

fn main() {}
