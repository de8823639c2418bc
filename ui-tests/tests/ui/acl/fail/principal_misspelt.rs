use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyon, ["view"]),
];

fn main() {}
