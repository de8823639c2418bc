use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundant, unreachable),
    (Allow, Everyone, ["view"]),
];

fn main() {}
