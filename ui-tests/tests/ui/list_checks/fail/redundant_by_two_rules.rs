use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundant),
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("press"), ["view", "comment"]),
];

fn main() {}
