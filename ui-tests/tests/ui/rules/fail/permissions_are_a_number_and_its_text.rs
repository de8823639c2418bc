use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, [7]),
    (Allow, Authenticated, ["7"]),
];

fn main() {}
