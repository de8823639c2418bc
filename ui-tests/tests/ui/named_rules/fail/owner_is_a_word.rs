use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(owner = press)]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
