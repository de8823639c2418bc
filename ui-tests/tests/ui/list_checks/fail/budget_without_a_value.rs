use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    budget =,
    (Allow, Everyone, ["view"]),
];

fn main() {}
