use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (deny, Everyone, ["view"]),
];

fn main() {}
