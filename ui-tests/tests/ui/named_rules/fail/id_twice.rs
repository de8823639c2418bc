use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = "press-may-edit")]
    (Allow, Group("press"), ["edit"]),
    #[rule(id = "press-may-edit")]
    (Allow, Group("press"), ["publish"]),
];

fn main() {}
