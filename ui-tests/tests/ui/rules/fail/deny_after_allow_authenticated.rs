use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["comment"]),
    (Deny, User("mallory"), ["comment"]),
];

fn main() {}
