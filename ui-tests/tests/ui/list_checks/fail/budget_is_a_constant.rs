use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    budget = MOST,
    (Allow, Everyone, ["view"]),
];

fn main() {}
