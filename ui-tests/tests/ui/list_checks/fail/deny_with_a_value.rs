use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny = redundant,
    (Allow, Everyone, ["view"]),
];

fn main() {}
