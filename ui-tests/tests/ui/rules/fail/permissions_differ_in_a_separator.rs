use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["read_all"]),
    (Allow, Authenticated, ["read-all"]),
];

fn main() {}
