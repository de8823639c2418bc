use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, [9223372036854775808]),
];

fn main() {}
