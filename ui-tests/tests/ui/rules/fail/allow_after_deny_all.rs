use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Deny, Everyone, ALL),
    (Allow, Group("admins"), ["purge"]),
];

fn main() {}
