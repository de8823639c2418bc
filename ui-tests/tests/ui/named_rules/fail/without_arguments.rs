use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
