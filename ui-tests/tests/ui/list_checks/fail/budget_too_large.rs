use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    budget = 9,
    (Allow, Everyone, ["view"]),
    (Allow, Group("press"), ["edit", "publish"]),
];

fn main() {}
