use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    budget = 4,
    (Allow, Everyone, ["view"]),
    (Allow, Group("press"), ["edit", "publish"]),
];

fn main() {}
