use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Permit, Everyone, ["view"]),
];

fn main() {}
