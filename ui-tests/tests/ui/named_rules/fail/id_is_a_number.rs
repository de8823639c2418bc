use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = 7)]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
