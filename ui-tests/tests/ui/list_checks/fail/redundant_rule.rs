use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundant),
    (Allow, Everyone, ["view"]),
    (Allow, Group("press"), ["edit"]),
    (Allow, Group("press"), ["view"]),
];

fn main() {}
