use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("press"), ["edit"]),
    #[rule(id = "press-may-edit")]
];

fn main() {}
