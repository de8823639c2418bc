use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Deny, Everyone, ["purge"]),
    (Allow, Group("admins"), ["purge"]),
];

fn main() {}
