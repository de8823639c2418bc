use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(ticket = "SEC-12")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
