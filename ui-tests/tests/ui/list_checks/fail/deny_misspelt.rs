use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    deny(redundent),
    (Allow, Everyone, ["view"]),
];

fn main() {}
