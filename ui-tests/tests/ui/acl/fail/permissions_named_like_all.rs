use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("admins"), ["*"]),
    (Allow, Group("owners"), ["ALL"]),
    (Allow, Group("bosses"), ["all"]),
    (Allow, Group("chiefs"), "all"),
];

fn main() {}
