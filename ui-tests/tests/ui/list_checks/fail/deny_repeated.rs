use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundant),
    deny(redundant),
    (Allow, Everyone, ["view"]),
];

fn main() {}
