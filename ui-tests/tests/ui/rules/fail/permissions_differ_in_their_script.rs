use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["copy"]),
    (Allow, Authenticated, ["сору"]),
];

fn main() {}
