use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow Everyone, ["view"]),
];

fn main() {}
