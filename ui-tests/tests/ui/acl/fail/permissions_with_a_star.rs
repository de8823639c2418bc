use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("admins"), ["articles:*"]),
    (Allow, Group("team-*"), ["articles:view"]),
];

fn main() {}
