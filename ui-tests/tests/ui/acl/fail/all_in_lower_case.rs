use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, all),
];

fn main() {}
