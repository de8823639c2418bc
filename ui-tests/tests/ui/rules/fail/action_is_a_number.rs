use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (7, Everyone, ["view"]),
];

fn main() {}
