use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(id = "press-may-edit")]
    #[rule(owner = "press-team")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
