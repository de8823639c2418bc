use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, User(names::ALICE), ["view"]),
];

fn main() {}
