use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    #[rule(until = "31.1.2027")]
    (Allow, Group("press"), ["edit"]),
];

fn main() {}
