use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["level0"]),
    (Allow, Authenticated, ["levelO"]),
];

fn main() {}
