use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule("press-may-edit")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
