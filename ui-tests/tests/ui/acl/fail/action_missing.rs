use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Everyone, ["view"]),
];

fn main() {}
