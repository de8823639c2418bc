use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = "")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
