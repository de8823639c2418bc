use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, editors, ["edit"]),
];

fn main() {}
