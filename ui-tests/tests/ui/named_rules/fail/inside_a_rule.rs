use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, #[rule(id = "press-may-edit")] Group("press"), ["edit"]),
];

fn main() {}
