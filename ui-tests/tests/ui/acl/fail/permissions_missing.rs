use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone),
];

fn main() {}
