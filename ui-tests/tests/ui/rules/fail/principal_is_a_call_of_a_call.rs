use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, principal()(7), ["view"]),
];

fn main() {}
