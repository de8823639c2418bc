use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    budget = 2u32,
    (Allow, Everyone, ["view"]),
];

fn main() {}
